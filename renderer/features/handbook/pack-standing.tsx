import { LinkButton } from '../../components/button.tsx';
import { plural } from '../../components/format.ts';
import { paths } from '../../components/paths.ts';
import { Tint } from '../../components/state.tsx';
import { useMethod } from '../../transport/use-method.ts';

/** Which pack it was made of, what of it is still to be said, and whether there is a newer one. */
export function PackStanding({ systemId }: { systemId: string }) {
  const standing = useMethod('pack.standing', { systemId });
  if (standing.data === undefined) return null;
  const { adoption } = standing.data;
  if (adoption === null) return <Tint kind="skipped"><div className="row wrap grow"><p className="grow">This system was made without a pack. One brings severities, people, a calendar, thresholds and runbooks, and what stands here already stays.</p><LinkButton to={paths.packsFor(systemId)}>Choose a pack</LinkButton></div></Tint>;
  const open = adoption.open.questions.length + adoption.open.roles.length;
  const newer = adoption.available?.isNewer === true ? adoption.available.version : null;
  const about = <>{adoption.title}, version {adoption.version}{adoption.trouble === null ? '' : `. ${adoption.trouble}`}</>;
  if (open === 0 && newer === null && adoption.trouble === null) return <p className="row t2"><span className="grow">Of the pack {about}.</span><LinkButton look="quiet" to={paths.packUpdate(systemId)}>Pack</LinkButton></p>;
  return (
    <Tint kind="warn">
      <div className="row wrap grow">
        <p className="grow">Of the pack {about}.{open === 0 ? '' : ` ${plural(open, 'question')} still open: what depends on ${open === 1 ? 'it' : 'them'} is not here yet.`}{newer === null ? '' : ` Version ${newer} is there.`}</p>
        <LinkButton to={paths.packUpdate(systemId)}>{open > 0 ? 'Answer' : newer === null ? 'Look' : 'Look at the difference'}</LinkButton>
      </div>
    </Tint>
  );
}

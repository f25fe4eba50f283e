import type { MethodOutput } from '#shared/contract/index.ts';
import { entriesThatWait } from '#shared/domain/pack/waiting.ts';
import { LinkButton } from '../../components/button.tsx';
import { plainText, plural } from '../../components/format.ts';
import { paths } from '../../components/paths.ts';
import { Tint } from '../../components/state.tsx';
import { useMethod } from '../../transport/use-method.ts';

type System = Pick<MethodOutput<'system.list'>['systems'][number], 'id' | 'name'>;

/** How many entries of a system's pack are not in its calendar, because somebody has to answer first. */
function Waiting({ system: { id, name }, named }: { system: System; named: boolean }) {
  const standing = useMethod('pack.standing', { systemId: id });
  const adoption = standing.data?.adoption ?? null;
  const { entries, questions } = entriesThatWait(adoption?.open.questions ?? []);
  const [first] = questions;
  if (adoption === null || first === undefined) return null;
  return (
    <Tint kind="warn">
      <div className="row wrap grow">
        <p className="grow break">{named ? `${plainText(name)}: ` : ''}{plural(entries, 'entry', 'entries')} of the pack {plainText(adoption.title)} {entries === 1 ? 'is' : 'are'} not here yet, until {questions.length === 1 ? 'this is answered' : `${questions.length} questions are answered`}: {plainText(first.ask)}</p>
        <LinkButton to={paths.packUpdate(id)} aria-label={`Answer for ${name}`}>Answer</LinkButton>
      </div>
    </Tint>
  );
}

/** What would be in the calendar, and waits for an answer; of one system or of all. */
export function WaitingForAnswers({ systemId }: { systemId: string | null }) {
  const systems = useMethod('system.list', {});
  const shown = (systems.data?.systems ?? []).filter(({ id }) => systemId === null || id === systemId);
  return shown.map((system) => <Waiting key={system.id} system={system} named={systemId === null} />);
}

import { Link } from 'wouter';
import type { MethodOutput } from '#shared/contract/index.ts';
import { LinkButton } from '../../components/button.tsx';
import { plainText, plural } from '../../components/format.ts';
import { Glyph } from '../../components/icons.tsx';
import { Loaded } from '../../components/loaded.tsx';
import { paths } from '../../components/paths.ts';
import { PageHead, useScreen } from '../../components/screen.tsx';
import { useMethod } from '../../transport/use-method.ts';
import { shortCounts } from './words.ts';
import './packs.css';

type Packs = MethodOutput<'pack.list'>;

/** The first that most would begin with. */
const usual = 'postgres-server';

function Row({ card, systemId }: { card: Packs['packs'][number]; systemId: string | null }) {
  return (
    <li>
      <div className="grow stack tight">
        <p className="row wrap"><Link to={paths.pack(card.name)} className="pk-title">{plainText(card.title)}</Link>{card.name === usual ? <span className="badge skipped">Fits most</span> : null}{card.origin === 'imported' ? <span className="badge skipped">Imported</span> : null}</p>
        <p className="t2 break">{plainText(card.summary)}</p>
        <p className="t3 xs">{shortCounts(card)}; version {card.version}</p>
        {card.usedBy.length === 0 ? null : <p className="t3 xs">Adopted by {card.usedBy.map(({ systemName, version, isNewer }) => `${systemName}${isNewer ? ` (has ${version})` : ''}`).join(', ')}</p>}
      </div>
      <LinkButton to={paths.packAdopt(systemId, card.name)} aria-label={`Adopt ${card.title}`}>Adopt…</LinkButton>
    </li>
  );
}

function Refused({ refused }: { refused: Packs['refused'] }) {
  if (refused.length === 0) return null;
  return (
    <section className="panel" aria-labelledby="refused">
      <header><h2 id="refused">Cannot be adopted <span className="count">{refused.length}</span></h2></header>
      <ul className="pk-list">
        {refused.map((pack) => (
          <li key={pack.folder}>
            <div className="grow stack tight">
              <p className="row"><span className="critical"><Glyph kind="critical" small /></span><b className="strong">{pack.name}</b></p>
              <p className="break">{plainText(pack.message)}</p>
              <ul className="bul t2">{pack.problems.slice(0, 6).map((problem) => <li key={`${problem.file}${problem.line}${problem.rule}`} className="break"><span className="mono">{problem.file}:{problem.line}</span> {plainText(problem.message)}</li>)}</ul>
              {pack.problems.length > 6 ? <p className="t3 xs">and {plural(pack.problems.length - 6, 'problem')} more</p> : null}
              <p className="t3 xs mono break">{pack.folder}</p>
            </div>
          </li>
        ))}
      </ul>
    </section>
  );
}

/**
 * Ready-made systems: those that come along, and those that were made of guides.
 * @param systemId for which one of them is chosen; null: a new one, or it is said then
 */
export function Packs({ systemId }: { systemId: string | null }) {
  const query = useMethod('pack.list', {});
  const systems = useMethod('system.list', {}, { enabled: systemId !== null });
  const system = systems.data?.systems.find(({ id }) => id === systemId) ?? null;
  useScreen({ screen: 'Packs', system: system === null ? null : { id: system.id, name: system.name, environment: system.environment, readOnly: system.readOnly } });
  return (
    <div className="page dense narrow">
      <PageHead title="Packs" lede="A pack is a ready-made system: runbooks, a calendar, thresholds, severities with clocks, people and texts. You adopt one for a system and say once what it cannot know.">
        <LinkButton to={paths.guides}>Import a guide…</LinkButton>
      </PageHead>
      <Loaded query={query} what="the packs">
        {({ packs, refused, folder }) => (
          <>
            <section className="panel" aria-label="Packs">
              <ul className="pk-list">{packs.toSorted((a, b) => Number(b.name === usual) - Number(a.name === usual)).map((card) => <Row key={card.name} card={card} systemId={systemId} />)}</ul>
            </section>
            <Refused refused={refused} />
            <p className="t3 xs">Your own lie in <span className="mono break">{folder}</span>, one folder each.</p>
          </>
        )}
      </Loaded>
    </div>
  );
}

import { Link } from 'wouter';
import type { MethodOutput } from '#shared/contract/index.ts';
import { LinkButton } from '../../components/button.tsx';
import { plainText } from '../../components/format.ts';
import { Loaded } from '../../components/loaded.tsx';
import { paths } from '../../components/paths.ts';
import { PageHead, useScreen } from '../../components/screen.tsx';
import { Tint } from '../../components/state.tsx';
import { useMethod } from '../../transport/use-method.ts';
import { itemKinds, itemWords, shortCounts } from './words.ts';
import './packs.css';

type Pack = MethodOutput<'pack.get'>;

function Items({ items }: Pick<Pack, 'items'>) {
  return (
    <>
      {itemKinds.map((kind) => {
        const of = items.filter((item) => item.kind === kind);
        return of.length === 0 ? null : (
          <details key={kind} className="pk-kind">
            <summary>{itemWords[kind].many} <span className="count">{of.length}</span></summary>
            <ul className="bul t2">{of.map((item) => <li key={item.key} className="break">{plainText(item.title)}</li>)}</ul>
          </details>
        );
      })}
    </>
  );
}

/** What is in a pack, before it is adopted. */
export function PackScreen({ name }: { name: string }) {
  const query = useMethod('pack.get', { pack: name });
  useScreen({ screen: query.data?.card.title ?? 'Pack', system: null });
  return (
    <div className="page dense narrow">
      <Loaded query={query} what="the pack">
        {({ card, hosts, databases, items, runbooks, warnings }) => (
          <>
            <PageHead title={plainText(card.title)} lede={plainText(card.summary)}>
              <LinkButton look="primary" to={paths.packAdopt(null, card.name)}>Adopt…</LinkButton>
            </PageHead>
            <p className="t2">{shortCounts(card)}; version {card.version}{card.guide === null ? '' : `; after the guide ${card.guide.title ?? card.guide.file}`}.</p>
            {warnings.length === 0 ? null : <Tint kind="warn"><ul className="stack tight">{warnings.slice(0, 6).map((problem) => <li key={`${problem.file}${problem.line}${problem.rule}`} className="break"><span className="mono">{problem.file}:{problem.line}</span> {plainText(problem.message)}</li>)}</ul></Tint>}
            <section className="panel" aria-labelledby="needs">
              <header><h2 id="needs">It is made for</h2></header>
              <ul className="body bul">{[...hosts, ...databases].map((role) => <li key={role.name}>{plainText(role.title)}{role.needed ? '' : ', if there is one'}{role.why === null ? null : <span className="t3"> {plainText(role.why)}</span>}</li>)}{hosts.length + databases.length === 0 ? <li className="t2">No host and no database in particular</li> : null}</ul>
            </section>
            <section className="panel" aria-labelledby="runbooks">
              <header><h2 id="runbooks">Runbooks <span className="count">{runbooks.length}</span></h2></header>
              <ul className="body pk-runbooks">{runbooks.map(({ ref, title }) => <li key={ref}><Link to={paths.runbookStart(null, ref)}>{plainText(title)}</Link></li>)}</ul>
            </section>
            <section className="panel" aria-labelledby="items">
              <header><h2 id="items">And what goes with them</h2></header>
              <div className="body"><Items items={items} /></div>
            </section>
          </>
        )}
      </Loaded>
    </div>
  );
}

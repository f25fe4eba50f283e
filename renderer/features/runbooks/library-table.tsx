import { Fragment } from 'react';
import { Link } from 'wouter';
import type { RunbookCard } from '#shared/contract/runbooks.ts';
import { LinkButton } from '../../components/button.tsx';
import { plural } from '../../components/format.ts';
import { paths } from '../../components/paths.ts';
import { State } from '../../components/state.tsx';
import { LastResult, ReviewDue, RiskLabel, Takes } from './cells.tsx';
import type { Group, Row } from './library-groups.ts';

/** A text with the searched words set apart. */
function Found({ text, words }: { text: string; words: readonly string[] }) {
  const lower = text.toLowerCase();
  const first = words.map((word) => ({ at: lower.indexOf(word), length: word.length })).filter(({ at }) => at >= 0).sort((a, b) => a.at - b.at || b.length - a.length)[0];
  if (first === undefined) return <>{text}</>;
  const end = first.at + first.length;
  return <>{text.slice(0, first.at)}<mark>{text.slice(first.at, end)}</mark><Found text={text.slice(end)} words={words} /></>;
}

const mostHits = 3;

function Hits({ card, words }: { card: RunbookCard; words: readonly string[] }) {
  const rest = card.hits.length - mostHits;
  return (
    <ul className="hits">
      {card.hits.slice(0, mostHits).map((hit, index) => <li key={`${hit.where}-${index}`}><span className="t3">{hit.where}</span> <span className="mono clip"><Found text={hit.text} words={words} /></span></li>)}
      {rest > 0 ? <li className="t3">{rest} more inside</li> : null}
    </ul>
  );
}

/** Of which pack it is, or that it is one's own: two packs may have runbooks of the same title. */
function Whose({ card: { origin, packTitle } }: { card: RunbookCard }) {
  const word = origin === 'own' ? 'Own' : packTitle;
  return word === null ? null : <span className="badge skipped whose" title={origin === 'own' ? undefined : `From the pack ${word}`}><span className="clip">{word}</span></span>;
}

/** What one can do with it now. Only the first of the page is filled. */
function Action({ row: { card, run }, systemId, first }: { row: Row; systemId: string | null; first: boolean }) {
  if (run !== null) return <LinkButton look={first ? 'primary' : 'quiet'} to={paths.walkthrough(run.id)} aria-label={`Continue ${card.title}`}>Continue</LinkButton>;
  if (card.errors > 0) return <LinkButton look="quiet" to={paths.runbookEdit(systemId, card.ref)} aria-label={`Open ${card.title}`}>Open</LinkButton>;
  return <LinkButton look="quiet" to={paths.runbookStart(systemId, card.ref)} aria-label={`Start ${card.title}`}>Start</LinkButton>;
}

interface Props {
  groups: readonly Group[];
  systemId: string | null;
  /** The words that were searched for, in small letters. */
  words: readonly string[];
}

/** The library as one table, by occasion. */
export function LibraryTable({ groups, systemId, words }: Props) {
  return (
    <div className="scroll">
      <table className="lib" aria-label="Runbooks">
        <thead><tr><th scope="col">Runbook</th><th scope="col">Last result</th><th scope="col" className="num">Takes</th><th scope="col">Risk</th><th scope="col">Review due</th><th scope="col"><span className="vh">Action</span></th></tr></thead>
        {groups.map((group, groupIndex) => (
          <tbody key={group.id}>
            <tr><th scope="rowgroup" colSpan={6}>{group.title} <span className="count">{group.rows.length}</span> <span className="order">{group.order}</span></th></tr>
            {group.rows.map((row, index) => {
              const { card, run } = row;
              return (
                <Fragment key={run?.id ?? card.ref}>
                  <tr className={run === null ? '' : 'cur'}>
                    <th scope="row">
                      <span className="row"><Link to={paths.runbookEdit(systemId, card.ref)}><Found text={card.title} words={words} /></Link><Whose card={card} /></span>
                      {card.hits.length === 0 ? <span className="about sum" title={card.summary ?? undefined}>{run !== null && run.systemName !== null && systemId === null ? `${run.systemName}. ` : ''}{card.summary ?? ''}</span> : <Hits card={card} words={words} />}
                      {card.errors === 0 ? null : <span className="about"><State kind="critical">{plural(card.errors, 'error')} {card.errors === 1 ? 'keeps' : 'keep'} it from being started</State></span>}
                    </th>
                    <td className="two"><LastResult run={run ?? card.last} /></td>
                    <td className="two num nowrap"><Takes card={card} /></td>
                    <td className="nowrap"><RiskLabel risk={card.risk} /></td>
                    <td className="two nowrap"><ReviewDue card={card} /></td>
                    <td className="num"><Action row={row} systemId={systemId} first={groupIndex === 0 && index === 0} /></td>
                  </tr>
                </Fragment>
              );
            })}
          </tbody>
        ))}
      </table>
    </div>
  );
}

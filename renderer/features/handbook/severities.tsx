import type { ItemOf } from '#shared/contract/items.ts';
import { span } from '../../components/format.ts';
import { Glyph } from '../../components/icons.tsx';
import { ItemActions, ItemRow, Section, Standing, useItems, useTitleOf } from './frame.tsx';

type Clock = keyof ItemOf<'severity'>['clocks'];
const clocks: readonly { clock: Clock; word: string }[] = [
  { clock: 'acknowledge', word: 'Acknowledged' },
  { clock: 'respond', word: 'Worked on' },
  { clock: 'update', word: 'Told every' },
  { clock: 'escalate', word: 'Escalated' },
  { clock: 'resolve', word: 'Resolved' },
];
const glyphs = { critical: 'critical', warn: 'warn', info: 'todo' } as const;

function Severities() {
  const severities = useItems('severity').toSorted((a, b) => a.value.rank - b.value.rank);
  const titleOf = useTitleOf();
  return (
    <Section id="severities" title="Severities and their clocks" kind="severity" count={severities.length} empty="None of its own: incidents go by P1 to P4 with usual clocks.">
      <div className="scroll">
        <table aria-labelledby="severities" className="hb-clocks">
          <thead><tr><th scope="col">Severity</th>{clocks.map(({ word }) => <th key={word} scope="col" className="num">{word}</th>)}<th scope="col">Runs</th><th scope="col"><span className="vh">Actions</span></th></tr></thead>
          <tbody>
            {severities.map((item) => (
              <tr key={item.key}>
                <th scope="row">
                  <span className="row wrap"><span className={item.value.tone === 'info' ? 't3' : item.value.tone}><Glyph kind={glyphs[item.value.tone]} small /></span>{item.value.title}<Standing item={item} /></span>
                  <span className="t3 xs under">{item.value.examples.join('; ')}</span>
                </th>
                {clocks.map(({ clock, word }) => { const ms = item.value.clocks[clock]; return <td key={word} className="num nowrap">{ms === null ? <span className="t3">none</span> : span(ms)}</td>; })}
                <td>{titleOf('hours', item.value.hours) ?? 'day and night'}</td>
                <td><ItemActions item={item} /></td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Section>
  );
}

function Tiers() {
  const tiers = useItems('tier').toSorted((a, b) => a.value.rank - b.value.rank);
  const titleOf = useTitleOf();
  return (
    <Section id="tiers" title="Levels of support" kind="tier" count={tiers.length} empty="None: an incident is passed on to a contact.">
      <ul className="hb-list">
        {tiers.map((item) => {
          const { value } = item;
          const responds = Object.entries(value.responds).map(([key, ms]) => `${titleOf('severity', key) ?? key} ${span(ms)}`);
          return (
            <ItemRow key={item.key} item={item} beside={<>{value.next === null ? null : <span className="t2">passes on to {titleOf('tier', value.next)}</span>}</>}>
              {responds.length === 0 ? null : <p className="t2">Answers within: {responds.join(', ')}</p>}
              {value.escalateWhen.length === 0 ? null : <p className="t2">Passes on when: {value.escalateWhen.join('; ')}</p>}
              {value.duties.length === 0 ? null : <ul className="bul t2">{value.duties.map((line) => <li key={line}>{line}</li>)}</ul>}
              {value.text === '' ? null : <p className="t2 break">{value.text}</p>}
            </ItemRow>
          );
        })}
      </ul>
    </Section>
  );
}

/** How grave something is, how fast who has to do what then, and to whom it is passed on. */
export function SeverityPage() {
  return (
    <>
      <Severities />
      <Tiers />
    </>
  );
}

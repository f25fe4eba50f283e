import { useId, type ReactNode } from 'react';
import type { ImportState } from '#shared/contract/imports.ts';
import { fewNames } from '#shared/domain/few-names.ts';
import { Glyph } from '../../components/icons.tsx';

export interface Item {
  id: string;
  label: string;
  state: ImportState;
  reasons: string[];
  cautions: string[];
}

export interface Column<Shown> {
  head: string;
  cell: (item: Shown) => ReactNode;
  className?: string;
}

/** What can be chosen, and what of it is chosen already for another's sake. */
export interface Choice {
  chosen: ReadonlySet<string>;
  /** By id: the items that need it. */
  needed: ReadonlyMap<string, readonly string[]>;
  onChoose: (ids: readonly string[], isChosen: boolean) => void;
}

/** From so many on, what is worth knowing of each of them alike is said once. */
const several = 4;

/** What is worth knowing of several items alike, and of which. */
export function sharedCautions(items: readonly Item[]): Map<string, string> {
  const by = new Map<string, string[]>();
  for (const { label, cautions } of items) for (const words of cautions) by.set(words, [...(by.get(words) ?? []), label]);
  return new Map([...by].filter(([, labels]) => labels.length >= several).map(([words, labels]) => [words, labels.length === items.length ? 'all of them' : fewNames(labels)]));
}

function Remarks({ item, without, needs }: { item: Item; without: ReadonlyMap<string, string>; needs: readonly string[] }) {
  const cautions = item.cautions.filter((words) => !without.has(words));
  const onTheWay = needs.length === 0 ? null : `On the way to ${fewNames(needs)}`;
  if (item.reasons.length + cautions.length === 0) return <span className="t3">{onTheWay ?? '–'}</span>;
  return (
    <ul className="remarks break">
      {item.reasons.map((words) => <li key={words} className={item.state === 'changed' ? 'warn' : 't2'}>{item.state === 'changed' ? <Glyph kind="warn" small label="Mind" /> : null}<span>{words}</span></li>)}
      {cautions.map((words) => <li key={words} className="t2"><span className="warn"><Glyph kind="warn" small label="Mind" /></span><span>{words}</span></li>)}
      {onTheWay === null ? null : <li className="t3"><span>{onTheWay}</span></li>}
    </ul>
  );
}

interface Props<Shown extends Item> {
  title: string;
  lede?: ReactNode;
  items: readonly Shown[];
  /** What one of them is called: "host". */
  what: string;
  columns: readonly Column<Shown>[];
  /** Left out where nothing can be chosen. */
  choice?: Choice;
  last: string;
}

/** Items of one state: what they are, and what is worth knowing of each. */
export function ItemTable<Shown extends Item>({ title, lede, items, what, columns, choice, last }: Props<Shown>) {
  const heading = useId();
  if (items.length === 0) return null;
  const alike = sharedCautions(items);
  const all = items.every(({ id }) => choice?.chosen.has(id));
  return (
    <section className="panel import-items" aria-labelledby={heading}>
      <header>
        <h2 id={heading}>{title} <span className="count">{items.length}</span></h2>
        {lede === undefined ? null : <span className="t3 xs">{lede}</span>}
      </header>
      {alike.size === 0 ? null : <ul className="remarks break body">{[...alike].map(([words, whom]) => <li key={words} className="t2"><span className="warn"><Glyph kind="warn" small label="Mind" /></span><span>Of {whom}: {words}</span></li>)}</ul>}
      <div className="scroll">
        <table aria-labelledby={heading}>
          <thead>
            <tr>
              {choice === undefined ? null : <th scope="col" className="tick"><input type="checkbox" aria-label={`${all ? 'Leave out' : 'Choose'} every ${what} of ${title}`} checked={all} onChange={() => choice.onChoose(items.map(({ id }) => id), !all)} /></th>}
              {columns.map(({ head, className }) => <th key={head} scope="col" className={className}>{head}</th>)}
              <th scope="col" className="say">{last}</th>
            </tr>
          </thead>
          <tbody>
            {items.map((item) => {
              const needs = choice?.needed.get(item.id) ?? [];
              return (
                <tr key={item.id}>
                  {choice === undefined ? null : (
                    <td className="tick">
                      <input type="checkbox" aria-label={`Import ${item.label}`} checked={choice.chosen.has(item.id) || needs.length > 0} disabled={needs.length > 0} onChange={(event) => choice.onChoose([item.id], event.target.checked)} />
                    </td>
                  )}
                  {columns.map(({ head, cell, className }, index) => (index === 0 ? <th key={head} scope="row" className="break">{cell(item)}</th> : <td key={head} className={className ?? 'two'}>{cell(item)}</td>))}
                  <td className="say">
                    <Remarks item={item} without={alike} needs={needs} />
                  </td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
    </section>
  );
}

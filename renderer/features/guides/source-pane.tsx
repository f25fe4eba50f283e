import { useVirtualizer } from '@tanstack/react-virtual';
import { memo, useEffect, useMemo, useRef } from 'react';
import type { GuideFlag, GuideItem } from '#shared/contract/guides.ts';
import { plainText } from '../../components/format.ts';
import { Glyph } from '../../components/icons.tsx';
import { isSettled, type Stop } from './stops.ts';
import { isBlocking, linesWords } from './words.ts';

const rowPx = 21;
/** Of one line; the rest is in the result. */
const longestShown = 400;

/** What is said of a line at its edge. */
interface Mark {
  tone: 'critical' | 'warn' | 'ok';
  stop: Stop;
}

function marksOf(items: readonly GuideItem[]): ReadonlyMap<number, Mark> {
  const marks = new Map<number, Mark>();
  const weight = { ok: 0, warn: 1, critical: 2 };
  const tell = (line: number, mark: Mark): void => {
    const before = marks.get(line);
    if (before === undefined || weight[mark.tone] > weight[before.tone]) marks.set(line, mark);
  };
  const toneOf = (item: GuideItem, flag: GuideFlag): Mark['tone'] => (isSettled(item, flag) ? 'ok' : isBlocking(flag) ? 'critical' : 'warn');
  for (const item of items) for (const flag of item.flags) tell(flag.line, { tone: toneOf(item, flag), stop: { key: item.key, flagId: flag.id } });
  return marks;
}

/** Which item a line became, by line; of several the one with the fewest lines. */
function ownersOf(items: readonly GuideItem[]): (line: number) => GuideItem | null {
  return (line) => {
    let found: { item: GuideItem; size: number } | null = null;
    for (const item of items) {
      for (const { from, to } of item.lines) if (line >= from && line <= to && (found === null || to - from < found.size)) found = { item, size: to - from };
    }
    return found?.item ?? null;
  };
}

const words = { critical: 'Flag', warn: 'To look at', ok: 'Settled' } as const;

const Line = memo(function Line({ number, text, mark, here, within, onOpen }: { number: number; text: string; mark: Mark | undefined; here: boolean; within: boolean; onOpen: (number: number) => void }) {
  const shown = plainText(text.length > longestShown ? `${text.slice(0, longestShown)}…` : text);
  return (
    // By the keyboard one goes by J and K; a press on a line is a shorter way.
    <div role="presentation" className={`gsrc-line${mark === undefined || mark.tone === 'ok' ? '' : ` ${mark.tone}`}${here ? ' here' : ''}${within ? ' within' : ''}${/^#{1,6} /.test(text) ? ' head' : ''}`} onClick={() => onOpen(number)}>
      <span className="n">{number}</span>
      <span className={`g ${mark?.tone ?? ''}`}>{mark === undefined ? null : <Glyph kind={mark.tone} small label={words[mark.tone]} />}</span>
      <span className="x">{shown}</span>
    </div>
  );
});

interface Props {
  fileName: string;
  lines: readonly string[];
  items: readonly GuideItem[];
  item: GuideItem | null;
  flag: GuideFlag | null;
  onGo: (stop: Stop) => void;
}

/** The guide as it was written, with what is said of its lines. */
export function SourcePane({ fileName, lines, items, item, flag, onGo }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const rows = useVirtualizer({ count: lines.length, getScrollElement: () => box.current, estimateSize: () => rowPx, overscan: 12 });
  const marks = useMemo(() => marksOf(items), [items]);
  const ownerOf = useMemo(() => ownersOf(items), [items]);
  const longest = useMemo(() => Math.min(longestShown, lines.reduce((most, { length }) => Math.max(most, length), 0)), [lines]);
  const line = flag?.line ?? item?.lines[0]?.from ?? null;
  useEffect(() => {
    if (line !== null && line <= lines.length) rows.scrollToIndex(line - 1, { align: 'center' });
  }, [line, lines.length, rows]);
  const latest = useRef({ marks, ownerOf, onGo });
  useEffect(() => {
    latest.current = { marks, ownerOf, onGo };
  });
  const open = useMemo(() => (number: number) => {
    const { marks: now, ownerOf: owner, onGo: go } = latest.current;
    const stop = now.get(number)?.stop;
    const of = owner(number);
    if (stop !== undefined) go(stop);
    else if (of !== null) go({ key: of.key, flagId: of.flags[0]?.id ?? null });
  }, []);
  return (
    <section className="gpane src" aria-label={`Source, ${fileName}`}>
      <header className="gph"><b className="strong clip">{plainText(fileName)}</b><span className="t3 xs clip">{item === null ? `${lines.length} lines` : `${linesWords(item.lines)} of ${lines.length}`}</span><span className="grow" /><span className="t3 xs opt nowrap">as written, never changed</span></header>
      <div ref={box} className="gsrc" tabIndex={0} role="group" aria-label="Lines of the guide">
        <div style={{ height: rows.getTotalSize(), minWidth: `calc(${longest}ch + 90px)`, position: 'relative' }}>
          {rows.getVirtualItems().map(({ index, start }) => {
            const number = index + 1;
            return (
              <div key={index} style={{ position: 'absolute', top: start, left: 0, right: 0, height: rowPx }}>
                <Line number={number} text={lines[index] ?? ''} mark={marks.get(number)} here={number === flag?.line} within={item?.lines.some(({ from, to }) => number >= from && number <= to) ?? false} onOpen={open} />
              </div>
            );
          })}
        </div>
      </div>
    </section>
  );
}

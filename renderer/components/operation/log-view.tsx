import { useVirtualizer } from '@tanstack/react-virtual';
import { ArrowDown, Check, ChevronDown, ChevronRight } from 'lucide-react';
import { memo, useCallback, useEffect, useMemo, useRef, useState } from 'react';
import type { OperationLog } from '../../transport/operation-log.ts';
import { Button, CopyButton } from '../button.tsx';
import { count, logTime, plural } from '../format.ts';
import { Glyph, Icon } from '../icons.tsx';
import { ShownLines, type Line } from './log-lines.ts';
import './log-view.css';

const rowPx = 21;
const rowHeight = () => rowPx;
/** Within this distance of the end one counts as reading the end. */
const nearEndPx = 24;

function LineGlyph({ line, open }: { line: Line; open: boolean }) {
  if (line.tone === 'warn') return <Glyph kind="warn" label="Warn" />;
  if (line.tone === 'error') return <Glyph kind="critical" label="Error" />;
  if (line.more !== null) return <span className="t3"><Icon of={open ? ChevronDown : ChevronRight} small /></span>;
  return line.tone === 'ok' ? <span className="ok"><Icon of={Check} small /></span> : null;
}

const tones = { info: '', ok: '', warn: ' w', error: ' e' } as const;

interface RowProps {
  line: Line;
  index: number;
  startPx: number;
  open: boolean;
  current: boolean;
  measure: (element: HTMLElement | null) => void;
  onPick: (index: number, line: Line) => void;
}

/** One line. Only an opened one is measured: all others have the same height. */
const Row = memo(function Row({ line, index, startPx, open, current, measure, onPick }: RowProps) {
  const time = logTime(line.event.at);
  return (
    <div
      ref={open ? measure : null} data-index={index} role="presentation"
      className={`line${tones[line.tone]}${current ? ' cur' : ''}${open ? ' opened' : ''}${line.more === null ? '' : ' opens'}`}
      style={{ transform: `translateY(${startPx}px)` }} onClick={() => onPick(index, line)}
    >
      <span className="t3">{time.clock}<span className="ms">{time.fraction}</span></span>
      <span className="t3 clip">{line.phase}</span>
      <span className="g"><LineGlyph line={line} open={open} /></span>
      <span className={open ? 'x open' : 'x'}>{line.text}</span>
      {open && line.more !== null ? <pre className="more">{line.more}</pre> : null}
    </div>
  );
});

function asText(line: Line): string {
  const head = `${line.event.at}  ${line.phase.padEnd(12)} ${line.text}`;
  return line.more === null ? head : `${head}\n${line.more.replace(/^/gm, '    ')}`;
}

/** The live log: virtual, follows its end until one scrolls up, filters, opens a line with Enter, copies what is shown. */
export function LogView({ log }: { log: OperationLog }) {
  const [text, setText] = useState('');
  const [warnAndWorse, setWarnAndWorse] = useState(false);
  const [following, setFollowing] = useState(true);
  const [cursor, setCursor] = useState<number | null>(null);
  const [opened, setOpened] = useState<ReadonlySet<number>>(new Set());
  const box = useRef<HTMLDivElement>(null);
  const shown = useMemo(() => new ShownLines(log.lines, { text, warnAndWorse }), [text, warnAndWorse, log.lines]);
  const lines = shown.read();
  // The same function as long as the lines are the same: a new one would measure a hundred thousand of them anew.
  const keyOf = useCallback((index: number) => shown.read()[index]?.event.seq ?? index, [shown]);
  const rows = useVirtualizer({ count: lines.length, getScrollElement: () => box.current, estimateSize: rowHeight, overscan: 8, getItemKey: keyOf });

  useEffect(() => {
    if (following && lines.length > 0) rows.scrollToIndex(lines.length - 1, { align: 'end' });
  }, [following, lines.length, rows]);

  const { resizeItem } = rows;
  const toggle = useCallback(
    (index: number, line: Line) => {
      if (line.more === null) return;
      setOpened((before) => {
        const next = new Set(before);
        if (next.delete(line.event.seq)) resizeItem(index, rowPx);
        else next.add(line.event.seq);
        return next;
      });
    },
    [resizeItem],
  );
  const pick = useCallback(
    (index: number, line: Line) => {
      setCursor(index);
      toggle(index, line);
    },
    [toggle],
  );
  const move = (by: number) => {
    const last = lines.length - 1;
    const next = Math.max(0, Math.min(last, (cursor ?? (by < 0 ? last + 1 : -1)) + by));
    setCursor(next);
    setFollowing(next === last);
    rows.scrollToIndex(next, { align: 'auto' });
  };
  const onKeyDown = (event: React.KeyboardEvent) => {
    const steps: Record<string, number> = { ArrowDown: 1, ArrowUp: -1, PageDown: 20, PageUp: -20, Home: -lines.length, End: lines.length };
    const by = steps[event.key];
    if (by !== undefined) {
      event.preventDefault();
      move(by);
    } else if (event.key === 'Enter' && !event.ctrlKey && !event.metaKey && cursor !== null) {
      event.preventDefault();
      const line = lines[cursor];
      if (line !== undefined) toggle(cursor, line);
    }
  };
  const onScroll = () => {
    const element = box.current;
    if (element === null) return;
    const atEnd = element.scrollHeight - element.scrollTop - element.clientHeight < nearEndPx;
    if (atEnd && !following) setFollowing(true);
  };
  const leaveEnd = () => {
    const element = box.current;
    if (element !== null && element.scrollHeight > element.clientHeight) setFollowing(false);
  };
  const total = rows.getTotalSize();
  const items = rows.getVirtualItems();
  return (
    <section className="logx" aria-label="Log">
      <div className="log-tools">
        <input className="input" type="search" placeholder="Filter the log" aria-label="Filter the log" value={text} onChange={(event) => setText(event.target.value)} />
        <span className="t3 xs nowrap" role="status">
          {lines.length === log.lines.length ? plural(lines.length, 'line') : `${count(lines.length)} of ${plural(log.lines.length, 'line')}`}, {shown.worse === 0 ? 'none' : count(shown.worse)} warn or worse
        </span>
        <span className="grow" />
        <Button aria-pressed={warnAndWorse} onClick={() => setWarnAndWorse(!warnAndWorse)}>Warn and worse</Button>
        <CopyButton look="plain" text={() => lines.map(asText).join('\n')} label="Copy the log" />
      </div>
      <div
        ref={box} className="log" role="log" aria-label="Live log" aria-live="off" tabIndex={0}
        onKeyDown={onKeyDown} onScroll={onScroll}
        onWheel={(event) => { if (event.deltaY < 0) leaveEnd(); }}
        onPointerDown={(event) => { if (event.target === box.current) leaveEnd(); }}
        onTouchMove={leaveEnd}
      >
        <div className="all" style={{ height: total }}>
          {items.map((row) => {
            const line = lines[row.index];
            if (line === undefined) return null;
            // The keys go round, so that scrolling fills the lines that are there instead of making new ones.
            return <Row key={row.index % items.length} line={line} index={row.index} startPx={row.start} open={opened.has(line.event.seq)} current={cursor === row.index} measure={rows.measureElement} onPick={pick} />;
          })}
        </div>
      </div>
      {lines.length === 0 ? <p className="log-none t3">{log.lines.length === 0 ? 'Nothing written yet.' : 'No line fits the filter.'}</p> : null}
      <button type="button" className="btn follow" aria-pressed={following} onClick={() => setFollowing(true)}>
        <Icon of={ArrowDown} small />
        {following ? 'Following' : 'Jump to latest'}
      </button>
    </section>
  );
}

import { useDebouncedValue } from '@mantine/hooks';
import { useInfiniteQuery } from '@tanstack/react-query';
import { Search } from 'lucide-react';
import { useEffect, useState } from 'react';
import type { HistoryHit } from '#shared/contract/history.ts';
import type { MethodOutput } from '#shared/contract/index.ts';
import { procedureKinds, type ProcedureKind } from '#shared/contract/operations.ts';
import { operationStates, type OperationState } from '#shared/domain/operation-state.ts';
import type { ErrorShape } from '#shared/domain/errors.ts';
import { Button } from '../../components/button.tsx';
import { Choice } from '../../components/field.tsx';
import { count, localStamp } from '../../components/format.ts';
import { Icon } from '../../components/icons.tsx';
import { Loaded, SkeletonRows } from '../../components/loaded.tsx';
import { Heading, useScreen } from '../../components/screen.tsx';
import { useSystemScreen } from '../../components/use-system.ts';
import { kindWords, operationWords } from '../../components/words.ts';
import { useEngine } from '../../transport/engine-context.ts';
import { useMethod } from '../../transport/use-method.ts';
import { ExportDialog, type HistoryFilter } from './export-dialog.tsx';
import { HistoryDetail } from './history-detail.tsx';
import { hitKey, Hits } from './hits.tsx';
import './history.css';

/** The engine takes no longer one; a pasted log line is cut where it is typed, not refused. */
const longestSearch = 500;
const typingPauseMs = 200;
const dayMs = 86_400_000;
const spans = [{ value: '1', label: 'Last day' }, { value: '7', label: 'Last 7 d' }, { value: '90', label: 'Last 90 d' }, { value: '', label: 'Any time' }] as const;

type Answer = MethodOutput<'history.search'>;

function startOf(days: string): string | null {
  if (days === '') return null;
  const day = new Date(Date.now() - Number(days) * dayMs);
  day.setMinutes(0, 0, 0);
  return day.toISOString();
}

function SystemTitle({ systemId }: { systemId: string }) {
  useSystemScreen(systemId, 'History', true);
  return null;
}

function GlobalTitle() {
  useScreen({ screen: 'History', system: null, focus: true });
  return null;
}

function spoken(answer: Answer): string {
  return `${answer.totalIsExact ? '' : 'over '}${count(answer.total)} of ${count(answer.events)} events, ${Math.max(1, Math.round(answer.tookMs))} ms`;
}

/** Everything that ran, found by its words: commands, statements, output, results. */
export function HistoryScreen({ systemId }: { systemId: string | null }) {
  const engine = useEngine();
  const [text, setText] = useState('');
  const [chosenSystem, setChosenSystem] = useState(systemId ?? '');
  const [kind, setKind] = useState<ProcedureKind | ''>('');
  const [state, setState] = useState<OperationState | ''>('');
  const [days, setDays] = useState<(typeof spans)[number]['value']>('90');
  /** What the detail shows: kept itself, so that newer finds neither take its place nor push it out. */
  const [chosen, setChosen] = useState<HistoryHit | null>(null);
  const [exporting, setExporting] = useState(false);
  const [settled] = useDebouncedValue(text, typingPauseMs);
  const systems = useMethod('system.list', {});
  const since = startOf(days);
  const filter: HistoryFilter = { text: settled, ...(chosenSystem === '' ? {} : { systemId: chosenSystem }), ...(kind === '' ? {} : { kinds: [kind] }), ...(state === '' ? {} : { states: [state] }), ...(since === null ? {} : { since }) };
  const query = useInfiniteQuery<Answer, ErrorShape, { pages: Answer[] }, unknown[], string | null>({
    queryKey: ['history.search', filter],
    queryFn: ({ pageParam, signal }) => engine.call('history.search', { ...filter, limit: 100, ...(pageParam === null ? {} : { cursor: pageParam }) }, { signal }),
    initialPageParam: null,
    getNextPageParam: (last) => last.nextCursor,
    placeholderData: (previous) => previous,
  });
  const first = query.data?.pages[0];
  const hits = query.data?.pages.flatMap((page) => page.hits) ?? [];
  const current = hits.find((hit) => chosen !== null && hitKey(hit) === hitKey(chosen)) ?? chosen ?? hits[0] ?? null;
  useEffect(() => setChosen(null), [settled, chosenSystem, kind, state, days]);
  // Who reads the first find reads on there: it stays, however much runs meanwhile.
  const newest = query.isPlaceholderData ? null : (hits[0] ?? null);
  useEffect(() => setChosen((before) => before ?? newest), [newest]);
  return (
    <div className="hist">
      {systemId === null ? <GlobalTitle /> : <SystemTitle systemId={systemId} />}
      <section className="hhead" aria-label="Search">
        <div className="row">
          <div className="grow"><Heading>History</Heading></div>
          <span className="t3 xs opt">{first?.oldestAt ? `all that ran since ${localStamp(first.oldestAt)}` : ''}</span>
          <Button disabled={hits.length === 0} onClick={() => setExporting(true)}>Export {first === undefined ? '' : count(first.total)} found…</Button>
        </div>
        <div className="hsearch" role="search">
          <span className="find-in">
            <Icon of={Search} small />
            <input className="input" type="search" value={text} onChange={(event) => setText(event.target.value)} placeholder="Commands, statements, output, results" aria-label="Search history" maxLength={longestSearch} autoComplete="off" spellCheck={false} />
          </span>
          {systemId === null ? <Choice label="System" value={chosenSystem} onChange={setChosenSystem} options={[{ value: '', label: 'Any system' }, ...(systems.data?.systems ?? []).map(({ id, name }) => ({ value: id, label: name }))]} /> : null}
          <Choice<ProcedureKind | ''> label="Kind" value={kind} onChange={setKind} options={[{ value: '', label: 'Any kind' }, ...procedureKinds.map((value) => ({ value, label: kindWords[value] }))]} />
          <Choice<OperationState | ''> label="Result" value={state} onChange={setState} options={[{ value: '', label: 'Any result' }, ...operationStates.map((value) => ({ value, label: operationWords[value].word }))]} />
          <Choice label="Time" value={days} onChange={setDays} options={spans} />
          <span className="t3 xs nowrap" role="status">{first === undefined ? '' : spoken(first)}</span>
        </div>
      </section>
      <section className="pane l" aria-label="Found" tabIndex={0}>
        <Loaded query={query} what="history" skeleton={<SkeletonRows what="history" rows={8} columns={[16, 180, 60]} />}>
          {() => (
            <>
              <Hits hits={hits} current={current === null ? null : hitKey(current)} onChoose={setChosen} empty={settled === '' ? 'Nothing has run so far.' : 'Nothing fits these words and filters.'} />
              {query.hasNextPage ? <p style={{ padding: 12 }}><Button disabled={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>Show older ones</Button></p> : null}
            </>
          )}
        </Loaded>
      </section>
      <section className="pane r" aria-label="Detail" tabIndex={0}>{current === null ? null : <HistoryDetail key={hitKey(current)} hit={current} />}</section>
      {exporting ? <ExportDialog filter={filter} onClose={() => setExporting(false)} /> : null}
    </div>
  );
}

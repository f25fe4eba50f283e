import { useLayoutEffect, useMemo, useRef } from 'react';
import type { HistoryHit } from '#shared/contract/history.ts';
import type { OperationEvent } from '#shared/contract/operations.ts';
import { Instant } from '../../components/age.tsx';
import { LinkButton, CopyButton } from '../../components/button.tsx';
import { CodeBlock } from '../../components/code-block.tsx';
import { EnvironmentTag } from '../../components/environment-tag.tsx';
import { logTime, plainText, plural, prose, span } from '../../components/format.ts';
import { Loaded, SkeletonRows } from '../../components/loaded.tsx';
import { paths } from '../../components/paths.ts';
import { toLine, type Line } from '../../components/operation/log-lines.ts';
import { outcomeWords } from '../../components/operation/outcome-words.ts';
import { OperationStateLabel } from '../../components/state.tsx';
import { useMethod } from '../../transport/use-method.ts';
import { markedWords } from './marks.ts';

/** Events read before and after the one that was found. */
const around = 30;
const shownLines = 60;

/** The matches that the search marked, found again in a line. */
function Highlighted({ text, words }: { text: string; words: readonly string[] }) {
  const lower = text.toLowerCase();
  const first = words.map((word) => ({ at: lower.indexOf(word), length: word.length })).filter(({ at }) => at >= 0).sort((a, b) => a.at - b.at || b.length - a.length)[0];
  if (first === undefined) return <>{text}</>;
  const end = first.at + first.length;
  return <>{text.slice(0, first.at)}<mark>{text.slice(first.at, end)}</mark><Highlighted text={text.slice(end)} words={words} /></>;
}

function Around({ lines, seq, words }: { lines: readonly Line[]; seq: number; words: readonly string[] }) {
  const list = useRef<HTMLOListElement>(null);
  const here = useRef<HTMLLIElement>(null);
  useLayoutEffect(() => {
    if (list.current === null || here.current === null) return;
    list.current.scrollTop = here.current.offsetTop - (list.current.clientHeight - here.current.offsetHeight) / 2;
  }, [seq]);
  return (
    <div className="out">
      <header>
        <b className="t1 strong">LOG</b>
        <span>{plural(lines.length, 'line')} around it</span>
        <span className="grow" />
        <CopyButton size="sm" text={() => lines.map((line) => `${line.event.at}  ${line.text}`).join('\n')} label="Copy these lines" />
      </header>
      <ol ref={list} tabIndex={0} aria-label="Lines around it">
        {lines.map((line) => (
          <li key={line.event.seq} ref={line.event.seq === seq ? here : null} className={`${line.tone === 'error' ? 'e' : line.tone === 'warn' ? 'w' : ''} ${line.event.seq === seq ? 'here' : ''}`}>
            <span className="t3">{logTime(line.event.at).clock}</span>
            <span><Highlighted text={line.text} words={words} /></span>
          </li>
        ))}
      </ol>
    </div>
  );
}

function CommandFacts({ event }: { event: Extract<OperationEvent, { kind: 'log' }> }) {
  const { command } = event;
  if (command === undefined) return null;
  const lines = command.output?.trimEnd().split('\n') ?? [];
  return (
    <>
      <dl className="stats">
        <div><dt>Exit status</dt><dd className={command.exitStatus === 0 || command.exitStatus === null ? '' : 'critical'}>{command.exitStatus ?? (command.signal ? `signal ${command.signal}` : 'none')}</dd></div>
        <div><dt>Took</dt><dd>{command.durationMs === null ? 'not known' : span(command.durationMs)}</dd></div>
        {command.rows === null || command.rows === undefined ? null : <div><dt>Rows</dt><dd>{command.rows}</dd></div>}
        <div><dt>Target</dt><dd>{plainText(command.target)}</dd></div>
      </dl>
      <CodeBlock title="COMMAND" about="as it was sent" code={command.text} />
      {lines.length === 0 ? null : <CodeBlock title="OUTPUT" about={plural(lines.length, 'line')} code={command.output ?? ''} />}
    </>
  );
}

/** One find: its operation, the command with its output, and the lines around it. */
export function HistoryDetail({ hit }: { hit: HistoryHit }) {
  const words = useMemo(() => markedWords(hit.text), [hit.text]);
  const operation = useMethod('operation.get', { operationId: hit.operationId });
  const events = useMethod('operation.events', { operationId: hit.operationId, afterSeq: Math.max(0, hit.seq - around), limit: 2 * around });
  return (
    <>
      <div className="row at-top">
        <div className="grow stack tight">
          <h2 className="fig break">{plainText(hit.operation.title)}</h2>
          <p className="row wrap"><OperationStateLabel state={hit.operation.state} /> <span className="t3">{prose(operation.data === undefined ? '' : outcomeWords(operation.data.operation))}</span></p>
        </div>
        <LinkButton to={paths.operation(hit.operationId)}>Open the operation</LinkButton>
      </div>
      <dl className="kv">
        <dt>When</dt><dd><Instant at={hit.at} zone /></dd>
        <dt>Target</dt><dd className="row wrap">{plainText(hit.operation.target) || '–'} {hit.operation.environment === null ? null : <EnvironmentTag environment={hit.operation.environment} quiet />}</dd>
        {hit.operation.systemName === null ? null : <><dt>System</dt><dd>{hit.operation.systemName}</dd></>}
        {operation.data === undefined ? null : <><dt>Asked for by</dt><dd>{operation.data.operation.requestedBy}</dd></>}
      </dl>
      <Loaded query={events} what="the events" skeleton={<SkeletonRows what="the events" columns={[60, 320]} />}>
        {({ events: found }) => {
          const here = found.find((event) => event.seq === hit.seq);
          const lines = found.flatMap((event) => (event.kind === 'progress' ? [] : [toLine(event)])).slice(0, shownLines);
          return (
            <>
              {here?.kind === 'log' ? <CommandFacts event={here} /> : null}
              {here?.kind === 'result' && here.error !== null ? <p className="tint critical break">{plainText(here.error.message)} <span className="mono">{here.error.code}</span></p> : null}
              <Around lines={lines} seq={hit.seq} words={words} />
            </>
          );
        }}
      </Loaded>
      <p className="t3 xs">Passwords and keys are taken out before anything is written here.</p>
    </>
  );
}

import { ChevronDown, ChevronRight } from 'lucide-react';
import { Fragment, useId, useState } from 'react';
import { Link } from 'wouter';
import type { HealthResult } from '#shared/contract/health.ts';
import { copyMadeHere } from '#shared/domain/copies-made-here.ts';
import { AgeFigure, Exact } from '../../components/age.tsx';
import { CopyButton } from '../../components/button.tsx';
import { prose } from '../../components/format.ts';
import { Icon } from '../../components/icons.tsx';
import { paths } from '../../components/paths.ts';
import { Spark } from '../../components/spark.tsx';
import { State, StateGlyph } from '../../components/state.tsx';
import { healthWords } from '../../components/words.ts';
import { useMethod } from '../../transport/use-method.ts';
import { Detail } from './detail.tsx';

function keyOf(result: HealthResult): string {
  // Two hosts may be called the same.
  return `${result.check} ${result.hostId ?? ''} ${result.target}`;
}

/** The figure of a summary stands first and strong; the rest says what it is of. */
function Summary({ text }: { text: string }) {
  const plain = prose(text);
  const match = /^((?:[-+]?[\d.,]+)(?:\s?(?:%|[KMGT]?i?B|ms|s|min|h|d))*(?=\s|$))(.*)$/u.exec(plain);
  if (match === null) return <span className="two-lines" title={plain}>{plain}</span>;
  return (
    <span className="two-lines" title={plain}>
      <b className="medium">{match[1]}</b>
      <span className="t2">{match[2]}</span>
    </span>
  );
}

/** The database without its server, where that alone tells the targets apart. */
export function shortTargets(results: readonly HealthResult[]): ReadonlyMap<string, string> {
  const targets = [...new Set(results.map((result) => result.target))];
  const brief = (target: string) => target.split(' on ')[0] ?? target;
  const distinct = new Set(targets.map(brief)).size === targets.length;
  return new Map(targets.map((target) => [target, prose(distinct ? brief(target) : target)]));
}

interface GroupProps {
  systemId: string;
  results: readonly HealthResult[];
  targets: ReadonlyMap<string, string>;
}

function Finding({ systemId, result, target, startOpen }: { systemId: string; result: HealthResult; target: string | undefined; startOpen: boolean }) {
  const [open, setOpen] = useState(startOpen);
  const id = useId();
  const limit = result.warn ?? result.critical;
  return (
    <div className={`finding ${open ? `open ${result.status}` : ''}`}>
      <button className="find" type="button" aria-expanded={open} aria-controls={id} onClick={() => setOpen(!open)}>
        <StateGlyph kind={result.status} />
        <span className={result.status === 'critical' ? 'strong two-lines' : 'medium two-lines'}>{result.title}</span>
        <span className="t2 two-lines opt" title={prose(result.target)}>{target}</span>
        <Summary text={result.summary} />
        <Spark values={result.trend.map((point) => point.value)} limit={limit} state={result.status} />
        <span className="t3 xs opt nowrap">{result.since === null ? '' : <AgeFigure at={result.since} />}</span>
        <span className="t3"><Icon of={open ? ChevronDown : ChevronRight} small /></span>
      </button>
      {open ? <div id={id}><Detail systemId={systemId} result={result} /></div> : null}
    </div>
  );
}

/** Critical and warn: rows that open. The first critical one is open already. */
export function Problems({ systemId, state, results, targets, startOpen }: GroupProps & { state: 'critical' | 'warn'; startOpen: boolean }) {
  const id = useId();
  if (results.length === 0) return null;
  return (
    <section className="sec" aria-labelledby={id}>
      <header><h2 id={id}>{healthWords[state]} <span className="count">{results.length}</span></h2></header>
      <div className="group">{results.map((result, index) => <Finding key={keyOf(result)} systemId={systemId} result={result} target={targets.get(result.target)} startOpen={startOpen && index === 0} />)}</div>
    </section>
  );
}

const commands = /^\s*(?:--|GRANT|REVOKE|ALTER|CREATE|DROP|SELECT|SET|RESET|ANALYZE|VACUUM|REINDEX|COMMENT|CHECKPOINT)\b|^\s*(?:psql|pg_\w+|sudo|systemctl|apt-get)\s/;

/** A command or grant can be copied; any other step is said. */
function Opener({ result }: { result: HealthResult }) {
  if (result.opener === null) return <span className="t3 xs">nothing to grant</span>;
  const text = prose(result.opener);
  if (!commands.test(text)) return <span className="t2 xs">{text}</span>;
  return <CopyButton look="plain" size="sm" text={text} label={`Copy what would open the eyes of ${result.title}`}>{text.startsWith('GRANT') ? 'Copy grant' : 'Copy command'}</CopyButton>;
}

/** Results that could not be seen for the same reason, which one step ends: one row. */
function byReason(results: readonly HealthResult[]): HealthResult[][] {
  const reasons = new Map<string, HealthResult[]>();
  for (const result of results) {
    const reason = JSON.stringify([result.summary, result.opener]);
    reasons.set(reason, [...(reasons.get(reason) ?? []), result]);
  }
  return [...reasons.values()];
}

function BlindRow({ results, targets }: Omit<GroupProps, 'systemId'>) {
  const [first] = results;
  if (first === undefined) return null;
  const where = [...new Set(results.map(({ target }) => target))];
  // Each is unknown for at least as long as the latest of them.
  const since = results.reduce<string | null>((latest, result) => (latest === null || result.since === null || result.since > latest ? result.since : latest), first.since);
  return (
    <div className="find blindrow">
      <StateGlyph kind="unknown" />
      <span className="medium two-lines">{results.length === 1 ? first.title : `${results.length} checks`}</span>
      <span className="t2 two-lines" title={where.map(prose).join(', ')}>{where.map((target) => targets.get(target)).join(', ')}</span>
      <div className="t2">
        <p>{prose(first.summary)}</p>
        {since === null ? null : <p className="t3 xs"><Exact at={since}>unknown for <AgeFigure at={since} /></Exact></p>}
        {results.length === 1 ? null : (
          <details className="xs">
            <summary>Which checks</summary>
            <p>{[...new Set(results.map(({ title }) => title))].join(', ')}</p>
          </details>
        )}
      </div>
      <Opener result={first} />
    </div>
  );
}

/** What could not be seen, each with the one grant or step that would open the eyes. */
export function Unseen({ results, targets }: Omit<GroupProps, 'systemId'>) {
  const id = useId();
  if (results.length === 0) return null;
  return (
    <section className="sec" aria-labelledby={id}>
      <header><h2 id={id}>Could not look <span className="count">{results.length}</span></h2><span className="t3 xs">neither healthy nor ill: nobody knows</span></header>
      <div className="group blind">
        {byReason(results).map((same) => <BlindRow key={same.map(keyOf).join('\n')} results={same} targets={targets} />)}
      </div>
    </section>
  );
}

/** Ok and skipped stay folded: nothing to do, but everything to be seen. */
export function Folded({ systemId, ok, skipped, targets }: { systemId: string; ok: readonly HealthResult[]; skipped: readonly HealthResult[]; targets: GroupProps['targets'] }) {
  const [open, setOpen] = useState<'ok' | 'skipped' | null>(null);
  const id = useId();
  const members = open === 'ok' ? ok : open === 'skipped' ? skipped : [];
  const fold = (which: 'ok' | 'skipped', count: number, note: string) =>
    count === 0 ? null : (
      <button type="button" aria-expanded={open === which} aria-controls={id} onClick={() => setOpen(open === which ? null : which)}>
        <Icon of={open === which ? ChevronDown : ChevronRight} small />
        <State kind={which}>{count} {which}</State>
        {note === '' ? null : <span className="t3">{note}</span>}
      </button>
    );
  return (
    <section className="sec" aria-label="Ok and skipped">
      <div className="fold">
        {fold('ok', ok.length, '')}
        {fold('skipped', skipped.length, 'not for this server, with reasons')}
      </div>
      <div id={id}>{members.length === 0 ? null : <div className="group">{members.map((result) => <Finding key={keyOf(result)} systemId={systemId} result={result} target={targets.get(result.target)} startOpen={false} />)}</div>}</div>
    </section>
  );
}

/** What was left out since it was made here: a copy is sick as its original is, and goes when somebody decides. */
export function CopiesLeftOut({ results }: { results: readonly HealthResult[] }) {
  const names = results
    .filter(({ check }) => check === 'database-coverage')
    .flatMap(({ evidence: { columns, rows } }) => rows.filter((row) => row[columns.indexOf('state')] === copyMadeHere).map((row) => String(row[columns.indexOf('database')])));
  // Of whatever system: the server may be that of more than one.
  const { data } = useMethod('restore.list', { limit: 200 }, { enabled: names.length > 0 });
  if (names.length === 0) return null;
  return (
    <p className="t3 xs">
      {names.length === 1 ? 'A copy made here is left out: ' : 'Copies made here are left out: '}
      {names.map((name, index) => {
        const restore = data?.restores.find(({ into, setAside }) => (setAside ?? into) === name);
        return <Fragment key={name}>{index === 0 ? '' : ', '}{restore === undefined ? <span className="mono">{prose(name)}</span> : <Link className="mono" to={paths.restore(restore.systemId, restore.id)}>{prose(name)}</Link>}</Fragment>;
      })}.
    </p>
  );
}

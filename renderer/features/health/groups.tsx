import { ChevronDown, ChevronRight } from 'lucide-react';
import { Fragment, useId, useState, type ReactNode } from 'react';
import { Link } from 'wouter';
import type { HealthResult } from '#shared/contract/health.ts';
import { copyMadeHere } from '#shared/domain/copies-made-here.ts';
import { fewNames } from '#shared/domain/few-names.ts';
import { openVaultFirst, testItFirst } from '#shared/domain/health-openers.ts';
import { AgeFigure, Exact } from '../../components/age.tsx';
import { Button, CopyButton, LinkButton } from '../../components/button.tsx';
import { prose } from '../../components/format.ts';
import { Icon } from '../../components/icons.tsx';
import { useOpenVault } from '../../components/open-vault.ts';
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

/** Results that say the same thing: one row. */
function alike(results: readonly HealthResult[], same: (result: HealthResult) => unknown[]): HealthResult[][] {
  const rows = new Map<string, HealthResult[]>();
  for (const result of results) {
    const key = JSON.stringify(same(result));
    rows.set(key, [...(rows.get(key) ?? []), result]);
  }
  return [...rows.values()];
}

/** Each has been so for at least as long as the latest of them. */
const sinceOf = (results: readonly HealthResult[]): string | null => results.reduce<string | null>((latest, { since }) => (latest === null || since === null || since > latest ? since : latest), results[0]?.since ?? null);

/** What they are about: a few by name, the title has all of them. */
function Targets({ results, targets, className }: { results: readonly HealthResult[]; targets: GroupProps['targets']; className: string }) {
  const where = [...new Set(results.map(({ target }) => target))];
  return <span className={className} title={where.map(prose).join(', ')}>{fewNames(where.map((target) => targets.get(target) ?? prose(target)), 2)}</span>;
}

interface OpeningProps {
  results: readonly HealthResult[];
  targets: GroupProps['targets'];
  startOpen: boolean;
  /** Among several that say the same: it is told by its target alone. */
  within?: boolean;
  spark: ReactNode;
  children: ReactNode;
}

/** A row that opens: one result, or several that say the same. */
function Opening({ results, targets, startOpen, within = false, spark, children }: OpeningProps) {
  const [open, setOpen] = useState(startOpen);
  const id = useId();
  const [first] = results;
  if (first === undefined) return null;
  const since = sinceOf(results);
  return (
    <div className={`finding ${open ? `open ${first.status}` : ''}`}>
      <button className="find" type="button" aria-expanded={open} aria-controls={id} onClick={() => setOpen(!open)}>
        <StateGlyph kind={first.status} />
        {within ? <Targets results={results} targets={targets} className="medium two-lines" /> : <span className={first.status === 'critical' ? 'strong two-lines' : 'medium two-lines'}>{first.title}</span>}
        {within ? <span /> : <Targets results={results} targets={targets} className="t2 two-lines" />}
        {within ? <span /> : <Summary text={first.summary} />}
        {spark}
        <span className="t3 xs opt nowrap">{since === null ? '' : <AgeFigure at={since} />}</span>
        <span className="t3"><Icon of={open ? ChevronDown : ChevronRight} small /></span>
      </button>
      {open ? <div id={id}>{children}</div> : null}
    </div>
  );
}

function Finding({ systemId, result, ...shown }: { systemId: string; result: HealthResult } & Pick<OpeningProps, 'targets' | 'startOpen' | 'within'>) {
  const limit = result.warn ?? result.critical;
  return (
    <Opening results={[result]} {...shown} spark={<Spark values={result.trend.map((point) => point.value)} limit={limit} state={result.status} />}>
      <Detail systemId={systemId} result={result} />
    </Opening>
  );
}

/** One thing that is wrong with several targets, with each of them inside. */
function SameFinding({ systemId, results, targets, startOpen }: GroupProps & { startOpen: boolean }) {
  return (
    <Opening results={results} targets={targets} startOpen={startOpen} spark={<span className="t2 xs nowrap spark">{results.length} of them</span>}>
      <div className="same">{results.map((result) => <Finding key={keyOf(result)} systemId={systemId} result={result} targets={targets} startOpen={false} within />)}</div>
    </Opening>
  );
}

/** Critical and warn: rows that open. The first critical one is open already. */
export function Problems({ systemId, state, results, targets, startOpen }: GroupProps & { state: 'critical' | 'warn'; startOpen: boolean }) {
  const id = useId();
  if (results.length === 0) return null;
  const rows = alike(results, ({ check, summary }) => [check, summary]);
  return (
    <section className="sec" aria-labelledby={id}>
      <header><h2 id={id}>{healthWords[state]} <span className="count">{results.length}</span></h2></header>
      <div className="group">
        {rows.map((same, index) => {
          const [first] = same;
          if (first === undefined) return null;
          const shared = { systemId, targets, startOpen: startOpen && index === 0 };
          return same.length === 1 ? <Finding key={keyOf(first)} result={first} {...shared} /> : <SameFinding key={keyOf(first)} results={same} {...shared} />;
        })}
      </div>
    </section>
  );
}

const commands = /^\s*(?:--|GRANT|REVOKE|ALTER|CREATE|DROP|SELECT|SET|RESET|ANALYZE|VACUUM|REINDEX|COMMENT|CHECKPOINT)\b|^\s*(?:psql|pg_\w+|sudo|systemctl|apt-get)\s/;

/** Where a test asks for what is missing: that of the host, or of the database and its way. */
function TestLink({ systemId, result }: { systemId: string; result: HealthResult }) {
  if (result.hostId !== null) return <LinkButton size="sm" to={paths.systemScreen(systemId, 'settings')} intent={{ intent: 'test-host', about: result.hostId }} aria-label={`Test ${prose(result.target)}`}>Test</LinkButton>;
  return <LinkButton size="sm" to={paths.system(systemId)} {...(result.databaseId === null ? {} : { intent: { intent: 'test-connection' as const, about: result.databaseId } })} aria-label={`Test ${prose(result.target)}`}>Test</LinkButton>;
}

/** What ends it: a command or grant to be copied, the vault, a test that asks for what is missing, or a step that is said. */
function Opener({ systemId, results, onAgain }: { systemId: string; results: readonly HealthResult[]; onAgain: () => void }) {
  const openVault = useOpenVault();
  const [first] = onePerTarget(results);
  if (first === undefined) return null;
  if (first.opener === null) return <span className="t3 xs">nothing to grant</span>;
  const text = prose(first.opener);
  if (first.opener === openVaultFirst) return <Button size="sm" onClick={() => openVault(onAgain)}>Open the vault…</Button>;
  if (first.opener === testItFirst) {
    const many = onePerTarget(results).length;
    if (many === 1) return <TestLink systemId={systemId} result={first} />;
    return <LinkButton size="sm" to={first.hostId === null ? paths.system(systemId) : paths.systemScreen(systemId, 'settings')}>Test these {many}…</LinkButton>;
  }
  if (!commands.test(text)) return <span className="t2 xs">{text}</span>;
  return <CopyButton look="plain" size="sm" text={text} label={`Copy what would open the eyes of ${first.title}`}>{text.startsWith('GRANT') ? 'Copy grant' : 'Copy command'}</CopyButton>;
}

/** Of each target the first of its results, by which it is found again. */
function onePerTarget(results: readonly HealthResult[]): HealthResult[] {
  return [...new Map(results.toReversed().map((result) => [result.hostId ?? result.target, result])).values()].toReversed();
}

function BlindRow({ systemId, results, targets, onAgain }: GroupProps & { onAgain: () => void }) {
  const [first] = results;
  if (first === undefined) return null;
  const titles = [...new Set(results.map(({ title }) => title))];
  const each = onePerTarget(results);
  const since = sinceOf(results);
  return (
    <div className="find blindrow">
      <StateGlyph kind="unknown" />
      <span className="medium two-lines">{titles.length === 1 ? first.title : `${titles.length} checks`}</span>
      <Targets results={results} targets={targets} className="t2 two-lines" />
      <div className="t2">
        <p>{prose(first.summary)}</p>
        {since === null ? null : <p className="t3 xs"><Exact at={since}>unknown for <AgeFigure at={since} /></Exact></p>}
        {results.length === 1 ? null : (
          <details className="xs">
            <summary>{each.length === 1 ? 'Which checks' : 'Which checks, and where'}</summary>
            <p>{titles.join(', ')}</p>
            {each.length === 1 ? null : <ul className="finds-where">{each.map((result) => <li key={keyOf(result)}><span className="break">{targets.get(result.target) ?? prose(result.target)}</span>{result.opener === testItFirst ? <TestLink systemId={systemId} result={result} /> : null}</li>)}</ul>}
          </details>
        )}
      </div>
      <Opener systemId={systemId} results={results} onAgain={onAgain} />
    </div>
  );
}

/** What could not be seen, each with the one grant or step that would open the eyes. */
export function Unseen({ systemId, results, targets, onAgain }: GroupProps & { /** Looks once more, once the vault is open. */ onAgain: () => void }) {
  const id = useId();
  if (results.length === 0) return null;
  return (
    <section className="sec" aria-labelledby={id}>
      <header><h2 id={id}>Could not look <span className="count">{results.length}</span></h2><span className="t3 xs">neither healthy nor ill: nobody knows</span></header>
      <div className="group blind">
        {alike(results, ({ summary, opener }) => [summary, opener]).map((same) => <BlindRow key={same.map(keyOf).join('\n')} systemId={systemId} results={same} targets={targets} onAgain={onAgain} />)}
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
      <div id={id}>{members.length === 0 ? null : <div className="group">{members.map((result) => <Finding key={keyOf(result)} systemId={systemId} result={result} targets={targets} startOpen={false} />)}</div>}</div>
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

import { lazy, Suspense, useState } from 'react';
import type { HealthResult } from '#shared/contract/health.ts';
import { Exact } from '../../components/age.tsx';
import { Button } from '../../components/button.tsx';
import { CodeBlock, DoUndo } from '../../components/code-block.tsx';
import { limitSource, localTime, measured, prose, plural } from '../../components/format.ts';
import { StateGlyph } from '../../components/state.tsx';
import { useMethod } from '../../transport/use-method.ts';
import { ActButton } from './act-button.tsx';

const TrendChart = lazy(() => import('./trend-chart.tsx').then((module) => ({ default: module.TrendChart })));

function cellText(value: string | number | boolean | null): string {
  return value === null ? '–' : prose(String(value));
}

function Evidence({ evidence }: { evidence: HealthResult['evidence'] }) {
  if (evidence.rows.length === 0) return <p className="t3">No rows.</p>;
  const [only] = evidence.rows;
  if (evidence.rows.length === 1 && only !== undefined && evidence.columns.length > 2) {
    return (
      <table className="ev">
        <thead><tr><th scope="col">Column</th><th scope="col">Value</th></tr></thead>
        <tbody>{evidence.columns.map((column, index) => <tr key={column}><th scope="row" className="mono">{column}</th><td className="break">{cellText(only[index] ?? null)}</td></tr>)}</tbody>
      </table>
    );
  }
  return (
    <div className="scroll" tabIndex={0} role="group" aria-label="Evidence">
      <table className="ev">
        <thead><tr>{evidence.columns.map((column) => <th key={column} scope="col" className="mono">{column}</th>)}</tr></thead>
        <tbody>
          {evidence.rows.map((row, index) => (
            <tr key={index}>{row.map((value, column) => <td key={column} className={typeof value === 'number' ? 'num' : ''}>{cellText(value)}</td>)}</tr>
          ))}
        </tbody>
      </table>
      {evidence.truncated > 0 ? <p className="t3 xs">{plural(evidence.truncated, 'more row')} left out.</p> : null}
    </div>
  );
}

/** The trend as a line, with its figures in a table beside it. */
function Trend({ result }: { result: HealthResult }) {
  const points = result.trend.filter((point) => point.value !== null);
  if (points.length < 2) return <p className="t3">There is one value so far; a line needs two.</p>;
  return (
    <div className="trend">
      <Suspense fallback={<span className="sk" aria-busy="true" style={{ width: 320, height: 120 }} />}><TrendChart result={result} /></Suspense>
      <div className="scroll" tabIndex={0} role="group" aria-label="The last values">
        <table className="ev">
          <thead><tr><th scope="col">When</th><th scope="col" className="num">Value</th><th scope="col"><span className="vh">State</span></th></tr></thead>
          <tbody>
            {[...result.trend].reverse().map((point) => (
              <tr key={point.at}><td><Exact at={point.at}>{localTime(point.at)}</Exact></td><td className="num">{point.value === null ? '–' : measured(point.value, result.unit)}</td><td><StateGlyph kind={point.status} small /></td></tr>
            ))}
          </tbody>
        </table>
      </div>
    </div>
  );
}

function limits(result: HealthResult): string {
  const word = result.lowerIsWorse ? 'below' : 'at';
  const parts = [result.warn === null ? null : `warn ${word} ${measured(result.warn, result.unit)}`, result.critical === null ? null : `critical ${word} ${measured(result.critical, result.unit)}`].filter((part) => part !== null);
  return parts.length === 0 ? 'no limit' : parts.join(', ');
}

/** "127.0.0.1:5432", whether the result is about the server or a database on it. */
function serverOf({ target }: HealthResult): string {
  const at = target.lastIndexOf(' on ');
  return prose(at < 0 ? target : target.slice(at + ' on '.length));
}

/** What it means, what usually causes it, the evidence, and the fix as a pair. */
export function Detail({ systemId, result }: { systemId: string; result: HealthResult }) {
  const catalogue = useMethod('health.catalogue', {}, { freshMs: Infinity });
  const [asked, setAsked] = useState(false);
  const info = catalogue.data?.checks.find((check) => check.id === result.check);
  const at = result.trend.at(-1)?.at;
  return (
    <div className="detail">
      <div>
        <div className="mini"><h3>What it means</h3><p className="t2">{prose(result.meaning)}</p></div>
        {result.causes.length === 0 ? null : <div className="mini"><h3>Likely causes</h3><ul className="bul t2">{result.causes.map((cause) => <li key={cause}>{prose(cause)}</li>)}</ul></div>}
        <div className="mini">
          <h3>Evidence <span className="count xs">{at === undefined ? '' : `${localTime(at)}, `}{limits(result)}</span></h3>
          <Evidence evidence={result.evidence} />
        </div>
      </div>
      <div>
        <h3>{result.fix === null ? 'What to do' : 'Fix'}</h3>
        {result.fix === null ? <p className="t2">{result.status === 'ok' || result.status === 'skipped' ? 'Nothing.' : 'There is no single statement for this; begin with the causes.'}</p> : <DoUndo fix={result.fix} server={serverOf(result)} act={result.fix.act === undefined ? null : <ActButton act={result.fix.act} systemId={systemId} databaseId={result.databaseId} />} />}
        {result.opener === null ? null : <CodeBlock title="TO SEE IT" about="what would open the eyes" code={result.opener} />}
        <h3>Trend</h3>
        <Trend result={result} />
        {info === undefined ? null : asked ? (
          <div className="stack">
            <p className="t2">{info.question} Limits: {limitSource(info.source)}. It needs {info.needs}.</p>
            <CodeBlock title="ASKED" about="read only" code={info.sql ?? info.script ?? `One request of ${result.target}, as the endpoint says, without anything that signs in. Nothing is followed.`} />
          </div>
        ) : (
          <div><Button look="quiet" onClick={() => setAsked(true)}>Show what was asked</Button></div>
        )}
      </div>
    </div>
  );
}

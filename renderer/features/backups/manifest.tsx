import { useState } from 'react';
import { Link } from 'wouter';
import type { BackupContents, ProofRecord, TableCount } from '#shared/contract/backups.ts';
import { proofWords, proofLevels, type ProofLevel } from '#shared/domain/proof.ts';
import { figuresOf } from '#shared/domain/table-counts.ts';
import { Instant } from '../../components/age.tsx';
import { Button } from '../../components/button.tsx';
import { DataTable, type Column } from '../../components/data-table.tsx';
import { Segments } from '../../components/field.tsx';
import { bytes, count, prose, span } from '../../components/format.ts';
import { Glyph } from '../../components/icons.tsx';
import { paths } from '../../components/paths.ts';

type FileEntry = BackupContents['files'][number];

function Proof({ proof, systemId }: { proof: ProofRecord; systemId: string }) {
  return (
    <li>
      <span className={proof.ok ? 'ok' : 'critical'}><Glyph kind={proof.ok ? 'ok' : 'critical'} small label={proof.ok ? 'Passed' : 'Failed'} /></span>
      <div>
        <span className="medium">{proof.level}</span> {proofWords[proof.level]}
        <div className="t3 xs">{proof.where}</div>
        <ul>
          {proof.checks.map((check) => (
            <li key={check.name} className={`xs ${check.ok ? 't2' : 'critical'} break`}>{check.ok ? '' : 'Failed: '}{prose(check.name)}, {prose(check.detail)}</li>
          ))}
        </ul>
      </div>
      <span className="v"><Instant at={proof.at} />, {span(proof.durationMs)} {proof.operationId === null || systemId === '' ? null : <Link to={paths.operation(proof.operationId)}>Log</Link>}</span>
    </li>
  );
}

/** Every look at the copy, newest first, and the ways to look again; null: there is nothing to look at. */
export function Proofs({ proofs, systemId, onVerify }: { proofs: readonly ProofRecord[]; systemId: string; onVerify: ((level: ProofLevel) => void) | null }) {
  const newestFirst = [...proofs].sort((a, b) => b.at.localeCompare(a.at));
  return (
    <section className="panel" aria-labelledby="proofs">
      <header>
        <h2 id="proofs" className="grow">Proof</h2>
        {onVerify === null ? null : proofLevels.slice(0, 3).map((level) => <Button key={level} size="sm" onClick={() => onVerify(level)} aria-label={`Verify ${level}, ${proofWords[level].toLowerCase()}`}>{level}…</Button>)}
      </header>
      {newestFirst.length === 0 ? <p className="body t2">Nobody has looked at this copy so far.</p> : <ul className="verds body">{newestFirst.map((proof) => <Proof key={`${proof.at}-${proof.level}`} proof={proof} systemId={systemId} />)}</ul>}
    </section>
  );
}

const tableColumns: readonly Column<TableCount>[] = [
  { id: 'name', head: 'Table', rowHead: true, className: 'break', cell: (table) => `${table.schema}.${table.name}`, sortBy: (table) => `${table.schema}.${table.name}` },
  { id: 'kind', head: 'Kind', className: 't2', cell: (table) => (table.kind === 'materialized-view' ? 'materialised view' : table.kind), sortBy: (table) => table.kind },
  { id: 'rows', head: 'Rows', numeric: true, cell: (table) => count(table.rows), sortBy: (table) => table.rows },
];
const fileColumns: readonly Column<FileEntry>[] = [
  { id: 'path', head: 'File', rowHead: true, className: 'break mono', cell: (file) => file.path, sortBy: (file) => file.path },
  { id: 'size', head: 'Size', numeric: true, className: 'nowrap', cell: (file) => bytes(file.sizeBytes), sortBy: (file) => file.sizeBytes },
  { id: 'hash', head: 'SHA-256', className: 'mono break xs t2', cell: (file) => file.sha256 },
];

/** Materialised views stand in the same list, and are no tables. */
function tablesTab(counted: readonly TableCount[]): string {
  const { tables, views } = figuresOf(counted);
  return `Tables ${count(tables)}${views === undefined ? '' : `, views ${count(views)}`}`;
}

/** What the copy holds, by the manifest that lies beside it. */
export function Manifest({ contents }: { contents: BackupContents }) {
  const [tab, setTab] = useState<'tables' | 'files' | 'more'>('tables');
  return (
    <section className="panel" aria-labelledby="manifest">
      <header>
        <h2 id="manifest" className="grow">What it holds</h2>
        <Segments label="Part of the manifest" value={tab} onChange={setTab} options={[{ value: 'tables', label: tablesTab(contents.tables) }, { value: 'files', label: `Files ${contents.files.length}` }, { value: 'more', label: 'Sequences and extensions' }]} />
      </header>
      {tab === 'tables' ? <DataTable label="Tables" rows={contents.tables} columns={tableColumns} rowKey={(table) => `${table.schema}.${table.name}`} /> : null}
      {tab === 'files' ? <DataTable label="Files" rows={contents.files} columns={fileColumns} rowKey={(file) => file.path} /> : null}
      {tab === 'more' ? (
        <div className="body two-col even">
          <dl className="kv">{contents.sequences.map((sequence) => [<dt key={`${sequence.schema}.${sequence.name}-k`} className="mono">{sequence.schema}.{sequence.name}</dt>, <dd key={`${sequence.schema}.${sequence.name}`}>{sequence.lastValue}</dd>])}</dl>
          <dl className="kv">{contents.extensions.map((extension) => [<dt key={`${extension.name}-k`}>{extension.name}</dt>, <dd key={extension.name}>{extension.version}</dd>])}</dl>
        </div>
      ) : null}
    </section>
  );
}

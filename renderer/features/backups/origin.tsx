import type { Backup, BackupContents } from '#shared/contract/backups.ts';
import { Exact } from '../../components/age.tsx';
import { CopyButton } from '../../components/button.tsx';
import { localStamp, plural } from '../../components/format.ts';

const globalsWords: Record<BackupContents['globals'], string> = { 'with-passwords': 'beside it, with passwords', 'without-passwords': 'beside it, without passwords', none: 'not written' };

/** Of what a copy was made, by what, and where it lies. What only its manifest tells is left out where that cannot be read. */
export function Origin({ backup, contents }: { backup: Backup; contents: BackupContents | null }) {
  return (
    <section className="panel" aria-labelledby="origin">
      <header><h2 id="origin">Where it comes from, where it lies</h2></header>
      <dl className="kv body">
        <dt>System</dt><dd>{backup.systemName}{backup.systemId === null ? ', which is no system here' : ''}</dd>
        <dt>Server</dt><dd>Postgres {backup.serverVersion}</dd>
        <dt>Identity</dt><dd className="mono">{backup.systemIdentifier}</dd>
        {contents === null ? null : (
          <>
            <dt>Text</dt><dd>{contents.encoding}, {contents.collation}</dd>
            <dt>Written by</dt><dd>{contents.toolVersion}</dd>
            {contents.lsn === null ? null : <><dt>Position</dt><dd className="mono">{contents.lsn}</dd></>}
            <dt>Roles</dt><dd>{globalsWords[contents.globals]}</dd>
            <dt>Rows</dt><dd>{contents.countedIn === 'database' ? 'counted in the database, in the snapshot of the dump' : 'counted in the dump: the line was lost before all were counted in the database'}</dd>
          </>
        )}
        <dt>Snapshot</dt><dd><Exact at={backup.takenAt}>{localStamp(backup.takenAt)}</Exact></dd>
        <dt>Folder</dt><dd><span className="mono">{backup.path}</span> <CopyButton size="sm" text={backup.path} label="Copy the folder's path" /></dd>
        {contents === null ? null : <><dt>Files</dt><dd>{plural(contents.files.length, 'file')}, each with its SHA-256</dd></>}
      </dl>
    </section>
  );
}

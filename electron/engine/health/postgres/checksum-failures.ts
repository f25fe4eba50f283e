import type { Finding, Look, PostgresCheck, Row } from '../check.ts';
import { many } from '../figures.ts';
import { against, amount, evidence, skipped, text, unknown, yes } from '../findings.ts';
import { comment } from '../sql-text.ts';

const lookAtIndexes = "SELECT c.oid::regclass, bt_index_check(c.oid)\nFROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_am a ON a.oid = c.relam\nWHERE a.amname = 'btree' AND i.indisvalid;";

/** Whether amcheck stands is known of the database that was asked; of another one the undo says when it is due. */
function fixFor(row: Row, look: Look): Finding['fix'] {
  const shared = row.datid === null || amount(row.datid) === 0;
  const here = shared || text(row.datname) === look.server.database;
  const stands = here && yes(row.amcheck);
  const inThere = here ? [] : [comment(`in database ${text(row.datname)}`)];
  // A standby takes the extension from its primary, and looks at its own files.
  const primary = look.server.standby ? [comment('on the primary')] : [];
  return {
    where: 'sql',
    ...(shared ? {} : { database: text(row.datname) }),
    do: [...inThere, ...(stands ? [] : [...primary, `CREATE EXTENSION ${here ? '' : 'IF NOT EXISTS '}amcheck;`, ...(look.server.standby ? [comment('here')] : [])]), lookAtIndexes].join('\n'),
    undo: stands ? null : [...inThere, ...primary, ...(here ? [] : [comment('only where it was not there before: CREATE EXTENSION then gave no notice')]), 'DROP EXTENSION amcheck;'].join('\n'),
    note: `Looks for what is damaged; it repairs nothing${stands ? ' and changes nothing' : ''}. The server's log names file and block. Prove the newest backup now, and move to other hardware before anything else.`,
  };
}

export const checksumFailures: PostgresCheck = {
  about: {
    id: 'checksum-failures',
    title: 'Checksum failures',
    group: 'storage',
    unit: 'count',
    warn: null,
    critical: 1,
    source: 'own: any',
    question: 'Did a page come back from the disk other than it was written?',
    meaning: 'Data on the disk is damaged. Queries that touch it fail, and backups of it fail or carry the damage on.',
    causes: ['A disk, controller or memory module is failing', 'A file system or virtual disk lost writes', 'Something other than Postgres wrote to its files'],
    needs: 'any role; a cluster with data checksums',
  },
  scope: 'cluster',
  notOnStandby: null,
  eyes: [],
  statement: () => `SELECT datid, coalesce(datname, '(shared objects)') AS datname, checksum_failures, checksum_last_failure::text AS last_failure, current_setting('data_checksums') AS data_checksums,
       EXISTS (SELECT 1 FROM pg_extension WHERE extname = 'amcheck') AS amcheck
FROM pg_stat_database
ORDER BY checksum_failures DESC NULLS LAST`,
  judge(rows, look) {
    const first = rows[0];
    if (first === undefined) return unknown('pg_stat_database showed nothing');
    if (text(first.data_checksums) !== 'on') return skipped('Data checksums are off in this cluster: damage on the disk would not be noticed by this check. pg_checksums --enable switches them on while the server is stopped');
    const value = rows.reduce((sum, row) => sum + amount(row.checksum_failures), 0);
    const status = against(value, look);
    return {
      status,
      value,
      summary: value === 0 ? '0 checksum failures' : `${many(value, 'checksum failure')}, the last in ${text(first.datname)} at ${text(first.last_failure)}`,
      ...(status === 'ok' ? { meaning: 'Every page that was read is as it was written. Pages that nobody read are not known; a backup reads them all.' } : {}),
      evidence: evidence(rows, { database: (row) => text(row.datname), failures: (row) => amount(row.checksum_failures), last: (row) => text(row.last_failure) || null }),
      fix: status === 'ok' ? null : fixFor(first, look),
    };
  },
};

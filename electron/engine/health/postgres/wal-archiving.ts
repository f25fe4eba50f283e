import type { Look, PostgresCheck, Row } from '../check.ts';
import { count, duration, many } from '../figures.ts';
import { against, amount, blind, evidence, numberOf, skipped, text, unknown, yes } from '../findings.ts';

/** Whether both settings were seen: archive_library came with 15. */
const isShown = (row: Row, look: Pick<Look, 'server'>): boolean => typeof row.archive_command === 'string' && (look.server.major < 15 || typeof row.archive_library === 'string');

export const walArchiving: PostgresCheck = {
  about: {
    id: 'wal-archiving',
    title: 'WAL archiving',
    group: 'backups',
    unit: 'count',
    warn: 10,
    critical: 100,
    source: 'own: 10 / 100 files waiting; failing now or paused is critical',
    question: 'Is the write-ahead log archived, and how much of it is waiting?',
    meaning: 'What is not archived cannot be restored to a point in time, and stays in pg_wal until it is, which fills the disk.',
    causes: ['archive_command fails: its destination is full, gone, or not allowed', 'The archive is slower than the server writes'],
    needs: 'member of pg_monitor (any role sees whether archiving fails, not how much waits)',
  },
  scope: 'cluster',
  notOnStandby: null,
  eyes: [],
  // Through pg_settings, which leaves out what a role may not see instead of failing.
  statement: ({ sees }) => `SELECT current_setting('archive_mode') AS archive_mode,
       (SELECT setting FROM pg_settings WHERE name = 'archive_command') AS archive_command,
       (SELECT setting FROM pg_settings WHERE name = 'archive_library') AS archive_library,
       archived_count, failed_count, last_archived_wal, last_failed_wal,
       extract(epoch FROM clock_timestamp() - last_archived_time)::float8 AS archived_ago,
       extract(epoch FROM clock_timestamp() - last_failed_time)::float8 AS failed_ago,
       last_failed_time > coalesce(last_archived_time, '-infinity') AS failing,
       ${sees('archive-status') ? "(SELECT count(*) FROM pg_ls_archive_statusdir() WHERE name LIKE '%.ready')" : 'NULL::bigint'} AS waiting
FROM pg_stat_archiver`,
  judge(rows, look) {
    const row = rows[0];
    if (row === undefined) return unknown('pg_stat_archiver showed nothing');
    const mode = text(row.archive_mode);
    if (mode === 'off') return skipped('archive_mode is off: no WAL is archived, so there is no restoring to a point in time');
    if (look.server.standby && mode !== 'always') return skipped('The primary archives, not this standby (archive_mode is on, not always)');
    const failing = yes(row.failing);
    const waiting = numberOf(row.waiting);
    const shown = evidence(rows, {
      archived: () => amount(row.archived_count),
      'last archived': () => (text(row.last_archived_wal) === '' ? 'never' : `${text(row.last_archived_wal)}, ${duration(amount(row.archived_ago))} ago`),
      failed: () => amount(row.failed_count),
      'last failed': () => (text(row.last_failed_wal) === '' ? 'never' : `${text(row.last_failed_wal)}, ${duration(amount(row.failed_ago))} ago`),
      waiting: () => waiting,
    });
    // Postgres counts no failure then, and only its log says that it waits: the documented way to pause archiving.
    const paused = text(row.archive_command) === '' && text(row.archive_library) === '';
    if (paused && isShown(row, look)) {
      return {
        status: 'critical',
        value: waiting,
        summary: `${waiting === null ? '' : `${count(waiting)} waiting: `}archive_mode is ${mode}, and neither archive_command nor archive_library says where to`,
        meaning: 'Archiving is paused: no WAL reaches the archive. A restore to a point in time ends where it was paused, and pg_wal grows until the disk is full.',
        causes: ['Archiving was paused for some work, and not resumed', 'It was switched on and never set up'],
        evidence: shown,
        fix: { where: 'setting', do: '# In postgresql.conf: give archive_command its command back, the one that puts %p into the archive under the name %f; then SELECT pg_reload_conf();', undo: '# Empty it again, then SELECT pg_reload_conf();', note: 'Takes effect at once, and what waits is archived then. A value that ALTER SYSTEM has set comes before the file: ALTER SYSTEM RESET archive_command takes it away.' },
      };
    }
    if (failing) {
      return {
        status: 'critical',
        value: waiting,
        summary: `${waiting === null ? '' : `${count(waiting)} waiting: `}archiving ${text(row.last_failed_wal)} failed ${duration(amount(row.failed_ago))} ago, and nothing was archived since`,
        meaning: 'Since then no WAL has reached the archive. A restore to a point in time ends there, and pg_wal grows until the disk is full.',
        evidence: shown,
        fix: { where: 'sql', do: "SHOW archive_command;\n-- run it by hand as the server's account; its own words are in the server's log\nSELECT last_failed_wal, last_failed_time FROM pg_stat_archiver;", undo: null, harmless: true, note: 'Reads only: the cause has to be put right where the archive is. The server tries again by itself.' },
      };
    }
    if (waiting === null) return { ...blind(['archive-status'], look), evidence: shown };
    if (paused) return { ...blind(['settings'], look), evidence: shown };
    const status = against(waiting, look);
    return {
      status,
      value: waiting,
      summary: `${many(waiting, 'WAL file')} waiting to be archived${text(row.last_archived_wal) === '' ? '; none was archived yet' : `; the last was archived ${duration(amount(row.archived_ago))} ago`}`,
      ...(status === 'ok' ? { meaning: 'WAL reaches the archive.' } : {}),
      evidence: shown,
    };
  },
};

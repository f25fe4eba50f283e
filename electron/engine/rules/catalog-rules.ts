/** Columns, views and functions of Postgres that are not called so, are gone, or say something else. */
import { define, ofStatements } from './define.ts';
import type { Hit } from './types.ts';

const statViews = /\bpg_stat(?:io)?_(?:user|all|sys)_(?:tables|indexes)\b/;
const renamed: Readonly<Record<string, string>> = { tablename: 'relname', indexname: 'indexrelname' };
const times: Readonly<Record<string, string>> = { mean_time: 'mean_exec_time', total_time: 'total_exec_time', min_time: 'min_exec_time', max_time: 'max_exec_time', stddev_time: 'stddev_exec_time' };
/** Functions that went, with what came instead. */
const gone: readonly { name: string; instead: string; from: number }[] = [
  { name: 'pg_start_backup', instead: 'pg_backup_start', from: 15 },
  { name: 'pg_stop_backup', instead: 'pg_backup_stop', from: 15 },
  { name: 'pg_xlog_replay_resume', instead: 'pg_wal_replay_resume', from: 10 },
  { name: 'pg_xlog_replay_pause', instead: 'pg_wal_replay_pause', from: 10 },
  { name: 'pg_switch_xlog', instead: 'pg_switch_wal', from: 10 },
  { name: 'pg_current_xlog_location', instead: 'pg_current_wal_lsn', from: 10 },
  { name: 'pg_last_xlog_receive_location', instead: 'pg_last_wal_receive_lsn', from: 10 },
  { name: 'pg_last_xlog_replay_location', instead: 'pg_last_wal_replay_lsn', from: 10 },
  { name: 'pg_xlogfile_name', instead: 'pg_walfile_name', from: 10 },
];

export const catalogRules = [
  ofStatements({
    id: 'catalog-columns', title: 'Columns of statistics that are called otherwise', class: 'wrong', pattern: /\b(tablename|indexname)\b/,
    explanation: 'pg_stat_user_tables, pg_stat_user_indexes and their like have relname and indexrelname. tablename and indexname are of pg_tables and pg_indexes.',
    when: ({ plain }) => statViews.test(plain) && !/\bpg_(?:tables|indexes)\b/.test(plain),
    message: ([name]) => `There is no column "${name}" in the statistics: it is called ${renamed[name]}.`, fix: 'Write relname for the table, indexrelname for the index.', edit: ([name]) => ({ title: `Write ${renamed[name]}`, text: renamed[name] ?? name }),
  }),
  ofStatements({
    id: 'statements-columns', title: 'Columns of pg_stat_statements that went', class: 'wrong', versions: 'PostgreSQL 13 and later', majors: { from: 13 }, pattern: /\b((?:mean|total|min|max|stddev)_time)\b/,
    explanation: 'Since its version 1.8 planning and execution are measured apart: mean_exec_time, total_exec_time. pg_extension.extversion says which one a database has.',
    when: ({ plain }) => plain.includes('pg_stat_statements'),
    message: ([name]) => `"${name}" is gone since PostgreSQL 13: it is ${times[name]}.`, fix: 'Write mean_exec_time and total_exec_time.', edit: ([name]) => ({ title: `Write ${times[name]}`, text: times[name] ?? name }),
  }),
  ofStatements({
    id: 'gone-functions', title: 'Functions that went', class: 'wrong', versions: 'PostgreSQL 10 and later, some 15 and later', pattern: new RegExp(`\\b(${gone.map(({ name }) => name).join('|')})\\s*\\(`),
    explanation: 'Functions about the write-ahead log were renamed in PostgreSQL 10, those of base backups in 15.',
    when: ({ plain }, { major }) => gone.some(({ name, from }) => plain.includes(name) && (major === null || major >= from)),
    message: (found) => `${found[1]} was renamed: it is ${gone.find(({ name }) => name === found[1])?.instead}.`, fix: 'Write the name of now.', edit: (found) => ({ title: `Write ${gone.find(({ name }) => name === found[1])?.instead}`, text: gone.find(({ name }) => name === found[1])?.instead ?? '' }),
  }),
  ofStatements({
    id: 'stats-are-not-usage', title: 'pg_stats is not about the use of indexes', class: 'wrong', pattern: /\bfrom\s+(pg_stats)\b/,
    explanation: 'pg_stats describes the values of columns. correlation goes from -1 to 1, and n_distinct is -1 for a unique column, so that limits on them take the wrong columns.',
    when: ({ plain }) => /\bn_distinct\b/.test(plain) || /\bcorrelation\b/.test(plain),
    message: 'These are statistics of columns: they do not say which index is used or missing.', fix: 'Use of indexes is in pg_stat_user_indexes; candidates are tables with a high seq_tup_read and few idx_scan, looked at by EXPLAIN.',
  }),
  ofStatements({
    id: 'unused-by-scan', title: 'Indexes taken for unused', class: 'wrong', pattern: /\b(idx_scan\s*=\s*0)\b/, not: /\bindisunique\b|\bindisprimary\b/,
    explanation: 'idx_scan = 0 also holds for primary keys and unique constraints, and says no more than "since the statistics were reset, on this node".',
    when: ({ plain }) => /\bpg_stat_(?:user|all)_indexes\b/.test(plain),
    message: 'Primary keys and unique constraints are among these, and other nodes are not asked.', fix: 'Leave out indisunique and indexes of constraints, show stats_reset, and ask the replicas.',
  }),
  ofStatements({
    id: 'name-by-concat', title: 'A name put together without quotes', class: 'quoting', pattern: /\b(schemaname\s*\|\|\s*' '\s*\|\|\s*(?:tablename|relname|indexname|indexrelname))\b/,
    explanation: 'A schema or a table with a capital letter or a blank has to be in quotes: without, the statement fails for it ("invalid name syntax").',
    message: 'A name with a capital letter or a blank breaks this.', fix: "Write format('%I.%I', schemaname, tablename)::regclass, or go by pg_class.oid.",
  }),
  ofStatements({
    id: 'dead-rows-absolute', title: 'Dead rows by a fixed number', class: 'wrong', pattern: /\b(n_dead_tup\s*>\s*\d+)\b/,
    explanation: 'A thousand dead rows are much for a small table and nothing for a large one. Autovacuum goes by a threshold and a share of the table.',
    message: 'A fixed number of dead rows says nothing about a table of unknown size.', fix: 'Compare with autovacuum_vacuum_threshold + autovacuum_vacuum_scale_factor * reltuples.',
    when: ({ plain }) => !/\b(?:scale_factor|reltuples|n_live_tup)\b/.test(plain),
  }),
  ofStatements({
    id: 'activity-counts-all', title: 'Processes of Postgres counted as connections', class: 'wrong', pattern: /\b(count\s*\(\s*\*\s*\)\s+from\s+pg_stat_activity)\b/,
    explanation: 'pg_stat_activity also has the background processes of the server: six rows may be one connection.',
    when: ({ plain }) => !/\bwhere\b|\bfilter\b|\bgroup\s+by\b/.test(plain),
    message: 'Background processes of the server are counted too.', fix: "Write WHERE backend_type = 'client backend', and compare with max_connections - superuser_reserved_connections.",
  }),
  define({
    id: 'statements-need-extension', title: 'pg_stat_statements may not be there', class: 'wrong', languages: ['sql', 'sh', 'yaml'], kinds: ['block'],
    explanation: 'It has to be in shared_preload_libraries (which needs a restart) and created in the database. Elsewhere the statement fails.',
    look: ({ statements, text }) => (/pg_extension|shared_preload_libraries|CREATE EXTENSION/i.test(text) ? [] : statements.flatMap(({ plain, from }): Hit[] => {
      const found = /\bfrom\s+(pg_stat_statements)\b/.exec(plain);
      return found === null ? [] : [{ from: from + found.index + found[0].length - 'pg_stat_statements'.length, to: from + found.index + found[0].length, message: 'Where the extension is not installed, this fails.', fix: "Look first: SELECT 1 FROM pg_extension WHERE extname = 'pg_stat_statements'." }];
    })),
  }),
  ofStatements({
    id: 'hit-ratio-is-no-bloat', title: 'A hit ratio says nothing about bloat', class: 'wrong', pattern: /\bfrom\s+(pg_statio_(?:user|all)_indexes)\b/,
    explanation: 'How often an index was found in the cache depends on what was asked. How much of it is empty is measured by pgstattuple.',
    when: ({ plain }) => plain.includes('idx_blks_hit') && plain.includes('idx_blks_read'), kinds: ['block'],
    message: 'This is how often the cache helped; it does not tell which index needs to be rebuilt.', fix: 'Measure by pgstatindex, then REINDEX INDEX CONCURRENTLY, then drop what is left over (_ccnew).',
  }),
];

/** Statements that lock, remove or end more than was meant. */
import { define, ofStatements } from './define.ts';
import type { Hit } from './types.ts';

const later = 'autocommit and alone: no other statement in the same command';

export const upkeepRules = [
  ofStatements({
    id: 'index-locks', title: 'Building an index blocks writing', class: 'wrong', pattern: /^(create\s+(?:unique\s+)?index)\b(?!\s+concurrently)/, not: /\bcreate\s+temp/,
    explanation: 'CREATE INDEX lets nobody write to the table until it is done. CONCURRENTLY does, has to stand alone, and may leave an invalid index behind.',
    message: 'Nobody can write to the table until the index is built.', fix: `Write CREATE INDEX CONCURRENTLY (${later}), and look at indisvalid afterwards.`, edit: ([found]) => ({ title: 'Write CONCURRENTLY', text: `${found.toUpperCase()} CONCURRENTLY` }),
  }),
  define({
    id: 'index-invalid', title: 'An index that may be invalid', class: 'wrong', languages: ['sql', 'sh'], kinds: ['block'],
    explanation: 'Where CREATE INDEX CONCURRENTLY fails, an invalid index stays: it is written to and never read.',
    look: ({ statements, text }) => (/indisvalid/i.test(text) ? [] : statements.flatMap(({ plain, from }): Hit[] => {
      const found = /^create\s+(?:unique\s+)?index\s+concurrently\b/.exec(plain);
      return found === null ? [] : [{ from, to: from + found[0].length, message: 'Nothing looks whether the index became valid.', fix: 'Look at pg_index.indisvalid afterwards; DROP INDEX CONCURRENTLY what is not, and build it again.' }];
    })),
  }),
  ofStatements({
    id: 'reindex-database', title: 'REINDEX of a whole database', class: 'wrong', pattern: /^(reindex\s+(?:\([^)]*\)\s*)?(?:database|system|schema))\b(?!\s+concurrently)/,
    explanation: 'It takes locks that stop reading and writing, goes for the connected database alone, and cannot stand in a transaction.',
    message: 'Each table is locked while its indexes are rebuilt.', fix: 'Rebuild only what was measured as bloated: REINDEX INDEX CONCURRENTLY, or reindexdb --concurrently, with a lock_timeout.',
  }),
  ofStatements({
    id: 'delete-by-age', title: 'Everything older than … in one statement', class: 'wrong', pattern: /^(delete\s+from\s+[\w."]+)\s+where\b/, not: /\blimit\b|\bctid\b|\breturning\b|\busing\b/,
    explanation: 'One large DELETE holds its locks and its snapshot until it is done, fills the WAL, and leaves dead rows; what it took is in no archive.',
    when: ({ plain }) => /<=?\s*\(?\s*(?:now\s*\(\s*\)|current_(?:date|timestamp))\s*-\s*interval\b/.test(plain),
    message: 'All rows of that age go in one statement, without a copy of them.', fix: 'Agree how long they are kept, copy them first, and delete in batches or drop partitions.',
  }),
  define({
    id: 'move-untied', title: 'Copied and deleted in two statements', class: 'wrong', languages: ['sql', 'sh', 'yaml'],
    explanation: 'Where the copy fails, the deletion still runs; rows that come between the two are deleted without having been copied.',
    look: ({ statements, text }) => statements.flatMap((statement, at): Hit[] => {
      const moved = /^insert\s+into\b.*\bfrom\s+([\w."]+)/s.exec(statement.plain)?.[1];
      const next = statements[at + 1];
      if (moved === undefined || next === undefined || !new RegExp(`^delete\\s+from\\s+${moved.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`)}\\b`).test(next.plain)) return [];
      const before = text.slice(Math.max(0, statement.from - 40), statement.from);
      return /\bbegin\b/i.test(before) ? [] : [{ from: next.from, to: next.to, message: `Rows of ${moved} are deleted whether they were copied or not.`, fix: 'Write one statement with one fixed date: WITH moved AS (DELETE FROM … WHERE … RETURNING *) INSERT INTO … SELECT * FROM moved.' }];
    }),
  }),
  ofStatements({
    id: 'terminate-everyone', title: 'Sessions of everybody are ended', class: 'wrong', pattern: /\b(pg_terminate_backend)\s*\(/,
    explanation: 'Without a database, a role and a kind of process it ends healthy sessions of a pool, of other databases and of other people. state = idle is a session that waits for its next request; what blocks is "idle in transaction".',
    when: ({ plain }) => /\bpg_stat_activity\b/.test(plain) && !(/\bdatname\b/.test(plain) && /\b(?:usename|application_name|backend_type)\b/.test(plain)),
    message: 'This ends sessions of other databases and other people too.', fix: "Name datname, usename and backend_type = 'client backend', look first whom it takes, and try pg_cancel_backend before. Better: idle_in_transaction_session_timeout.",
  }),
  ofStatements({
    id: 'password-by-hand', title: 'A password written into a table', class: 'wrong', pattern: /^update\s+[\w."]+\s+set\b.*\b(password(?:_hash)?\s*=\s*')/s,
    explanation: 'A hash that is typed goes past the rules of the application, stays in the history of the shell and in the log, and "$2b$10$" in double quotes is changed by the shell.',
    message: 'A password hash is set by hand.', fix: 'Use the reset of the application.',
  }),
  ofStatements({
    id: 'vacuum-full', title: 'VACUUM FULL', class: 'wrong', pattern: /^(vacuum\s*(?:\([^)]*\bfull\b[^)]*\)|full\b))/,
    explanation: 'It writes the table anew while nobody can read it, and needs room for a second one. On a damaged table it fails, or destroys what could tell what happened.',
    message: 'Nobody can read the table meanwhile, and a damaged one may be lost by it.', fix: 'For space: pg_repack or REINDEX CONCURRENTLY. For damage: stop writing, copy the files, then pg_amcheck and a restore elsewhere.',
  }),
  ofStatements({
    id: 'extension-one-database', title: 'An extension is updated in one database', class: 'wrong', pattern: /^(alter\s+extension\s+[\w"]+\s+update)\b/, kinds: ['block'],
    explanation: 'Extensions are of a database: in all others the old version stays.', message: 'Only the connected database is updated.', fix: 'Go over all databases that have it.',
  }),
  define({
    id: 'vacuum-full-corruption', title: 'VACUUM FULL against damage', class: 'wrong', languages: ['text', 'markdown', 'yaml'], kinds: ['block', 'document', 'step'],
    explanation: 'It reads the damaged table in order to write it anew: it fails, or removes what was still readable.',
    look: ({ lines }) => lines.flatMap(({ text, from }, at): Hit[] => {
      const found = /VACUUM\s+\(?FULL\b/i.exec(text);
      // Whoever says that it is no cure is right, and so is whoever lists what nobody should do.
      if (!/\b(?:run|execute|perform|use|try|issue|apply|do|f(?:ü|ue)hr\w*|ausf(?:ü|ue)hren)\b/i.test(text) || /\b(?:no|not|never|instead|kein\w*|nicht|nie)\b/i.test(text)) return [];
      const around = lines.slice(Math.max(0, at - 8), at + 4).map((line) => line.text).join('\n');
      return found === null || !/corrupt|besch(?:ä|ae)dig|damage/i.test(around) ? [] : [{ from: from + found.index, to: from + found.index + found[0].length, message: 'VACUUM FULL rewrites a damaged table from what is damaged.', fix: 'Stop writing, copy the data folder, look with pg_amcheck and at data_checksums, dump what can be read, and restore elsewhere.' }];
    }),
  }),
];

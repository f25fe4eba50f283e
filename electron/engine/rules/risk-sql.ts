/** What a statement does to a database. Strings, quoted names and comments are not looked into, but for the body of DO, which runs. */
import { splitStatements, sqlTokens } from '#shared/domain/runbook/sql-text.ts';
import type { Found } from './risk.ts';

const destructiveFunctions = ['pg_terminate_backend', 'pg_drop_replication_slot', 'pg_promote', 'lo_unlink', 'pg_file_unlink', 'pg_stat_reset', 'pg_stat_reset_shared', 'pg_stat_statements_reset'];
const changingFunctions = [
  'pg_cancel_backend', 'pg_reload_conf', 'pg_rotate_logfile', 'pg_switch_wal', 'pg_create_restore_point', 'pg_backup_start', 'pg_backup_stop', 'pg_start_backup', 'pg_stop_backup', 'pg_wal_replay_pause', 'pg_wal_replay_resume',
  'pg_create_physical_replication_slot', 'pg_create_logical_replication_slot', 'pg_replication_slot_advance', 'pg_logical_slot_get_changes', 'pg_logical_emit_message', 'nextval', 'setval', 'lo_import', 'lo_create', 'lo_put', 'lo_from_bytea', 'dblink_exec', 'pg_import_system_collations', 'pg_notify', 'pg_log_backend_memory_contexts',
];
const functions = new RegExp(`\\b(?:(${destructiveFunctions.join('|')})|(${changingFunctions.join('|')}))\\s*\\(`, 'gi');

/** Statements by how they begin. */
const beginnings: readonly { risk: Found['risk']; pattern: RegExp }[] = [
  { risk: 'destructive', pattern: /^(?:DROP(?: [A-Z]+)?|TRUNCATE)\b/ },
  { risk: 'destructive', pattern: /^VACUUM (?:\( ?(?:[A-Z_]+(?: [A-Z0-9]+)? ?, ?)*)?FULL\b/ },
  { risk: 'destructive', pattern: /^CLUSTER\b/ },
  { risk: 'change', pattern: /^(?:ALTER(?: [A-Z]+)?|CREATE(?: OR REPLACE)?(?: UNIQUE)?(?: [A-Z]+)?|REINDEX|VACUUM|ANALYZE|ANALYSE|GRANT|REVOKE|COMMENT|SECURITY LABEL|REFRESH MATERIALIZED VIEW|REASSIGN OWNED|IMPORT FOREIGN SCHEMA|LOCK|NOTIFY|CHECKPOINT|CALL|DO|LOAD|PREPARE TRANSACTION|COMMIT PREPARED|ROLLBACK PREPARED)\b/ },
];

/** What may stand in a WITH, or behind EXPLAIN ANALYZE. */
const anywhere: readonly { risk: Found['risk']; pattern: RegExp; what: string }[] = [
  { risk: 'destructive', pattern: /\bDELETE FROM\b/, what: 'DELETE FROM' },
  { risk: 'change', pattern: /\bINSERT INTO\b/, what: 'INSERT INTO' },
  { risk: 'destructive', pattern: /\bMERGE INTO\b.*\bTHEN DELETE\b/, what: 'MERGE … DELETE' },
  { risk: 'change', pattern: /\bMERGE INTO\b/, what: 'MERGE INTO' },
  { risk: 'change', pattern: /(?<!FOR |KEY |ON |DO |BEFORE |AFTER |OR )\bUPDATE\b.* SET\b/, what: 'UPDATE … SET' },
  { risk: 'change', pattern: /\bFOR (?:NO KEY )?UPDATE\b/, what: 'FOR UPDATE' },
  { risk: 'change', pattern: /\bFOR (?:KEY )?SHARE\b/, what: 'FOR SHARE' },
  { risk: 'change', pattern: /^(?:WITH|SELECT)\b(?:(?! FROM ).)* INTO\b/, what: 'SELECT INTO' },
  { risk: 'destructive', pattern: /^ALTER TABLE\b.* DROP (?!CONSTRAINT\b|NOT NULL\b|DEFAULT\b|IDENTITY\b|EXPRESSION\b)/, what: 'ALTER TABLE … DROP' },
  { risk: 'change', pattern: /^COPY\b.* FROM\b/, what: 'COPY … FROM' },
  { risk: 'change', pattern: /^COPY\b.* TO (?:PROGRAM\b|')/, what: 'COPY … TO' },
  { risk: 'change', pattern: /^\\ ?COPY\b.* FROM\b/, what: '\\copy … from' },
];

/** In large letters, with one space between, and without what is in quotes or brackets of a comment. */
function plain(statement: string): { text: string; bodies: string[] } {
  const pieces: string[] = [];
  const bodies: string[] = [];
  for (const { kind, from, to } of sqlTokens(statement)) {
    if (kind === 'space' || kind === 'comment') continue;
    const text = statement.slice(from, to);
    if (kind === 'string') {
      pieces.push("''");
      if (text.startsWith('$')) bodies.push(text.replace(/^\$[^$]*\$/, '').replace(/\$[^$]*\$$/, ''));
    } else pieces.push(kind === 'name' || kind === 'template' ? '""' : text.toUpperCase());
  }
  return { text: pieces.join(' '), bodies };
}

function statementRisk(statement: string, depth: number): Found[] {
  const { text, bodies } = plain(statement);
  const explained = /^EXPLAIN\b/.test(text);
  if (explained && !/^EXPLAIN (?:\( ?(?:[A-Z_]+(?: [A-Z0-9]+)? ?, ?)*)?ANALY[ZS]E\b(?! (?:FALSE|OFF|0)\b)/.test(text)) return [];
  const found: Found[] = [];
  const main = explained ? text.replace(/^EXPLAIN (?:\([^)]*\)|(?:ANALY[ZS]E|VERBOSE| )+)? ?/, '') : text;
  const begins = beginnings.map(({ risk, pattern }) => ({ risk, what: pattern.exec(main)?.[0].replace(/ ?\( ?.*FULL$/, ' FULL') })).find(({ what }) => what !== undefined);
  if (begins?.what !== undefined) found.push({ risk: begins.risk, what: begins.what });
  // What a function or a rule would do is not done by making it.
  const isMaking = /^CREATE(?: OR REPLACE)? (?:FUNCTION|PROCEDURE|RULE|TRIGGER|POLICY|EVENT)\b/.test(main);
  if (!isMaking) {
    for (const { risk, pattern, what } of anywhere) if (pattern.test(main)) found.push({ risk, what });
    for (const match of main.matchAll(functions)) found.push({ risk: match[1] === undefined ? 'change' : 'destructive', what: match[0].replace(/\s*\($/, '').toLowerCase() });
  }
  // What stands in loops and branches of a block begins there.
  if (/^DO\b/.test(main) && depth < 3) for (const body of bodies) for (const part of body.split(/;|\b(?:BEGIN|THEN|ELSE|LOOP|EXECUTE)\b/i)) found.push(...statementRisk(part.replace(/^\s*(?:format\s*\()?\s*'/i, ''), depth + 1));
  return found;
}

export function sqlRisk(text: string): Found[] {
  return splitStatements(text).flatMap((statement) => statementRisk(statement.text, 0));
}

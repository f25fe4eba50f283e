import type { Finding, Look, PostgresCheck, Row } from '../check.ts';
import { bytes, duration, many } from '../figures.ts';
import { against, amount, evidence, numberOf, text, totalOf, yes } from '../findings.ts';
import { comment, literal } from '../sql-text.ts';
import { worstHealth, type HealthState } from '#shared/domain/health-state.ts';

/** postgres_exporter's mixin: inactive for 30 minutes. */
const inactiveLimitSeconds = 1800;

function stateOf(row: Row, look: Look): HealthState {
  const held = against(amount(row.held), look);
  const walStatus = text(row.wal_status);
  const byStatus: HealthState = walStatus === 'lost' || walStatus === 'unreserved' ? 'critical' : walStatus === 'extended' ? 'warn' : 'ok';
  const invalid: HealthState = text(row.invalidation_reason) === '' ? 'ok' : 'critical';
  const seconds = numberOf(row.inactive_seconds);
  // Before 17 nobody records since when a slot is inactive: that it is so now is all there is to go by.
  const inactive: HealthState = !yes(row.active) && (seconds === null || seconds >= inactiveLimitSeconds) ? 'warn' : 'ok';
  return worstHealth([held, byStatus, invalid, inactive]);
}

function fixFor(row: Row): Finding['fix'] {
  const name = literal(text(row.slot_name));
  const logical = text(row.slot_type) === 'logical';
  // A logical slot is made and dropped in its own database only.
  const where = logical ? `${comment(`in database ${text(row.database)}`)}\n` : '';
  return {
    where: 'sql',
    ...(logical ? { database: text(row.database) } : {}),
    do: `${where}SELECT pg_drop_replication_slot(${name});`,
    undo: logical ? `${where}SELECT pg_create_logical_replication_slot(${name}, ${literal(text(row.plugin))});` : `SELECT pg_create_physical_replication_slot(${name}, true);`,
    note: `Destructive for whoever reads from it: the slot comes back, its position does not, and its ${logical ? 'subscriber has to be copied anew' : 'standby has to be built anew unless the archive still has the WAL'}. Where the reader is still wanted, start it instead: WAL is released as it catches up.`,
  };
}

export const replicationSlots: PostgresCheck = {
  about: {
    id: 'replication-slots',
    title: 'Replication slots',
    group: 'replication',
    unit: 'bytes',
    warn: 1024 ** 3,
    critical: 5 * 1024 ** 3,
    source: 'pgdoctor: 1 / 5 GB; postgres_exporter: inactive 30 min',
    question: 'How much WAL does a replication slot keep for a reader that has not read it?',
    meaning: 'The server keeps every WAL file since the slot\'s position. When the disk is full, Postgres stops.',
    causes: ['The standby or subscriber was switched off and its slot stayed', 'Its network path or password changed', 'It reads more slowly than the server writes'],
    needs: 'any role',
  },
  scope: 'cluster',
  notOnStandby: null,
  eyes: [],
  statement: ({ server }) => `SELECT slot_name, slot_type, plugin, database, active, wal_status,
       pg_wal_lsn_diff(CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_lsn() END, restart_lsn) AS held,
       ${server.versionNum >= 170000 ? 'extract(epoch FROM clock_timestamp() - inactive_since)::float8 AS inactive_seconds, invalidation_reason' : 'NULL::float8 AS inactive_seconds, NULL::text AS invalidation_reason'},
       count(*) OVER () AS total
FROM pg_replication_slots
WHERE NOT temporary
ORDER BY held DESC NULLS LAST
LIMIT 200`,
  judge(rows, look) {
    if (rows.length === 0) return { status: 'ok', value: 0, summary: '0 B held back: there are no replication slots', meaning: 'No WAL is kept for anybody.' };
    const states = rows.map((row) => stateOf(row, look));
    const status = worstHealth(states);
    const worst = rows[states.indexOf(status)];
    const value = Math.max(...rows.map((row) => amount(row.held)));
    const inactiveFor = numberOf(worst?.inactive_seconds);
    const idle = worst !== undefined && !yes(worst.active) ? `, inactive${inactiveFor === null ? ' now' : ` for ${duration(inactiveFor)}`}` : '';
    const lost = text(worst?.wal_status) === 'lost' || text(worst?.invalidation_reason) !== '';
    return {
      status,
      value,
      summary: `${bytes(amount(worst?.held))} held back by slot ${text(worst?.slot_name)}${idle}${lost ? ', and the WAL it needs is gone' : ''}; ${many(totalOf(rows), 'slot')}`,
      ...(status === 'ok' ? { meaning: 'Every slot is read.' } : lost ? { meaning: 'Its reader can never catch up from here: it has to be built anew, and the slot is of no use any more.' } : {}),
      evidence: evidence(
        rows,
        {
          slot: (row) => text(row.slot_name),
          kind: (row) => [text(row.slot_type), text(row.plugin)].filter((part) => part !== '').join(', '),
          database: (row) => text(row.database) || null,
          active: (row) => yes(row.active),
          'WAL held back': (row) => (numberOf(row.held) === null ? 'none' : bytes(amount(row.held))),
          'WAL status': (row) => text(row.wal_status) || null,
          'inactive for': (row) => (numberOf(row.inactive_seconds) === null ? null : duration(amount(row.inactive_seconds))),
          'invalid because': (row) => text(row.invalidation_reason) || null,
        },
        totalOf(rows),
      ),
      fix: status === 'ok' || worst === undefined || yes(worst.active) ? null : fixFor(worst),
    };
  },
};

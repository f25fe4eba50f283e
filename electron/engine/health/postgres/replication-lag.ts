import type { Finding, Look, PostgresCheck, Row } from '../check.ts';
import { bytes, duration, many } from '../figures.ts';
import { against, amount, evidence, numberOf, skipped, text, totalOf, unknown, yes } from '../findings.ts';
import { judge as judgeValue, worstHealth } from '#shared/domain/health-state.ts';

/** pganalyze: 100 MB / 1 GB behind. */
const bytesBehind = { warn: 100_000_000, critical: 1_000_000_000 };

const onPrimary = `SELECT application_name, client_addr::text AS client_addr, state, sync_state, extract(epoch FROM replay_lag)::float8 AS seconds,
       pg_wal_lsn_diff(CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_lsn() END, replay_lsn) AS bytes,
       count(*) OVER () AS total
FROM pg_stat_replication
WHERE state IS DISTINCT FROM 'backup'
ORDER BY bytes DESC NULLS FIRST
LIMIT 200`;

const onStandby = `SELECT r.status, r.sender_host, r.slot_name, r.pid IS NOT NULL AS receiving,
       current_setting('primary_conninfo') <> '' AS streams,
       extract(epoch FROM clock_timestamp() - pg_last_xact_replay_timestamp())::float8 AS since_replay,
       pg_last_wal_receive_lsn() = pg_last_wal_replay_lsn() AS all_replayed,
       pg_wal_lsn_diff(pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn()) AS bytes
FROM (SELECT 1) one LEFT JOIN pg_stat_wal_receiver r ON true`;

function judgePrimary(rows: readonly Row[], look: Look): Finding {
  if (rows.length === 0) return skipped('No standby is connected to this server, so nothing can lag behind it');
  const states = rows.map((row) => worstHealth([against(amount(row.seconds), look), numberOf(row.bytes) === null ? 'unknown' : judgeValue(amount(row.bytes), bytesBehind)]));
  const status = worstHealth(states);
  const worst = rows[states.indexOf(status)] ?? rows[0];
  const value = Math.round(Math.max(...rows.map((row) => amount(row.seconds))));
  return {
    status,
    value,
    summary:
      numberOf(worst?.bytes) === null
        ? `${text(worst?.application_name)} does not say how far it replayed: it is in state ${text(worst?.state)}`
        : `${duration(amount(worst?.seconds))} and ${bytes(amount(worst?.bytes))} behind: ${text(worst?.application_name)}; ${many(totalOf(rows), 'standby', 'standbys')} connected`,
    ...(status === 'ok' ? { meaning: 'The standbys follow closely.' } : {}),
    evidence: evidence(rows, {
      standby: (row) => text(row.application_name),
      client: (row) => text(row.client_addr) || 'local',
      state: (row) => text(row.state),
      'commits wait': (row) => text(row.sync_state),
      behind: (row) => duration(amount(row.seconds)),
      'WAL behind': (row) => (numberOf(row.bytes) === null ? null : bytes(amount(row.bytes))),
    }),
  };
}

function judgeStandby(rows: readonly Row[], look: Look): Finding {
  const row = rows[0];
  if (row === undefined) return unknown('The standby said nothing about its replay');
  const receiving = yes(row.receiving);
  const shown = evidence(rows, {
    receiver: () => (receiving ? text(row.status) : 'none'),
    'receives from': () => text(row.sender_host) || null,
    slot: () => text(row.slot_name) || null,
    'since the last replayed commit': () => (numberOf(row.since_replay) === null ? null : duration(amount(row.since_replay))),
    'received, not replayed': () => (numberOf(row.bytes) === null ? null : bytes(amount(row.bytes))),
  });
  const sinceReplay = numberOf(row.since_replay);
  if (!receiving && yes(row.streams)) {
    return {
      status: 'critical',
      value: sinceReplay === null ? null : Math.round(sinceReplay),
      summary: `No WAL arrives: this standby is set to stream and has no receiver${sinceReplay === null ? '' : `; its last commit is ${duration(sinceReplay)} old`}`,
      meaning: 'It falls further behind with every commit on the primary, and would lose them all if it had to take over.',
      causes: ['The primary or the network between is down', 'The password or pg_hba.conf of the replication role changed', 'The WAL it needs was removed on the primary: then it has to be built anew'],
      evidence: shown,
    };
  }
  // Received and replayed being equal says nothing where nothing is received: only a live receiver makes it 0.
  const seconds = receiving && yes(row.all_replayed) ? 0 : sinceReplay;
  if (seconds === null) return { ...unknown('This standby has not replayed a commit since it started, so its lag has no measure yet'), evidence: shown };
  const status = worstHealth([against(seconds, look), judgeValue(amount(row.bytes), bytesBehind)]);
  return {
    status,
    value: Math.round(seconds),
    summary: `${duration(seconds)} behind the primary${receiving ? '' : ', counted from the last commit replayed from the archive'}`,
    ...(status === 'ok' ? { meaning: 'This standby follows closely.' } : {}),
    evidence: shown,
  };
}

export const replicationLag: PostgresCheck = {
  about: {
    id: 'replication-lag',
    title: 'Replication lag',
    group: 'replication',
    unit: 'seconds',
    warn: 10,
    critical: 60,
    source: 'pganalyze: 10 / 60 s, 100 MB / 1 GB',
    question: 'How far is a standby behind its primary?',
    meaning: 'Reads on the standby are that old, and a failover would lose that much where commits do not wait for it.',
    causes: ['The standby is slower than the primary, or busy with reads that hold replay back', 'The network between them is slow or was cut', 'A burst of writes'],
    needs: 'member of pg_monitor',
  },
  scope: 'cluster',
  notOnStandby: null,
  eyes: ['activity', 'settings'],
  statement: ({ server }) => (server.standby ? onStandby : onPrimary),
  judge: (rows, look) => (look.server.standby ? judgeStandby(rows, look) : judgePrimary(rows, look)),
};

import type { Finding, Look, PostgresCheck, Row } from '../check.ts';
import { bytes, duration, many } from '../figures.ts';
import { against, amount, evidence, numberOf, skipped, text, totalOf, unknown, yes } from '../findings.ts';
import { judge as judgeValue, worstHealth } from '#shared/domain/health-state.ts';

/** pganalyze: 100 MB / 1 GB behind. */
const bytesBehind = { warn: 100_000_000, critical: 1_000_000_000 };

/** Days that a standby is missed; where it was taken away on purpose, the warning ends with them. */
const missedDays = 7;
const dayMs = 86_400_000;

// What only receives (pg_receivewal, barman) never replays, by design: it is measured by what it has written. Its time
// says nothing, since it may report once per segment.
const onPrimary = `SELECT application_name, client_addr::text AS client_addr, state, sync_state, replay_lsn IS NULL AND flushed IS NOT NULL AS only_receives,
       CASE WHEN replay_lsn IS NOT NULL THEN extract(epoch FROM replay_lag)::float8 END AS seconds,
       pg_wal_lsn_diff(CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_lsn() END, coalesce(replay_lsn, flushed)) AS bytes,
       count(*) OVER () AS total
FROM (SELECT *, coalesce(flush_lsn, write_lsn) AS flushed FROM pg_stat_replication) r
WHERE state IS DISTINCT FROM 'backup'
ORDER BY bytes DESC NULLS FIRST
LIMIT 200`;

const onStandby = `SELECT r.status, r.sender_host, r.slot_name, r.pid IS NOT NULL AS receiving,
       current_setting('primary_conninfo') <> '' AS streams,
       extract(epoch FROM clock_timestamp() - pg_last_xact_replay_timestamp())::float8 AS since_replay,
       pg_last_wal_receive_lsn() = pg_last_wal_replay_lsn() AS all_replayed,
       pg_wal_lsn_diff(pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn()) AS bytes
FROM (SELECT 1) one LEFT JOIN pg_stat_wal_receiver r ON true`;

/**
 * Who streams, by name, and by number where several have the same (addresses change). Base backups and the first copy
 * of a subscription come and go.
 */
function streaming(rows: readonly Row[]): string[] {
  const names = rows.filter((row) => text(row.state) === 'streaming').map((row) => text(row.application_name));
  const lasting = names.filter((name) => !name.startsWith('pg_basebackup') && !/^pg_\d+_sync_\d+/.test(name));
  return lasting.map((name, index) => {
    const before = lasting.slice(0, index).filter((other) => other === name).length;
    return before === 0 ? name : `${name} (${before + 1})`;
  });
}

/** When each standby was last seen, in milliseconds since the epoch; those of another cluster were never here. */
function lastSeen(rows: readonly Row[], look: Look): Map<string, number> {
  const before = look.previous?.values ?? {};
  const seen = new Map<string, number>();
  if (before.cluster === look.server.systemIdentifier) {
    for (const [key, value] of Object.entries(before)) {
      const at = numberOf(value);
      if (key.startsWith('standby ') && at !== null && look.now - at < missedDays * dayMs) seen.set(key.slice('standby '.length), at);
    }
  }
  for (const name of streaming(rows)) seen.set(name, look.now);
  return seen;
}

/** Who streamed at an earlier look and is not connected now. One that only catches up is connected. */
function missing(rows: readonly Row[], look: Look): { name: string; at: number }[] {
  const connected = new Set(streaming(rows.map((row) => ({ ...row, state: 'streaming' }))));
  return [...lastSeen(rows, look)].filter(([name]) => !connected.has(name)).map(([name, at]) => ({ name, at }));
}

function judgeMissing(gone: readonly { name: string; at: number }[], look: Look): Finding {
  return {
    status: 'warn',
    value: null,
    summary: `${many(gone.length, 'standby', 'standbys')} gone: ${gone.map(({ name, at }) => `${name}, last seen ${duration((look.now - at) / 1000)} ago`).join('; ')}`,
    meaning: `It gets no WAL from here: it falls behind with every commit, and there is nothing to fail over to where it was the only one. Where it was taken away on purpose, this is forgotten ${missedDays} days after it was last seen.`,
    causes: ['The standby or the network between is down', 'It was promoted, or follows another primary now', 'The WAL it needs was removed here: then it has to be built anew'],
    evidence: evidence(gone, { standby: ({ name }) => name, 'last seen': ({ at }) => new Date(at).toISOString() }),
  };
}

function judgePrimary(rows: readonly Row[], look: Look): Finding {
  const gone = missing(rows, look);
  if (rows.length === 0) return gone.length > 0 ? judgeMissing(gone, look) : skipped('No standby is connected to this server, so nothing can lag behind it');
  const finding = judgeConnected(rows, look);
  if (gone.length === 0) return finding;
  const missed = judgeMissing(gone, look);
  return {
    ...(worstHealth([finding.status, 'warn']) === finding.status ? finding : { ...missed, value: finding.value }),
    summary: finding.status === 'ok' ? `${missed.summary}; ${finding.summary}` : `${finding.summary}; ${missed.summary}`,
    ...(finding.evidence === undefined ? {} : { evidence: finding.evidence }),
  };
}

function judgeConnected(rows: readonly Row[], look: Look): Finding {
  const states = rows.map((row) => worstHealth([against(amount(row.seconds), look), numberOf(row.bytes) === null ? 'unknown' : judgeValue(amount(row.bytes), bytesBehind)]));
  const status = worstHealth(states);
  const worst = rows[states.indexOf(status)] ?? rows[0];
  const value = Math.round(Math.max(...rows.map((row) => amount(row.seconds))));
  const receivers = rows.filter((row) => yes(row.only_receives)).length;
  const standbys = Math.max(0, totalOf(rows) - receivers);
  const connected = [...(standbys > 0 ? [many(standbys, 'standby', 'standbys')] : []), ...(receivers > 0 ? [many(receivers, 'receiver')] : [])].join(' and ');
  return {
    status,
    value,
    summary:
      numberOf(worst?.bytes) === null
        ? `${text(worst?.application_name)} does not say how far it replayed: it is in state ${text(worst?.state)}`
        : `${yes(worst?.only_receives) ? '' : `${duration(amount(worst?.seconds))} and `}${bytes(amount(worst?.bytes))} behind: ${text(worst?.application_name)}; ${connected} connected`,
    ...(status === 'ok' ? { meaning: standbys > 0 ? 'The standbys follow closely.' : 'The WAL is received closely, by what keeps it and replays none: a receiver, no standby.' } : {}),
    evidence: evidence(rows, {
      standby: (row) => `${text(row.application_name)}${yes(row.only_receives) ? ' (a receiver, no standby)' : ''}`,
      client: (row) => text(row.client_addr) || 'local',
      state: (row) => text(row.state),
      'commits wait': (row) => text(row.sync_state),
      behind: (row) => (yes(row.only_receives) ? null : duration(amount(row.seconds))),
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
  counters: {
    keepMs: 0,
    read: (rows, look) => (look.server.standby ? {} : { cluster: look.server.systemIdentifier, ...Object.fromEntries([...lastSeen(rows, look)].map(([name, at]) => [`standby ${name}`, at])) }),
  },
  judge: (rows, look) => (look.server.standby ? judgeStandby(rows, look) : judgePrimary(rows, look)),
};

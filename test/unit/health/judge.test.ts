import { describe, expect, test } from 'vitest';
import { checkNamed, judgeRows, lookOf, someBackup, testNow } from '#test/health-look.ts';

const hours = (count: number) => new Date(testNow - count * 3_600_000).toISOString();
const statusOf = (...parameters: Parameters<typeof judgeRows>) => judgeRows(...parameters).status;

describe('a value that reaches its limit has passed it', () => {
  const cases: [check: string, row: (value: number) => Record<string, unknown>, warn: number, critical: number][] = [
    ['long-transaction', (seconds) => ({ seconds }), 1800, 3600],
    ['idle-in-transaction', (seconds) => ({ seconds }), 300, 1800],
    ['blocked-sessions', (seconds) => ({ seconds, pid: 1, blocker_pid: 2, blockers: [2] }), 60, 300],
    ['prepared-transactions', (seconds) => ({ seconds, gid: 'x' }), 300, 1800],
    ['stale-statistics', (n) => ({ n_mod_since_analyze: n, relname: 't', schemaname: 's' }), 100_000, 500_000],
    ['xid-age', (share) => ({ kind: 'database', name: 'shop', xid_age: Math.ceil((share / 100) * 2 ** 31), mxid_age: 0 }), 50, 80],
    ['xid-age', (share) => ({ kind: 'database', name: 'shop', xid_age: 0, mxid_age: Math.ceil((share / 100) * 2 ** 31) }), 50, 80],
    ['connections', (used) => ({ used, max_connections: 103, reserved: 3, sessions: used }), 80, 95],
    ['wal-archiving', (waiting) => ({ archive_mode: 'on', archive_command: 'cp %p /archive/%f', failing: false, waiting }), 10, 100],
    ['replication-lag', (seconds) => ({ seconds, bytes: '0', application_name: 'replica' }), 10, 60],
    ['replication-lag', (bytes) => ({ seconds: 0, bytes, application_name: 'replica' }), 100_000_000, 1_000_000_000],
  ];
  for (const [check, row, warn, critical] of cases) {
    test(`${check}: ok below ${warn}, warn there, critical at ${critical}`, () => {
      expect([warn - 1, warn, critical - 1, critical].map((value) => statusOf(check, [row(value)]))).toEqual(['ok', 'warn', 'warn', 'critical']);
    });
  }
});

describe('the system\'s own limits come before the catalogue\'s', () => {
  test('a lower limit makes a warning of what was ok', () => {
    expect(statusOf('idle-in-transaction', [{ seconds: 20 }], { policy: { thresholds: { 'idle-in-transaction': { warn: 10, critical: 60 } } } })).toBe('warn');
  });
  test('no limit is never reached', () => {
    expect(statusOf('idle-in-transaction', [{ seconds: 1e9 }], { policy: { thresholds: { 'idle-in-transaction': { warn: null, critical: null } } } })).toBe('ok');
  });
  test('where lower is worse, the limit is a floor', () => {
    const row = { datname: 'shop', blks_hit: '960000', blks_read: '40000', shared_buffers: '32MB', statistics_hours: 1440 };
    expect(['ok', 'warn', 'critical']).toEqual([{ warn: 95, critical: 90 }, { warn: 97, critical: 90 }, { warn: 98, critical: 97 }].map((own) => statusOf('cache-hit', [row], { policy: { thresholds: { 'cache-hit': own } } })));
  });
});

describe('statistics that are too young say nothing', () => {
  const row = { datname: 'shop', blks_hit: '1', blks_read: '999999' };
  const well = { datname: 'archive', blks_hit: '999999', blks_read: '1' };
  test('a bad cache hit ratio of six days is unknown, of seven critical', () => {
    expect([167, 168].map((statistics_hours) => statusOf('cache-hit', [{ ...row, statistics_hours }]))).toEqual(['unknown', 'critical']);
  });
  test('statistics of unknown age are unknown', () => {
    expect(statusOf('cache-hit', [{ ...row, statistics_hours: null }])).toBe('unknown');
  });
  test('the worst of all databases of the server is named, managed or not', () => {
    expect(judgeRows('cache-hit', [{ ...well, statistics_hours: 200 }, { ...row, statistics_hours: 200 }])).toMatchObject({ status: 'critical', summary: '0 % of the blocks were found in the cache in shop' });
  });
  test('a copy that Pilothouse restored says nothing about the server', () => {
    expect(statusOf('cache-hit', [{ ...well, statistics_hours: 200 }, { ...row, datname: 'shop__new', statistics_hours: 200 }], { ours: new Set(['shop__new']) })).toBe('ok');
  });
  test('one that is busy and too young makes an ok of the others unknown; one that is hardly asked does not', () => {
    const beside = [{ ...row, statistics_hours: 100 }, { ...row, blks_read: '999', statistics_hours: 200 }];
    expect(beside.map((other) => statusOf('cache-hit', [{ ...well, statistics_hours: 200 }, other]))).toEqual(['unknown', 'ok']);
  });
  const unused = { oid: '17000', indexrelname: 'i', schemaname: 's', bytes: '2000000', definition: 'CREATE INDEX i ON s.t (a)' };
  const watched = (days: number, key = '17000 "s"."i"') => ({ previous: { at: 0, values: { [key]: testNow - days * 86_400_000 } } });
  test('an index that was not used in 34 days is unknown, in 35 a warning', () => {
    expect([34 * 24, 35 * 24].map((statisticsHours) => statusOf('unused-indexes', [unused], { facts: { statisticsHours }, ...watched(35) }))).toEqual(['unknown', 'warn']);
  });
  test('an index that was watched for less is unknown, however old the statistics are, and its drop is not offered', () => {
    const young = [judgeRows('unused-indexes', [unused]), judgeRows('unused-indexes', [unused], watched(34)), judgeRows('unused-indexes', [unused], watched(40, '16000 "s"."i"'))];
    expect(young.map(({ status, fix, summary }) => [status, fix ?? null, /watched only since 2026-\d\d-\d\d/.test(summary)])).toEqual(Array.from({ length: 3 }, () => ['unknown', null, true]));
  });
  test('of several the one that was watched long enough is offered', () => {
    expect(judgeRows('unused-indexes', [{ ...unused, oid: '18000', indexrelname: 'new' }, unused], watched(35))).toMatchObject({ status: 'warn', value: 1, fix: { do: 'DROP INDEX CONCURRENTLY "s"."i";' } });
  });
  test('since when an index is watched is kept, and begins with the first look', () => {
    const check = checkNamed('unused-indexes');
    expect([lookOf(check), lookOf(check, watched(3))].map((look) => check.counters?.read([unused], look))).toEqual([{ '17000 "s"."i"': testNow }, { '17000 "s"."i"': testNow - 3 * 86_400_000 }]);
  });
  test('no unused index is well however young the statistics are', () => {
    expect(statusOf('unused-indexes', [], { facts: { statisticsHours: 1 } })).toBe('ok');
  });
});

describe('counters need two looks', () => {
  const row = (deadlocks: number, at: number, reset = 'r', datname = 'shop') => ({ datid: datname === 'shop' ? '16384' : '16999', datname, deadlocks: String(deadlocks), at, reset });
  const before = (deadlocks: number, at: number) => ({ previous: { at: 0, values: checkNamed('deadlocks').counters?.read([row(deadlocks, at)], lookOf(checkNamed('deadlocks'))) ?? {} } });

  test('the first look is a baseline, never ok', () => {
    const finding = judgeRows('deadlocks', [row(0, 1000)]);
    expect([finding.status, finding.summary.startsWith('Baseline taken')]).toEqual(['unknown', true]);
  });
  test('the rate is what was gained by the server\'s clock', () => {
    expect(judgeRows('deadlocks', [row(12, 1120)], before(2, 1000)).value).toBe(5);
  });
  test('two quick looks do not make thirty a minute of one', () => {
    expect(judgeRows('deadlocks', [row(1, 1002)], before(0, 1000)).value).toBe(1);
  });
  test('a counter that fell was reset: unknown', () => {
    expect(statusOf('deadlocks', [row(0, 1100)], before(5, 1000))).toBe('unknown');
  });
  test('a reset that the counter hides is found by its time', () => {
    expect(statusOf('deadlocks', [row(9, 1100, 'another')], before(5, 1000))).toBe('unknown');
  });
  test('another cluster with the same oids is another one', () => {
    expect(statusOf('deadlocks', [row(9, 1100)], { ...before(5, 1000), server: { systemIdentifier: '7400000000000000000' } })).toBe('unknown');
  });
  test('the worst of all databases is named', () => {
    const values = { ...before(0, 1000).previous.values, '16999 value': 0, '16999 at': 1000, '16999 reset': '7300000000000000000 r' };
    expect(judgeRows('deadlocks', [row(1, 1060), row(9, 1060, 'r', 'archive')], { previous: { at: 0, values } })).toMatchObject({ status: 'warn', value: 9, summary: '9 per minute in archive: 9 deadlocks in 1 min', evidence: { rows: [['shop', 1, 1], ['archive', 9, 9]] } });
  });
  test('a database that is new leaves the others as they are; one that was reset makes an ok unknown, and a warning stays', () => {
    const news = judgeRows('deadlocks', [row(5, 1100), row(9, 1100, 'r', 'new')], before(5, 1000));
    const values = { ...before(0, 1000).previous.values, '16999 value': 0, '16999 at': 1000, '16999 reset': 'other' };
    const reset = [0, 100].map((deadlocks) => statusOf('deadlocks', [row(deadlocks, 1060), row(9, 1060, 'r', 'archive')], { previous: { at: 0, values } }));
    expect([news.status, ...reset]).toEqual(['ok', 'unknown', 'warn']);
  });
  test('a server clock that went back is unknown', () => {
    expect(statusOf('deadlocks', [row(9, 900)], before(5, 1000))).toBe('unknown');
  });
  test('temporary files are counted over at least an hour', () => {
    const gib = 1024 ** 3;
    expect(judgeRows('temp-files', [{ datid: '1', temp_bytes: String(gib), at: 1300, reset: 'r' }], { previous: { at: 0, values: { '1 value': 0, '1 at': 1000, '1 reset': '7300000000000000000 r' } } }).value).toBe(gib);
  });
});

describe('sequences', () => {
  const sequence = (changes: Record<string, unknown>) => ({ nspname: 'public', relname: 'orders_id_seq', table_schema: 'public', table_name: 'orders', column_name: 'id', column_type: 'integer', visible: true, last_value: '1', ends_at: '2147483647', used: 0, ...changes });
  test('an int4 column warns at half', () => {
    expect(statusOf('sequence-exhaustion', [sequence({ used: 50 })])).toBe('warn');
  });
  test('a bigint column does not', () => {
    expect(statusOf('sequence-exhaustion', [sequence({ used: 74, column_type: 'bigint' })])).toBe('ok');
  });
  test('the worst is named first', () => {
    expect(judgeRows('sequence-exhaustion', [sequence({ used: 10 }), sequence({ used: 80, column_name: 'number' })]).summary).toBe('80 % of orders.number (int4) is used');
  });
  test('a hidden one makes an ok unknown, with the grant', () => {
    expect(judgeRows('sequence-exhaustion', [sequence({ used: 1 }), sequence({ visible: false, used: null, last_value: null, hidden: '1' })])).toMatchObject({ status: 'unknown', opener: 'GRANT SELECT ON ALL SEQUENCES IN SCHEMA "public" TO "watcher";' });
  });
  test('a hidden one leaves a critical as it is', () => {
    expect(statusOf('sequence-exhaustion', [sequence({ used: 99 }), sequence({ visible: false, used: null })])).toBe('critical');
  });
  test('the fix says that it rewrites the table, and can be taken back', () => {
    const { fix } = judgeRows('sequence-exhaustion', [sequence({ used: 60, table_name: 'Or"ders' })]);
    expect(fix?.do).toContain('ALTER TABLE "public"."Or""ders" ALTER COLUMN "id" TYPE bigint;');
  });
});

describe('replication', () => {
  const standby = { server: { standby: true } };
  test('no standby connected is skipped, not ok', () => {
    expect(statusOf('replication-lag', [])).toBe('skipped');
  });
  test('a standby that streams and has replayed all is 0 s behind, however long ago the last commit was', () => {
    expect(judgeRows('replication-lag', [{ receiving: true, streams: true, status: 'streaming', all_replayed: true, since_replay: 99_999, bytes: '0' }], standby)).toMatchObject({ status: 'ok', value: 0 });
  });
  test('a standby whose stream is gone is critical, though it has replayed all it received', () => {
    expect(statusOf('replication-lag', [{ receiving: false, streams: true, all_replayed: true, since_replay: 1, bytes: '0' }], standby)).toBe('critical');
  });
  test('a standby of the archive goes by its last commit', () => {
    expect(judgeRows('replication-lag', [{ receiving: false, streams: false, all_replayed: null, since_replay: 30, bytes: null }], standby)).toMatchObject({ status: 'warn', value: 30 });
  });
  test('a standby that has replayed nothing yet is unknown', () => {
    expect(statusOf('replication-lag', [{ receiving: false, streams: false, since_replay: null }], standby)).toBe('unknown');
  });
  test('a connected standby that does not say how far it is, is unknown', () => {
    expect(statusOf('replication-lag', [{ application_name: 'r', state: 'startup', seconds: null, bytes: null }])).toBe('unknown');
  });

  const receiver = { application_name: 'barman', state: 'streaming', only_receives: true, seconds: null, bytes: '1000' };
  test('what only receives is measured by its bytes, and is no standby', () => {
    expect([receiver, { ...receiver, bytes: '2000000000' }].map((row) => [judgeRows('replication-lag', [row]).status, judgeRows('replication-lag', [row]).summary])).toEqual([['ok', '1,000 B behind: barman; 1 receiver connected'], ['critical', '1.9 GiB behind: barman; 1 receiver connected']]);
  });
  const replica = (application_name: string) => ({ application_name, state: 'streaming', seconds: 0, bytes: '0' });
  const after = (rows: Record<string, unknown>[], hoursAgo: number) => {
    const check = checkNamed('replication-lag');
    return { previous: { at: 0, values: check.counters?.read(rows, lookOf(check, { now: testNow - hoursAgo * 3_600_000 })) ?? {} } };
  };
  test('a standby that was there at an earlier look and is gone warns, whether others are left or not', () => {
    const was = after([replica('one'), replica('two')], 3);
    expect([[], [replica('one')]].map((rows) => judgeRows('replication-lag', rows, was)).map(({ status, summary }) => [status, summary])).toEqual([
      ['warn', '2 standbys gone: one, last seen 3 h ago; two, last seen 3 h ago'],
      ['warn', '1 standby gone: two, last seen 3 h ago; 0 s and 0 B behind: one; 1 standby connected'],
    ]);
  });
  test('of two of one name the second is missed', () => {
    expect(judgeRows('replication-lag', [replica('walreceiver')], after([replica('walreceiver'), replica('walreceiver')], 1)).summary).toContain('1 standby gone: walreceiver (2)');
  });
  test('a standby that is gone is forgotten after a week, and never missed in another cluster', () => {
    expect([judgeRows('replication-lag', [], after([replica('one')], 168)), judgeRows('replication-lag', [], { ...after([replica('one')], 1), server: { systemIdentifier: '7400000000000000000' } })].map(({ status }) => status)).toEqual(['skipped', 'skipped']);
  });
  test('a base backup that is over is not missed, and one that only catches up is not gone', () => {
    expect([judgeRows('replication-lag', [], after([replica('pg_basebackup')], 1)).status, judgeRows('replication-lag', [{ ...replica('one'), state: 'catchup' }], after([replica('one')], 1)).status]).toEqual(['skipped', 'ok']);
  });
  test('who is gone is remembered from look to look', () => {
    const check = checkNamed('replication-lag');
    const values = check.counters?.read([], lookOf(check, after([replica('one')], 2)));
    expect(values).toMatchObject({ 'standby one': testNow - 2 * 3_600_000 });
  });

  const slot = (changes: Record<string, unknown>) => ({ slot_name: 'reports', slot_type: 'logical', plugin: 'pgoutput', active: true, wal_status: 'reserved', held: '0', inactive_seconds: null, invalidation_reason: null, ...changes });
  test('a slot holding a gigabyte warns, five are critical', () => {
    expect([2 ** 30 - 1, 2 ** 30, 5 * 2 ** 30].map((held) => statusOf('replication-slots', [slot({ held: String(held) })]))).toEqual(['ok', 'warn', 'critical']);
  });
  test('a lost slot is critical', () => {
    expect(statusOf('replication-slots', [slot({ wal_status: 'lost' })])).toBe('critical');
  });
  test('an inactive slot warns at once where nobody records since when', () => {
    expect(statusOf('replication-slots', [slot({ active: false })])).toBe('warn');
  });
  test('an inactive slot warns after half an hour where that is recorded', () => {
    expect([1799, 1800].map((inactive_seconds) => statusOf('replication-slots', [slot({ active: false, inactive_seconds })]))).toEqual(['ok', 'warn']);
  });
  test('dropping a slot is said to be destructive', () => {
    expect(judgeRows('replication-slots', [slot({ active: false, slot_name: "o'dd", slot_type: 'physical' })]).fix).toMatchObject({ do: "SELECT pg_drop_replication_slot('o''dd');", undo: "SELECT pg_create_physical_replication_slot('o''dd', true);" });
  });
  test('a logical slot is dropped and made in its own database', () => {
    expect(judgeRows('replication-slots', [slot({ active: false, database: 'shop' })]).fix).toMatchObject({ do: "-- in database shop\nSELECT pg_drop_replication_slot('reports');", undo: "-- in database shop\nSELECT pg_create_logical_replication_slot('reports', 'pgoutput');" });
  });
});

describe('backups', () => {
  const withBackups = (newest: ReturnType<typeof someBackup> | null, newestProven: ReturnType<typeof someBackup> | null) => ({ backups: { newest, newestProven } });
  test('none at all is critical', () => {
    expect(statusOf('last-backup', [], withBackups(null, null))).toBe('critical');
  });
  test('one that was never restored is critical, however young', () => {
    expect(statusOf('last-backup', [], withBackups(someBackup({ proof: 'L2' }), null))).toBe('critical');
  });
  test('a proven one is judged by when its snapshot was taken', () => {
    expect([25.9, 26, 49.9, 50].map((age) => statusOf('last-backup', [], withBackups(someBackup({ takenAt: hours(age) }), someBackup({ takenAt: hours(age) }))))).toEqual(['ok', 'warn', 'warn', 'critical']);
  });
  test('a newer unproven one does not make an old proven one young', () => {
    expect(statusOf('last-backup', [], withBackups(someBackup({ id: 'b2', proof: 'L1' }), someBackup({ takenAt: hours(60) })))).toBe('critical');
  });
  test('the policy says how old is too old', () => {
    expect(statusOf('last-backup', [], { ...withBackups(someBackup({ takenAt: hours(3) }), someBackup({ takenAt: hours(3) })), policy: { backupAgeHours: { warn: 2, critical: 4 } } })).toBe('warn');
  });
  test('a damaged newest one is critical, however young the proven one is, as on every other screen', () => {
    expect(judgeRows('last-backup', [], withBackups(someBackup({ id: 'b2', damaged: 'toc.dat is missing' }), someBackup({ takenAt: hours(3) })))).toMatchObject({ status: 'critical', value: 3, summary: 'The newest backup is damaged: toc.dat is missing' });
  });
  test('one whose server has its clock a little ahead is ok', () => {
    expect(statusOf('last-backup', [], withBackups(someBackup({ takenAt: hours(-0.02) }), someBackup({ takenAt: hours(-0.02) })))).toBe('ok');
  });
  test('one from the future is unknown: the clock has jumped', () => {
    expect(statusOf('last-backup', [], withBackups(someBackup({ takenAt: hours(-5) }), someBackup({ takenAt: hours(-5) })))).toBe('unknown');
  });
});

describe('versions', () => {
  const at = (versionNum: number, day: string) => statusOf('version', [{ version_num: versionNum, version: 'x' }], { now: Date.parse(day) });
  test('behind with minor releases warns', () => {
    expect(at(170010, '2026-09-01')).toBe('warn');
  });
  test('the newest known is ok', () => {
    expect(at(170011, '2026-09-01')).toBe('ok');
  });
  test('newer than the list knows is ok', () => {
    expect(at(170013, '2026-09-01')).toBe('ok');
  });
  test('the end of life is critical from that day on', () => {
    expect([at(140024, '2026-11-11'), at(140024, '2026-11-12')]).toEqual(['warn', 'critical']);
  });
  test('a major that the list does not know is unknown', () => {
    expect(at(190000, '2026-09-01')).toBe('unknown');
  });
  test('a major older than the list is critical', () => {
    expect(at(110022, '2026-09-01')).toBe('critical');
  });
  test('a list of more than a year ago cannot say that a version is current', () => {
    expect(at(180006, '2027-09-01')).toBe('unknown');
  });
});

describe('security', () => {
  const rule = (changes: Record<string, unknown>) => ({ line_number: 3, type: 'host', database: ['all'], user_name: ['all'], address: '10.0.0.0', netmask: '255.0.0.0', auth_method: 'scram-sha-256', options: null, error: null, ...changes });
  test('trust from elsewhere is critical', () => {
    expect(statusOf('hba-rules', [rule({ auth_method: 'trust' })])).toBe('critical');
  });
  test('trust on loopback is not', () => {
    const ours = [['127.0.0.1', '255.0.0.0'], ['127.0.0.1', '255.255.255.255'], ['::1', 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff'], ['localhost', null], ['samehost', null]];
    expect(ours.map(([address, netmask]) => statusOf('hba-rules', [rule({ auth_method: 'trust', address, netmask })]))).toEqual(Array(5).fill('ok'));
  });
  test('a loopback address with a wide mask is everybody', () => {
    const wide = [['127.0.0.1', '0.0.0.0'], ['127.0.0.1', '254.0.0.0'], ['::1', '::']];
    expect(wide.map(([address, netmask]) => statusOf('hba-rules', [rule({ auth_method: 'trust', address, netmask })]))).toEqual(Array(3).fill('critical'));
  });
  test('a line of which the server says neither a method nor a mistake cannot be read', () => {
    expect(statusOf('hba-rules', [rule({ auth_method: null })])).toBe('critical');
  });
  test('what may be a secret in an option is shown nowhere', () => {
    const options = ['radiussecrets=hemlock', 'ldapbindpasswd=hem=lock', 'ldapurl=ldap://hemlock', 'clientcert=verify-full'];
    const finding = judgeRows('hba-rules', [rule({ auth_method: 'md5', options })]);
    expect(JSON.stringify(finding)).not.toContain('hemlock');
    expect(finding.fix?.do).toContain('scram-sha-256  radiussecrets=…  ldapbindpasswd=…  ldapurl=…  clientcert=verify-full');
  });
  test('trust for all addresses is critical', () => {
    expect(statusOf('hba-rules', [rule({ auth_method: 'trust', address: 'all' })])).toBe('critical');
  });
  test('a line that cannot be read is critical', () => {
    expect(statusOf('hba-rules', [rule({ error: 'invalid authentication method "scrum"', auth_method: null })])).toBe('critical');
  });
  test('md5 and password warn', () => {
    expect(['md5', 'password'].map((auth_method) => statusOf('hba-rules', [rule({ auth_method })]))).toEqual(['warn', 'warn']);
  });
  test('the fix is the same line with scram, the undo the line as it was', () => {
    expect(judgeRows('hba-rules', [rule({ auth_method: 'md5' })]).fix).toMatchObject({ do: expect.stringContaining('host  all  all  10.0.0.0  255.0.0.0  scram-sha-256'), undo: expect.stringContaining('host  all  all  10.0.0.0  255.0.0.0  md5') });
  });
  test('no line at all is critical', () => {
    expect(statusOf('hba-rules', [])).toBe('critical');
  });
  test('password_encryption md5 warns even where the hashes are hidden', () => {
    expect(['md5', 'on', 'scram-sha-256'].map((password_encryption) => statusOf('password-hash', [{ password_encryption }], { shut: ['password-hashes'] }))).toEqual(['warn', 'warn', 'unknown']);
  });
  test('a remote session without TLS warns and is named', () => {
    expect(judgeRows('tls-usage', [{ ssl: false, plain: '2', sessions: '2', usename: 'app', client_addr: '10.1.1.1' }])).toMatchObject({ status: 'warn', value: 2, summary: '2 remote sessions without TLS: app from 10.1.1.1' });
  });
});

describe('storage and vacuum', () => {
  const table = (changes: Record<string, unknown>) => ({ schemaname: 'public', relname: 'orders', n_live_tup: '80000', n_dead_tup: '20000', switched_off: false, uncounted: false, ...changes });
  test('a fifth of dead rows warns, two fifths are critical', () => {
    expect([table({ n_live_tup: '80001' }), table({}), table({ n_live_tup: '30000' })].map((row) => statusOf('dead-tuples', [row]))).toEqual(['ok', 'warn', 'critical']);
  });
  test('a table whose counts are lost makes an ok unknown', () => {
    expect(judgeRows('dead-tuples', [table({ n_live_tup: '0', n_dead_tup: '0', uncounted: true })])).toMatchObject({ status: 'unknown', opener: 'ANALYZE "public"."orders";' });
  });
  test('the fix switches autovacuum on again where it was off, and the undo off', () => {
    expect(judgeRows('dead-tuples', [table({ switched_off: true })]).fix).toMatchObject({ do: 'ALTER TABLE "public"."orders" RESET (autovacuum_enabled);\nVACUUM (VERBOSE, ANALYZE) "public"."orders";', undo: 'ALTER TABLE "public"."orders" SET (autovacuum_enabled = false);' });
  });
  test('a lower limit of the system\'s own lowers what stale-statistics asks for, a higher one does not', () => {
    const check = checkNamed('stale-statistics');
    const asked = [{ warn: 500, critical: null }, { warn: null, critical: null }, { warn: 1e6, critical: 0 }].map((own) => check.statement?.(lookOf(check, { policy: { thresholds: { 'stale-statistics': own } } })).match(/n_mod_since_analyze >= (\d+)/)?.[1]);
    expect(asked).toEqual(['500', '10000', '1']);
  });
  test('a checksum failure is critical, and checksums off are skipped', () => {
    expect([statusOf('checksum-failures', [{ data_checksums: 'on', checksum_failures: '1', datname: 'shop' }]), statusOf('checksum-failures', [{ data_checksums: 'on', checksum_failures: '0' }]), statusOf('checksum-failures', [{ data_checksums: 'off', checksum_failures: null }])]).toEqual(['critical', 'ok', 'skipped']);
  });

  const due = { nspname: 'public', relname: 'orders', n_dead_tup: '5000', dead_limit: 100, switched_off: false, vacuumed_at: null };
  const seenDue = (days: number) => ({ previous: { at: 0, values: { '"public"."orders"': testNow - days * 86_400_000 } } });
  test('a table is overdue since it was first seen so', () => {
    expect([6.9, 7, 25].map((days) => statusOf('autovacuum-lag', [due], seenDue(days)))).toEqual(['ok', 'warn', 'critical']);
  });
  test('a vacuum in between starts the time anew', () => {
    expect(judgeRows('autovacuum-lag', [{ ...due, vacuumed_at: testNow / 1000 - 60 }], seenDue(30)).value).toBe(0);
  });
  test('a table with autovacuum off that is due warns at once', () => {
    expect(statusOf('autovacuum-lag', [{ ...due, switched_off: true }])).toBe('warn');
  });
});

describe('coverage', () => {
  const database = (datname: string, changes: Record<string, unknown> = {}) => ({ datname, datallowconn: true, datistemplate: false, may_connect: true, ...changes });
  const looked = new Map([['shop', { state: 'looked' as const }]]);
  test('template0 is named and not missed', () => {
    expect(judgeRows('database-coverage', [database('shop'), database('template0', { datallowconn: false })], { covered: looked })).toMatchObject({ status: 'ok', summary: '1 database looked into; left out: template0' });
  });
  test('where the databases could not be listed, that is why they were not looked into', () => {
    const why = [null, 'the databases could not be listed: too slow'].map((notListed) => judgeRows('database-coverage', [database('shop'), database('other')], { covered: looked, notListed }).evidence?.rows[0]?.[2]);
    expect(why).toEqual(['it was made while the check ran', 'the databases could not be listed: too slow']);
  });
  test('a database that the role may not connect to is unknown, with the grant', () => {
    expect(judgeRows('database-coverage', [database('shop'), database('hidden', { may_connect: false })], { covered: looked })).toMatchObject({ status: 'unknown', opener: 'GRANT CONNECT ON DATABASE "hidden" TO "watcher";' });
  });
});

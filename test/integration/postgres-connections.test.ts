import { noLines } from '../support/no-lines.ts';
import { createServer, type Server } from 'node:net';
import { readFile, rm } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fromHere, type DatabaseConnection, type TlsMode } from '#shared/contract/systems.ts';
import { createScrubber } from '#shared/domain/scrub.ts';
import { Secret } from '#shared/domain/secret.ts';
import { silentLogger } from '#engine/ports.ts';
import { createPostgres, type Postgres } from '#engine/postgres/index.ts';
import type { PostgresSession, PostgresTarget } from '#engine/postgres/types.ts';
import { freePort } from '#test/free-port.ts';
import { testedMajors } from '#test/postgres-binaries.ts';
import { startPostgres, type PostgresServer } from '#test/postgres-server.ts';
import { makeTemporaryFolder } from '#test/temporary-folder.ts';
import { waitFor } from '#test/wait-for.ts';

let postgres: Postgres;
let root = '';
beforeAll(async () => {
  root = await makeTemporaryFolder('connections');
  postgres = createPostgres({ ports: { logger: silentLogger }, lines: noLines, home: { root, key: 'test-connections' }, scrubber: createScrubber(), typed: () => null, fromVault: () => Promise.reject(new Error('no vault here')), layerTimeoutMs: 3000 });
});
afterAll(() => rm(root, { recursive: true, force: true }));

interface Wish {
  host?: string;
  port?: number;
  user?: string;
  password?: string | null;
  database?: string;
  mode?: TlsMode;
  ca?: string;
  identity?: string;
}

function targetOf(server: Pick<PostgresServer, 'host' | 'port' | 'user' | 'password'>, wish: Wish = {}): PostgresTarget {
  const host = wish.host ?? server.host;
  const port = wish.port ?? server.port;
  const connection: DatabaseConnection = { host, port, user: wish.user ?? server.user, database: wish.database ?? 'postgres', tls: { mode: wish.mode ?? 'prefer', ca: wish.ca ?? null }, password: { source: wish.password === null ? 'none' : 'ask' }, ...fromHere };
  return { databaseId: null, label: `shop on ${host}:${port}`, connection, systemIdentifier: wish.identity ?? null, ...(wish.password === null ? {} : { password: new Secret(wish.password ?? server.password) }) };
}

const options = { applicationName: 'pilothouse connections test' };

async function withSession<T>(target: PostgresTarget, use: (session: PostgresSession) => Promise<T>, extra: Partial<Parameters<Postgres['connect']>[1]> = {}): Promise<T> {
  const session = await postgres.connect(target, { ...options, ...extra });
  try {
    return await use(session);
  } finally {
    await session.close();
  }
}

describe.each(testedMajors)('a server of Postgres %i', (major) => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await startPostgres({ major, tls: true, settings: { password_encryption: `'scram-sha-256'` }, hba: ['host all all 127.0.0.1/32 scram-sha-256'] });
    await server.query(`CREATE ROLE ann LOGIN PASSWORD 'ann-secret'`);
    await server.query('CREATE TABLE hidden (x int)');
  }, 60_000);
  afterAll(() => server.stop());

  it('is known after connecting', async () => {
    const facts = await withSession(targetOf(server), async (session) => session.server);
    expect(facts).toMatchObject({ major, database: 'postgres', user: 'postgres', superuser: true, monitor: true, createDatabase: true, standby: false, tls: true, readAllData: major >= 14, systemIdentifier: expect.stringMatching(/^\d{19}$/) });
  });

  it('can be identified by an ordinary role too', async () => {
    const identity = await postgres.identify(targetOf(server, { user: 'ann', password: 'ann-secret' }));
    const [row] = await server.query<{ id: string }>('SELECT system_identifier::text AS id FROM pg_control_system()');
    expect(identity).toEqual({ systemIdentifier: row?.id, database: 'postgres' });
  });

  it('finds our limits in place whatever the role carries', async () => {
    await server.query(`ALTER ROLE ann SET statement_timeout = '20ms'`);
    await server.query(`ALTER ROLE ann SET datestyle = 'German'`);
    const rows = await withSession(targetOf(server, { user: 'ann', password: 'ann-secret' }), (session) => session.query(`SELECT current_setting('statement_timeout') AS s, pg_sleep(0.05) IS NULL AS slept, current_setting('lock_timeout') AS l, current_setting('datestyle') AS d, current_setting('client_encoding') AS e, current_setting('application_name') AS a`), { statementTimeoutMs: 7000, lockTimeoutMs: 300 });
    await server.query('ALTER ROLE ann RESET ALL');
    expect(rows.rows[0]).toEqual({ s: '7s', slept: false, l: '300ms', d: 'ISO, YMD', e: 'UTF8', a: options.applicationName });
  });

  it('gives values without losing digits', async () => {
    const { rows } = await withSession(targetOf(server), (session) => session.query(`SELECT 9007199254740993::int8 AS big, 0.10::numeric AS exact, '2026-01-02 03:04:05.678901+00'::timestamptz AS at, ARRAY[1.10::numeric] AS list, 42 AS small, true AS yes, '\\x00ff'::bytea AS bytes`));
    expect(rows[0]).toEqual({ big: '9007199254740993', exact: '0.10', at: '2026-01-02 03:04:05.678901+00', list: ['1.10'], small: 42, yes: true, bytes: Buffer.from([0, 255]) });
  });

  it('tells of every statement that was sent', async () => {
    const told: string[] = [];
    await withSession(targetOf(server), (session) => session.query('SELECT 1 AS one'), { onStatement: (record) => told.push(`${record.text} → ${record.rows}`) });
    expect(told.at(-1)).toBe('SELECT 1 AS one → 1');
    expect(told).toHaveLength(4);
  });

  it('refuses a wrong password', async () => {
    await expect(postgres.connect(targetOf(server, { password: 'wrong-one' }), options)).rejects.toMatchObject({ code: 'postgres.authentication', message: expect.stringContaining('postgres'), hint: expect.any(String), details: { sqlState: '28P01', user: 'postgres', port: server.port } });
  });

  it('asks for a password where none is given', async () => {
    await expect(postgres.connect(targetOf(server, { password: null }), options)).rejects.toMatchObject({ code: 'postgres.password-needed' });
  });

  it('has no database of that name', async () => {
    await expect(postgres.connect(targetOf(server, { database: 'Shop' }), options)).rejects.toMatchObject({ code: 'postgres.no-such-database', message: expect.stringContaining('Shop') });
  });

  it('keeps a role out of a database it may not enter', async () => {
    await server.query('CREATE DATABASE closed');
    await server.query('REVOKE CONNECT ON DATABASE closed FROM PUBLIC');
    await expect(postgres.connect(targetOf(server, { user: 'ann', password: 'ann-secret', database: 'closed' }), options)).rejects.toMatchObject({ code: 'postgres.privilege', hint: expect.stringContaining('GRANT CONNECT') });
  });

  it('keeps a role from a table it may not read', async () => {
    await expect(withSession(targetOf(server, { user: 'ann', password: 'ann-secret' }), (session) => session.query('SELECT * FROM public.hidden'))).rejects.toMatchObject({ code: 'postgres.privilege', details: { sqlState: '42501' } });
  });

  it('has no slot left for a role at its limit', async () => {
    await server.query(`CREATE ROLE single LOGIN PASSWORD 'single-secret' CONNECTION LIMIT 1`);
    const target = targetOf(server, { user: 'single', password: 'single-secret' });
    await withSession(target, () => expect(postgres.connect(target, options)).rejects.toMatchObject({ code: 'postgres.too-many-connections', retryable: true }));
  });

  it('is refused before anything is sent when it is another cluster', async () => {
    const told: string[] = [];
    await expect(postgres.connect(targetOf(server, { identity: '7000000000000000001' }), { ...options, onStatement: (record) => told.push(record.text) })).rejects.toMatchObject({ code: 'postgres.wrong-identity', details: { expected: '7000000000000000001', found: expect.any(String) } });
    expect(told.map((text) => text.replace(/\s[\s\S]*/, ''))).toEqual(['SET', 'SELECT']);
    expect(told.join()).not.toContain('set_config');
  });

  it('stops a statement at its limit', async () => {
    await expect(withSession(targetOf(server), (session) => session.query('SELECT pg_sleep(30)'), { statementTimeoutMs: 100 })).rejects.toMatchObject({ code: 'postgres.statement-timeout', retryable: true });
  });

  it('is given up where a statement goes without an answer for longer than it may', async () => {
    const failed = withSession(targetOf(server), (session) => session.query('SELECT pg_catalog.pg_sleep(30)'), { answerWithinMs: 200 });
    await expect(failed).rejects.toMatchObject({ code: 'postgres.connection-lost', message: expect.stringContaining('no answer within 200 ms') });
  });

  it('tells a cancel by somebody else from a limit', async () => {
    await withSession(targetOf(server), async (session) => {
      const running = session.query('SELECT pg_sleep(30)');
      const refused = expect(running).rejects.toMatchObject({ code: 'postgres.query-failed', message: expect.stringContaining('cancelled by somebody') });
      await waitFor('the cancel', async () => (await server.query<{ done: boolean }>('SELECT pg_cancel_backend(pid) AS done FROM pg_stat_activity WHERE pid = $1 AND wait_event = $2', [session.processId, 'PgSleep']))[0]?.done);
      await refused;
    }, { statementTimeoutMs: 20_000 });
  });

  it('does not wait for a lock longer than it was told', async () => {
    await withSession(targetOf(server), async (holder) => {
      await holder.query('BEGIN');
      await holder.query('LOCK TABLE public.hidden');
      await expect(withSession(targetOf(server), (session) => session.query('SELECT * FROM public.hidden'), { lockTimeoutMs: 50 })).rejects.toMatchObject({ code: 'postgres.lock-timeout' });
    });
  });

  it('answers a read-only question in one round trip, and the next one after an error', async () => {
    const limits = { statementTimeoutMs: 200, lockTimeoutMs: 50 };
    await withSession(targetOf(server), async (session) => {
      expect(await session.readOnly('SELECT 1 AS one; -- the end', limits)).toEqual({ rows: [{ one: 1 }], columns: ['one'], rowCount: 1 });
      await expect(session.readOnly('SELECT pg_sleep(5)', limits)).rejects.toMatchObject({ code: 'postgres.statement-timeout' });
      await expect(session.readOnly('CREATE TABLE made (x int)', limits)).rejects.toMatchObject({ code: 'postgres.query-failed', details: { sqlState: '25006' } });
      expect((await session.readOnly(`SELECT current_setting('statement_timeout') AS s`, limits)).rows).toEqual([{ s: '200ms' }]);
    });
  });

  it('stops working on a statement when it is aborted', async () => {
    const abort = new AbortController();
    const session = await postgres.connect(targetOf(server), { ...options, signal: abort.signal });
    const running = session.query('SELECT pg_sleep(60)');
    const refused = expect(running).rejects.toMatchObject({ code: 'operation.cancelled' });
    await waitFor('the statement to run', async () => (await server.query(`SELECT 1 FROM pg_stat_activity WHERE pid = $1 AND wait_event = 'PgSleep'`, [session.processId])).length === 1);
    abort.abort();
    await refused;
    await waitFor('the session to be gone', async () => (await server.query('SELECT 1 FROM pg_stat_activity WHERE pid = $1', [session.processId])).length === 0, { within: 2000 });
    await expect(session.query('SELECT 1')).rejects.toMatchObject({ code: 'operation.cancelled' });
  });

  it('that ends a session is noticed by the next statement, and by nothing else', async () => {
    await withSession(targetOf(server), async (session) => {
      await server.query('SELECT pg_terminate_backend($1)', [session.processId]);
      await waitFor('its end', async () => (await server.query('SELECT 1 FROM pg_stat_activity WHERE pid = $1', [session.processId])).length === 0);
      await expect(session.query('SELECT 1')).rejects.toMatchObject({ code: 'postgres.connection-lost' });
    });
  });

  it('is tested layer by layer', async () => {
    const test = await postgres.testConnection(targetOf(server));
    expect(test.layers.map(({ layer, state }) => `${layer} ${state}`)).toEqual(['name ok', 'network ok', 'tls ok', 'authentication ok', 'database ok', 'privilege ok']);
    expect(test).toMatchObject({ ok: true, error: null, server: { sizeBytes: expect.any(Number), superuser: true } });
  });

  it('is tested up to the layer that fails', async () => {
    const test = await postgres.testConnection(targetOf(server, { database: 'nowhere' }));
    expect(test.layers.map(({ layer, state }) => `${layer} ${state}`)).toEqual(['name ok', 'network ok', 'tls ok', 'authentication ok', 'database failed', 'privilege not-reached']);
    expect(test).toMatchObject({ ok: false, error: { code: 'postgres.no-such-database' }, server: null });
  });
});

describe('TLS', () => {
  let secure: PostgresServer;
  let plain: PostgresServer;
  let authority = '';
  let stranger = '';
  beforeAll(async () => {
    secure = await startPostgres({ major: 18, tls: { names: ['localhost'] }, hba: ['hostssl all all 127.0.0.1/32 scram-sha-256'] });
    plain = await startPostgres({ major: 18 });
    authority = await readFile(secure.certificates?.caFile ?? '', 'utf8');
    stranger = await readFile(secure.certificates?.strangerCaFile ?? '', 'utf8');
  }, 60_000);
  afterAll(() => Promise.all([secure.stop(), plain.stop()]));

  it.each<TlsMode>(['require', 'verify-ca', 'verify-full'])('is refused by a server without it, and %s does not go on without', async (mode) => {
    await expect(postgres.connect(targetOf(plain, { mode }), options)).rejects.toMatchObject({ code: 'postgres.tls-refused' });
  });

  it('may be missing where it is only preferred', async () => {
    expect((await withSession(targetOf(plain, { mode: 'prefer' }), async (session) => session.server)).tls).toBe(false);
  });

  it.each<TlsMode>(['prefer', 'require'])('is used without looking at the certificate: %s', async (mode) => {
    expect((await withSession(targetOf(secure, { mode }), async (session) => session.server)).tls).toBe(true);
  });

  it('is demanded by a server that has no line for anything else', async () => {
    await expect(postgres.connect(targetOf(secure, { mode: 'disable' }), options)).rejects.toMatchObject({ code: 'postgres.tls-required' });
  });

  it.each<[TlsMode, string]>([['verify-ca', '127.0.0.1'], ['verify-full', 'localhost'], ['require', '127.0.0.1']])('trusts the given authority: %s by %s', async (mode, host) => {
    expect((await withSession(targetOf(secure, { mode, host, ca: authority }), async (session) => session.server)).tls).toBe(true);
  });

  it.each<[string, Wish, RegExp]>([
    ['of another authority', { mode: 'verify-ca', ca: 'stranger' }, /authority is not trusted/],
    ['of another authority, with require', { mode: 'require', ca: 'stranger' }, /authority is not trusted/],
    ['of nobody this computer trusts', { mode: 'verify-full', host: 'localhost' }, /authority is not trusted/],
    ['for another name', { mode: 'verify-full', ca: 'authority' }, /made out to another name/],
    ['with a broken authority to compare with', { mode: 'verify-ca', ca: 'hello' }, /not a certificate in PEM/],
  ])('does not trust a certificate %s', async (_, wish, reason) => {
    const ca = wish.ca === 'stranger' ? stranger : wish.ca === 'authority' ? authority : wish.ca;
    await expect(postgres.connect(targetOf(secure, { ...wish, ...(ca === undefined ? {} : { ca }) }), options)).rejects.toMatchObject({ code: 'postgres.tls-untrusted', message: expect.stringMatching(reason) });
  });

  it('says what a certificate says that is not trusted', async () => {
    await expect(postgres.connect(targetOf(secure, { mode: 'verify-full', ca: stranger }), options)).rejects.toMatchObject({ details: { subject: 'localhost', issuer: 'Pilothouse test authority', fingerprint256: expect.stringMatching(/^[0-9A-F:]{95}$/) } });
  });
});

describe('a way that leads nowhere', () => {
  const nobody = { host: '127.0.0.1' as const, port: 1, user: 'postgres' as const, password: 'x-secret' };
  const servers: Server[] = [];
  afterAll(() => servers.forEach((server) => server.close()));

  async function pretend(answer: (write: (text: string | Buffer) => void, end: () => void, received: Buffer) => void): Promise<PostgresTarget> {
    const server = createServer((socket) => {
      socket.on('error', () => {});
      socket.on('data', (chunk) => answer((text) => socket.write(text), () => socket.destroy(), chunk));
    });
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    return targetOf(nobody, { port: typeof address === 'object' && address !== null ? address.port : 0 });
  }

  it('ends at a name that does not exist', async () => {
    await expect(postgres.connect(targetOf(nobody, { host: 'no-such-host.invalid' }), options)).rejects.toMatchObject({ code: 'postgres.name-not-resolved', message: expect.stringContaining('no-such-host.invalid') });
  });

  it('ends at a closed port', async () => {
    const port = await freePort();
    await expect(postgres.connect(targetOf(nobody, { port }), options)).rejects.toMatchObject({ code: 'postgres.refused', details: { host: '127.0.0.1', port } });
  });

  it('ends at a socket folder without a server', async () => {
    await expect(postgres.connect(targetOf(nobody, { host: '/no/such/folder' }), options)).rejects.toMatchObject({ code: 'postgres.refused' });
  });

  it('ends at a server of something else', async () => {
    await expect(postgres.connect(await pretend((write) => write('SSH-2.0-OpenSSH_9.2\r\n')), options)).rejects.toMatchObject({ code: 'postgres.refused', message: expect.stringContaining('not Postgres') });
  });

  it('ends at a server that says nothing', async () => {
    await expect(postgres.connect(await pretend(() => {}), options)).rejects.toMatchObject({ code: 'postgres.timeout', retryable: true });
  });

  it('ends at a server that hangs up', async () => {
    await expect(postgres.connect(await pretend((_, end) => end()), options)).rejects.toMatchObject({ code: 'postgres.not-accepting' });
  });

  it('ends at a server that talks nonsense after the beginning, and the process goes on', async () => {
    const target = await pretend((write, _, received) => write(received.length === 8 ? 'N' : Buffer.from([0x52, 0, 0, 0, 8, 0, 0, 0, 99])));
    await expect(postgres.connect(target, options)).rejects.toMatchObject({ code: 'postgres.authentication' });
  });

  it.each([
    // Leads to this computer as well, and does not look like it: what stands between a laptop and its server.
    ['is not told the password', '0.0.0.0', 'postgres.tls-required', false],
    ['is told the password where the line leaves this computer nowhere', '127.0.0.1', 'postgres.not-accepting', true],
  ])('ends at a server without TLS that wants the password in the clear, which %s', async (_, host, code, told) => {
    let heard = '';
    const { connection } = await pretend((write, end, received) => {
      heard += received.toString('latin1');
      if (received.length === 8) write('N');
      else if (received[0] === 0) write(Buffer.from([0x52, 0, 0, 0, 8, 0, 0, 0, 3]));
      else end();
    });
    const error = await postgres.connect(targetOf(nobody, { host, port: connection.port }), options).catch((caught: unknown) => caught);
    expect([error, heard.includes('x-secret')]).toMatchObject([{ code }, told]);
  });

  it('ends when it is aborted', async () => {
    const abort = new AbortController();
    const target = await pretend(() => abort.abort());
    await expect(postgres.connect(target, { ...options, signal: abort.signal })).rejects.toMatchObject({ code: 'operation.cancelled' });
  });

  it('never shows a password in what it says', async () => {
    const port = await freePort();
    const test = await postgres.testConnection(targetOf(nobody, { port }));
    expect(JSON.stringify(test)).not.toContain(nobody.password);
  });
});

it('a server killed in the middle of a statement is a lost connection', async () => {
  const server = await startPostgres({ major: 18 });
  try {
    const session = await postgres.connect(targetOf(server), options);
    const running = session.query('SELECT pg_sleep(60)');
    const refused = expect(running).rejects.toMatchObject({ code: 'postgres.connection-lost', retryable: true });
    await waitFor('the statement to run', async () => (await server.query(`SELECT 1 FROM pg_stat_activity WHERE wait_event = 'PgSleep'`)).length === 1);
    await server.kill();
    await refused;
    await session.close();
  } finally {
    await server.stop();
  }
});

it('a server without a free slot says so', async () => {
  const server = await startPostgres({ major: 18, settings: { max_connections: 4, superuser_reserved_connections: 0, reserved_connections: 0, max_wal_senders: 0 } });
  const sessions: PostgresSession[] = [];
  try {
    const fill = async (): Promise<void> => {
      for (let count = 0; count < 6; count += 1) sessions.push(await postgres.connect(targetOf(server), options));
    };
    await expect(fill()).rejects.toMatchObject({ code: 'postgres.too-many-connections' });
  } finally {
    await Promise.all(sessions.map((session) => session.close()));
    await server.stop();
  }
});

/** Endpoints on real web servers, from this computer and behind a real sshd: what a look says, what a run keeps, and what is never asked. */
import { readFileSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { endpointItem, thresholdItem } from '#shared/contract/items.ts';
import { systemPolicy } from '#shared/contract/systems.ts';
import { createEndpointRoom } from '#engine/health/endpoints/index.ts';
import { createHealthRoom } from '#engine/health/health-room.ts';
import { connectChain } from '#engine/ssh/chain.ts';
import { createAdoptionRepository } from '#engine/store/adoption-repository.ts';
import { createHostRepository } from '#engine/store/host-repository.ts';
import { createSystemItemRepository } from '#engine/store/system-item-repository.ts';
import { makeCertificates } from '#test/certificates.ts';
import { createTestEngine } from '#test/engine-parts.ts';
import { freePort } from '#test/free-port.ts';
import { startSshServer, whyNoSshServer, type SshServer } from '#test/ssh-server.ts';
import { temporaryFolder } from '#test/temporary-folder.ts';

const missing = whyNoSshServer();
let host: SshServer;
beforeAll(async () => void (missing === null && (host = await startSshServer())));
afterAll(() => host?.stop());

const webId = 'web-1';
const systemId = 'shop';

/** An engine with one system, a host that has the role "web", and the endpoints of a test. */
async function stage({ isHostReached = true, limitMs }: { isHostReached?: boolean; limitMs?: number } = {}) {
  const connectHost = () => (isHostReached && missing === null ? connectChain([host.hop()]) : Promise.reject(Object.assign(new Error('web-1 does not answer'), { code: 'ssh.unreachable', retryable: true, details: {} })));
  const engine = createTestEngine({ root: await temporaryFolder('endpoints'), rooms: [(context) => createEndpointRoom(context, { limitMs }), (context) => createHealthRoom(context, { endpointLimitMs: limitMs })], connectHost });
  onTestFinished(async () => {
    await engine.context.hosts.close();
    await engine.close();
  });
  const { context } = engine;
  context.systems.insert({ id: systemId, name: 'Shop', environment: 'development', policy: systemPolicy.parse({}), at: 0 });
  const items = createSystemItemRepository(context.store);
  return {
    engine,
    bind() {
      createHostRepository(context.store).insert({ id: webId, systemId, label: 'web-1', connection: { host: '127.0.0.1', port: 22, user: 'deploy', signIn: { keys: [], agent: true, password: { source: 'none' } }, viaId: null }, at: 0 });
      createAdoptionRepository(context.store).save({ systemId, pack: 'shop', version: '1.0.0', title: 'Shop', bindings: { web: { hostId: webId } }, answers: {}, params: {} }, 0);
    },
    save: (key: string, fields: Record<string, unknown>) => items.saveOwn(systemId, 'endpoint', key, endpointItem.parse({ title: key, ...fields }), 0),
    threshold: (fields: Record<string, unknown>) => items.saveOwn(systemId, 'threshold', 'times', thresholdItem.parse({ title: 'Times', unit: 'ms', drives: { kind: 'endpoints', keys: [] }, ...fields }), 0),
    draft: async (fields: Record<string, unknown>) => (await engine.call('endpoint.test', { systemId, endpoint: { value: endpointItem.parse({ title: 'Draft', ...fields }) } })).found,
    async look(only = ['endpoint', 'endpoint-certificate']) {
      const { plan } = await engine.call('health.plan', { systemId, only });
      const operation = await engine.run(plan);
      const run = (await engine.call('health.runs', { systemId, limit: 1 })).runs[0];
      const { results } = await engine.call('health.run', { runId: run?.id ?? '' });
      return { plan, operation, results };
    },
  };
}

async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}
const answering = async (listener: RequestListener): Promise<string> => `http://${await listen(createServer(listener))}`;
const saying = (body: string, status = 200): RequestListener => (_asked, answer) => void answer.writeHead(status).end(body);

describe('a draft', () => {
  test('that answers is well, with the time that it took', async () => {
    const { draft } = await stage();
    const [found] = await draft({ url: await answering(saying('{"status":"ok"}')), json: { path: '$.status', equals: 'ok' }, criticalMs: 60_000 });
    expect(found).toMatchObject({ check: 'endpoint', status: 'ok', critical: 60_000, unit: 'ms', value: expect.any(Number) as number });
  });

  test('that sends one elsewhere is followed nowhere', async () => {
    let asked = 0;
    const elsewhere = await answering((_asked, answer) => void ((asked += 1), answer.end('x')));
    const { draft } = await stage();
    const [found] = await draft({ url: await answering((_asked, answer) => void answer.writeHead(302, { location: `${elsewhere}/login?token=t0psecret` }).end()) });
    expect([asked, found?.status, found?.summary, JSON.stringify(found).includes('t0psecret')]).toEqual([0, 'critical', expect.stringContaining(`It sends one to ${elsewhere}/login, and nothing is followed.`), false]);
  });

  test('where nothing listens is critical', async () => {
    const { draft } = await stage();
    expect(await draft({ url: `http://127.0.0.1:${await freePort()}/` })).toMatchObject([{ status: 'critical', summary: expect.stringContaining('nothing listens there') as string }]);
  });

  test('that never ends is critical when its time is over', async () => {
    const { draft } = await stage({ limitMs: 300 });
    expect(await draft({ url: await answering((_asked, answer) => void answer.writeHead(200).write('…')) })).toMatchObject([{ status: 'critical', summary: 'There was no whole answer within 0.3 s' }]);
  });

  test('says nothing that would sign in', async () => {
    let headers: Record<string, unknown> = {};
    const { draft } = await stage();
    await draft({ url: await answering((asked, answer) => void ((headers = asked.headers), answer.end())) });
    expect(Object.keys(headers).toSorted()).toEqual(['accept', 'connection', 'host', 'user-agent']);
  });

  test('whose body a pattern would take for ever on is given up', async () => {
    const { draft } = await stage();
    const [found] = await draft({ url: await answering(saying(`${'a'.repeat(60_000)}!`)), bodyMatches: 'a*a*a*a*a*b' });
    expect(found).toMatchObject({ status: 'unknown', summary: expect.stringContaining('were given up') as string });
  });
});

describe('over TLS', () => {
  async function secure(): Promise<{ url: string; authority: string }> {
    const made = makeCertificates(await temporaryFolder('https'), ['127.0.0.1']);
    return { url: `https://${await listen(createSecureServer({ cert: readFileSync(made.certificateFile), key: readFileSync(made.keyFile) }, saying('ok')))}/`, authority: readFileSync(made.caFile, 'utf8') };
  }

  test('the certificate that is shown counts in days', async () => {
    const { url, authority } = await secure();
    const before = getCACertificates('default');
    setDefaultCACertificates([...before, authority]);
    onTestFinished(() => setDefaultCACertificates(before));
    const { draft } = await stage();
    expect((await draft({ url })).map(({ check, status, value }) => [check, status, value])).toEqual([['endpoint', 'ok', expect.any(Number)], ['endpoint-certificate', 'ok', 29]]);
  });

  test('one that nobody vouches for is critical in both', async () => {
    const { draft } = await stage();
    expect((await draft({ url: (await secure()).url })).map(({ status, summary }) => [status, summary])).toEqual([['critical', expect.stringContaining('Its certificate is not believed')], ['critical', expect.stringContaining('Its certificate is not believed')]]);
  });
});

describe('a health check', () => {
  test('keeps what each endpoint answered, by its own limits or those of the system, and its trend', async () => {
    const { save, threshold, look, engine } = await stage();
    save('site', { url: `${await answering(saying('ok'))}/?key=t0psecret`, warnMs: 50_000, criticalMs: 60_000 });
    save('api', { url: await answering(saying('no', 503)) });
    threshold({ warn: 0.001, critical: 70_000 });
    await look();
    const { plan, results } = await look();
    expect(plan.steps.find(({ id }) => id === 'endpoints')?.title).toBe('Ask 2 endpoints');
    expect(results.toSorted((one, other) => one.target.localeCompare(other.target)).map((each) => [each.check, each.group, each.target.split(' ')[0], each.status, each.warn, each.critical, each.databaseId, each.hostId, each.trend.length])).toEqual([
      ['endpoint', 'availability', 'api', 'critical', 0.001, 70_000, null, null, 2],
      ['endpoint', 'availability', 'site', 'ok', 50_000, 60_000, null, null, 2],
    ]);
    const kept = engine.context.store.prepare<[], { all: string }>('SELECT group_concat(result_json) AS "all" FROM health_results').get()?.all;
    expect(kept).not.toContain('t0psecret');
  });

  test('of a system that has endpoints alone is one', async () => {
    const { save, engine } = await stage();
    save('site', { url: await answering(saying('ok')) });
    const { plan } = await engine.call('health.plan', { systemId });
    await engine.run(plan);
    expect((await engine.call('health.latest', { systemId })).run).toMatchObject({ status: 'ok', counts: { ok: 1 } });
  });

  test('knows nothing of one whose role no host has', async () => {
    const { save, look } = await stage();
    save('site', { url: 'http://127.0.0.1:1/', through: 'web' });
    expect((await look()).results).toMatchObject([{ status: 'unknown', summary: expect.stringContaining('no host of the system has the role "web"') as string, opener: expect.stringContaining('Give the role to a host') as string }]);
  });

  test('knows nothing of one behind a host that cannot be reached', async () => {
    const { save, look, bind } = await stage({ isHostReached: false });
    bind();
    save('site', { url: 'http://127.0.0.1:1/', through: 'web' });
    expect((await look()).results).toMatchObject([{ status: 'unknown', summary: expect.stringContaining('Not asked, because web-1 could not be used') as string }]);
  });

  test('asks nothing of the addresses at which clouds give out keys, nor of one with a password in it', async () => {
    const { save, look } = await stage();
    save('clouds', { url: 'http://169.254.169.254/latest/meta-data/' });
    save('password', { url: 'http://ann:t0psecret@127.0.0.1:1/' });
    const { results } = await look();
    expect([results.map(({ status, summary }) => [status, summary.startsWith('Not asked: ')]), JSON.stringify(results).includes('t0psecret')]).toEqual([[['unknown', true], ['unknown', true]], false]);
  });
});

describe('through a host', () => {
  beforeEach((context) => {
    if (missing !== null) context.skip(missing);
  });

  test('an address is asked from there', async () => {
    const { save, look, bind } = await stage();
    bind();
    save('site', { url: await answering(saying('ok')), through: 'web' });
    const { results } = await look();
    expect(results).toMatchObject([{ status: 'ok', evidence: { rows: expect.arrayContaining([['Asked from', 'web-1']]) as unknown } }]);
  });

  test('an address at which nothing listens there is critical', async () => {
    const { save, look, bind } = await stage();
    bind();
    save('site', { url: `http://127.0.0.1:${await freePort()}/`, through: 'web' });
    expect((await look()).results).toMatchObject([{ status: 'critical', summary: expect.stringContaining('It could not be connected to') as string }]);
  });
});

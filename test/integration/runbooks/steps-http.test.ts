/** Requests of steps, from here and through a host: what comes back, what is followed nowhere, and what is known when the line is lost. */
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { Secret } from '#shared/domain/secret.ts';
import { connectChain } from '#engine/ssh/chain.ts';
import type { Outcome, Sent } from '#engine/runbooks/sent.ts';
import type { StepLimits } from '#engine/runbooks/steps/index.ts';
import { makeCertificates } from '#test/certificates.ts';
import { freePort } from '#test/free-port.ts';
import { startSshServer, whyNoSshServer, type SshServer } from '#test/ssh-server.ts';
import { noLimits, rememberingOperation, stageHostId, stepStage, type StepStage } from '#test/step-stage.ts';
import { temporaryFolder } from '#test/temporary-folder.ts';

const missing = whyNoSshServer();
let host: SshServer;
let stage: StepStage;
beforeAll(async () => void (missing === null && (host = await startSshServer())));
afterAll(() => host?.stop());
beforeEach(async (context) => {
  if (missing !== null) context.skip(missing);
  stage = await stepStage(() => connectChain([host.hop()]));
});

const bodyOf = async (asked: IncomingMessage): Promise<string> => {
  const parts: Buffer[] = [];
  for await (const part of asked) parts.push(part as Buffer);
  return Buffer.concat(parts).toString('utf8');
};
async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}
const answering = async (listener: RequestListener): Promise<string> => `http://${await listen(createServer(listener))}`;
/** Says what it was asked. */
const echo: RequestListener = (asked, answer) => void bodyOf(asked).then((body) => answer.writeHead(201).end(JSON.stringify({ method: asked.method, path: asked.url, host: asked.headers.host, key: asked.headers['x-key'], body })));

type Changes = Partial<Extract<Sent, { kind: 'http' }>>;
const send = (url: string, changes: Changes = {}, limits: Partial<StepLimits> = {}, operation = rememberingOperation()): Promise<Outcome> => stage.runner.send({ kind: 'http', url, throughHostId: null, label: 'the API', method: 'GET', headers: {}, body: null, ...changes }, operation, { ...noLimits, ...limits });

describe.each([['from here', null], ['through a host', stageHostId]])('a request %s', (_way, throughHostId) => {
  test('brings the status and the body', async () => {
    const base = await answering(echo);
    const outcome = await send(`${base}/health?deep=1`, { throughHostId, method: 'POST', headers: { 'X-Key': 'a' }, body: 'it is é' });
    expect([outcome.status, outcome.exitStatus, JSON.parse(outcome.stdout)]).toEqual([201, null, { method: 'POST', path: '/health?deep=1', host: base.slice('http://'.length), key: 'a', body: 'it is é' }]);
  });
  test('that is refused is an outcome where it reads', async () => {
    expect(await send(`http://127.0.0.1:${await freePort()}/`, { throughHostId })).toMatchObject({ status: null, timedOut: false, stderr: expect.stringContaining('could not be connected to') as string });
  });
  test('that is refused was not sent where it changes something', async () => {
    await expect(send(`http://127.0.0.1:${await freePort()}/`, { throughHostId, method: 'POST' })).rejects.toMatchObject({ code: 'runbook.not-sent', details: { notSent: true } });
  });
  test('that changes something is unknown where the line is lost before the answer', async () => {
    const base = await answering((asked) => void asked.once('data', () => asked.socket.destroy()));
    await expect(send(base, { throughHostId, method: 'PUT', body: 'x' })).rejects.toSatisfy((error: { message: string; details: Record<string, unknown> }) => error.details['notSent'] === undefined && error.message.includes('is not known'));
  });
});

describe('a request', () => {
  test('is followed nowhere', async () => {
    const base = await answering((_asked, answer) => void answer.writeHead(302, { location: '/elsewhere' }).end('moved'));
    expect(await send(base)).toMatchObject({ status: 302, stdout: 'moved' });
  });
  test('has a megabyte of its body kept, and all of it counted', async () => {
    const base = await answering((_asked, answer) => void answer.end(Buffer.alloc(3 * 1024 * 1024, 'x')));
    const outcome = await send(base);
    expect([outcome.status, outcome.bytes, outcome.truncated, outcome.stdout.length < 1.1 * 1024 * 1024]).toEqual([200, 3 * 1024 * 1024, true, true]);
  });
  test('says secrets to whom they are for, and to nobody else', async () => {
    const operation = rememberingOperation();
    const outcome = await send(await answering(echo), { method: 'POST', headers: { 'x-key': new Secret('canary-key') }, body: new Secret('canary-body') }, {}, operation);
    expect([JSON.parse(outcome.stdout), JSON.stringify([operation.commands, operation.lines])]).toEqual([expect.objectContaining({ key: 'canary-key', body: 'canary-body' }), expect.not.stringContaining('canary')]);
  });
  test('with a secret that no header can hold is not sent, and the secret is not said', async () => {
    const error = await send(await answering(echo), { method: 'POST', headers: { 'x-key': new Secret('canary\n') } }).catch((each: unknown) => each);
    expect([error, String(error)]).toEqual([expect.objectContaining({ details: { notSent: true } }), expect.not.stringContaining('canary')]);
  });
  test('that reads and is not answered in time is an outcome', async () => {
    expect(await send(await answering(() => {}), {}, { timeoutMs: 300 })).toMatchObject({ status: null, timedOut: true, stderr: 'There was no whole answer within 1 s.' });
  });
  test('that changes something and is not answered in time is unknown', async () => {
    await expect(send(await answering(() => {}), { method: 'DELETE' }, { timeoutMs: 300 })).rejects.toMatchObject({ code: 'runbook.step-failed' });
  });
  test('that changes something and is cancelled is unknown', async () => {
    const operation = rememberingOperation();
    const asked = Promise.withResolvers<void>();
    const unknown = expect(send(await answering(() => asked.resolve()), { method: 'POST' }, {}, operation)).rejects.toMatchObject({ code: 'operation.cancelled', details: { unknown: true } });
    await asked.promise;
    operation.cancel();
    await unknown;
  });
  test('that is cut in the middle of its answer is no answer', async () => {
    const base = await answering((_asked, answer) => {
      answer.writeHead(200, { 'content-length': '100' });
      answer.write('half', () => answer.destroy());
    });
    expect(await send(base)).toMatchObject({ status: null, stderr: expect.stringContaining('lost') as string });
  });
  test('to what is no address is not sent', async () => {
    await expect(send('file:///etc/passwd')).rejects.toMatchObject({ code: 'runbook.value-invalid', details: { notSent: true } });
  });
  test('is one command of history', async () => {
    const operation = rememberingOperation();
    const base = await answering((_asked, answer) => void answer.end('ok'));
    await send(base, {}, {}, operation);
    expect(operation.commands).toEqual([{ text: `GET ${base}`, target: 'the API', exitStatus: null, durationMs: expect.any(Number) as number, output: 'status 200, 2 bytes' }]);
  });
  test('through a host that cannot be reached is no word of the address', async () => {
    stage = await stepStage(() => Promise.reject(Object.assign(new Error('web-1 does not answer'), { code: 'ssh.unreachable', retryable: true, details: {} })));
    await expect(send(await answering(echo), { throughHostId: stageHostId })).rejects.toMatchObject({ code: 'ssh.unreachable', details: { notSent: true } });
  });
});

describe.each([['from here', null], ['through a host', stageHostId]])('a request over TLS %s', (_way, throughHostId) => {
  const secure = async (): Promise<{ base: string; authority: string }> => {
    const made = makeCertificates(await temporaryFolder('https'), ['127.0.0.1']);
    const server = createSecureServer({ cert: readFileSync(made.certificateFile), key: readFileSync(made.keyFile) }, echo);
    return { base: `https://${await listen(server)}`, authority: readFileSync(made.caFile, 'utf8') };
  };
  test('is answered by whom an authority vouches for', async () => {
    const { base, authority } = await secure();
    const before = getCACertificates('default');
    setDefaultCACertificates([...before, authority]);
    onTestFinished(() => setDefaultCACertificates(before));
    expect((await send(`${base}/x`, { throughHostId })).status).toBe(201);
  });
  test('sends nothing to whom none vouches for', async () => {
    const { base } = await secure();
    expect(await send(base, { throughHostId })).toMatchObject({ status: null, stderr: expect.stringMatching(/certificate/) as string });
    await expect(send(base, { throughHostId, method: 'POST' })).rejects.toMatchObject({ details: { notSent: true } });
  });
});

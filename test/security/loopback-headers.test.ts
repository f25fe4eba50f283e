import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { LoopbackServer } from '../../electron/loopback/server.ts';
import { createProbe, type Probe } from '#test/probe.ts';
import { rawRequest, requestText, type RawAnswer } from '#test/raw-request.ts';
import { makeTemporaryFolder } from '#test/temporary-folder.ts';
import { startLoopbackOf } from '#test/transports.ts';

let root: string;
let probe: Probe;
let server: LoopbackServer;

beforeAll(async () => {
  root = await makeTemporaryFolder('loopback');
  probe = createProbe(root);
  server = await startLoopbackOf(probe, join(root, 'console'));
});
afterAll(async () => {
  await server.close();
  await probe.close();
  await rm(root, { recursive: true, force: true });
});

type Headers = [string, string][];
interface Request {
  line: string;
  headers: Headers;
  body: string;
}

const token = (): string => new URL(server.issueLink()).hash.slice('#token='.length);
const authority = (): string => `127.0.0.1:${server.port}`;

/** What a browser sends; each row of the tables below spoils one thing of it. */
const requests = {
  page: (): Request => ({ line: 'GET / HTTP/1.1', headers: [['Host', authority()], ['Sec-Fetch-Site', 'none'], ['Sec-Fetch-Mode', 'navigate'], ['Sec-Fetch-Dest', 'document'], ['Connection', 'close']], body: '' }),
  script: (): Request => ({ line: 'GET /assets/main-Ab12_Cd9.js HTTP/1.1', headers: [['Host', authority()], ['Origin', server.origin], ['Sec-Fetch-Site', 'same-origin'], ['Sec-Fetch-Mode', 'cors'], ['Sec-Fetch-Dest', 'script'], ['Connection', 'close']], body: '' }),
  session: (): Request => {
    const body = JSON.stringify({ token: token() });
    return { line: 'POST /api/session HTTP/1.1', headers: [['Host', authority()], ['Origin', server.origin], ['Sec-Fetch-Site', 'same-origin'], ['Content-Type', 'application/json'], ['Content-Length', String(body.length)], ['Connection', 'close']], body };
  },
  socket: (): Request => ({
    line: 'GET /api/socket HTTP/1.1',
    headers: [['Host', authority()], ['Origin', server.origin], ['Connection', 'Upgrade'], ['Upgrade', 'websocket'], ['Sec-WebSocket-Version', '13'], ['Sec-WebSocket-Key', 'dGhlIHNhbXBsZSBub25jZQ==']],
    body: '',
  }),
};
type Kind = keyof typeof requests;

const send = ({ line, headers, body }: Request): Promise<RawAnswer> => rawRequest(server.port, requestText(line, headers, body));
const without = (name: string) => (request: Request): Request => ({ ...request, headers: request.headers.filter(([header]) => header !== name) });
const replaced = (name: string, value: () => string) => (request: Request): Request => ({ ...request, headers: [...request.headers.filter(([header]) => header !== name), [name, value()]] });
const doubled = (name: string, value: () => string) => (request: Request): Request => ({ ...request, headers: [...request.headers, [name, value()]] });
const line = (text: string) => (request: Request): Request => ({ ...request, line: text });
const lineOf = (text: () => string) => (request: Request): Request => ({ ...request, line: text() });

describe('a request as a browser sends it', () => {
  test.each([
    ['page', 200],
    ['script', 200],
    ['session', 200],
    ['socket', 101],
  ] as [Kind, number][])('is answered: %s', async (kind, status) => {
    expect((await send(requests[kind]())).status).toBe(status);
  });
});

const everyKind: Kind[] = ['page', 'script', 'session', 'socket'];
const spoiled: [string, Kind[], (request: Request) => Request, number][] = [
  ['with a name for a Host, as DNS rebinding brings it', everyKind, replaced('Host', () => `localhost:${server.port}`), 421],
  ['with the Host of an attacker', everyKind, replaced('Host', () => `evil.example:${server.port}`), 421],
  ['with our name under another port', everyKind, replaced('Host', () => '127.0.0.1:1'), 421],
  ['with a Host without its port', everyKind, replaced('Host', () => '127.0.0.1'), 421],
  ['with a Host that only begins like ours', everyKind, replaced('Host', () => `127.0.0.1:${server.port}.evil.example`), 421],
  ['with another spelling of our address', everyKind, replaced('Host', () => `127.1:${server.port}`), 421],
  ['with two Hosts', everyKind, doubled('Host', () => 'evil.example'), 400],
  ['without a Host', everyKind, without('Host'), 421],
  ['of another origin', everyKind, replaced('Origin', () => 'http://evil.example'), 403],
  ['of an origin on another port of ours', everyKind, replaced('Origin', () => 'http://127.0.0.1:1'), 403],
  ['of our origin by its name', everyKind, replaced('Origin', () => `http://localhost:${server.port}`), 403],
  ['of our origin over another protocol', everyKind, replaced('Origin', () => `https://127.0.0.1:${server.port}`), 403],
  ['of a hidden origin', everyKind, replaced('Origin', () => 'null'), 403],
  ['of an empty origin', everyKind, replaced('Origin', () => ''), 403],
  ['of two origins', ['script', 'session', 'socket'], doubled('Origin', () => 'http://evil.example'), 400],
  ['without an Origin', ['session', 'socket'], without('Origin'), 403],
  ['from another site', ['script', 'session', 'socket'], replaced('Sec-Fetch-Site', () => 'cross-site'), 403],
  ['from the same site, another port', ['script', 'session', 'socket'], replaced('Sec-Fetch-Site', () => 'same-site'), 403],
  ['from nowhere', ['script', 'session', 'socket'], replaced('Sec-Fetch-Site', () => 'none'), 403],
  ['that does not say its site', ['session'], without('Sec-Fetch-Site'), 403],
  ['into a frame of another site', ['page'], (request) => replaced('Sec-Fetch-Dest', () => 'iframe')(replaced('Sec-Fetch-Site', () => 'cross-site')(request)), 403],
  ['without a content type', ['session'], without('Content-Type'), 415],
  ['as a form, which needs no preflight', ['session'], replaced('Content-Type', () => 'application/x-www-form-urlencoded'), 415],
  ['as plain text, which needs no preflight', ['session'], replaced('Content-Type', () => 'text/plain'), 415],
  ['as something that only begins like JSON', ['session'], replaced('Content-Type', () => 'application/json-patch+json'), 415],
  ['as JSON of another encoding', ['session'], replaced('Content-Type', () => 'application/json; charset=utf-16'), 415],
  ['with an encoded body', ['session'], doubled('Content-Encoding', () => 'gzip'), 415],
  ['that says it is longer than it may be', ['session'], replaced('Content-Length', () => '1048576'), 413],
  ['by PUT', ['session'], line('PUT /api/session HTTP/1.1'), 405],
  ['by GET', ['session'], line('GET /api/session HTTP/1.1'), 405],
  ['by OPTIONS: there is no CORS', ['page', 'session'], (request) => ({ ...request, line: request.line.replace(/^\w+/, 'OPTIONS') }), 405],
  ['by POST', ['page', 'script'], (request) => ({ ...request, line: request.line.replace(/^\w+/, 'POST') }), 405],
  ['by DELETE', ['page', 'script'], (request) => ({ ...request, line: request.line.replace(/^\w+/, 'DELETE') }), 405],
  ['by TRACE', ['page'], line('TRACE / HTTP/1.1'), 405],
  ['with a whole address in its first line', ['page'], lineOf(() => `GET http://127.0.0.1:${server.port}/ HTTP/1.1`), 400],
  ['as to a proxy', ['page'], line('GET http://evil.example/ HTTP/1.1'), 400],
  ['to open a socket elsewhere', ['socket'], line('GET /other HTTP/1.1'), 404],
  ['to open a socket with a query', ['socket'], line('GET /api/socket?session=x HTTP/1.1'), 404],
  ['to shut down', ['session'], line('POST /api/shutdown HTTP/1.1'), 405],
];

describe('a request is refused', () => {
  test.each(spoiled.flatMap(([why, kinds, spoil, status]) => kinds.map((kind) => ({ why, kind, spoil, status }))))('$why: $kind', async ({ kind, spoil, status }) => {
    expect((await send(spoil(requests[kind]()))).status).toBe(status);
  });
  test('when its body is longer than it said', async () => {
    const request = replaced('Transfer-Encoding', () => 'chunked')(without('Content-Length')(requests.session()));
    const chunk = 'x'.repeat(4096);
    expect((await send({ ...request, body: `${chunk.length.toString(16)}\r\n${chunk}\r\n0\r\n\r\n` })).status).toBe(413);
  });
  test('when it has both a length and chunks, as smuggled ones do', async () => {
    const { body, ...request } = requests.session();
    // Read either way it would be the right one.
    const chunks = `${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`;
    expect((await send({ ...doubled('Transfer-Encoding', () => 'chunked')({ ...request, body }), body: chunks })).status).toBe(400);
  });
  test.each([['no JSON', 'token=x'], ['a list', '[]'], ['a number for a token', '{"token":1}'], ['more than a token', '{"token":"x","also":1}']])('when its body is %s', async (_what, body) => {
    expect((await send({ ...replaced('Content-Length', () => String(body.length))(requests.session()), body })).status).toBe(400);
  });
  test('when it is no request at all', async () => {
    expect((await rawRequest(server.port, '\u0016\u0003\u0001\u0002 this is TLS\r\n\r\n')).status).toBe(400);
  });
});

describe('every answer', () => {
  const answers: [string, () => Promise<RawAnswer>][] = [
    ...everyKind.filter((kind) => kind !== 'socket').map((kind): [string, () => Promise<RawAnswer>] => [kind, () => send(requests[kind]())]),
    ['a refusal', () => send(replaced('Host', () => 'evil.example')(requests.page()))],
    ['a refused socket', () => send(without('Origin')(requests.socket()))],
    ['what is not there', () => send(line('GET /other HTTP/1.1')(requests.page()))],
    ['a wrong token', () => send({ ...replaced('Content-Length', () => '13')(requests.session()), body: '{"token":"x"}' })],
    ['a request without a Host', () => send(without('Host')(requests.page()))],
    ['a socket without its key', () => send(without('Sec-WebSocket-Key')(requests.socket()))],
    ['a socket of another version', () => send(replaced('Sec-WebSocket-Version', () => '7')(requests.socket()))],
    ['a socket with an improper protocol', () => send(doubled('Sec-WebSocket-Protocol', () => 'a b')(requests.socket()))],
    ['another upgrade', () => send(replaced('Upgrade', () => 'h2c')(requests.socket()))],
    ['an expectation', () => send(doubled('Expect', () => 'the-unexpected')(requests.page()))],
    ['no request', () => rawRequest(server.port, 'nonsense\r\n\r\n')],
  ];
  const always: [string, string | RegExp][] = [
    ['x-content-type-options', 'nosniff'],
    ['cross-origin-resource-policy', 'same-origin'],
    ['cross-origin-opener-policy', 'same-origin'],
    ['referrer-policy', 'no-referrer'],
    ['content-security-policy', /^default-src 'none';.*frame-ancestors 'none'$/],
  ];
  test.each(answers.flatMap(([what, ask]) => always.map(([header, value]) => ({ what, ask, header, value }))))('says $header: $what', async ({ ask, header, value }) => {
    expect((await ask()).headers.get(header)).toEqual(typeof value === 'string' ? value : expect.stringMatching(value));
  });
  test.each(answers)('is not kept: %s', async (_what, ask) => {
    expect((await ask()).headers.get('cache-control')).toBe('no-store');
  });
  test.each(answers)('lets no other origin read it: %s', async (_what, ask) => {
    expect([...(await ask()).headers.keys()].filter((name) => name.startsWith('access-control-'))).toEqual([]);
  });
  test.each(answers)('sets no cookie: %s', async (_what, ask) => {
    expect((await ask()).headers.has('set-cookie')).toBe(false);
  });
});

describe('the page', () => {
  const nonceOf = (answer: RawAnswer): string => /'nonce-([^']+)'/.exec(answer.headers.get('content-security-policy') ?? '')?.[1] ?? '';

  test('has the policy that was promised', async () => {
    const answer = await send(requests.page());
    expect(answer.headers.get('content-security-policy')).toBe(
      `default-src 'none'; script-src 'self'; style-src 'self' 'nonce-${nonceOf(answer)}'; img-src 'self' data:; font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
    );
  });
  test('carries the nonce of its own policy', async () => {
    const answer = await send(requests.page());
    expect(answer.body).toContain(`<meta name="csp-nonce" content="${nonceOf(answer)}">`);
  });
  test('has a fresh nonce for each load', async () => {
    const nonces = await Promise.all(Array.from({ length: 20 }, async () => nonceOf(await send(requests.page()))));
    expect(new Set(nonces).size).toBe(20);
  });
  test('has a nonce of 128 bits', async () => {
    expect(Buffer.from(nonceOf(await send(requests.page())), 'base64')).toHaveLength(16);
  });
  test('may be opened from a link elsewhere', async () => {
    expect((await send(replaced('Sec-Fetch-Site', () => 'cross-site')(requests.page()))).status).toBe(200);
  });
});

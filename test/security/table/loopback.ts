/** The console on 127.0.0.1. */
import { proofsIn, type Statement } from '#test/security/statement.ts';

const headers = proofsIn('test/security/loopback-headers.test.ts');
const sessions = proofsIn('test/security/loopback-sessions.test.ts');
const files = proofsIn('test/security/loopback-files.test.ts');
const starts = proofsIn('test/security/loopback-start.test.ts');
const page = proofsIn('test/security/loopback-page.test.ts');
const program = proofsIn('test/integration/loopback-host.test.ts');
const console = proofsIn('test/web/first-start.test.ts');
const contract = proofsIn('test/contract/transports.test.ts');
const fuzz = proofsIn('test/security/contract-fuzz.test.ts');

const rules = 'electron/loopback/rules.ts';
const server = 'electron/loopback/server.ts';
const door = 'electron/loopback/socket-channel.ts';
const sessionFile = 'electron/loopback/sessions.ts';
const answers = 'electron/engine/console/headers.ts';
const entry = 'renderer/transport/session.ts';

const refused = (row: string) => headers('a request is refused > $why: $kind', row);
const said = (row: string) => headers('every answer > says $header: $what', row);

export const loopback: readonly Statement[] = [
  {
    id: 'loopback-address',
    says: 'The console listens on 127.0.0.1 and is reached by no other address of the computer.',
    proofs: [sessions('the server > listens on 127.0.0.1 and nowhere else'), sessions('the server > cannot be reached by any other address of this computer')],
    mutations: [{ file: server, find: 'server.listen({ host: address,', replace: "server.listen({ host: '0.0.0.0'," }],
  },
  {
    id: 'loopback-port',
    says: 'Its port is one that nobody could know before.',
    proofs: [starts('a port is open only where somebody started the console: > the console takes one that nobody chose, and another one for another data folder'), proofsIn('test/security/canaries.test.ts')('after everything that can be done > the console stood on this computer alone, at a port that nobody could know before')],
    mutations: [{ file: 'electron/loopback/main.ts', find: "Number(values.port ?? '0')", replace: "Number(values.port ?? '8080')", fails: 'the address of the console' }],
  },
  {
    id: 'loopback-on-purpose',
    says: 'No port is open but where somebody started the console: other programs of the person come by a private socket.',
    proofs: [starts('a port is open only where somebody started the console: > an engine by itself, and what attaches to it, opens none')],
    mutations: [{ file: 'electron/engine/attach/attach-server.ts', find: 'server.listen(path, () => resolve());', replace: "server.listen(path, () => void createServer().listen(0, '127.0.0.1', () => resolve()));" }],
  },
  {
    id: 'loopback-token-size',
    says: 'What lets in is a token of 256 bits.',
    proofs: [sessions('a one-time token > has 256 bits')],
    mutations: [{ file: sessionFile, find: 'const secretBytes = 32;', replace: 'const secretBytes = 8;' }],
  },
  {
    id: 'loopback-token-fragment',
    says: 'It stands in the fragment of the address, which no browser sends to anybody.',
    proofs: [sessions('a one-time token > stands in the fragment, which no browser sends')],
    mutations: [{ file: server, find: '/#token=${sessions.issueToken()}', replace: '/?token=${sessions.issueToken()}#token=' }],
  },
  {
    id: 'loopback-token-address-bar',
    says: 'It leaves the address as soon as the page is there, and is kept nowhere.',
    proofs: [console('the first start > keeps the session for its own tab alone, and the token nowhere'), page('the token is in no entry of the history of the tab'), page('the token has left the address before anything is shown')],
    mutations: [{ file: entry, find: "  window.history.replaceState(null, '', `${window.location.pathname}#/`);\n", replace: '' }],
  },
  {
    id: 'loopback-token-once',
    says: 'It is exchanged once, however often it is sent.',
    proofs: [sessions('a one-time token > becomes a session once'), sessions('a one-time token > becomes one session when it is sent twenty times at once')],
    mutations: [{ file: sessionFile, find: '      tokens.splice(index, 1);\n', replace: '' }],
  },
  {
    id: 'loopback-token-age',
    says: 'It is good for a while only.',
    proofs: [sessions('a one-time token > is refused when it is too old')],
    mutations: [{ file: sessionFile, find: 'tokens = tokens.filter((entry) => entry.expiresAt > now);', replace: 'tokens = tokens.filter(() => now > 0);' }],
  },
  {
    id: 'loopback-constant-time',
    says: 'Tokens and sessions are compared in constant time, every one of them.',
    proofs: [starts('a token and a session are compared in constant time: > every token is looked at, though number %i was the right one'), starts('a token and a session are compared in constant time: > every session is looked at, though the first was the right one'), starts('a token and a session are compared in constant time: > every token is looked at, though none was the right one')],
    mutations: [
      { file: sessionFile, find: 'return digests.reduce((found, candidate, index) => (timingSafeEqual(candidate, wanted) ? index : found), -1);', replace: 'return digests.findIndex((candidate) => timingSafeEqual(candidate, wanted));' },
      { file: sessionFile, find: 'timingSafeEqual(candidate, wanted) ? index : found', replace: "candidate.toString('hex') === wanted.toString('hex') ? index : found" },
    ],
  },
  {
    id: 'loopback-session-storage',
    says: 'The session is kept by its own tab alone.',
    proofs: [console('the first start > keeps the session for its own tab alone, and the token nowhere')],
    mutations: [{ file: entry, find: '  window.sessionStorage.setItem(storageKey, body.session);', replace: '  window.sessionStorage.setItem(storageKey, body.session);\n  window.localStorage.setItem(storageKey, body.session);' }],
  },
  {
    id: 'loopback-reload',
    says: 'A reload stays signed in.',
    proofs: [sessions('a WebSocket > is served again with the same session, as after a reload'), page('a reload stays signed in, by what its own tab kept')],
    mutations: [
      { file: entry, find: '  window.sessionStorage.setItem(storageKey, body.session);', replace: '', fails: 'locator.waitFor: Timeout' },
      { file: sessionFile, find: 'const known = indexOfEqual(sessions, digest(session)) !== -1;', replace: 'const known = indexOfEqual(sessions, digest(session)) !== -1;\n      sessions.length = 0;', fails: 'locator.waitFor: Timeout' },
    ],
  },
  {
    id: 'loopback-fresh-link',
    says: 'Starting it again prints a fresh address of the console that runs.',
    proofs: [program('the console on loopback > is started a second time by asking the running one for a fresh address')],
    mutations: [{ file: 'electron/engine/attach/attach-server.ts', find: 'if (hostRequests.link !== undefined) return { link: hostRequests.link() };', replace: '', fails: 'the address of the console' }],
  },
  {
    id: 'loopback-session-process',
    says: 'A session ends with the process that gave it.',
    proofs: [program('the console on loopback > knows no session of an earlier run'), starts('a session of one run is none of the next, nor is its token')],
    mutations: [
      { file: sessionFile, find: 'const sessions: Buffer[] = [];', replace: "const sessions = ((globalThis as unknown as Record<string, Buffer[]>)['kept'] ??= []);" },
      { file: sessionFile, find: 'if (index === -1) {', replace: 'if (index === -1 && tokens.length > 9) {' },
    ],
  },
  {
    id: 'loopback-first-message',
    says: 'A WebSocket says its session first, and is answered nothing before.',
    proofs: [sessions('a WebSocket > is closed on %s'), sessions('a WebSocket > is closed on a session in bytes'), sessions('a WebSocket > is closed with a token in place of a session'), sessions('a WebSocket > gets no answer to what it asks before its session')],
    mutations: [{ file: door, find: "      socket.on('message', judge);", replace: "      options.serve(createSocketChannel(socket), stream);\n      socket.on('message', judge);" }],
  },
  {
    id: 'loopback-before-session',
    says: 'Before its session a WebSocket may say little, and not take long over it.',
    proofs: [sessions('a WebSocket > that says nothing is closed within six seconds'), sessions('a WebSocket > is closed before what is too long has come to its end'), sessions('a WebSocket > is closed on many small pieces without an end')],
    mutations: [
      { file: door, find: "const impatience = setTimeout(() => refuse(closeTooSlow, 'No session came.'), options.patienceMs);", replace: "const impatience = setTimeout(() => refuse(closeTooSlow, 'No session came.'), options.patienceMs * 4);" },
      { file: door, find: "if (received > longestBeforeSession) refuse(closeUnauthorized, 'The session is not known.');", replace: '' },
    ],
  },
  {
    id: 'loopback-crowd',
    says: 'Whoever holds many connections keeps no tab out, and cuts none off.',
    proofs: [sessions('the server > lets a new tab in, and keeps one that is in, where somebody holds all connections'), sessions('a WebSocket > that waits longest makes room for a new one where too many wait')],
    mutations: [
      { file: 'electron/loopback/crowd.ts', find: 'if (strangers.delete(connection)) admitted.add(connection);', replace: '', fails: 'Test timed out' },
      { file: door, find: 'if (waiting.size > mostWaiting) longest?.terminate();', replace: 'if (waiting.size > mostWaiting * 2) longest?.terminate();', fails: 'Test timed out' },
    ],
  },
  {
    id: 'loopback-no-cookies',
    says: 'There are no cookies: another port of this computer would share them.',
    proofs: [headers('every answer > sets no cookie: %s'), page('no cookie is set, read or sent')],
    mutations: [{ file: answers, find: "    'Cache-Control': 'no-store',\n", replace: "    'Cache-Control': 'no-store',\n    'Set-Cookie': 'pilothouse=1',\n" }],
  },
  {
    id: 'loopback-host',
    says: 'The Host header is our address by number: a name that was made to lead here gets nothing.',
    proofs: ['with a name for a Host, as DNS rebinding brings it', 'with the Host of an attacker', 'with our name under another port', 'with a Host without its port', 'with a Host that only begins like ours', 'with another spelling of our address', 'without a Host'].map(refused),
    mutations: [
      { file: rules, find: '  if (request.headers.host !== authority)', replace: "  if (request.headers.host === undefined)" },
      { file: rules, find: '  if (request.headers.host !== authority)', replace: "  if (request.headers.host?.startsWith(authority) !== true)" },
    ],
  },
  {
    id: 'loopback-once-each',
    says: 'A header that decides comes once.',
    proofs: ['with two Hosts', 'of two origins'].map(refused),
    mutations: [{ file: rules, find: 'if (count(request, name) > 1)', replace: 'if (count(request, name) > 9)' }],
  },
  {
    id: 'loopback-origin',
    says: 'The Origin is exactly ours, where there is one.',
    proofs: [...['of another origin', 'of an origin on another port of ours', 'of our origin by its name', 'of our origin over another protocol', 'of a hidden origin', 'of an empty origin'].map(refused), page('a page of another origin gets nothing of the console: > no socket')],
    mutations: [
      { file: rules, find: '  if (origin !== undefined && origin !== `http://${authority}`)', replace: "  if (origin !== undefined && !origin.endsWith(authority.slice(9)))" },
      { file: rules, find: '  if (origin !== undefined && origin !== `http://${authority}`)', replace: '  if (origin === authority)' },
    ],
  },
  {
    id: 'loopback-origin-post',
    says: 'The exchange of a token without an Origin is refused.',
    proofs: [refused('without an Origin')],
    mutations: [{ file: rules, find: "allow: 'POST' };\n  if (request.headers.origin === undefined) return { status: 403, reason: 'The Origin header is missing.' };", replace: "allow: 'POST' };" }],
  },
  {
    id: 'loopback-origin-socket',
    says: 'A WebSocket without an Origin is refused.',
    proofs: [refused('without an Origin')],
    mutations: [{ file: rules, find: "allow: 'GET' };\n  if (request.headers.origin === undefined) return { status: 403, reason: 'The Origin header is missing.' };", replace: "allow: 'GET' };" }],
  },
  {
    id: 'loopback-fetch-site',
    says: 'What asks for a session says that it comes from our own page, and nothing else that belongs to the page is given to another site.',
    proofs: [...['from another site', 'from the same site, another port', 'from nowhere', 'that does not say its site', 'into a frame of another site'].map(refused), page('a page of another origin gets nothing of the console: > not the fact that it is there, without reading it'), page('a page of another origin gets nothing of the console: > no script of it')],
    mutations: [
      { file: rules, find: '  const site = refuseForeignSite(request, true);', replace: '  const site = refuseForeignSite(request, false);' },
      { file: rules, find: "  if (site === 'same-origin' || (site === undefined && !required)) return null;", replace: "  if (site?.startsWith('same-') === true || (site === undefined && !required)) return null;" },
      { file: rules, find: '  return opensPage ? null : refuseForeignSite(request, false);', replace: '  return opensPage ? null : null;' },
    ],
  },
  {
    id: 'loopback-json',
    says: 'Only JSON in UTF-8 is read: nothing that a form of another page can send.',
    proofs: [...['without a content type', 'as a form, which needs no preflight', 'as plain text, which needs no preflight', 'as something that only begins like JSON', 'as JSON of another encoding', 'with an encoded body'].map(refused), headers('a request is refused > when its body is %s')],
    mutations: [
      { file: rules, find: String.raw`/^application\/json(?:\s*;\s*charset=utf-8)?$/i`, replace: String.raw`/^(?:application\/json|text\/|)/i` },
      { file: rules, find: "  if (request.headers['content-encoding'] !== undefined)", replace: "  if (request.headers['content-encoding'] === 'br')" },
      { file: server, find: 'const sessionRequest = z.strictObject({ token: z.string()', replace: 'const sessionRequest = z.object({ token: z.coerce.string()' },
    ],
  },
  {
    id: 'loopback-size',
    says: 'What is longer than a token takes is not read to its end.',
    proofs: [refused('that says it is longer than it may be'), headers('a request is refused > when its body is longer than it said')],
    mutations: [
      { file: rules, find: "  if (Number(request.headers['content-length'] ?? 0) > longestBody)", replace: "  if (Number(request.headers['content-length'] ?? 0) > longestBody * 10_000)" },
      { file: server, find: '    if (length > longestBody) return null;\n', replace: '' },
    ],
  },
  {
    id: 'loopback-no-cors',
    says: 'There is no CORS: no other origin may read an answer, and none is told that it could ask.',
    proofs: [headers('every answer > lets no other origin read it: %s'), refused('by OPTIONS: there is no CORS'), page('a page of another origin gets nothing of the console: > not its page by fetch'), page('a page of another origin gets nothing of the console: > no session by a form or by fetch, with whatever token')],
    mutations: [
      { file: answers, find: "    'Cache-Control': 'no-store',\n", replace: "    'Cache-Control': 'no-store',\n    'Access-Control-Allow-Origin': '*',\n" },
      { file: rules, find: "  if (request.method !== 'POST')", replace: "  if (request.method === 'GET')" },
    ],
  },
  {
    id: 'loopback-methods',
    says: 'Files are read by GET, and nothing is done by any other method.',
    proofs: ['by PUT', 'by GET', 'by POST', 'by DELETE', 'by TRACE', 'to shut down'].map(refused),
    mutations: [{ file: rules, find: "  if (request.method !== 'GET' && request.method !== 'HEAD') return { status: 405, reason: 'Files are only read.', allow: 'GET, HEAD' };\n", replace: '' }],
  },
  {
    id: 'loopback-first-line',
    says: 'A request names a path of ours, and no address as to a proxy.',
    proofs: ['with a whole address in its first line', 'as to a proxy', 'to open a socket elsewhere', 'to open a socket with a query'].map(refused),
    mutations: [
      { file: rules, find: "  if (request.url === undefined || !request.url.startsWith('/'))", replace: '  if (request.url === undefined)' },
      { file: rules, find: '  if (request.url !== socketPath)', replace: '  if (request.url?.startsWith(socketPath) !== true)' },
    ],
  },
  {
    id: 'loopback-no-store',
    says: 'No answer is kept by a cache.',
    proofs: [headers('every answer > is not kept: %s')],
    mutations: [{ file: answers, find: "    'Cache-Control': 'no-store',\n", replace: '' }],
  },
  {
    id: 'loopback-nosniff',
    says: 'No answer is taken for something else than it says that it is.',
    proofs: [said('x-content-type-options')],
    mutations: [{ file: answers, find: "    'X-Content-Type-Options': 'nosniff',\n", replace: '' }],
  },
  {
    id: 'loopback-corp',
    says: 'No other page may use an answer of ours, or hold a window of it.',
    proofs: [said('cross-origin-resource-policy'), said('cross-origin-opener-policy'), page('a page of another origin gets nothing of the console: > no hold of its window')],
    mutations: [
      { file: answers, find: "    'Cross-Origin-Resource-Policy': 'same-origin',\n", replace: '' },
      { file: answers, find: "    'Cross-Origin-Opener-Policy': 'same-origin',\n", replace: '' },
    ],
  },
  {
    id: 'loopback-no-referrer',
    says: 'Our address is told to nobody whom a link leads to.',
    proofs: [said('referrer-policy')],
    mutations: [{ file: answers, find: "    'Referrer-Policy': 'no-referrer',\n", replace: '' }],
  },
  {
    id: 'loopback-refusals',
    says: 'What is refused before it is a request is answered with the same headers.',
    proofs: [said('content-security-policy'), said('x-content-type-options')],
    mutations: [
      { file: server, find: "  const headers = { ...commonHeaders(), 'Content-Type'", replace: "  const headers = { 'Content-Type'" },
      { file: server, find: "  server.on('checkExpectation', (_request, response) => refuse(response, { status: 417, reason: 'Nothing is expected of this server.' }));\n", replace: '' },
    ],
  },
  {
    id: 'loopback-smuggling',
    says: 'A request of two lengths, and what is none at all, is refused.',
    proofs: [headers('a request is refused > when it has both a length and chunks, as smuggled ones do'), headers('a request is refused > when it is no request at all'), files('a connection that goes on for too long > is answered where something was asked by half')],
    mutations: [{ file: server, find: 'const server = createServer({ ', replace: 'const server = createServer({ insecureHTTPParser: true, ' }],
  },
  {
    id: 'loopback-files',
    says: 'A file is found by the exact path that the build named and by nothing else, however it is written.',
    proofs: [files('files of the console > are not found by %s'), files('files of the console > are found by no other path, however it is written')],
    mutations: [
      { file: 'electron/engine/console/assets.ts', find: '    find: (path) => files.get(path),', replace: "    find: (path) => {\n      try {\n        const plain = decodeURIComponent(path.split('?')[0] ?? '');\n        return files.get(plain) ?? { body: readFileSync(join(folder, plain)), mediaType: 'text/plain' };\n      } catch {\n        return undefined;\n      }\n    }," },
    ],
  },
  {
    id: 'loopback-files-as-built',
    says: 'What is not what was built is not served at all.',
    proofs: [files('files of the console > are not served when one of them is not what was built')],
    mutations: [{ file: 'electron/engine/console/assets.ts', find: 'if (digestOf(body) !== digest) throw damaged(join(folder, path));', replace: 'if (digestOf(body) === digest.slice(1)) throw damaged(join(folder, path));' }],
  },
  {
    id: 'loopback-contract',
    says: 'Whatever is asked over the wire, and however hostile, is refused with a whole error or answered, and ends nothing.',
    proofs: [fuzz('hostile input $title > every method answers %s in any field with a whole error or an answer'), fuzz('hostile input $title > what it does not take is never handed on to a room'), fuzz('hostile input $title > a field that nobody knows is refused beside those that are known, by every method'), fuzz('hostile input $title > no object of this process has got anything from it'), fuzz('hostile input $title > the stream %s answers any input with a whole error'), contract('the wire $title > survives frames that are none'), contract('the contract $title > refuses what is no object at all, for every method'), contract('the contract $title > refuses fields that %s does not know')],
    mutations: [
      { file: 'electron/engine/dispatch/dispatcher.ts', find: "    if (parsed.success) return parsed.data;", replace: "    if (parsed.success || what === 'input') return parsed.data ?? value;" },
      { file: 'shared/contract/app.ts', find: "'vault.unlock': command('Opens the vault.', z.strictObject(", replace: "'vault.unlock': command('Opens the vault.', z.object(" },
    ],
  },
  {
    id: 'loopback-unknown-methods',
    says: 'A method that is not in the contract is none, whatever objects are called by its name.',
    proofs: [contract('the contract $title > refuses the unknown method "%s"')],
    mutations: [{ file: 'electron/engine/dispatch/dispatcher.ts', find: "if (!Object.hasOwn(methods, method)) throw unknownName('method', method);", replace: "if (!(method in methods)) throw unknownName('method', method);" }],
  },
  {
    id: 'loopback-frame-size',
    says: 'A frame that is too long ends its connection, and no other.',
    proofs: [contract('the contract $title > refuses input that is too big, and goes on serving others')],
    mutations: [{ file: 'electron/engine/dispatch/serve-channel.ts', find: 'if (text.length > maximumFrameLength) return channel.close();', replace: 'if (text.length > maximumFrameLength * 9) return channel.close();' }],
  },
];

/** The window of the desktop, and the page in both of its hosts. */
import { proofsIn, type Mutation, type Statement } from '#test/security/statement.ts';

const app = proofsIn('test/security/window.test.ts');
const contained = proofsIn('test/security/window-containment.test.ts');
const code = proofsIn('test/security/window-code.test.ts');
const page = proofsIn('test/security/loopback-page.test.ts');
const headers = proofsIn('test/security/loopback-headers.test.ts');
const screens = proofsIn('test/web/every-screen.test.ts');
const house = proofsIn('test/unit/house-rules.test.ts');
const addresses = proofsIn('test/unit/desktop/app-address.test.ts');
const packaged = proofsIn('test/desktop/package-configuration.test.ts');

const containment = 'electron/main/containment.ts';
const factory = 'electron/main/window.ts';
const messages = 'electron/main/ipc.ts';
const answers = 'electron/engine/console/headers.ts';
const scheme = 'electron/engine/console/app-page.ts';
const preload = 'electron/preload/preload.ts';
const fuseFile = 'scripts/dist/fuses.ts';

const everyScreen = screens('every screen and dialog, in both themes, > $name breaks no rule of access and no policy, and asks nobody but its own engine', 'connection', 'test/support/web/screenshots.ts');

const option = (id: string, says: string, title: string, mutation: Omit<Mutation, 'file'>): Statement => ({
  id: `window-option-${id}`,
  says,
  proofs: [app('the window > is made with %s: %s', title)],
  mutations: [{ file: factory, ...mutation }],
});
const fuse = (id: string, says: string, name: string, isOn: boolean): Statement => ({
  id: `window-fuse-${id}`,
  says,
  proofs: [code('a fuse of the binary > is as it was decided: %s %s', name), code('a fuse of the binary > is so in a binary that was packaged: %s %s', name)],
  mutations: [{ file: fuseFile, find: `[FuseV1Options.${name}]: ${String(isOn)},`, replace: `[FuseV1Options.${name}]: ${String(!isOn)},` }],
});

export const window: readonly Statement[] = [
  {
    id: 'window-own-origin',
    says: 'The window loads nothing but its own files: whatever else is asked for is cancelled before it leaves.',
    proofs: [app('the page > asks for nothing but its own files, and its policy refuses none of them, on every page and in every dialog that an empty start has'), app('a request > is cancelled before it leaves: %s'), app('a request > goes nowhere but to the files of the page: %s'), app('a request > of the page for its own files is answered')],
    mutations: [{ file: containment, find: 'decide({ cancel: !isOurs && !isForDevelopers });', replace: 'decide({ cancel: !isOurs && !isForDevelopers && url === null });' }],
  },
  {
    id: 'window-own-origin-loopback',
    says: 'In a browser every screen and dialog asks nobody but its own engine, and an injected page reaches nobody else.',
    proofs: [everyScreen, page('a page that was taken over reaches nobody else: > by %s')],
    mutations: [
      { file: 'renderer/main.tsx', find: 'const root = document.querySelector', replace: "new Image().src = 'http://127.0.0.1:9/elsewhere.png';\nconst root = document.querySelector" },
      { file: answers, find: `"connect-src 'self'",`, replace: '"connect-src *",' },
    ],
  },
  {
    id: 'window-one-factory',
    says: 'Windows are made by one factory in one file of the main process: nothing else makes one, or a view.',
    proofs: [code('windows and views > are made in one place'), code('windows and views > are made of nothing that electron is imported for elsewhere'), house('the rules of the house > %s', 'windows are made in main alone'), house('the rules of the house > %s', 'windows are made in main alone, by any name'), app('the window > is the only one, and every process of a page is in a sandbox')],
    mutations: [
      { file: '.oxlintrc.json', find: '"house/windows": "error"', replace: '"house/windows": "off"' },
      { file: 'electron/main/presence.ts', find: '  const badge = (', replace: '  void (() => new BrowserWindow());\n  const badge = (' },
    ],
  },
  {
    id: 'window-sandbox',
    says: 'Every process of a page is in a sandbox, before the first is made.',
    proofs: [app('the window > is the only one, and every process of a page is in a sandbox')],
    mutations: [{ file: 'electron/main/main.ts', find: 'app.enableSandbox();\n', replace: '' }],
  },
  option('sandbox', 'The page is in a sandbox of its own.', 'sandbox', { find: 'sandbox: true,', replace: 'sandbox: false,' }),
  option('isolation', 'The page and its preload script are two worlds.', 'contextIsolation', { find: 'contextIsolation: true,', replace: 'contextIsolation: false,' }),
  option('node', 'There is no Node in the page.', 'nodeIntegration', { find: 'nodeIntegration: false,', replace: 'nodeIntegration: true,' }),
  option('node-workers', 'There is none in its workers.', 'nodeIntegrationInWorker', { find: 'nodeIntegrationInWorker: false,', replace: 'nodeIntegrationInWorker: true,' }),
  option('node-frames', 'There is none in its frames.', 'nodeIntegrationInSubFrames', { find: 'nodeIntegrationInSubFrames: false,', replace: 'nodeIntegrationInSubFrames: true,' }),
  option('web-security', 'Origins are kept apart.', 'webSecurity', { find: 'webSecurity: true,', replace: 'webSecurity: false,' }),
  option('experimental', 'Nothing experimental is switched on.', 'experimentalFeatures', { find: 'experimentalFeatures: false,', replace: 'experimentalFeatures: true,' }),
  {
    id: 'window-option-blink',
    says: 'No feature of Blink is switched on or off, and the preload script is ours.',
    proofs: [app('the window > has no features of Blink switched on or off, no other session, and one preload script of ours')],
    mutations: [{ file: factory, find: '      safeDialogs: true,', replace: "      enableBlinkFeatures: 'CSSVariables',\n      safeDialogs: true," }],
  },
  {
    id: 'window-no-tools',
    says: 'A packaged window has no tools for developers.',
    proofs: [app('a packaged window has no tools for developers, and nothing is asked of them')],
    mutations: [
      { file: factory, find: 'devTools: !app.isPackaged,', replace: 'devTools: true,' },
      { file: containment, find: "!app.isPackaged && url?.protocol === 'devtools:'", replace: "url?.protocol === 'devtools:'" },
    ],
  },
  {
    id: 'window-no-node',
    says: 'In the page of the window `process`, `require` and whatever else is Node’s is undefined.',
    proofs: [app('the page > has no %s')],
    mutations: [{ file: preload, find: "contextBridge.exposeInMainWorld('pilothouse', bridge);", replace: "contextBridge.exposeInMainWorld('pilothouse', bridge);\ncontextBridge.exposeInMainWorld('process', { platform: process.platform });" }],
  },
  {
    id: 'window-no-node-browser',
    says: 'The same holds in a browser, and there is no bridge there.',
    proofs: [page('in the page there is nothing of Node: > %s is not there'), page('in the page there is nothing of Node: > and no bridge of a window where there is none')],
    mutations: [{ file: 'renderer/main.tsx', find: 'const root = document.querySelector', replace: "(globalThis as unknown as Record<string, unknown>)['process'] = {};\nconst root = document.querySelector" }],
  },
  {
    id: 'window-permission-request',
    says: 'Every permission that a page asks for is denied.',
    proofs: [app('a permission > is denied: %s'), app('a permission > is not given to the page itself where it asks Chromium'), app('a permission > has a handler of ours on every way in which Electron asks')],
    mutations: [{ file: containment, find: '  defaultSession.setPermissionRequestHandler((_contents, _permission, decide) => decide(false));\n', replace: '' }],
  },
  {
    id: 'window-permission-check',
    says: 'Every permission that is checked without asking is denied.',
    proofs: [app('a permission > has a handler of ours on every way in which Electron asks'), contained('a permission is denied by each of two handlers: asked for, and checked without asking')],
    mutations: [
      { file: containment, find: '  defaultSession.setPermissionCheckHandler(() => false);\n', replace: '' },
      { file: containment, find: 'setPermissionCheckHandler(() => false)', replace: 'setPermissionCheckHandler(() => true)' },
    ],
  },
  {
    id: 'window-permission-device',
    says: 'No device is given to a page.',
    proofs: [app('a permission > is given to no device: %s')],
    mutations: [{ file: containment, find: 'setDevicePermissionHandler(() => false)', replace: 'setDevicePermissionHandler(() => true)' }],
  },
  {
    id: 'window-permission-display',
    says: 'No screen is given to a page.',
    proofs: [app('a permission > to look at screens is given to nobody'), app('a permission > has a handler of ours on every way in which Electron asks')],
    mutations: [
      { file: containment, find: '  defaultSession.setDisplayMediaRequestHandler((_request, decide) => decide(null));\n', replace: '' },
      { file: containment, find: 'setDisplayMediaRequestHandler((_request, decide) => decide(null))', replace: "setDisplayMediaRequestHandler((_request, decide) => decide({ audio: 'loopback' }))" },
    ],
  },
  {
    id: 'window-policy',
    says: 'The page of the window has the content security policy that was promised.',
    proofs: [app('the scheme of the window > gives the page the policy that was promised')],
    mutations: [
      { file: answers, find: `"script-src 'self'",`, replace: `"script-src 'self' 'unsafe-inline'",` },
      { file: scheme, find: 'commonHeaders(pagePolicy(nonce))', replace: "commonHeaders(pagePolicy(nonce).replace('; frame-ancestors', '; media-src *; frame-ancestors'))" },
    ],
  },
  {
    id: 'window-policy-loopback',
    says: 'So has the page in a browser.',
    proofs: [headers('the page > has the policy that was promised')],
    mutations: [
      { file: answers, find: `    "form-action 'none'",\n`, replace: '' },
      { file: answers, find: `"default-src 'none'",\n    "script`, replace: `"default-src 'self'",\n    "script` },
    ],
  },
  {
    id: 'window-nonce',
    says: 'Each load of the window has a nonce of its own, of 128 bits.',
    proofs: [app('the scheme of the window > gives it a nonce of 128 bits that is fresh for each load, and stands in the page')],
    mutations: [{ file: 'electron/main/page.ts', find: "randomBytes(16).toString('base64')", replace: "'AAAAAAAAAAAAAAAAAAAAAA=='" }],
  },
  {
    id: 'window-nonce-loopback',
    says: 'So has each load in a browser.',
    proofs: [headers('the page > has a fresh nonce for each load'), headers('the page > has a nonce of 128 bits'), headers('the page > carries the nonce of its own policy')],
    mutations: [{ file: 'electron/loopback/server.ts', find: "ports.random.bytes(16).toString('base64')", replace: "'AAAAAAAAAAAAAAAAAAAAAA=='" }],
  },
  {
    id: 'window-no-violations',
    says: 'No screen and no dialog is refused anything by the policy: the styles that libraries make have the nonce.',
    proofs: [everyScreen, app('the page > asks for nothing but its own files, and its policy refuses none of them, on every page and in every dialog that an empty start has')],
    mutations: [{ file: 'renderer/main.tsx', find: 'setNonce(nonce);', replace: "setNonce('');" }],
  },
  {
    id: 'window-injection',
    says: 'A script, a handler, a style, a frame, a base or an object that is injected into the page does nothing.',
    proofs: [page('what is injected into the page > does nothing: %s (%s)')],
    mutations: [
      { file: answers, find: `"script-src 'self'",`, replace: `"script-src 'self' 'unsafe-inline' 'unsafe-eval' blob: data:",` },
      { file: answers, find: "`style-src 'self' 'nonce-${nonce}'`,", replace: `"style-src 'self' 'unsafe-inline'",` },
      { file: answers, find: `    "base-uri 'none'",\n`, replace: '' },
    ],
  },
  {
    id: 'window-framing',
    says: 'Nobody holds the page in a frame.',
    proofs: [page('a page of another origin gets nothing of the console: > no frame of it'), headers('the page > has the policy that was promised')],
    mutations: [{ file: answers, find: `    "font-src 'self'",\n    "connect-src 'self'",\n    "base-uri 'none'",\n    "form-action 'none'",\n    "frame-ancestors 'none'",`, replace: `    "font-src 'self'",\n    "connect-src 'self'",\n    "base-uri 'none'",\n    "form-action 'none'",` }],
  },
  {
    id: 'window-no-webview',
    says: 'There is no web view, though a page were allowed the tag.',
    proofs: [contained('no web view is attached, though the page were allowed the tag'), app('a window that the page opens > and no web view is attached'), app('the window > is made with %s: %s', 'webviewTag')],
    mutations: [
      { file: containment, find: "    contents.on('will-attach-webview', (event) => event.preventDefault());\n", replace: '' },
      { file: factory, find: 'webviewTag: false,', replace: 'webviewTag: true,' },
    ],
  },
  {
    id: 'window-navigation',
    says: 'A page goes nowhere by itself.',
    proofs: [app('the page goes > nowhere by itself: %s'), app('the page goes > nowhere by a link, a form or a script, and stays what it was'), app('the page goes > on where it is, by its own addresses'), contained('a page is led nowhere > where only will-navigate asks: %s'), contained('a page is led nowhere > by a link or a script: %s'), contained('a page is led nowhere > and may go on within itself')],
    mutations: [
      { file: containment, find: "    contents.on('will-navigate', (event) => {\n      if (!isPage(event.url)) event.preventDefault();\n    });\n", replace: '' },
      { file: 'shared/domain/app-address.ts', find: 'url.hostname === origin.host && isPlain(url)', replace: 'url.hostname.startsWith(origin.host)' },
    ],
  },
  {
    id: 'window-frame-navigation',
    says: 'Nothing is loaded into a frame.',
    proofs: [app('the page goes > into no frame: %s'), contained('a page is led nowhere > in a frame: %s')],
    mutations: [{ file: containment, find: 'if (!event.isMainFrame || !isPage(event.url)) event.preventDefault();', replace: 'if (!isPage(event.url)) event.preventDefault();' }],
  },
  {
    id: 'window-redirect',
    says: 'Nobody’s answer leads the page elsewhere.',
    proofs: [contained('a page is led nowhere > by a redirect, whoever answers with one: %s')],
    mutations: [{ file: containment, find: "    contents.on('will-redirect', (event) => event.preventDefault());\n", replace: '' }],
  },
  {
    id: 'window-open',
    says: 'A page opens no window.',
    proofs: [app('a window that the page opens > is none: %s'), app('a window that the page opens > is none though the page asks by a script'), contained('pages of every kind are held to it, whatever made them')],
    mutations: [{ file: containment, find: "return { action: 'deny' };", replace: "return { action: 'allow' };" }],
  },
  {
    id: 'window-open-external',
    says: 'What is opened in the person’s browser is documentation under https, compared as parsed addresses, by one function.',
    proofs: [app('a window that the page opens > is nobody’s for anything else: %s'), app('a window that the page opens > is the person’s browser for documentation: %s'), addresses('an address that may be opened in the browser > is not %s'), addresses('an address that may be opened in the browser > is under https and one host, whatever else is made of it'), contained('nothing but documentation is opened outside, by whoever asks'), code('the outside > is opened by one function, which looks at the address'), code('the outside > gets no path but that of our own logs')],
    mutations: [
      { file: containment, find: 'if (url !== null && mayOpenOutside(url)) void', replace: 'if (url !== null) void' },
      { file: 'shared/domain/app-address.ts', find: "url.protocol === 'https:' && isPlain(url) && outside", replace: "url.protocol.startsWith('http') && outside" },
      { file: 'shared/domain/app-address.ts', find: 'url.hostname === host && url.pathname', replace: 'url.hostname.startsWith(host) && url.pathname' },
      { file: 'electron/main/menu.ts', find: "click: () => openOutside('https://www.postgresql.org/docs/current/')", replace: "click: () => void shell.openExternal('https://www.postgresql.org/docs/current/')" },
    ],
  },
  {
    id: 'window-download',
    says: 'Nothing is downloaded but what the page itself has made.',
    proofs: [app('a download > is none: %s'), app('a download > is what the page itself has made')],
    mutations: [{ file: containment, find: 'if (!item.getURL().startsWith(`blob:${appOrigin}/`)) event.preventDefault();', replace: "if (!item.getURL().startsWith('blob:')) event.preventDefault();" }],
  },
  {
    id: 'window-scheme',
    says: 'The scheme of the window is standard and secure, may do nothing more, and is the only one that is answered.',
    proofs: [app('the scheme of the window > is standard and secure, and may do nothing more'), app('the scheme of the window > is the only one that anybody answers')],
    mutations: [{ file: 'electron/main/page.ts', find: 'supportFetchAPI: true }', replace: 'supportFetchAPI: true, bypassCSP: true, corsEnabled: true }' }],
  },
  {
    id: 'window-scheme-get',
    says: 'It is only read.',
    proofs: [app('the scheme of the window > reads only: %s')],
    mutations: [{ file: scheme, find: "if (request.method !== 'GET') return", replace: "if (request.method === 'PUT') return" }],
  },
  {
    id: 'window-scheme-host',
    says: 'It has one host.',
    proofs: [app('the scheme of the window > has one host: %s')],
    mutations: [{ file: scheme, find: "  if (!request.url.startsWith(`${appOrigin}/`)) return refuse(404, 'There is nothing here.');\n  const [path = ''] = request.url.slice(appOrigin.length).split('#', 1);", replace: '  const path = new URL(request.url).pathname;' }],
  },
  {
    id: 'window-scheme-files',
    says: 'A file is found in the list that the build made and nowhere else: no path is decoded or joined.',
    proofs: [app('the scheme of the window > finds nothing by %s'), app('the scheme of the window > finds nothing outside of its files by any other path')],
    mutations: [{ file: scheme, find: '  const asset = assets.find(path);', replace: "  const asset = assets.find(decodeURIComponent(path.split('?')[0] ?? ''));" }],
  },
  {
    id: 'window-scheme-headers',
    says: 'Its answers carry the headers that those of loopback carry.',
    proofs: [app('the scheme of the window > says %s with every answer')],
    mutations: [{ file: scheme, find: "headers: { ...commonHeaders(), 'Content-Type': asset.mediaType }", replace: "headers: { 'Content-Type': asset.mediaType }" }],
  },
  {
    id: 'window-links',
    says: 'Links and files that another program hands over do nothing, and none are registered.',
    proofs: [app('a link or a file that another program hands over > opens nothing and leads nowhere'), packaged('the configuration of the packages > registers no links and no files of others')],
    mutations: [{ file: 'electron-builder.yml', find: 'npmRebuild: false\n', replace: 'npmRebuild: false\nprotocols:\n  - name: Pilothouse\n    schemes: [pilothouse]\n' }],
  },
  {
    id: 'window-sender',
    says: 'The main process heeds the main frame of its own window at its own origin, and nobody else.',
    proofs: [app('a message to the main process > is refused from $who: $channel'), app('a message to the main process > brings no line to the engine from %s'), app('a message to the main process > of the page itself is answered')],
    mutations: [
      { file: messages, find: ' && senderFrame.parent === null', replace: '' },
      { file: messages, find: ' && senderFrame.origin === appOrigin', replace: ' && senderFrame.origin.startsWith(appOrigin)' },
      { file: messages, find: ' && sender === window.webContents', replace: '' },
      { file: messages, find: 'if (isFromPage(event, window()) && more.length === 0) return answers.line(port);', replace: 'if (more.length === 0) return answers.line(port);', fails: 'in vain' },
    ],
  },
  {
    id: 'window-messages-parsed',
    says: 'Every message is parsed: what is malformed, too much or too long is refused, and so is a name that nobody knows.',
    proofs: [app('a message to the main process > is refused with %s: %s'), app('a message to the main process > is nobody’s by another name: %s'), app('a message to the main process > brings one line at a time'), app('a message to the main process > leaves the clipboard and the dialogs alone where it was refused')],
    mutations: [
      { file: messages, find: 'if (!parsed.success || said.length !== 1) throw', replace: 'if (!parsed.success) throw' },
      { file: 'shared/contract/desktop.ts', find: 'export const copyRequest = z.string().max(8 * 1024 * 1024);', replace: 'export const copyRequest = z.string();' },
      { file: messages, find: 'if (said.length > 0) throw new Error(`Refused: ${channel} is asked with nothing.`);', replace: '' },
      { file: 'shared/contract/desktop.ts', find: 'export const pickRequest = z.strictObject(', replace: 'export const pickRequest = z.object(' },
    ],
  },
  {
    id: 'window-line',
    says: 'A line from the page to the engine carries text and nothing else.',
    proofs: [proofsIn('test/security/window-line.test.ts')('a line of the window > is closed by what is no text, and that is handed to nobody: %s'), proofsIn('test/security/window-line.test.ts')('a line of the window > brings text')],
    mutations: [
      { file: 'electron/utility/port-channel.ts', find: "if (typeof data !== 'string') return hangUp();", replace: "if (typeof data !== 'string' && data === undefined) return hangUp();" },
      { file: 'electron/utility/port-channel.ts', find: "if (typeof data !== 'string') return hangUp();", replace: "if (typeof data !== 'string') return port.close();" },
    ],
  },
  {
    id: 'window-one-door',
    says: 'Messages have their handlers in one file, which looks first at who asks.',
    proofs: [code('messages have handlers in one file, each behind the same look at who asks')],
    mutations: [{ file: 'electron/main/main.ts', find: "  app.on('activate', () => show());", replace: "  app.on('activate', () => show());\n  ipcMain.handle('pilothouse:other', () => home.root);" }],
  },
  {
    id: 'window-bridge',
    says: 'The page is given named functions, frozen, and nothing that they are made of.',
    proofs: [app('the page > has of the window seven functions and the name of the platform, frozen, and nothing else'), app('the page > is handed plain data by what it listens to: no event, no port, no sender'), code('the preload script is given two things of electron, and hands neither of them on'), code('what the preload script listens to goes on without its event')],
    mutations: [
      { file: preload, find: "  startEngine: () =>", replace: "  ...({ invoke: (channel: string, ...said: unknown[]) => ipcRenderer.invoke(channel, ...said) } as object),\n  startEngine: () =>" },
      { file: preload, find: '(_event, wish: WindowWish) => listener(wish)', replace: '(event, wish: WindowWish) => (listener as (...said: unknown[]) => void)(wish, event)' },
    ],
  },
  {
    id: 'window-no-programs',
    says: 'The main process starts no program but the engine’s, which gets no argument and no environment.',
    proofs: [code('the outside > starts no program of anybody by the main process, which has none to start but the engine'), code('the engine’s process is given no argument and no environment of ours'), house('the rules of the house > %s', 'hosts start no children')],
    mutations: [
      { file: 'electron/main/engine-process.ts', find: "join(import.meta.dirname, 'utility.js'), [], {", replace: "join(import.meta.dirname, 'utility.js'), [home.root], {" },
      { file: 'electron/main/presence.ts', find: "import { join } from 'node:path';", replace: "import 'node:child_process';\nimport { join } from 'node:path';" },
    ],
  },
  {
    id: 'window-no-report',
    says: 'What broke down is told to nobody.',
    proofs: [code('a crash is reported to nobody')],
    mutations: [{ file: 'electron/main/main.ts', find: 'crashReporter.start({ uploadToServer: false });', replace: "crashReporter.start({ uploadToServer: true, submitURL: 'https://crashes.example/' });" }],
  },
  fuse('run-as-node', 'The binary cannot be made to run as Node.', 'RunAsNode', false),
  fuse('node-options', 'It heeds no NODE_OPTIONS.', 'EnableNodeOptionsEnvironmentVariable', false),
  fuse('inspect', 'It cannot be inspected by an argument.', 'EnableNodeCliInspectArguments', false),
  fuse('file-protocol', 'Files of the computer have no privileges in it.', 'GrantFileProtocolExtraPrivileges', false),
  fuse('snapshot', 'It loads no snapshot of its own beside it.', 'LoadBrowserProcessSpecificV8Snapshot', false),
  fuse('cookies', 'What it keeps of cookies is encrypted.', 'EnableCookieEncryption', true),
  fuse('only-asar', 'It loads its application from the archive alone.', 'OnlyLoadAppFromAsar', true),
  fuse('integrity', 'It checks the archive where the system lets it.', 'EnableEmbeddedAsarIntegrityValidation', true),
  {
    id: 'window-fuses-set',
    says: 'The fuses are set when it is packaged, read back, and a new one stops the packaging until somebody has decided.',
    proofs: [code('a fuse of the binary > is set by a hook of the packaging'), code('a fuse of the binary > that is not as decided is noticed, by its name'), code('a fuse of the binary > that nobody has decided about stops the packaging'), packaged('the configuration of the packages > sets the fuses when everything lies in its place, and looks first whether it can'), packaged('the configuration of the packages > starts nothing without its sandbox')],
    mutations: [
      { file: 'electron-builder.yml', find: 'afterPack: ./scripts/dist/after-pack.ts\n', replace: '' },
      { file: fuseFile, find: 'return [...wrong, ...unknown];', replace: 'return unknown;' },
      { file: 'electron-builder.yml', find: '  executableArgs: []', replace: '  executableArgs: [--no-sandbox]' },
    ],
  },
  {
    id: 'window-keychain-backends',
    says: 'Of Linux’s keychains only gnome_libsecret and kwallet count: basic_text, unknown and whatever nobody has looked at do not.',
    proofs: [proofsIn('test/security/window-keychain.test.ts')('a keychain of Linux > counts: %s'), proofsIn('test/security/window-keychain.test.ts')('a keychain of Linux > that protects nothing does not count, and that is said: %s'), proofsIn('test/security/window-keychain.test.ts')('a keychain of Linux > that nobody has looked at yet does not count: %s'), proofsIn('test/security/window-keychain.test.ts')('a keychain of Linux > that encrypts by a password that everybody knows does not count, whatever it is called'), ...['that is locked does not count, and that is said', 'that is silent does not keep the window from opening, and nothing is given to it before it was tried', 'that turns out to protect nothing is given nothing'].map((name) => proofsIn('test/security/window-keychain.test.ts')(`a keychain of Linux > ${name}`))],
    mutations: [
      { file: 'electron/main/keychain.ts', find: "  if (!(await trial)) throw new Error('The keychain of this computer cannot be used now.');\n", replace: '' },
      { file: 'electron/main/keychain.ts', find: "['gnome_libsecret', 'kwallet', 'kwallet5', 'kwallet6']", replace: "['gnome_libsecret', 'kwallet', 'kwallet5', 'kwallet6', 'basic_text']" },
      { file: 'electron/main/keychain.ts', find: "  if (platform === 'linux' && !linuxKeychains.includes(selected)) {", replace: "  if (platform === 'linux' && ['basic_text', 'unknown'].includes(selected)) {" },
      { file: 'electron/main/keychain.ts', find: "return platform !== 'linux' || !tried.subarray(0, knownToEverybody.length).equals(Buffer.from(knownToEverybody));", replace: 'return tried.length > 0;' },
    ],
  },
  {
    id: 'window-keychain-main',
    says: 'The keychain is spoken to by one file of the main process, and by no other process.',
    proofs: [proofsIn('test/security/window-keychain.test.ts')('the keychain is spoken to by one file of the main process, and by no other process')],
    mutations: [{ file: 'electron/main/ipc.ts', find: "import { clipboard, dialog, ipcMain,", replace: "import { clipboard, dialog, ipcMain, safeStorage as _keys," }],
  },
  {
    id: 'window-keychain-key',
    says: 'The key of the vault goes from the main process to the engine by their port: it is on no command line, in no environment, no log and no other file.',
    proofs: [proofsIn('test/security/window-keychain.test.ts')('the key of the vault is on no command line, in no environment, no log and no other file, from the first start to the next')],
    mutations: [
      { file: 'electron/main/keychain.ts', find: "  if (what === 'wrap') return", replace: "  (await import('node:child_process')).spawn(process.execPath, ['-e', 'setTimeout(() => {}, 3000)', value], { stdio: 'ignore' });\n  if (what === 'wrap') return" },
      { file: 'electron/main/engine-process.ts', find: '  const heed = (from: UtilityProcess, heard: FromEngine): void => {\n', replace: '  const heed = (from: UtilityProcess, heard: FromEngine): void => {\n    logger.warn({ ...heard }, "heard");\n' },
    ],
  },
  {
    id: 'window-keychain-changed',
    says: 'A keychain that is another one, protects nothing or was reset opens nothing and changes nothing: the passphrase is asked for.',
    proofs: [proofsIn('test/security/window-keychain.test.ts')('a vault that a keychain opens > asks for the passphrase where the keychain %s, and stays as it was'), proofsIn('test/security/window-keychain.test.ts')('a vault that a keychain opens > has its key wrapped by it, under the name of the keychain'), proofsIn('test/security/window-keychain.test.ts')('a vault that a keychain opens > is open at the next start')],
    mutations: [{ file: 'electron/engine/vault/index.ts', find: 'if (kept.backend !== backend) throw', replace: "if (kept.backend !== backend) await storage.write({ ...(await storage.read()), keychain: null });\n    if (kept.backend !== backend) throw" }],
  },
];

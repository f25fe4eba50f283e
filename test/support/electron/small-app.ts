/** An application as small as one can be that has a scheme, a window, a preload script and a utility process with ports. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

const entry = `
import { app, BrowserWindow, ipcMain, MessageChannelMain, protocol, session, utilityProcess } from 'electron';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

const log = [];
const note = (what) => (...args) => log.push([what, ...args]);
const tried = (work) => { try { return work() ?? 'done'; } catch (error) { return error.message; } };
const home = process.argv.at(-1);

mkdirSync(home, { recursive: true });
log.push(['fork before ready', tried(() => utilityProcess.fork('x'))], ['window before ready', tried(() => new BrowserWindow())], ['session before ready', tried(() => session.defaultSession)], ['folder that is not there', tried(() => app.setPath('userData', join(home, 'not', 'there')))]);
app.setPath('userData', home);
protocol.registerSchemesAsPrivileged([{ scheme: 'small', privileges: { standard: true, secure: true } }]);
if (!app.requestSingleInstanceLock({ hello: 'again' })) app.exit(3);
for (const event of ['before-quit', 'will-quit', 'window-all-closed', 'quit']) app.on(event, () => process.stdout.write(event + '\\n'));
app.on('second-instance', (_event, argv, _folder, data) => note('second-instance')(argv.slice(2), data));
app.on('child-process-gone', (_event, { type, reason, name }) => note('child-process-gone')(type, reason, name));
app.once('ready', () => note('ready')());
await new Promise((resolve) => setTimeout(resolve, 50));
log.push(['ready after what the entry awaits', app.isReady()]);

app.whenReady().then(() => {
  log.push(['schemes after ready', tried(() => protocol.registerSchemesAsPrivileged([]))]);
  const child = utilityProcess.fork(join(import.meta.dirname, 'utility.js'), ['an argument'], { serviceName: 'small engine' });
  child.postMessage('said before anybody listens');
  child.on('message', note('utility said'));
  child.on('exit', note('utility exit'));
  protocol.handle('small', (request) => {
    const { pathname } = new URL(request.url);
    const type = { '/': 'text/html', '/page.js': 'text/javascript' }[pathname];
    const body = { '/': '<!doctype html><title>Small</title><h1>Small</h1><a id="out" href="https://elsewhere.example/">out</a><a id="new" target="_blank" href="https://elsewhere.example/new">new</a><script src="page.js"></script>', '/page.js': 'window.ranScript = true; document.body.append(" and its script")' }[pathname];
    if (body === undefined) return new Response('nothing', { status: 404 });
    return new Response(body, { headers: { 'content-type': type, 'content-security-policy': "default-src 'none'; script-src 'self'; connect-src 'self' https://elsewhere.example", 'x-asked': request.method + ' ' + request.url } });
  });
  session.defaultSession.webRequest.onBeforeRequest(({ url, resourceType, initiatorOrigin }, decide) => {
    note('asked')(url, resourceType, initiatorOrigin ?? null);
    decide({ cancel: url.includes('cancelled') });
  });
  session.defaultSession.setPermissionCheckHandler((_contents, permission) => permission === 'geolocation');
  session.defaultSession.on('will-download', (event, item) => { if (item.getFilename() === 'no.txt') event.preventDefault(); });
  const window = new BrowserWindow({ show: false, width: 700, height: 500, webPreferences: { preload: join(import.meta.dirname, 'preload.cjs') } });
  window.once('ready-to-show', () => { note('ready-to-show')(); window.show(); });
  window.on('page-title-updated', (_event, title) => note('title')(title));
  window.webContents.on('will-navigate', (event) => { note('will-navigate')(event.url, event.isMainFrame); event.preventDefault(); });
  window.webContents.on('will-frame-navigate', ({ url }) => note('will-frame-navigate')(url));
  window.webContents.setWindowOpenHandler(({ url, disposition }) => { note('open')(url, disposition); return { action: 'deny' }; });
  window.webContents.on('render-process-gone', (_event, { reason }) => { note('render-process-gone')(reason); setImmediate(() => window.reload()); });
  let kept = false;
  window.on('close', (event) => { if (kept) { note('kept')(); event.preventDefault(); } });
  ipcMain.handle('log', () => log);
  ipcMain.handle('fails', () => { throw new TypeError('on purpose'); });
  ipcMain.handle('who', ({ sender, senderFrame }) => ({ same: sender === window.webContents, origin: senderFrame.origin, parent: senderFrame.parent, url: senderFrame.url }));
  ipcMain.handle('keep', (_event, keep) => { kept = keep; });
  ipcMain.handle('copies', (_event, value) => { value.changed = true; return value; });
  ipcMain.on('line', (event) => child.postMessage('line', event.ports));
  ipcMain.on('say', (_event, ...said) => window.webContents.send('said', ...said));
  ipcMain.handle('channel', () => {
    const { port1, port2 } = new MessageChannelMain();
    port1.postMessage('one'); port1.postMessage('two'); port1.close();
    const heard = [];
    return new Promise((resolve) => {
      port2.on('message', ({ data }) => heard.push(data));
      port2.on('close', () => resolve([...heard, 'closed']));
      setImmediate(() => { heard.push('started'); port2.start(); });
    });
  });
  window.loadURL('small://place/');
});
`;

const preload = `
const { contextBridge, ipcRenderer } = require('electron');
const tried = (work) => { try { return work() ?? 'done'; } catch (error) { return error.message; } };
const listeners = [];
ipcRenderer.on('said', (_event, ...said) => listeners.forEach((listener) => listener(...said)));
class Thing { constructor() { this.kept = 1; } lost() {} }
contextBridge.exposeInMainWorld('small', {
  number: 7,
  list: [1, { deep: true }],
  thing: new Thing(),
  ask: (channel, ...args) => ipcRenderer.invoke(channel, ...args),
  throws: () => { throw Object.assign(new RangeError('only this'), { code: 'lost' }); },
  twice: (listener) => { listener('a'); listener('b'); return 'called'; },
  onSaid: (listener) => { listeners.push(listener); },
  say: (...said) => ipcRenderer.send('say', ...said),
  sandbox: () => ({ fs: tried(() => require('fs')), process: typeof process.platform, binding: tried(() => process.binding('fs')), twice: tried(() => contextBridge.exposeInMainWorld('small', {})), fn: tried(() => ipcRenderer.send('x', () => {})) }),
  line: (heard, closed) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = ({ data }) => heard(data);
    port1.addEventListener('close', () => closed());
    ipcRenderer.postMessage('line', null, [port2]);
    return { send: (text) => port1.postMessage(text), close: () => port1.close() };
  },
});
`;

const utility = `
await new Promise((resolve) => setTimeout(resolve, 50));
process.parentPort.on('message', ({ data, ports }) => {
  if (data === 'said before anybody listens') process.parentPort.postMessage({ heard: data, argument: process.argv[2], type: process.type });
  for (const port of ports) {
    port.on('message', (event) => { if (event.data === 'end') port.close(); else port.postMessage(event.data.toUpperCase()); });
    port.on('close', () => process.parentPort.postMessage('its line closed'));
    port.postMessage('ready');
    port.start();
  }
});
`;

/** @returns the file to start */
export function writeSmallApp(folder: string): string {
  writeFileSync(join(folder, 'package.json'), '{"name":"small","type":"module","main":"entry.js"}');
  writeFileSync(join(folder, 'entry.js'), entry);
  writeFileSync(join(folder, 'preload.cjs'), preload);
  writeFileSync(join(folder, 'utility.js'), utility);
  return join(folder, 'entry.js');
}

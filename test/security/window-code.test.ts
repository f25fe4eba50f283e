/** What is nowhere in the code of the desktop, and what its binary can no longer be made to do: read from the code and the configuration. */
import { join } from 'node:path';
import { readFileSync } from 'node:fs';
import { FuseState, FuseV1Options, getCurrentFuseWire } from '@electron/fuses';
import { describe, expect, test } from 'vitest';
import { fuses, setFuses, wrongFuses } from '../../scripts/dist/fuses.ts';
import { projectRoot } from '../../scripts/house/layers.ts';
import { makeFakeElectron } from '#test/package/fake-electron.ts';
import { calleeOf, importsOf, isNode, nameOf, sourcesBelow, type SourceFile, type SyntaxNode } from '#test/security/syntax.ts';
import { temporaryFolder } from '#test/temporary-folder.ts';

const sources = sourcesBelow(projectRoot, ['electron/main', 'electron/preload', 'electron/utility']);
const where = (looked: (node: SyntaxNode, source: SourceFile) => boolean): string[] => sources.flatMap((source) => source.nodes.filter((node) => looked(node, source)).map(() => source.file));

describe('windows and views', () => {
  test('are made in one place', () => {
    expect(where((node) => node.type === 'NewExpression' && /^(?:…\.|electron\.)?(?:BrowserWindow|BrowserView|WebContentsView|BaseWindow|View|ImageView)$/.test(calleeOf(node)))).toEqual(['electron/main/window.ts']);
  });
  test('are made of nothing that electron is imported for elsewhere', () => {
    const views = sources.flatMap((source) => importsOf(source).filter(({ from }) => from === 'electron').flatMap(({ names }) => names)).filter((name) => ['BrowserView', 'WebContentsView', 'BaseWindow', 'webContents', 'desktopCapturer', 'net', 'autoUpdater', 'globalShortcut', 'inAppPurchase', 'TouchBar', 'webFrame', 'webUtils'].includes(name));
    expect(views).toEqual([]);
  });
});

describe('the outside', () => {
  test('is opened by one function, which looks at the address', () => {
    expect(where((node) => calleeOf(node) === 'shell.openExternal')).toEqual(['electron/main/containment.ts']);
  });
  test('gets no path but that of our own logs', () => {
    const opened = sources.flatMap(({ nodes, file }) => nodes.filter((node) => ['shell.openPath', 'shell.showItemInFolder'].includes(calleeOf(node))).map((node) => `${file} ${nameOf((node.arguments as SyntaxNode[])[0])}`));
    expect(opened).toEqual(['electron/main/menu.ts logs']);
  });
  test('starts no program of anybody by the main process, which has none to start but the engine', () => {
    const imported = sources.flatMap((source) => importsOf(source).map(({ from }) => `${source.file} ${from}`)).filter((each) => /child_process|worker_threads|node:vm|cluster/.test(each));
    expect([imported, where((node) => calleeOf(node) === 'utilityProcess.fork')]).toEqual([[], ['electron/main/engine-process.ts']]);
  });
});

test('the engine’s process is given no argument and no environment of ours', () => {
  const [fork] = sources.flatMap(({ nodes }) => nodes.filter((node) => calleeOf(node) === 'utilityProcess.fork'));
  const [, args, options] = (fork?.arguments ?? []) as SyntaxNode[];
  const named = ((options?.properties ?? []) as SyntaxNode[]).map(({ key }) => nameOf(key)).sort();
  expect([args?.type, (args?.elements as unknown[] | undefined)?.length, named]).toEqual(['ArrayExpression', 0, ['cwd', 'serviceName', 'stdio']]);
});

test('the preload script is given two things of electron, and hands neither of them on', () => {
  const preload = sources.filter(({ file }) => file.startsWith('electron/preload/'));
  const taken = preload.flatMap((source) => importsOf(source).filter(({ from }) => from === 'electron').flatMap(({ names }) => names));
  const handedOn = preload.flatMap(({ nodes }) => nodes.filter((node) => node.type === 'Property' && isNode(node.value) && ['ipcRenderer', 'contextBridge', 'process'].includes(nameOf(node.value))));
  const exposed = preload.flatMap(({ nodes }) => nodes.filter((node) => calleeOf(node).startsWith('contextBridge.')).map((node) => calleeOf(node)));
  expect([taken, handedOn, exposed]).toEqual([['contextBridge', 'ipcRenderer'], [], ['contextBridge.exposeInMainWorld']]);
});

test('what the preload script listens to goes on without its event', () => {
  const listeners = sources.filter(({ file }) => file.startsWith('electron/preload/')).flatMap(({ nodes }) => nodes.filter((node) => calleeOf(node) === 'ipcRenderer.on').map((node) => (node.arguments as SyntaxNode[])[1]));
  const usesEvent = listeners.filter((listener) => {
    const [event] = (listener?.params ?? []) as SyntaxNode[];
    return !isNode(listener?.body) || !nameOf(event).startsWith('_');
  });
  expect([listeners.length, usesEvent.length]).toEqual([2, 0]);
});

test('messages have handlers in one file, each behind the same look at who asks', () => {
  const handled = where((node) => /^ipcMain\.(?:handle|handleOnce|on|once|addListener)$/.test(calleeOf(node)));
  expect(handled).toEqual(['electron/main/ipc.ts', 'electron/main/ipc.ts']);
});

test('a crash is reported to nobody', () => {
  const reports = sources.flatMap(({ nodes, text }) => nodes.filter((node) => calleeOf(node) === 'crashReporter.start').map((node) => text.slice(node.start, node.end)));
  expect(reports).toEqual(['crashReporter.start({ uploadToServer: false })']);
});

const decided: [keyof typeof FuseV1Options, boolean][] = [
  ['RunAsNode', false],
  ['EnableNodeOptionsEnvironmentVariable', false],
  ['EnableNodeCliInspectArguments', false],
  ['GrantFileProtocolExtraPrivileges', false],
  ['LoadBrowserProcessSpecificV8Snapshot', false],
  ['EnableCookieEncryption', true],
  ['OnlyLoadAppFromAsar', true],
  ['EnableEmbeddedAsarIntegrityValidation', true],
];

describe('a fuse of the binary', () => {
  test.each(decided)('is as it was decided: %s %s', (name, on) => {
    expect(fuses[FuseV1Options[name] as FuseV1Options]).toBe(on);
  });
  test.each(decided)('is so in a binary that was packaged: %s %s', async (name, on) => {
    const binary = join(makeFakeElectron(await temporaryFolder('fuses')), 'electron');
    await setFuses(binary, 'linux');
    const wire = await getCurrentFuseWire(binary);
    expect(wire[FuseV1Options[name] as FuseV1Options]).toBe(on ? FuseState.ENABLE : FuseState.DISABLE);
  });
  test('that is not as decided is noticed, by its name', async () => {
    const binary = join(makeFakeElectron(await temporaryFolder('fuses')), 'electron');
    expect(await wrongFuses(binary)).toEqual(expect.arrayContaining(['RunAsNode', 'OnlyLoadAppFromAsar']));
  });
  test('that nobody has decided about stops the packaging', async () => {
    const binary = join(makeFakeElectron(await temporaryFolder('fuses'), { fuses: '1011000111' }), 'electron');
    await expect(setFuses(binary, 'linux')).rejects.toThrow();
  });
  test('is set by a hook of the packaging', () => {
    expect(readFileSync(join(projectRoot, 'electron-builder.yml'), 'utf8')).toMatch(/^afterPack: \.\/scripts\/dist\/after-pack\.ts$/m);
  });
});

import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeTemporaryFolder } from '#test/temporary-folder.ts';

interface Offence {
  rule: string;
  file: string;
  source: string;
}

/** One offending file per promise; every one lies in a folder of its own kind, and none offends in another way. */
const offences: Record<string, Offence> = {
  'shared imports no package but zod': { rule: 'house(layers)', file: 'shared/contract/a1.ts', source: `import pg from 'pg';\nexport const a = pg;\n` },
  'the rules of the domain import no package, not even zod': { rule: 'house(layers)', file: 'shared/domain/a8.ts', source: `import { z } from 'zod';\nexport const a = z;\n` },
  'the rules of the domain import no contract': { rule: 'house(layers)', file: 'shared/domain/a9.ts', source: `import type { Plan } from '../contract/operations.ts';\nexport type A = Plan;\n` },
  'shared imports none of Node': { rule: 'house(layers)', file: 'shared/domain/a2.ts', source: `import { join } from 'node:path';\nexport const a = join;\n` },
  'shared imports no engine, not even its types': { rule: 'house(layers)', file: 'shared/domain/a3.ts', source: `import type { Ports } from '#engine/ports.ts';\nexport type A = Ports;\n` },
  'shared imports no engine by a type written in place': { rule: 'house(layers)', file: 'shared/domain/a4.ts', source: `export type A = import('#engine/ports.ts').Ports;\n` },
  'shared re-exports no engine': { rule: 'house(layers)', file: 'shared/domain/a5.ts', source: `export * from '../../electron/engine/ports.ts';\n` },
  'shared knows no process': { rule: 'eslint(no-restricted-globals)', file: 'shared/domain/a6.ts', source: `export const a = process.pid;\n` },
  'shared knows no document': { rule: 'eslint(no-restricted-globals)', file: 'shared/domain/a7.ts', source: `export const a = document.title;\n` },
  'the engine never imports electron': { rule: 'house(layers)', file: 'electron/engine/b1.ts', source: `import { app } from 'electron';\nexport const a = app;\n` },
  'the engine never imports types of electron': { rule: 'house(layers)', file: 'electron/engine/b2.ts', source: `import type { App } from 'electron';\nexport type A = App;\n` },
  'the engine never imports electron later': { rule: 'house(layers)', file: 'electron/engine/b3.ts', source: `export const a = import('electron');\n` },
  'the engine never imports a host': { rule: 'house(layers)', file: 'electron/engine/b4.ts', source: `import { a } from '../loopback/x.ts';\nexport const b = a;\n` },
  'the engine never imports the page': { rule: 'house(layers)', file: 'electron/engine/b5.ts', source: `import { a } from '../../renderer/main.tsx';\nexport const b = a;\n` },
  'the engine imports only packages that ship with it': { rule: 'house(layers)', file: 'electron/engine/b6.ts', source: `import { createServer } from 'vite';\nexport const a = createServer;\n` },
  'the engine reads no clock of its own': { rule: 'house(ports)', file: 'electron/engine/b7.ts', source: `export const a = () => Date.now();\n` },
  'the engine asks no Date for the present': { rule: 'house(ports)', file: 'electron/engine/b8.ts', source: `export const a = () => new Date();\n` },
  'the engine draws no random number of its own': { rule: 'house(ports)', file: 'electron/engine/b9.ts', source: `export const a = () => Math.random();\n` },
  'the engine makes no identifier of its own': { rule: 'house(ports)', file: 'electron/engine/b10.ts', source: `import { randomUUID } from 'node:crypto';\nexport const a = randomUUID;\n` },
  'the engine makes no identifier by the global': { rule: 'house(ports)', file: 'electron/engine/b11.ts', source: `export const a = () => crypto.randomUUID();\n` },
  'the engine draws no bytes of its own': { rule: 'house(ports)', file: 'electron/engine/b14.ts', source: `import { randomBytes } from 'node:crypto';\nexport const a = () => randomBytes(8);\n` },
  'the engine draws no number of its own': { rule: 'house(ports)', file: 'electron/engine/b15.ts', source: `import * as crypto from 'node:crypto';\nexport const a = () => crypto.randomInt(9);\n` },
  'the engine fills no bytes by the global': { rule: 'house(ports)', file: 'electron/engine/b16.ts', source: `export const a = () => crypto.getRandomValues(new Uint8Array(8));\n` },
  'children are started in one room': { rule: 'house(children)', file: 'electron/engine/backup/b12.ts', source: `import { spawn } from 'node:child_process';\nexport const a = spawn;\n` },
  'hosts start no children': { rule: 'house(children)', file: 'electron/loopback/b13.ts', source: `import { exec } from 'child_process';\nexport const a = exec;\n` },
  'the engine asks in one folder which system it runs on': { rule: 'house(platform)', file: 'electron/engine/h1.ts', source: `export const a = process.platform === 'win32';\n` },
  'hosts do not ask which system they run on': { rule: 'house(platform)', file: 'electron/cli/h2.ts', source: `import os from 'node:os';\nexport const a = os.platform();\n` },
  'the name of the system is not taken out of the process': { rule: 'house(platform)', file: 'electron/loopback/h3.ts', source: `const { platform } = process;\nexport const a = platform;\n` },
  'the name of the system is not imported by itself': { rule: 'house(platform)', file: 'electron/utility/h4.ts', source: `import { platform } from 'node:os';\nexport const a = platform();\n` },
  'loopback never imports the command line': { rule: 'house(layers)', file: 'electron/loopback/c1.ts', source: `import { a } from '../cli/x.ts';\nexport const b = a;\n` },
  'the command line never imports loopback': { rule: 'house(layers)', file: 'electron/cli/c2.ts', source: `import type { A } from '../loopback/x.ts';\nexport type B = A;\n` },
  'main never imports the utility process': { rule: 'house(layers)', file: 'electron/main/c3.ts', source: `import { a } from '../utility/x.ts';\nexport const b = a;\n` },
  'loopback never imports electron': { rule: 'house(layers)', file: 'electron/loopback/c4.ts', source: `import { app } from 'electron';\nexport const a = app;\n` },
  'the preload script imports none of Node': { rule: 'house(layers)', file: 'electron/preload/c5.ts', source: `import { join } from 'node:path';\nexport const a = join;\n` },
  'windows are made in main alone': { rule: 'house(windows)', file: 'electron/utility/c6.ts', source: `declare const BrowserWindow: new () => object;\nexport const a = new BrowserWindow();\n` },
  'windows are made in main alone, by any name': { rule: 'house(windows)', file: 'electron/preload/c7.ts', source: `import * as electron from 'electron';\nexport const a = new electron.BrowserWindow();\n` },
  'SSH is connected by in one place alone': { rule: 'house(ssh-clients)', file: 'electron/engine/guarded/s1.ts', source: `import ssh2 from 'ssh2';\nexport const a = new ssh2.Client();\n` },
  'SSH is connected by in one place alone, by the name of the class': { rule: 'house(ssh-clients)', file: 'electron/engine/guarded/s2.ts', source: `import { Client } from 'ssh2';\nexport const a = new Client();\n` },
  'SSH is connected by in one place alone, by any name of the library': { rule: 'house(ssh-clients)', file: 'electron/engine/guarded/s3.ts', source: `import other from 'ssh2';\nexport const a = other;\n` },
  'SSH connects nobody whose key is not looked at': { rule: 'house(ssh-clients)', file: 'electron/engine/ssh/dial.ts', source: `import ssh2 from 'ssh2';\nnew ssh2.Client().connect({ host: 'web', username: 'ann' });\n` },
  'the page imports none of Node': { rule: 'house(layers)', file: 'renderer/app/d1.ts', source: `import { join } from 'node:path';\nexport const a = join;\n` },
  'the page imports none of Node by its bare name': { rule: 'house(layers)', file: 'renderer/app/d2.ts', source: `import type { Stats } from 'fs';\nexport type A = Stats;\n` },
  'the page imports no types of the engine': { rule: 'house(layers)', file: 'renderer/app/d3.ts', source: `import type { Ports } from '#engine/ports.ts';\nexport type A = Ports;\n` },
  'the page imports no package of the engine': { rule: 'house(layers)', file: 'renderer/app/d4.ts', source: `import pg from 'pg';\nexport const a = pg;\n` },
  'the page knows no process': { rule: 'eslint(no-restricted-globals)', file: 'renderer/app/d5.ts', source: `export const a = process.pid;\n` },
  'a feature never imports another': { rule: 'house(features)', file: 'renderer/features/backups/d6.ts', source: `import { a } from '../health/x.ts';\nexport const b = a;\n` },
  'the page takes no markup': { rule: 'house(no-markup)', file: 'renderer/app/d7.tsx', source: `export const A = () => <div dangerouslySetInnerHTML={{ __html: 'x' }} />;\n` },
  'the page writes no markup': { rule: 'house(no-markup)', file: 'renderer/app/d8.ts', source: `export const a = (element: Element) => {\n  element.innerHTML = 'x';\n};\n` },
  'nobody reaches past a door': { rule: 'house(doors)', file: 'electron/engine/e1.ts', source: `import { a } from './guarded/room.ts';\nexport const b = a;\n` },
  'nobody reaches past a door from a folder beside it': { rule: 'house(doors)', file: 'electron/engine/backup/e2.ts', source: `import type { A } from '#engine/guarded/room.ts';\nexport type B = A;\n` },
  'a new folder at the top is named first': { rule: 'house(layers)', file: 'helpers/g1.ts', source: `export const a = 1;\n` },
  'a new folder of electron is named first': { rule: 'house(layers)', file: 'electron/daemon/g2.ts', source: `export const a = 1;\n` },
  'nothing lies loose in electron': { rule: 'house(layers)', file: 'electron/g3.ts', source: `export const a = 1;\n` },
  'no part of the house imports what is none': { rule: 'house(layers)', file: 'electron/engine/g4.ts', source: `import { a } from '../daemon/g2.ts';\nexport const b = a;\n` },
  'the set-up imports no package': { rule: 'house(layers)', file: 'scripts/bootstrap/g5.cjs', source: `const { z } = require('zod');\nmodule.exports = { z };\n` },
  'the set-up imports nothing of the project': { rule: 'house(layers)', file: 'scripts/bootstrap.cjs', source: `const { layerOf } = require('./house/layers.ts');\nmodule.exports = { layerOf };\n` },
  'errors are told apart by code': { rule: 'house(error-codes)', file: 'electron/engine/f1.ts', source: `import { PilothouseError } from '#shared/domain/errors.ts';\nexport const a = (error: unknown) => error instanceof PilothouseError;\n` },
  'no error is swallowed': { rule: 'eslint(no-empty)', file: 'electron/engine/f2.ts', source: `export function a(b: () => void): void {\n  try {\n    b();\n  } catch {}\n}\n` },
  'nothing is any': { rule: 'typescript(no-explicit-any)', file: 'electron/engine/f3.ts', source: `export const a = (b: any): string => String(b);\n` },
  'no promise is left alone': { rule: 'typescript(no-floating-promises)', file: 'electron/engine/f4.ts', source: `export function a(b: () => Promise<void>): void {\n  b();\n}\n` },
  'the engine prints nothing': { rule: 'eslint(no-console)', file: 'electron/engine/f5.ts', source: `export const a = (): void => console.log('x');\n` },
  'nothing is left to do': { rule: 'eslint(no-warning-comments)', file: 'electron/engine/f6.ts', source: `// TODO later\nexport const a = 1;\n` },
  'a file fits on a few screens': { rule: 'eslint(max-lines)', file: 'electron/engine/f7.ts', source: `export const a = 1;\n${'// line\n'.repeat(400)}` },
};

/** Files that keep every rule, in the places where a rule is easily too strict. */
const innocent: Record<string, string> = {
  'electron/engine/guarded/index.ts': `export { a } from './room.ts';\nexport type { A } from './room.ts';\n`,
  'electron/engine/guarded/room.ts': `export const a = 1;\nexport type A = number;\n`,
  'electron/engine/guarded/types.ts': `export type B = number;\n`,
  'electron/engine/backup/uses-types.ts': `import type { B } from '../guarded/types.ts';\nexport type C = B;\n`,
  'electron/engine/backup/uses-door.ts': `import { a } from '#engine/guarded/index.ts';\nexport const b = a;\n`,
  'electron/engine/children/run.ts': `import { spawn } from 'node:child_process';\nexport const a = spawn;\n`,
  'scripts/bootstrap/own.cjs': `const path = require('node:path');\nconst { b } = require('./other.cjs');\nmodule.exports = { a: [path, b] };\n`,
  'shared/contract/own.ts': `import { z } from 'zod';\nimport { hasCode } from '../domain/errors.ts';\nexport const a = [z, hasCode];\n`,
  'electron/engine/timed.ts': `export const a = (since: number) => performance.now() - since;\n`,
  'electron/engine/dated.ts': `export const a = (at: number) => new Date(at).toISOString();\n`,
  'electron/engine/explained.ts': `export function a(b: () => void): void {\n  try {\n    b();\n  } catch {\n    // It is gone already, which is what was wanted.\n  }\n}\n`,
  'electron/engine/platform/asks.ts': `export const a = process.platform;\n`,
  'electron/main/asks.ts': `export const a = process.platform;\n`,
  'electron/engine/takes.ts': `export const a = ({ platform }: { platform: string }) => platform;\n`,
  'electron/loopback/x.ts': `export const a = 1;\nexport type A = number;\n`,
  'electron/cli/x.ts': `export const a = 1;\n`,
  'electron/utility/x.ts': `export const a = 1;\n`,
  'electron/engine/guarded/ssh.ts': `import ssh2, { type Client } from 'ssh2';\nexport const a = (client: Client) => [client, ssh2.utils];\n`,
  'electron/main/window.ts': `import { BrowserWindow } from 'electron';\nexport const a = new BrowserWindow();\n`,
  'renderer/main.tsx': `export const a = 1;\n`,
  'renderer/features/health/x.ts': `export const a = 1;\n`,
  'renderer/features/backups/own.ts': `import { a } from './x.ts';\nexport const b = a;\n`,
  'renderer/features/backups/x.ts': `export const a = 1;\n`,
  'test/unit/any.test.ts': `import { a } from '../../electron/engine/guarded/room.ts';\nimport { expect, it } from 'vitest';\nit('reaches everything', () => expect(a).toBe(1));\n`,
};

const project = join(import.meta.dirname, '..', '..');
let copy = '';
let found: { code: string; filename: string; message: string }[] = [];

beforeAll(async () => {
  copy = await makeTemporaryFolder('house');
  for (const path of ['.oxlintrc.json', 'package.json', 'tsconfig.base.json', 'scripts/house', 'shared/tsconfig.json', 'electron/tsconfig.json', 'renderer/tsconfig.json', 'test/tsconfig.json', 'electron/engine/ports.ts', 'shared/domain/errors.ts']) {
    cpSync(join(project, path), join(copy, path), { recursive: true });
  }
  symlinkSync(join(project, 'node_modules'), join(copy, 'node_modules'));
  const files = [...Object.values(offences).map(({ file, source }) => [file, source] as const), ...Object.entries(innocent)];
  for (const [file, source] of files) {
    mkdirSync(dirname(join(copy, file)), { recursive: true });
    writeFileSync(join(copy, file), source);
  }
  found = lint(copy);
}, 60_000);

afterAll(() => rmSync(copy, { recursive: true, force: true }));

function lint(folder: string): typeof found {
  const report = runLint(folder);
  return (JSON.parse(report) as { diagnostics: typeof found }).diagnostics;
}

function runLint(folder: string): string {
  try {
    return execFileSync(process.execPath, [join(project, 'node_modules/oxlint/bin/oxlint'), '-f', 'json'], { cwd: folder, encoding: 'utf8', maxBuffer: 16 * 1024 ** 2, stdio: ['ignore', 'pipe', 'pipe'] });
  } catch (error) {
    // It ends with status 1 where it found something, which is what these files are for.
    if (error instanceof Error && 'stdout' in error && typeof error.stdout === 'string' && error.stdout !== '') return error.stdout;
    throw error;
  }
}

describe('the rules of the house', () => {
  it.each(Object.entries(offences))('%s', (_promise, { rule, file }) => {
    expect(found.filter(({ filename }) => filename === file).map(({ code }) => code)).toContain(rule);
  });

  it.each(Object.keys(innocent))('find nothing against %s', (file) => {
    expect(found.filter(({ filename }) => filename === file)).toEqual([]);
  });
});

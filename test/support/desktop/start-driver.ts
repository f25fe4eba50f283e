/**
 * Asks the set-up to open the window of a project, as `npm start` does, on a machine that is described to it:
 * `node start-driver.ts JSON`. The last line of standard output is what came of it.
 */
import { createRequire } from 'node:module';
import type { StartRequest } from './start.ts';

type OpenDesktop = (project: string, runtime: string, parameters: string[], options: { cwd: string; build: () => Promise<void>; machine: object }) => Promise<object>;

const { openDesktop } = createRequire(import.meta.url)('../../../scripts/bootstrap/desktop.cjs') as { openDesktop: OpenDesktop };
const { project, parameters, machine } = JSON.parse(process.argv[2] ?? '') as StartRequest;

const build = async (): Promise<void> => console.error('The desktop is built.');
const outcome = await openDesktop(project, process.execPath, parameters, { cwd: process.cwd(), build, machine });
console.log(`outcome ${JSON.stringify(outcome)}`);

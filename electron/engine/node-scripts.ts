/** How scripts of ours become processes: by Node from their source, or by an installed application through itself. */
import { fileURLToPath } from 'node:url';
import type { ScriptName, ScriptRunner } from './ports.ts';

const files: Record<ScriptName, string> = { supervise: './children/supervisor-main.ts', traffic: './practice/traffic/main.ts' };

/** Where the engine runs on plain Node, from its source. */
export const nodeScripts: ScriptRunner = {
  command: (name, args) => ({ command: process.execPath, args: [fileURLToPath(new URL(files[name], import.meta.url)), ...args] }),
};

/**
 * Where the engine runs inside an application that is no Node for others (Electron with its fuse `runAsNode` off): the
 * application itself knows `supervise`, and no more. What follows -- is no business of Electron's: on Windows it ends
 * at once where more words stand behind one that looks like an address (`name:…`).
 * @param start what starts the application: the command, and what comes before the name of the script
 */
export function applicationScripts(start: { command: string; args: readonly string[] }): ScriptRunner {
  return { command: (name, args) => (name === 'supervise' ? { command: start.command, args: [...start.args, name, '--', ...args] } : null) };
}

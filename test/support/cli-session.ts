/** The command line on one data folder, with a passphrase file and whatever else a script has. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { z } from 'zod';
import { errorDocument } from '../../electron/cli/documents.ts';
import { command, type CommandResult } from './command-line.ts';

export interface CliSession {
  home: string;
  /** Runs a command with --json. */
  run(...args: string[]): Promise<CommandResult>;
  /** Runs a command that must succeed, and reads its document strictly: nothing missing, nothing of another shape. */
  read<Schema extends z.ZodType>(schema: Schema, ...args: string[]): Promise<z.output<Schema>>;
  /** Runs a command that must fail. */
  fail(...args: string[]): Promise<z.output<typeof errorDocument>['error'] & { status: number }>;
  /** Writes a 0600 file with one line. */
  secretFile(name: string, secret: string): string;
}

export function cliSession(home: string): CliSession {
  const run = (...args: string[]): Promise<CommandResult> => command(['--home', home, '--json', ...args]);
  return {
    home,
    run,
    async read(schema, ...args) {
      const result = await run(...args);
      if (result.status !== 0) throw new Error(`${args.join(' ')} ended with ${result.status}: ${result.stdout}${result.stderr}`);
      return schema.parse(result.document());
    },
    async fail(...args) {
      const result = await run(...args);
      return { ...errorDocument.parse(result.document()).error, status: result.status };
    },
    secretFile(name, secret) {
      const path = join(home, name);
      writeFileSync(path, `${secret}\n`, { mode: 0o600 });
      return path;
    },
  };
}

/** The command line: every command, and how each ends. */
import { Command, CommanderError } from 'commander';
import { registerAbout } from './commands/about.ts';
import { registerBackup } from './commands/backup.ts';
import { registerCall } from './commands/call.ts';
import { registerDatabase } from './commands/database.ts';
import { registerHealth } from './commands/health.ts';
import { registerHistory } from './commands/history.ts';
import { registerOperation } from './commands/operation.ts';
import { registerPractice } from './commands/practice.ts';
import { registerRestore } from './commands/restore.ts';
import { registerStore } from './commands/store.ts';
import { registerSystem } from './commands/system.ts';
import { registerVault } from './commands/vault.ts';
import type { Act, Action, Outcome } from './command.ts';
import { errorOf, exitStatus, FailureWithDocument, Interrupted, paragraph, UsageError } from './failures.ts';
import { write, type CliIo } from './io.ts';
import { openSession, type GlobalOptions } from './session.ts';

const collect = (value: string, before: string[]): string[] => [...before, value];

/** For health, not to have been able to look is "unknown", and 1 would say "warn". */
const failedStatus = (command: string): number => (command === 'health' ? 3 : exitStatus.failed);

/**
 * Runs one command line.
 * @param argv what follows the program's name
 * @returns the exit status
 */
export async function runCli(argv: readonly string[], io: CliIo): Promise<number> {
  const program = new Command('pilothouse');
  const asJson = argv.includes('--json');
  let status: number = exitStatus.done;

  const end = async (outcome: Outcome): Promise<void> => {
    status = outcome.status ?? exitStatus.done;
    await write(io.stdout, `${asJson ? JSON.stringify(outcome.document) : outcome.text}\n`);
  };
  const fail = async (error: unknown, failed: number): Promise<void> => {
    status = failed;
    const document = error instanceof FailureWithDocument ? error.document : {};
    if (asJson) await write(io.stdout, `${JSON.stringify({ ...document, error: errorOf(error) })}\n`);
    else if (error instanceof FailureWithDocument) await write(io.stdout, `${error.text}\n`);
    await write(io.stderr, `${paragraph(error)}\n`);
  };

  const act: Act =
    (work: Action) =>
    async (...parts: unknown[]) => {
      const command = parts.pop() as Command;
      const options = parts.pop() as Record<string, unknown>;
      const session = openSession(io, program.opts<GlobalOptions>());
      try {
        const outcome = await Promise.race([work(session, parts as (string | undefined)[], options), session.interrupted]);
        await end(outcome);
      } catch (error) {
        await fail(error, error instanceof UsageError ? exitStatus.usage : error instanceof Interrupted ? exitStatus.interrupted : failedStatus(command.name()));
      } finally {
        await session.close();
      }
    };

  program
    .description('An admin console for a few servers and Postgres databases: the engine over the command line')
    .option('--home <dir>', 'the data folder')
    .option('--json', 'one JSON document on standard output, and nothing else')
    .option('--yes', 'do not ask before going on')
    .option('--confirm <name>', 'the name of the target, where a plan wants it typed; may be given several times', collect, [])
    .option('--passphrase-file <file>', 'a file of yours alone whose first line is the passphrase of the vault')
    .option('--password-file <file>', 'a file of yours alone whose first line is the password of the database')
    .exitOverride()
    .configureOutput({ writeOut: (text) => io.stdout.write(text), writeErr: (text) => asJson || io.stderr.write(text) })
    .showHelpAfterError('Run it with --help to see what it takes.');
  for (const register of [registerPractice, registerSystem, registerDatabase, registerHealth, registerBackup, registerRestore, registerHistory, registerOperation, registerVault, registerStore, registerCall, registerAbout]) register(program, act);

  try {
    await program.parseAsync(argv, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return exitStatus.done;
    // Without a command commander prints its help and calls that a failure: so it is, of usage.
    if (asJson) await fail(new UsageError(error.message.replace(/^error: /, '')), exitStatus.usage);
    return exitStatus.usage;
  }
  return status;
}

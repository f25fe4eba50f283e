/** The command line: every command, and how each ends. */
import { Command, CommanderError } from 'commander';
import { isPilothouseError } from '#shared/domain/errors.ts';
import type { ScriptRunner } from '#engine/ports.ts';
import { version } from '#engine/settings/app-room.ts';
import { registerAbout } from './commands/about.ts';
import { registerBackup } from './commands/backup.ts';
import { registerCalendar } from './commands/calendar.ts';
import { registerCall } from './commands/call.ts';
import { registerDatabase } from './commands/database.ts';
import { registerEndpoint } from './commands/endpoint.ts';
import { registerFiles } from './commands/files.ts';
import { registerGuide } from './commands/guide.ts';
import { registerHealth } from './commands/health.ts';
import { registerHistory } from './commands/history.ts';
import { registerHost } from './commands/host.ts';
import { registerImport } from './commands/import.ts';
import { registerIncident } from './commands/incident.ts';
import { registerOperation } from './commands/operation.ts';
import { registerPack } from './commands/pack.ts';
import { registerPractice } from './commands/practice.ts';
import { registerRestore } from './commands/restore.ts';
import { registerRules } from './commands/rules.ts';
import { registerRunbook } from './commands/runbook.ts';
import { registerStore } from './commands/store.ts';
import { registerSystem } from './commands/system.ts';
import { registerVault } from './commands/vault.ts';
import type { Act, Action, Outcome } from './command.ts';
import { errorOf, exitStatus, Interrupted, isUsage, paragraph, UsageError } from './failures.ts';
import { write, type CliIo } from './io.ts';
import { openSession, type GlobalOptions, type OpenSession } from './session.ts';
import { json, plain } from './text.ts';

const collect = (value: string, before: string[] = []): string[] => [...before, value];

/** Where a status says how something is, not to have been able to look is "unknown", and 1 would say "warn". */
const failedStatus = (command: Command): number => (command.name() === 'health' || (command.name() === 'test' && command.parent?.name() === 'endpoint') ? 3 : exitStatus.failed);

/**
 * Runs one command line.
 * @param argv what follows the program's name
 * @param scripts how scripts of ours are run, where this is no plain Node
 * @returns the exit status
 */
export async function runCli(argv: readonly string[], io: CliIo, scripts?: ScriptRunner): Promise<number> {
  // As one types it: in a checkout by npm, installed as the first word after the application's own.
  const program = new Command(scripts === undefined ? 'npm run -s cli --' : 'pilothouse cli');
  const asJson = argv.includes('--json');
  let status: number = exitStatus.done;
  /** Help or the version, which are a document as well. */
  let shown = '';

  const end = async (outcome: Outcome): Promise<void> => {
    status = outcome.status ?? exitStatus.done;
    const text = outcome.verbatim === true && io.stdout.isTTY !== true ? outcome.text : plain(outcome.text);
    await write(io.stdout, `${asJson ? json(outcome.document) : text}\n`);
  };
  const fail = async (error: unknown, failed: number, session?: OpenSession): Promise<void> => {
    status = isUsage(error) ? exitStatus.usage : error instanceof Interrupted ? exitStatus.interrupted : failed;
    const failure = errorOf(error);
    if (!isPilothouseError(error)) session?.record(failure, error);
    const kept = session?.kept ?? null;
    io.stderr.write(`${paragraph(failure)}\n`);
    const text = asJson ? `${json({ ...kept?.document, error: failure })}\n` : kept === null ? '' : `${plain(kept.text)}\n`;
    // Standard output may be the very thing that failed.
    await write(io.stdout, text).catch(() => {});
  };

  const act: Act =
    (work: Action) =>
    async (...parts: unknown[]) => {
      const command = parts.pop() as Command;
      const options = parts.pop() as Record<string, unknown>;
      const session = openSession(io, program.opts<GlobalOptions>(), scripts);
      try {
        const outcome = await Promise.race([work(session, parts as (string | undefined)[], options), session.interrupted]);
        await end(outcome);
      } catch (error) {
        await fail(error, failedStatus(command), session);
      } finally {
        await session.close();
      }
    };

  program
    .description('An admin console for a few servers and Postgres databases: the engine over the command line')
    .option('--home <dir>', 'the data folder')
    .option('--json', 'one JSON document on standard output, and nothing else')
    .option('--yes', 'do not ask before going on')
    .option('--confirm <name>', 'the name of the target, where a plan wants it typed; may be given several times', collect)
    .option('--passphrase-file <file>', 'a file of yours alone whose first line is the passphrase of the vault')
    .option('--password-file <file>', 'a file of yours alone whose first line is the password of the database or the host')
    .version(version, '--version', 'the version')
    .configureHelp({ showGlobalOptions: true })
    .addHelpText('after', '\nExit status: 0 done, 1 failed, 64 not understood, 130 interrupted; of health and endpoint test 0 ok, 1 warn, 2 critical, 3 unknown.')
    .exitOverride()
    .configureOutput({ writeOut: (text) => (asJson ? (shown += text) : io.stdout.write(text)), writeErr: (text) => asJson || io.stderr.write(plain(text)) })
    .showHelpAfterError('Run it with --help to see what it takes.');
  for (const register of [registerPractice, registerSystem, registerHost, registerDatabase, registerImport, registerHealth, registerEndpoint, registerBackup, registerRestore, registerFiles, registerRunbook, registerGuide, registerRules, registerPack, registerCalendar, registerIncident, registerHistory, registerOperation, registerVault, registerStore, registerCall, registerAbout]) register(program, act);

  try {
    await program.parseAsync(argv, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) {
      if (asJson) await write(io.stdout, `${json(error.code === 'commander.version' ? { version } : { help: shown.trimEnd() })}\n`);
      return exitStatus.done;
    }
    // Without a command commander prints its help and calls that a failure: so it is, of usage.
    if (asJson) await fail(new UsageError(error.message.replace(/^error: /, '')), exitStatus.usage);
    return exitStatus.usage;
  }
  return status;
}

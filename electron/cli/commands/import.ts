/** Importing what a person has already: shown first, then added as it was shown. */
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { textOf } from '#engine/platform/text.ts';
import type { ImportedDatabase, ImportedHost, ImportProblem, ImportState } from '#shared/contract/imports.ts';
import type { System } from '#shared/contract/systems.ts';
import { fewNames } from '#shared/domain/few-names.ts';
import { textOption, type Outcome, type Register } from '../command.ts';
import { UsageError } from '../failures.ts';
import { findHost, findSystem, pick } from '../find.ts';
import { collect } from '../host-connection.ts';
import { openVaultToKeep } from '../open-vault.ts';
import { ask, canAsk } from '../prompt.ts';
import type { Session } from '../session.ts';
import { table } from '../text.ts';

interface Shown {
  id: string;
  label: string;
  state: ImportState;
  reasons: string[];
  cautions: string[];
}

const path = (options: Record<string, unknown>, name: string): string | undefined => {
  const value = textOption(options, name);
  return value === undefined || value.startsWith('~/') ? value : resolve(value);
};

/** What a file holds, or what is piped in. */
async function readPasted(session: Session, options: Record<string, unknown>): Promise<string | undefined> {
  const file = textOption(options, 'text');
  if (file === undefined) return undefined;
  if (file !== '-') {
    const bytes = await readFile(file).catch((error: unknown) => {
      throw new UsageError(`${file} cannot be read: ${error instanceof Error ? error.message : String(error)}.`, 'Name a file, or - for what is piped in.');
    });
    return textOf(bytes);
  }
  const parts: Buffer[] = [];
  for await (const part of session.io.stdin) parts.push(Buffer.from(part as Buffer | string));
  return textOf(Buffer.concat(parts));
}

/** By names; without any, all that is new. @throws store.not-found */
function choose<Item extends Shown>(items: readonly Item[], names: readonly string[] | undefined, namesOf: (item: Item) => string[]): Item[] {
  if (names === undefined) return items.filter(({ state }) => state === 'new');
  return names.map((name) => pick('item to import', name, items, (item) => ({ id: item.id, names: namesOf(item) })));
}

const problemText = ({ file, line, reason }: ImportProblem): string => `  ${file}${line === null ? '' : `:${line}`}: ${reason}`;

/** What is worth knowing of them, each thing once with whom it is about. */
function remarks(items: readonly Shown[]): string[] {
  const about = new Map<string, string[]>();
  for (const { label, state, reasons, cautions } of items) for (const words of new Set([...(state === 'new' ? [] : reasons), ...cautions])) about.set(words, [...(about.get(words) ?? []), label]);
  return [...about].map(([words, labels]) => `  ${labels.length > 3 && labels.length === items.length ? `all ${labels.length}` : fewNames(labels)}: ${words}`);
}

/** What is shown before anything is added. The table comes last: it is what one chooses from. */
function previewText(headings: readonly string[], rows: readonly (readonly string[])[], items: readonly Shown[], problems: readonly ImportProblem[], none: string): string {
  const notes = remarks(items);
  return [...(problems.length === 0 ? [] : ['Not read:', ...problems.map(problemText), '']), ...(notes.length === 0 ? [] : ['Worth knowing:', ...notes, '']), table(headings, rows, none)].join('\n');
}

const keyWords = ({ hostKeys }: ImportedHost): string => hostKeys.find(({ state }) => state === 'conflict' || state === 'revoked' || state === 'known-revoked')?.state ?? (hostKeys.some(({ state }) => state === 'new' || state === 'known') ? 'known' : 'not known');
const signInWords = ({ keys, agent, password }: ImportedHost): string => [...keys.filter(({ state }) => state === 'ready' || state === 'encrypted').map((key) => key.path), ...(agent ? ['agent'] : []), ...(password ? ['password'] : [])].join(', ') || 'what it asks';

function hostsText(hosts: readonly ImportedHost[], problems: readonly ImportProblem[]): string {
  const rows = hosts.map((host) => [host.state, host.label, `${host.user}@${host.host}:${host.port}`, host.through.join(', '), signInWords(host), keyWords(host)]);
  return previewText(['STATE', 'NAME', 'ADDRESS', 'THROUGH', 'SIGNS IN WITH', 'HOST KEY'], rows, hosts, problems, 'No hosts are named there.');
}
function databasesText(databases: readonly ImportedDatabase[], problems: readonly ImportProblem[]): string {
  const rows = databases.map(({ state, label, user, host, port, database, password }) => [state, label, `${user ?? '*'}@${host ?? '*'}:${port ?? '*'}/${database ?? '*'}`, password]);
  return previewText(['STATE', 'NAME', 'ADDRESS', 'PASSWORD'], rows, databases, problems, 'No databases are named there.');
}

/** Whether what was shown is to be added. Nobody to ask means no. */
async function isWanted(session: Session, what: string, system: System | null, count: number): Promise<boolean> {
  if (system === null || count === 0) return false;
  if (session.options.yes === true) return true;
  return canAsk(session.io) && (await ask(session.io, `Add ${what} to ${system.name}? Type yes: `)) === 'yes';
}

/** What is still to be said for it to be added. */
function nextStep(system: System | null, count: number): string {
  if (count === 0) return 'There is nothing new to add.';
  return system === null ? 'Nothing was added. Name the system: --system NAME' : 'Nothing was added. To add what is new: --yes';
}

const counted = (count: number, one: string): string => `${count} ${one}${count === 1 ? '' : 's'}`;

export const registerImport: Register = (program, act) => {
  const group = program.command('import').description('hosts and databases from the files that ssh, psql and pgAdmin use; shown first');
  group
    .command('ssh')
    .description('hosts from ~/.ssh/config and their keys from known_hosts')
    .option('--system <system>', 'where they are added; without it they are shown only')
    .option('--config <file>', 'another ssh_config')
    .option('--known-hosts <file>', 'another known_hosts, instead of those that the configuration names')
    .option('--text <file>', 'a file of "ssh …" lines, or of a configuration that stands for itself; - reads what is piped in')
    .option('--only <name>', 'a host by its name; may be given several times. All that are new by default', collect)
    .action(
      act(async (session, _none, options): Promise<Outcome> => {
        const name = textOption(options, 'system');
        const system = name === undefined ? null : await findSystem(session, name);
        const configPath = path(options, 'config');
        const knownHostsPath = path(options, 'knownHosts');
        const text = await readPasted(session, options);
        const source = { ...(configPath === undefined ? {} : { configPath }), ...(knownHostsPath === undefined ? {} : { knownHostsPath }), ...(text === undefined ? {} : { text }) };
        const preview = await session.call('import.previewSsh', { ...source, ...(system === null ? {} : { systemId: system.id }) });
        const chosen = choose(preview.hosts, options['only'] as string[] | undefined, (host) => [host.label, ...host.aliases]);
        const shown = hostsText(preview.hosts, preview.problems);
        if (session.options.yes !== true && canAsk(session.io)) session.say(shown);
        if (system === null || !(await isWanted(session, counted(chosen.length, 'host'), system, chosen.length))) {
          return { document: { preview, imported: null }, text: [...(canAsk(session.io) && session.options.yes !== true ? [] : [shown, '']), nextStep(system, chosen.length)].join('\n') };
        }
        const imported = await session.call('import.applySsh', { systemId: system.id, ...source, items: chosen.map(({ id }) => id), previewHash: preview.previewHash });
        const { added, updated, keys, skipped } = imported;
        const lines = [`Added ${counted(added.length, 'host')} to ${system.name}${updated.length === 0 ? '' : `, changed ${updated.length}`}; ${counted(keys.trusted, 'key')} trusted${keys.revoked === 0 ? '' : `, ${keys.revoked} revoked`}.`, ...skipped.map(({ label, type, fingerprint, reason }) => `  ${label}: ${type} ${fingerprint} was left out. ${reason}`), ...remarks(chosen.filter(({ state }) => state === 'new'))];
        // Whoever leads to others comes first: their keys are seen only through it.
        const first = added.find(({ connection }) => connection.viaId === null) ?? added[0];
        return { document: { preview, imported }, text: [...lines, ...(first === undefined ? [] : [`Next: host test "${first.label}"`])].join('\n') };
      }),
    );
  group
    .command('databases')
    .description('databases from ~/.pgpass and pg_service.conf, from pgAdmin\'s servers.json, or from a file of postgres:// addresses')
    .option('--system <system>', 'where they are added; without it they are shown only')
    .option('--passfile <file>', 'a file of libpq\'s format')
    .option('--service-file <file>', 'a pg_service.conf')
    .option('--pgadmin <file>', 'a servers.json that pgAdmin exported')
    .option('--text <file>', 'a file with a postgres:// address or key=value string in each line; - reads what is piped in')
    .option('--via <host>', 'the host through which they are reached')
    .option('--passwords-to <where>', 'where passwords go that stand there: vault, or ask for those that are typed at each start', 'vault')
    .option('--only <name>', 'a database by its name; may be given several times. All that are new by default', collect)
    .action(
      act(async (session, _none, options): Promise<Outcome> => {
        const name = textOption(options, 'system');
        const system = name === undefined ? null : await findSystem(session, name);
        const via = textOption(options, 'via');
        const viaId = via === undefined ? null : (await findHost(session, via)).id;
        const passwordsTo = textOption(options, 'passwordsTo');
        if (passwordsTo !== 'vault' && passwordsTo !== 'ask') throw new UsageError(`"${passwordsTo}" is no place for passwords.`, 'One of: vault, ask.');
        const files = { passfilePath: path(options, 'passfile'), serviceFilePath: path(options, 'serviceFile'), pgadminPath: path(options, 'pgadmin'), text: await readPasted(session, options) };
        const source = Object.fromEntries(Object.entries(files).filter(([, value]) => value !== undefined));
        const preview = await session.call('import.previewDatabases', { ...source, viaId, ...(system === null ? {} : { systemId: system.id }) });
        const chosen = choose(preview.databases, options['only'] as string[] | undefined, (database) => [database.label]);
        const shown = databasesText(preview.databases, preview.problems);
        if (session.options.yes !== true && canAsk(session.io)) session.say(shown);
        if (system === null || !(await isWanted(session, counted(chosen.length, 'database'), system, chosen.length))) {
          return { document: { preview, imported: null }, text: [...(canAsk(session.io) && session.options.yes !== true ? [] : [shown, '']), nextStep(system, chosen.length)].join('\n') };
        }
        if (passwordsTo === 'vault' && chosen.some(({ password }) => password === 'given')) await openVaultToKeep(session, '--passwords-to ask asks at each start.');
        const imported = await session.call('import.applyDatabases', { systemId: system.id, ...source, viaId, passwordsTo, items: chosen.map(({ id }) => id), previewHash: preview.previewHash });
        const last = imported.added.at(-1);
        return { document: { preview, imported }, text: [`Added ${counted(imported.added.length, 'database')} to ${system.name}.`, ...remarks(chosen), ...(last === undefined ? [] : [`Next: database test "${last.label}"`])].join('\n') };
      }),
    );
};

import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { textOf } from '#engine/platform/text.ts';
import { reviveError } from '#shared/contract/client.ts';
import type { MethodArgument } from '#shared/contract/index.ts';
import { fromHere, tlsMode, type ConnectionTest, type Database, type DatabaseConnection, type ToolsAccess } from '#shared/contract/systems.ts';
import { foreignCluster, type ForeignCluster } from '#shared/domain/cluster-identity.ts';
import { PilothouseError } from '#shared/domain/errors.ts';
import { required, textOption, type Register } from '../command.ts';
import { UsageError } from '../failures.ts';
import { findDatabase, findHost, findSystem } from '../find.ts';
import { nameToForget, waitingDumps } from '../forget.ts';
import { toldHere } from '../key-hint.ts';
import { ask, canAsk, obtainSecret } from '../prompt.ts';
import { openVaultToKeep } from '../open-vault.ts';
import { prepareSecrets } from '../secrets.ts';
import type { Session } from '../session.ts';
import { machinesText, stoppedAt } from '../test-host.ts';
import { plain, shortId, table } from '../text.ts';

function testText(test: ConnectionTest): string {
  const layers = test.layers.map((layer) => `  ${layer.layer.padEnd(15)} ${layer.state.padEnd(12)} ${layer.detail}`);
  const tools = test.tools === undefined ? [] : [`  ${'programs'.padEnd(15)} ${(test.tools.error === null ? 'ok' : 'failed').padEnd(12)} ${test.tools.error?.message ?? `${test.tools.where}: ${test.tools.found.filter(({ name }) => name === 'pg_dump').map(({ version }) => `pg_dump ${version}`).join(', ')}`}`];
  const end = test.error === null ? 'It can be reached.' : `${test.error.message}${test.error.hint === undefined ? '' : ` ${test.error.hint}`}`;
  return [...machinesText(test.machines ?? []), ...layers, ...tools, end].join('\n');
}

async function testDatabase(session: Session, which: MethodArgument<'database.test'>): Promise<ConnectionTest> {
  const test = await session.call('database.test', which);
  return { ...test, error: toldHere(test.error, stoppedAt(test.machines ?? [])?.label) };
}

/** Where its password is to come from, by the options. */
function passwordSource(options: Record<string, unknown>): DatabaseConnection['password'] {
  const passfile = textOption(options, 'passfile');
  if (passfile !== undefined) return { source: 'passfile', path: resolve(passfile) };
  const source = textOption(options, 'passwordFrom') ?? 'vault';
  if (source === 'vault' || source === 'ask' || source === 'none') return { source };
  throw new UsageError(`"${source}" is no place for a password to come from.`, 'One of: vault, ask, none; or --passfile FILE.');
}

const isLoopback = (host: string): boolean => host.startsWith('/') || host === 'localhost' || host === '::1' || host.startsWith('127.');

/** Whose programs are to work for it, by the options. */
function toolsOf(options: Record<string, unknown>, viaId: string | null): DatabaseConnection['tools'] {
  const user = textOption(options, 'sudo');
  const container = textOption(options, 'docker');
  const pod = textOption(options, 'pod');
  const ways = [user, container, pod].filter((each) => each !== undefined);
  if (ways.length === 0 && options['hostTools'] !== true) return fromHere.tools;
  if (viaId === null) throw new UsageError('Programs of a host need a host that the database is reached through.', 'Name it: --via HOST.');
  if (ways.length > 1) throw new UsageError('Programs are reached in one way.', 'One of: --host-tools, --sudo USER, --docker CONTAINER, --pod POD.');
  const access: ToolsAccess = user !== undefined ? { kind: 'sudo', user } : container !== undefined ? { kind: 'docker', container } : pod !== undefined ? { kind: 'kubectl', namespace: textOption(options, 'namespace') ?? null, pod, container: null } : { kind: 'plain' };
  const socket = textOption(options, 'toolsSocket');
  const role = textOption(options, 'toolsUser');
  if (socket === undefined && role === undefined) return { where: 'host', access, connect: null };
  if (socket === undefined || role === undefined) throw new UsageError('How the programs connect is said by both, where and as whom.', '--tools-socket FOLDER:PORT and --tools-user ROLE.');
  const [, host = '', port = ''] = /^(.*):(\d{1,5})$/.exec(socket) ?? [];
  if (host === '') throw new UsageError(`"${socket}" says not where to connect.`, 'A folder or a host and a port: /var/run/postgresql:5432.');
  return { where: 'host', access, connect: { host, port: Number(port), user: role } };
}

async function readAuthority(path: string): Promise<string> {
  try {
    return textOf(await readFile(path));
  } catch (error) {
    throw new UsageError(`${path} cannot be read: ${error instanceof Error ? error.message : String(error)}.`, 'Name the PEM file of the authority: --ca FILE.');
  }
}

async function connectionOf(session: Session, url: string, options: Record<string, unknown>): Promise<DatabaseConnection> {
  const { connection, hasPassword, notes } = await session.call('database.parseUrl', { text: url });
  if (hasPassword) {
    throw new UsageError('A password stands in the address, and everybody on this computer can read command lines.', 'Leave it out of the address: you are asked for it, or name a file with --password-file FILE. Consider that password as seen.');
  }
  for (const note of notes) session.say(note);
  const through = textOption(options, 'via');
  const viaId = through === undefined ? null : (await findHost(session, through)).id;
  const tools = toolsOf(options, viaId);
  const mode = textOption(options, 'tls');
  // Through a host to that host itself, the line is inside of SSH.
  const byDefault = viaId !== null && connection.tls.mode === 'prefer' && isLoopback(connection.host) ? 'disable' : connection.tls.mode;
  const parsedMode = mode === undefined ? byDefault : tlsMode.safeParse(mode).data;
  if (parsedMode === undefined) throw new UsageError(`"${mode}" is no TLS mode.`, `One of: ${tlsMode.options.join(', ')}.`);
  const caFile = textOption(options, 'ca');
  const ca = caFile === undefined ? connection.tls.ca : await readAuthority(caFile);
  return { ...connection, viaId, tools, tls: { mode: parsedMode, ca }, password: passwordSource(options) };
}

/**
 * The name that confirms another cluster. What is accepted was seen: the person is shown both identifiers and then asked,
 * or a script says which one it means.
 * @throws operation.name-not-confirmed where there is nobody to ask and the command does not say it all
 */
async function nameForCluster(session: Session, { label }: Database, { expected, found }: ForeignCluster, wanted: string | undefined): Promise<string> {
  const given = session.options.confirm?.[0];
  if (wanted !== undefined && given !== undefined) return given;
  if (!canAsk(session.io)) {
    throw new PilothouseError('operation.name-not-confirmed', `Another cluster answers for ${label}: its system identifier is ${found}, and ${expected} was expected. It was not accepted: there is nobody here to ask.`, {
      hint: `If the server was rebuilt, moved or upgraded on purpose: database accept "${label}" --identifier ${found} --confirm "${label}". Nothing was changed.`,
    });
  }
  session.say(`Another cluster answers for ${label}.\n  Expected  ${expected}\n  Answers   ${found}\nPilothouse works on that one from now on. Backups of the one before stay, but count for ${label} no more.`);
  return ask(session.io, `If that is meant, type ${plain(label)}: `);
}

export const registerDatabase: Register = (program, act) => {
  const database = program.command('database').description('the databases of systems');
  database
    .command('list [system]')
    .description('every database, or those of a system')
    .action(
      act(async (session, [name]) => {
        const systems = name === undefined ? (await session.call('system.list', {})).systems : [await findSystem(session, name)];
        const { hosts } = await session.call('host.list', {});
        const rows = systems.flatMap((system) => system.databases.map((one) => [system.name, one.label, `${one.connection.host}:${one.connection.port}${one.connection.viaId === null ? '' : ` through ${hosts.find(({ id }) => id === one.connection.viaId)?.label ?? 'a host'}`}`, one.connection.user, one.serverVersion ?? 'never tested', shortId(one.id)]));
        return { document: { databases: systems.flatMap((system) => system.databases) }, text: table(['SYSTEM', 'NAME', 'ADDRESS', 'USER', 'POSTGRES', 'ID'], rows, 'No databases yet. Add one: database add SYSTEM postgres://USER@HOST:PORT/DATABASE') };
      }),
    );
  database
    .command('add <system> <url>')
    .description('add a database by its address, postgres://USER@HOST:PORT/DATABASE or key=value, without a password in it')
    .option('--label <name>', 'what to call it; the database\'s name by default')
    .option('--tls <mode>', tlsMode.options.join(', '))
    .option('--ca <file>', 'PEM file of the authority to trust')
    .option('--password-from <where>', 'vault, ask or none', 'vault')
    .option('--passfile <file>', 'take the password from a file of libpq\'s format')
    .option('--via <host>', 'the host it is reached through; its address is then as that host sees it')
    .option('--host-tools', 'let the pg_dump and pg_restore of that host work for it')
    .option('--sudo <user>', 'the same, by sudo as this user')
    .option('--docker <container>', 'the same, in this container')
    .option('--pod <pod>', 'the same, in this pod')
    .option('--namespace <name>', 'of the pod')
    .option('--tools-socket <where>', 'how those programs connect, without a password: FOLDER:PORT or HOST:PORT')
    .option('--tools-user <role>', 'and as whom')
    .option('--no-test', 'do not try the connection')
    .action(
      act(async (session, [systemName, url], options) => {
        const system = await findSystem(session, required(systemName));
        const connection = await connectionOf(session, required(url), options);
        const { source } = connection.password;
        // Before the password is asked for: nobody should type one that cannot be kept.
        if (source === 'vault') await openVaultToKeep(session);
        const password = source === 'vault' || source === 'ask' ? await obtainSecret(session.io, session.options.passwordFile, `Password of ${connection.user}: `) : null;
        if (source === 'vault' && password === null) throw new UsageError('There is no password to put into the vault.', 'Run this at a terminal, name a file with --password-file FILE, or choose --password-from ask, none or --passfile FILE.');
        const label = textOption(options, 'label');
        const added = await session.call('database.add', { systemId: system.id, connection, ...(label === undefined ? {} : { label }), ...(password === null ? {} : { password }) });
        const test = options['test'] === false ? null : await testDatabase(session, { databaseId: added.database.id, ...(password === null ? {} : { password }) });
        return { document: { database: await findDatabase(session, added.database.id), test }, text: `Added ${added.database.label} to ${system.name}.${test === null ? '' : `\n${testText(test)}`}`, status: test === null || test.ok ? 0 : 1 };
      }),
    );
  database
    .command('test <database>')
    .description('try its connection layer by layer; exit status 1 when it fails')
    .action(
      act(async (session, [name]) => {
        const found = await findDatabase(session, required(name));
        await prepareSecrets(session, [found]);
        const test = await testDatabase(session, { databaseId: found.id });
        return { document: { test }, text: testText(test), status: test.ok ? 0 : 1 };
      }),
    );
  database
    .command('accept <database>')
    .description('accept that another cluster answers: its server was rebuilt, moved or upgraded on purpose (asks for its name, or needs --identifier and --confirm NAME)')
    .option('--identifier <number>', 'the system identifier of the cluster that is accepted')
    .action(
      act(async (session, [name], options) => {
        const found = await findDatabase(session, required(name));
        const wanted = textOption(options, 'identifier');
        await prepareSecrets(session, [found]);
        const before = await testDatabase(session, { databaseId: found.id });
        const foreign = foreignCluster(before.error);
        const answers = foreign?.found ?? before.server?.systemIdentifier;
        if (answers === undefined && before.error !== null) throw reviveError(before.error);
        if (wanted !== undefined && wanted !== answers) {
          throw new PilothouseError('postgres.wrong-identity', `The cluster that answers for ${found.label} is ${answers}, not ${wanted}.`, { hint: 'Nothing was changed. Find out what this connection leads to.', details: { expected: wanted, found: answers } });
        }
        if (foreign === null) return { document: { database: found, accepted: null, test: before }, text: `${found.label} is on the cluster ${answers}, as expected. There is nothing to accept.` };
        const confirmName = await nameForCluster(session, found, foreign, wanted);
        await session.call('database.update', { databaseId: found.id, acceptCluster: foreign.found, confirmName });
        const test = await testDatabase(session, { databaseId: found.id });
        return { document: { database: await findDatabase(session, found.id), accepted: foreign.found, test }, text: `${found.label} is on the cluster ${foreign.found} from now on.\n${testText(test)}`, status: test.ok ? 0 : 1 };
      }),
    );
  database
    .command('remove <database>')
    .description('forget a database; its backups and history stay (asks for its name, or needs --confirm NAME)')
    .action(
      act(async (session, [name]) => {
        const found = await findDatabase(session, required(name));
        const goes = await waitingDumps(session, ({ databaseId }) => databaseId === found.id);
        const what = `The connection to ${found.label} and its password are removed from here. Its backups and its history stay. Nothing is changed in it.`;
        const confirmName = await nameToForget(session, { kind: 'database', label: found.label, command: 'database remove', what, goes });
        await session.call('database.remove', { databaseId: found.id, confirmName });
        return { document: { removed: found.id }, text: `Forgot ${found.label}. Its backups and its history stay.` };
      }),
    );
};

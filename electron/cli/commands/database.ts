import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { reviveError } from '#shared/contract/client.ts';
import { fromHere, tlsMode, type ConnectionTest, type Database, type DatabaseConnection } from '#shared/contract/systems.ts';
import { foreignCluster, type ForeignCluster } from '#shared/domain/cluster-identity.ts';
import { PilothouseError } from '#shared/domain/errors.ts';
import { required, textOption, type Register } from '../command.ts';
import { UsageError } from '../failures.ts';
import { findDatabase, findSystem } from '../find.ts';
import { ask, canAsk, obtainSecret } from '../prompt.ts';
import { openVaultToKeep, prepareSecrets } from '../secrets.ts';
import type { Session } from '../session.ts';
import { plain, shortId, table } from '../text.ts';

function testText(test: ConnectionTest): string {
  const layers = test.layers.map((layer) => `  ${layer.layer.padEnd(15)} ${layer.state.padEnd(12)} ${layer.detail}`);
  const end = test.error === null ? 'It can be reached.' : `${test.error.message}${test.error.hint === undefined ? '' : ` ${test.error.hint}`}`;
  return [...layers, end].join('\n');
}

/** Where its password is to come from, by the options. */
function passwordSource(options: Record<string, unknown>): DatabaseConnection['password'] {
  const passfile = textOption(options, 'passfile');
  if (passfile !== undefined) return { source: 'passfile', path: resolve(passfile) };
  const source = textOption(options, 'passwordFrom') ?? 'vault';
  if (source === 'vault' || source === 'ask' || source === 'none') return { source };
  throw new UsageError(`"${source}" is no place for a password to come from.`, 'One of: vault, ask, none; or --passfile FILE.');
}

async function readAuthority(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
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
  const mode = textOption(options, 'tls');
  const parsedMode = mode === undefined ? connection.tls.mode : tlsMode.safeParse(mode).data;
  if (parsedMode === undefined) throw new UsageError(`"${mode}" is no TLS mode.`, `One of: ${tlsMode.options.join(', ')}.`);
  const caFile = textOption(options, 'ca');
  const ca = caFile === undefined ? connection.tls.ca : await readAuthority(caFile);
  return { ...connection, ...fromHere, tls: { mode: parsedMode, ca }, password: passwordSource(options) };
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
        const rows = systems.flatMap((system) => system.databases.map((one) => [system.name, one.label, `${one.connection.host}:${one.connection.port}`, one.connection.user, one.serverVersion ?? 'never tested', shortId(one.id)]));
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
        const test = options['test'] === false ? null : await session.call('database.test', { databaseId: added.database.id, ...(password === null ? {} : { password }) });
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
        const test = await session.call('database.test', { databaseId: found.id });
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
        const before = await session.call('database.test', { databaseId: found.id });
        const foreign = foreignCluster(before.error);
        const answers = foreign?.found ?? before.server?.systemIdentifier;
        if (answers === undefined && before.error !== null) throw reviveError(before.error);
        if (wanted !== undefined && wanted !== answers) {
          throw new PilothouseError('postgres.wrong-identity', `The cluster that answers for ${found.label} is ${answers}, not ${wanted}.`, { hint: 'Nothing was changed. Find out what this connection leads to.', details: { expected: wanted, found: answers } });
        }
        if (foreign === null) return { document: { database: found, accepted: null, test: before }, text: `${found.label} is on the cluster ${answers}, as expected. There is nothing to accept.` };
        const confirmName = await nameForCluster(session, found, foreign, wanted);
        await session.call('database.update', { databaseId: found.id, acceptCluster: foreign.found, confirmName });
        const test = await session.call('database.test', { databaseId: found.id });
        return { document: { database: await findDatabase(session, found.id), accepted: foreign.found, test }, text: `${found.label} is on the cluster ${foreign.found} from now on.\n${testText(test)}`, status: test.ok ? 0 : 1 };
      }),
    );
  database
    .command('remove <database>')
    .description('forget a database; its backups and history stay (needs --confirm NAME)')
    .action(
      act(async (session, [name]) => {
        const found = await findDatabase(session, required(name));
        await session.call('database.remove', { databaseId: found.id, confirmName: session.options.confirm?.[0] ?? '' });
        return { document: { removed: found.id }, text: `Forgot ${found.label}. Its backups and its history stay.` };
      }),
    );
};

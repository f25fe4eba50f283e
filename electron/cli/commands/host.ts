import type { DecidedHostKey, Host, HostConnection } from '#shared/contract/hosts.ts';
import { failingOn, wayTo } from '#shared/domain/host-way.ts';
import { required, textOption, type Register } from '../command.ts';
import { findHost, findSystem } from '../find.ts';
import { collect, readAddress, secretsFor, signInOf, wantedSecrets } from '../host-connection.ts';
import { toldHere } from '../key-hint.ts';
import { testHost, testText } from '../test-host.ts';
import { localTime, shortId, table } from '../text.ts';
import { registerHostDetect } from './host-detect.ts';
import { registerHostJobs } from './host-jobs.ts';
import { registerHostKeys } from './host-keys.ts';
import { registerHostRemove } from './host-remove.ts';
import { registerHostSudo } from './host-sudo.ts';
import { registerHostUpdate } from './host-update.ts';

const addressOf = ({ connection: { user, host, port } }: Host): string => `${user}@${host.includes(':') ? `[${host}]` : host}:${port}`;

/** How one stands with it: what fails is named with the machine that it fails at, where that is one before it. */
function stateOf(host: Host, hosts: readonly Host[]): string {
  const stop = failingOn(wayTo(hosts, host.id));
  if (stop?.lastError) return stop.id === host.id ? stop.lastError.code : `${stop.label}: ${stop.lastError.code}`;
  return host.platform ?? (host.lastSeenAt === null ? 'never tried' : 'reached');
}

function showText(host: Host, way: readonly Host[], keys: readonly DecidedHostKey[]): string {
  const { signIn } = host.connection;
  const stop = failingOn(way);
  const failure = toldHere(stop?.lastError ?? null, stop?.label);
  const ways = [...signIn.keys.map(({ path, passphrase }) => `${path}${passphrase.source === 'none' ? '' : ` (passphrase: ${passphrase.source})`}`), ...(signIn.agent ? ['the agent'] : []), ...(signIn.password.source === 'none' ? [] : [`password (${signIn.password.source})`]), ...(signIn.questions === true ? ['what it asks'] : [])];
  return [
    `${host.label}: ${addressOf(host)}${host.platform === null ? '' : `, ${host.platform}`}`,
    ...(way.length > 1 ? [`  through   ${way.slice(0, -1).map((each) => each.label).join(', then ')}`] : []),
    `  signs in  ${ways.join(', ')}`,
    `  seen      ${localTime(host.lastSeenAt)}`,
    ...(failure === null ? [] : [`  fails     ${failure.message}`, ...(failure.hint === undefined ? [] : [`            ${failure.hint}`])]),
    ...keys.map((key) => `  ${key.state.padEnd(9)} ${key.type} ${key.fingerprint}, ${localTime(key.decidedAt)} by ${key.decidedBy}`),
    ...(keys.length === 0 ? [`  Its key is not known yet: host trust "${host.label}"`] : []),
  ].join('\n');
}

export const registerHost: Register = (program, act) => {
  const host = program.command('host').description('the machines of systems, reached over SSH');
  host
    .command('list [system]')
    .description('every host, or those of a system')
    .action(
      act(async (session, [name]) => {
        const { systems } = await session.call('system.list', {});
        const system = name === undefined ? null : await findSystem(session, name);
        const { hosts: all } = await session.call('host.list', {});
        const hosts = all.filter(({ systemId }) => system === null || systemId === system.id);
        const rows = hosts.map((one) => [systems.find(({ id }) => id === one.systemId)?.name ?? '', one.label, addressOf(one), wayTo(all, one.connection.viaId).map(({ label }) => label).join(', '), stateOf(one, all), shortId(one.id)]);
        return { document: { hosts }, text: table(['SYSTEM', 'NAME', 'ADDRESS', 'THROUGH', 'STATE', 'ID'], rows, 'No hosts yet. Add one: host add SYSTEM USER@HOST:PORT --key FILE') };
      }),
    );
  host
    .command('show <host>')
    .description('one host, the way to it and what was decided about its key')
    .action(
      act(async (session, [name]) => {
        const found = await findHost(session, required(name));
        const way = wayTo((await session.call('host.list', {})).hosts, found.id);
        const { keys } = await session.call('host.keys', { machine: { hostId: found.id } });
        return { document: { host: found, way, keys }, text: showText(found, way, keys) };
      }),
    );
  host
    .command('add <system> <address>')
    .description('add a host by its address, USER@HOST:PORT')
    .option('--via <host>', 'the host through which it is reached')
    .option('--key <file>', 'sign in with this private key; may be given several times', collect)
    .option('--key-passphrase-from <where>', 'where the passphrase of the keys comes from: vault, ask or none', 'none')
    .option('--key-passphrase-file <file>', 'a file of yours alone whose first line is the passphrase of the keys')
    .option('--agent', 'sign in with the keys of the agent (SSH_AUTH_SOCK)')
    .option('--identities-only', 'of the keys of the agent only those whose files are named by --key')
    .option('--password-from <where>', 'sign in with a password: vault or ask; none does without', 'none')
    .option('--questions', 'sign in with what the server asks, as it asks for one-time codes')
    .option('--no-questions', 'never be asked by the server')
    .option('--sudo-password-from <where>', 'where the password for sudo there comes from: vault, ask, sign-in (the one that one signs in with) or none')
    .option('--sudo-password-file <file>', 'a file of yours alone whose first line is the password for sudo')
    .option('--label <name>', 'what to call it; the name of the host by default')
    .action(
      act(async (session, [systemName, address], options) => {
        const system = await findSystem(session, required(systemName));
        const via = textOption(options, 'via');
        const connection: HostConnection = { ...readAddress(required(address)), signIn: signInOf(options), viaId: via === undefined ? null : (await findHost(session, via)).id };
        const secrets = await secretsFor(session, connection, wantedSecrets(connection), options);
        const label = textOption(options, 'label');
        const added = await session.call('host.add', { systemId: system.id, connection, ...(label === undefined ? {} : { label }), ...secrets });
        return { document: added, text: `Added ${added.host.label} to ${system.name}. Next: host trust "${added.host.label}"` };
      }),
    );
  host
    .command('test <host>')
    .description('try the way to it, machine by machine and layer by layer; exit status 1 when it fails')
    .option('--key-passphrase-file <file>', 'a file of yours alone whose first line is the passphrase of its keys')
    .action(
      act(async (session, [name], options) => {
        const found = await findHost(session, required(name));
        const test = await testHost(session, found.id, textOption(options, 'keyPassphraseFile'));
        return { document: { test }, text: testText(test), status: test.ok ? 0 : 1 };
      }),
    );
  registerHostDetect(host, act);
  registerHostJobs(host, act);
  registerHostSudo(host, act);
  registerHostUpdate(host, act);
  registerHostKeys(host, act);
  registerHostRemove(host, act);
};

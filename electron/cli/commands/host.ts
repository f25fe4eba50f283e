import { resolve } from 'node:path';
import type { DecidedHostKey, Host, HostConnection } from '#shared/contract/hosts.ts';
import { required, textOption, type Register } from '../command.ts';
import { UsageError } from '../failures.ts';
import { findHost, findSystem } from '../find.ts';
import { obtainSecret } from '../prompt.ts';
import { openVaultToKeep } from '../secrets.ts';
import type { Session } from '../session.ts';
import { testHost, testText } from '../test-host.ts';
import { localTime, shortId, table } from '../text.ts';
import { registerHostKeys } from './host-keys.ts';

type Source = 'vault' | 'ask' | 'none';

const collect = (value: string, before: string[] = []): string[] => [...before, value];

/** "user@host:port": the user is never guessed, and an IPv6 address stands in brackets. */
function readAddress(text: string): { user: string; host: string; port: number } {
  const at = text.lastIndexOf('@');
  const [, bracketed, plain, port = '22'] = /^(?:\[([^\]]+)\]|([^:[\]]+))(?::(\d{1,5}))?$/.exec(text.slice(at + 1)) ?? [];
  const host = bracketed ?? plain;
  if (at < 1 || host === undefined || Number(port) < 1 || Number(port) > 65_535) throw new UsageError(`"${text}" is no address of a host.`, 'Write USER@HOST or USER@HOST:PORT, an IPv6 address in brackets: USER@[2001:db8::7]:22.');
  return { user: text.slice(0, at), host, port: Number(port) };
}

function sourceOf(options: Record<string, unknown>, name: string, option: string): Source {
  const source = textOption(options, name);
  if (source === 'vault' || source === 'ask' || source === 'none') return source;
  throw new UsageError(`"${source}" is no place for a secret to come from.`, `${option} takes one of: vault, ask, none.`);
}

function signInOf(options: Record<string, unknown>): HostConnection['signIn'] {
  const passphrase = { source: sourceOf(options, 'keyPassphraseFrom', '--key-passphrase-from') };
  const paths = (options['key'] ?? []) as string[];
  const signIn: HostConnection['signIn'] = { keys: paths.map((path) => ({ path: path.startsWith('~/') ? path : resolve(path), passphrase })), agent: options['agent'] === true, password: { source: sourceOf(options, 'passwordFrom', '--password-from') }, ...(options['questions'] === undefined ? {} : { questions: options['questions'] === true }) };
  if (signIn.keys.length === 0 && !signIn.agent && signIn.password.source === 'none' && signIn.questions !== true) throw new UsageError('Nothing says how one signs in.', 'Name a key file with --key FILE, or say --agent, --password-from vault or ask, or --questions.');
  return signIn;
}

/** What has to be typed before it is added: nobody should type what cannot be kept. @throws what openVaultToKeep throws */
async function secretsFor(session: Session, { user, signIn }: HostConnection, keyPassphraseFile: string | undefined) {
  const sources = [signIn.password.source, ...signIn.keys.map((key) => key.passphrase.source)];
  if (sources.includes('vault')) await openVaultToKeep(session, '--password-from ask and --key-passphrase-from ask ask at each start.');
  const obtain = async (source: Source, file: string | undefined, question: string, option: string): Promise<string | null> => {
    if (source === 'none') return null;
    const secret = await obtainSecret(session.io, file, question);
    if (secret === null && source === 'vault') throw new UsageError('There is nothing to put into the vault.', `Run this at a terminal, or name a file of yours alone with ${option} FILE.`);
    return secret;
  };
  const password = await obtain(signIn.password.source, session.options.passwordFile, `Password of ${user}: `, '--password-file');
  const passphrases: { path: string; passphrase: string }[] = [];
  for (const { path, passphrase } of signIn.keys) {
    const secret = await obtain(passphrase.source, keyPassphraseFile, `Passphrase of ${path}: `, '--key-passphrase-file');
    if (secret !== null) passphrases.push({ path, passphrase: secret });
  }
  return { ...(password === null ? {} : { password }), ...(passphrases.length === 0 ? {} : { passphrases }) };
}

const addressOf = ({ connection: { user, host, port } }: Host): string => `${user}@${host.includes(':') ? `[${host}]` : host}:${port}`;

/** Every machine on the way to a host, itself last. */
function wayTo(host: Host, hosts: readonly Host[]): Host[] {
  const before = hosts.find(({ id }) => id === host.connection.viaId);
  return before === undefined ? [host] : [...wayTo(before, hosts), host];
}

function showText(host: Host, way: readonly Host[], keys: readonly DecidedHostKey[]): string {
  const { signIn } = host.connection;
  const ways = [...signIn.keys.map(({ path, passphrase }) => `${path}${passphrase.source === 'none' ? '' : ` (passphrase: ${passphrase.source})`}`), ...(signIn.agent ? ['the agent'] : []), ...(signIn.password.source === 'none' ? [] : [`password (${signIn.password.source})`]), ...(signIn.questions === true ? ['what it asks'] : [])];
  return [
    `${host.label}: ${addressOf(host)}${host.platform === null ? '' : `, ${host.platform}`}`,
    ...(way.length > 1 ? [`  through   ${way.slice(0, -1).map((each) => each.label).join(', then ')}`] : []),
    `  signs in  ${ways.join(', ')}`,
    `  seen      ${localTime(host.lastSeenAt)}${host.lastError === null ? '' : `; ${host.lastError.message}`}`,
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
        const rows = hosts.map((one) => [systems.find(({ id }) => id === one.systemId)?.name ?? '', one.label, addressOf(one), wayTo(one, all).slice(0, -1).map(({ label }) => label).join(', '), one.lastError === null ? (one.platform ?? 'never tested') : one.lastError.code, shortId(one.id)]);
        return { document: { hosts }, text: table(['SYSTEM', 'NAME', 'ADDRESS', 'THROUGH', 'STATE', 'ID'], rows, 'No hosts yet. Add one: host add SYSTEM USER@HOST:PORT --key FILE') };
      }),
    );
  host
    .command('show <host>')
    .description('one host, the way to it and what was decided about its key')
    .action(
      act(async (session, [name]) => {
        const found = await findHost(session, required(name));
        const way = wayTo(found, (await session.call('host.list', {})).hosts);
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
    .option('--password-from <where>', 'sign in with a password: vault or ask; none does without', 'none')
    .option('--questions', 'sign in with what the server asks, as it asks for one-time codes')
    .option('--no-questions', 'never be asked by the server')
    .option('--label <name>', 'what to call it; the name of the host by default')
    .action(
      act(async (session, [systemName, address], options) => {
        const system = await findSystem(session, required(systemName));
        const via = textOption(options, 'via');
        const connection: HostConnection = { ...readAddress(required(address)), signIn: signInOf(options), viaId: via === undefined ? null : (await findHost(session, via)).id };
        const secrets = await secretsFor(session, connection, textOption(options, 'keyPassphraseFile'));
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
  registerHostKeys(host, act);
  host
    .command('remove <host>')
    .description('forget a host that no other is reached through; what is known of its key stays (needs --confirm NAME)')
    .action(
      act(async (session, [name]) => {
        const found = await findHost(session, required(name));
        await session.call('host.remove', { hostId: found.id, confirmName: session.options.confirm?.[0] ?? '' });
        return { document: { removed: found.id }, text: `Forgot ${found.label}.` };
      }),
    );
};

import type { HostConnection } from '#shared/contract/hosts.ts';
import { required, textOption, type Register } from '../command.ts';
import { UsageError } from '../failures.ts';
import { findHost } from '../find.ts';
import { collect, hasSudoPassword, readAddress, requireWay, secretsFor, sourceOf, sudoOf, wholePath, type WantedSecrets } from '../host-connection.ts';
import type { Session } from '../session.ts';

type SignIn = HostConnection['signIn'];

/** What is not said stays as it is. */
function changedSignIn(before: SignIn, options: Record<string, unknown>): SignIn {
  const from = options['keyPassphraseFrom'] === undefined ? null : { source: sourceOf(options, 'keyPassphraseFrom', '--key-passphrase-from') };
  const said = options['key'];
  const paths = said === undefined ? before.keys.map(({ path }) => path) : said === false ? [] : (said as string[]).map(wholePath);
  const signIn: SignIn = {
    ...before,
    keys: paths.map((path) => ({ path, passphrase: from ?? before.keys.find((key) => key.path === path)?.passphrase ?? { source: 'none' } })),
    ...(typeof options['agent'] === 'boolean' ? { agent: options['agent'] } : {}),
    ...(options['passwordFrom'] === undefined ? {} : { password: { source: sourceOf(options, 'passwordFrom', '--password-from') } }),
    ...(typeof options['questions'] === 'boolean' ? { questions: options['questions'] } : {}),
    ...(typeof options['identitiesOnly'] === 'boolean' ? { identitiesOnly: options['identitiesOnly'] } : {}),
    ...sudoOf(options),
  };
  requireWay(signIn);
  return signIn;
}

/** A password was typed for one account, and is never sent to another. */
function newSecrets(before: HostConnection, now: HostConnection, options: Record<string, unknown>): WantedSecrets {
  const isOther = before.host !== now.host || before.port !== now.port || before.user !== now.user;
  const passphrases = now.signIn.keys.filter(({ path, passphrase }) => passphrase.source !== 'none' && (options['keyPassphraseFrom'] !== undefined || before.signIn.keys.every((key) => key.path !== path)));
  return { password: now.signIn.password.source !== 'none' && (isOther || options['passwordFrom'] !== undefined), sudoPassword: hasSudoPassword(now.signIn) && (isOther || options['sudoPasswordFrom'] !== undefined), passphrases: passphrases.map(({ path }) => path) };
}

async function changedConnection(session: Session, before: HostConnection, options: Record<string, unknown>): Promise<HostConnection> {
  const address = textOption(options, 'address');
  const via = textOption(options, 'via');
  const viaId = options['via'] === false ? null : via === undefined ? before.viaId : (await findHost(session, via)).id;
  return { ...before, ...(address === undefined ? {} : readAddress(address)), viaId, signIn: changedSignIn(before.signIn, options) };
}

export const registerHostUpdate: Register = (host, act) => {
  host
    .command('update <host>')
    .description('change how it is reached; what is not said stays as it is')
    .option('--address <address>', 'another address, USER@HOST:PORT: its key is another machine\'s, and has to be trusted anew')
    .option('--via <host>', 'the host through which it is reached from now on')
    .option('--no-via', 'this computer reaches it by itself')
    .option('--key <file>', 'sign in with this private key instead of those named before; may be given several times', collect)
    .option('--no-key', 'with no private key')
    .option('--key-passphrase-from <where>', 'where the passphrase of its keys comes from: vault, ask or none')
    .option('--key-passphrase-file <file>', 'a file of yours alone whose first line is the passphrase of the keys')
    .option('--agent', 'with the keys of the agent (SSH_AUTH_SOCK)')
    .option('--no-agent', 'without the agent')
    .option('--identities-only', 'of the keys of the agent only those whose files are named')
    .option('--no-identities-only', 'with all keys of the agent')
    .option('--password-from <where>', 'with a password: vault or ask; none does without')
    .option('--questions', 'with what the server asks')
    .option('--no-questions', 'never be asked by the server')
    .option('--sudo-password-from <where>', 'where the password for sudo there comes from: vault, ask, sign-in or none')
    .option('--sudo-password-file <file>', 'a file of yours alone whose first line is the password for sudo')
    .option('--label <name>', 'what to call it')
    .action(
      act(async (session, [name], options) => {
        const found = await findHost(session, required(name));
        if (Object.keys(options).length === 0) throw new UsageError('Nothing says what to change.', '"host update --help" names what can be.');
        const connection = await changedConnection(session, found.connection, options);
        const secrets = await secretsFor(session, connection, newSecrets(found.connection, connection, options), options);
        const label = textOption(options, 'label');
        const updated = await session.call('host.update', { hostId: found.id, connection, ...(label === undefined ? {} : { label }), ...secrets });
        return { document: updated, text: `Changed ${updated.host.label}. Next: host test "${updated.host.label}"` };
      }),
    );
};

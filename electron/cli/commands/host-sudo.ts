import { hasCode } from '#shared/domain/errors.ts';
import { required, textOption, type Register } from '../command.ts';
import { findHost } from '../find.ts';
import { obtainSecret } from '../prompt.ts';
import { openVault } from '../open-vault.ts';

export const registerHostSudo: Register = (host, act) => {
  host
    .command('sudo <host>')
    .description('try whether sudo lets its account run commands as another one, and whether that wants a password')
    .option('--as <account>', 'the other account', 'root')
    .option('--sudo-password-file <file>', 'a file of yours alone whose first line is the password for sudo')
    .action(
      act(async (session, [name], options) => {
        const found = await findHost(session, required(name));
        const { user, signIn } = found.connection;
        const input = { hostId: found.id, asUser: textOption(options, 'as') ?? 'root' };
        const sources = [signIn.password.source, signIn.sudo?.source, ...signIn.keys.map(({ passphrase }) => passphrase.source)];
        if (sources.includes('vault')) await openVault(session);
        const tryIt = (more: { sudoPassword?: string } = {}) => session.call('host.testSudo', { ...input, ...more });
        const tried = await tryIt().catch(async (error: unknown) => {
          if (!hasCode(error, 'ssh.sudo-password-needed') || signIn.sudo?.source === 'vault') throw error;
          const sudoPassword = await obtainSecret(session.io, textOption(options, 'sudoPasswordFile'), `Password of ${user} for sudo: `);
          if (sudoPassword === null) throw error;
          return tryIt({ sudoPassword });
        });
        return { document: { host: found, ...tried }, text: `sudo lets ${user} run commands as ${tried.account}${tried.withPassword ? ', with a password' : ', without a password'}.` };
      }),
    );
};

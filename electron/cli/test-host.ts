/** Tries a host, and gets at what is needed for it on the way: the vault opened, passwords and passphrases typed. */
import { reviveError } from '#shared/contract/client.ts';
import type { Host, HostTest } from '#shared/contract/hosts.ts';
import { hasCode } from '#shared/domain/errors.ts';
import { toldHere } from './key-hint.ts';
import { canAsk, obtainSecret } from './prompt.ts';
import { openVault } from './open-vault.ts';
import type { Session } from './session.ts';

type Machine = HostTest['machines'][number];

/** The machine at which a test stopped. */
export const stoppedAt = (machines: readonly Machine[]): Machine | undefined => machines.find(({ layers }) => layers.some(({ state }) => state === 'failed'));

interface Given {
  password?: string;
  passphrases: { path: string; passphrase: string }[];
}

/** What the host itself asks for at each start and nobody has typed yet. Null where it is something else that is wrong. */
function lackOf({ error }: HostTest, { connection: { signIn } }: Host): { path: string | null } | null {
  if (hasCode(error, 'ssh.password-needed') && signIn.password.source === 'ask') return { path: null };
  const path = error?.details['path'];
  if (hasCode(error, 'ssh.passphrase-needed') && typeof path === 'string' && signIn.keys.some((key) => key.path === path && key.passphrase.source === 'ask')) return { path };
  return null;
}

/**
 * Each thing is asked for once, at the machine that wants it. What is wrong with a key is told with the command that helps.
 * @param keyPassphraseFile holds the passphrase of key files, where nobody is to be asked
 * @throws vault.wrong-passphrase; what a machine says to a secret that is wrong
 */
export async function testHost(session: Session, hostId: string, keyPassphraseFile: string | undefined): Promise<HostTest> {
  const { hosts } = await session.call('host.list', {});
  const given = new Map<string, Given>();
  const asked = new Set<string>();
  for (;;) {
    const answer = await session.call('host.test', { hostId });
    const stop = stoppedAt(answer.machines);
    const test = { ...answer, error: toldHere(answer.error, stop?.label) };
    if (hasCode(test.error, 'vault.locked') && !asked.has('vault') && (canAsk(session.io) || session.options.passphraseFile !== undefined)) {
      asked.add('vault');
      await openVault(session);
      continue;
    }
    const host = hosts.find(({ id }) => id === stop?.hostId);
    const lack = host === undefined ? null : lackOf(test, host);
    if (host === undefined || lack === null || asked.has(`${host.id} ${lack.path}`)) return test;
    asked.add(`${host.id} ${lack.path}`);
    const secret = lack.path === null ? await obtainSecret(session.io, session.options.passwordFile, `Password of ${host.connection.user} on ${host.label}: `) : await obtainSecret(session.io, keyPassphraseFile, `Passphrase of ${lack.path}: `);
    if (secret === null) {
      session.say(`There is nobody to ask. Name a file of yours alone that holds it: ${lack.path === null ? '--password-file' : '--key-passphrase-file'} FILE.`);
      return test;
    }
    const typed = given.get(host.id) ?? { passphrases: [] };
    given.set(host.id, typed);
    if (lack.path === null) typed.password = secret;
    else typed.passphrases.push({ path: lack.path, passphrase: secret });
    const again = await session.call('host.test', { hostId: host.id, ...typed });
    if (again.error?.code === 'ssh.authentication') throw reviveError(again.error);
  }
}

/** Every machine with its layers. */
export const machinesText = (machines: readonly Machine[]): string[] => machines.flatMap(({ label, host, port, layers }) => [`  ${label} (${host} port ${port})`, ...layers.map(({ layer, state, detail }) => `    ${layer.padEnd(10)} ${state.padEnd(12)} ${detail}`.trimEnd())]);

/** Every machine with its layers, and what came of it. */
export function testText(test: HostTest): string {
  const end = test.error === null ? 'It can be reached.' : `${test.error.message}${test.error.hint === undefined ? '' : ` ${test.error.hint}`}`;
  return [...machinesText(test.machines), end].join('\n');
}

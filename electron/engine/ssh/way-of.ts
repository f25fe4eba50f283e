/** A host as it is stored, made into the way that leads to it: every machine with its keys and with what one signs in with. */
import type { Host, HostConnection } from '#shared/contract/hosts.ts';
import { isPilothouseError, type ErrorShape } from '#shared/domain/errors.ts';
import type { HostKeyRepository } from '../store/host-key-repository.ts';
import type { HostRepository } from '../store/host-repository.ts';
import type { GivenSecrets, HostSecrets } from './host-secrets.ts';
import { expandHome, identityOf, readKeyFile } from './key-file.ts';
import { hopFailure, labelOf } from './place.ts';
import type { QuestionDesk } from './questions.ts';
import type { SshAccount, SshHop, SshKey } from './types.ts';

/** One machine on the way. */
export interface WayStep {
  /** Null for one that is not added yet. */
  hostId: string | null;
  /** What people call it. */
  label: string;
  hop: SshHop;
  /** Why nobody can sign in there as things are: a key file that is missing, a password that was not typed. Its key can be looked at all the same, and for want of a password alone everything else can be tried. */
  lack: ErrorShape | null;
}

export type Way = [WayStep, ...WayStep[]];

export interface WayDependencies {
  hosts: Pick<HostRepository, 'wayTo'>;
  hostKeys: Pick<HostKeyRepository, 'known'>;
  secrets: Pick<HostSecrets, 'password' | 'passphrase'>;
  /** The socket of this computer's agent; null where there is none. */
  agent: () => string | null;
  /** Puts what a server asks to a person. */
  ask: QuestionDesk['ask'];
}

/** Where one is to go: a host that is stored, or one that is about to be. */
export interface Destination extends Pick<Host, 'label' | 'connection'> {
  id: string | null;
}

/**
 * Reads the key files and asks for the secrets of every machine on the way. What cannot be had is told by the machine
 * that lacks it.
 * @param given the password of the last machine, and passphrases of key files of any of them
 * @throws store.not-found, store.conflict where the way leads nowhere
 */
export async function wayOf(destination: Destination, given: GivenSecrets, { hosts, hostKeys, secrets, agent, ask }: WayDependencies): Promise<Way> {
  const accountOf = async (hostId: string | null, connection: HostConnection, label: string): Promise<Pick<WayStep, 'lack'> & { account: SshAccount }> => {
    const { signIn } = connection;
    const socket = !signIn.agent ? null : signIn.agentSocket === undefined ? agent() : expandHome(signIn.agentSocket);
    const keys: SshKey[] = [];
    const named: string[] = [];
    for (const key of signIn.keys) {
      const { publicKey, hasPrivate } = socket === null ? { publicKey: null, hasPrivate: true } : await identityOf(key.path);
      if (publicKey !== null) named.push(publicKey);
      // Its private half is with the agent.
      if (publicKey !== null && !hasPrivate) continue;
      const passphrase = await secrets.passphrase(hostId, key, given.passphrases?.find(({ path }) => path === key.path)?.passphrase, label);
      keys.push({ name: key.path, text: await readKeyFile(key.path, label), passphrase });
    }
    let lack: ErrorShape | null = null;
    const password = await secrets.password(hostId, connection, hostId === destination.id ? given.password : undefined, label).catch((error: unknown) => {
      if (!isPilothouseError(error) || error.code !== 'ssh.password-needed') throw error;
      lack = error;
      return null;
    });
    const passwordIsMissing = password === null && signIn.password.source !== 'none';
    if (signIn.agent && socket === null && keys.length === 0 && password === null && !passwordIsMissing && signIn.questions !== true) {
      throw hopFailure('ssh.agent-missing', label, 'an agent is to sign in, and none runs here (SSH_AUTH_SOCK is not set).', { hint: 'Start one before Pilothouse (ssh-agent, then ssh-add), or name a key file.' });
    }
    const asker = { hostId: destination.id, host: destination.label, hop: label };
    return { lack, account: { user: connection.user, keys, agent: socket, agentKeys: signIn.identitiesOnly === true ? named : null, password, passwordIsMissing, ask: signIn.questions === false ? null : (question, signal) => ask(asker, question, signal), methods: null } };
  };

  const machines: Destination[] = [...hosts.wayTo(destination.connection, destination.id), destination];
  const steps: WayStep[] = [];
  for (const { id, label, connection } of machines) {
    const { host, port, user } = connection;
    const place = { name: label, host, port, knownKeys: hostKeys.known({ host, port, viaId: connection.viaId }) };
    const nothing: SshAccount = { user, keys: [], agent: null, password: null, ask: null, methods: null };
    try {
      const { account, lack } = await accountOf(id, connection, labelOf({ ...place, account: nothing }, steps.map(({ hop }) => hop)));
      steps.push({ hostId: id, label, hop: { ...place, account }, lack });
    } catch (error) {
      if (!isPilothouseError(error)) throw error;
      steps.push({ hostId: id, label, hop: { ...place, account: nothing }, lack: error });
    }
  }
  return steps as Way;
}

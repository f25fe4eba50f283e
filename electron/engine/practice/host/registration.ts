/** The practice host among the hosts of the console, with its key trusted: it was made here. */
import type { Host, HostConnection, HostTest } from '#shared/contract/hosts.ts';
import { PilothouseError } from '#shared/domain/errors.ts';
import { judgeHostKey, type HostKey } from '#shared/domain/host-trust.ts';
import type { EngineContext } from '../../engine-context.ts';
import { readKeyFile } from '../../ssh/key-file.ts';
import { testWay } from '../../ssh/test-way.ts';
import { createHostKeyRepository } from '../../store/host-key-repository.ts';
import { createHostRepository } from '../../store/host-repository.ts';
import type { PracticePlace } from '../place.ts';
import type { RunningHost } from './practice-host.ts';

export interface HostRegistration {
  /** Found by its key file: a person may call it what they like. */
  find(place: PracticePlace): Host | null;
  /**
   * Connects as the console will, and only when that works adds it to a system, or brings an added one up to date.
   * @throws what connecting throws; then nothing was added or changed
   */
  register(place: PracticePlace, systemId: string, running: RunningHost): Promise<void>;
  /** Brings it up to date where the console knows it. */
  refresh(place: PracticePlace, running: RunningHost): void;
  /** Whether another key is known for a port of 127.0.0.1. */
  isTaken(port: number, key: HostKey): boolean;
  /** What is reached through it. */
  behind(place: PracticePlace): { id: string; label: string }[];
  /** Takes it out of the console, with its key. Where something is reached through it, it stays. */
  forget(place: PracticePlace): void;
}

const address = '127.0.0.1';
export const practiceHostLabel = 'practice-host';

function connectionOf(place: PracticePlace, { port, user }: RunningHost): HostConnection {
  return { host: address, port, user, signIn: { keys: [{ path: place.host.clientKey, passphrase: { source: 'none' } }], agent: false, password: { source: 'none' } }, viaId: null };
}

async function tryOut(place: PracticePlace, { port, user, key }: RunningHost): Promise<HostTest> {
  const { clientKey } = place.host;
  const account = { user, keys: [{ name: clientKey, text: await readKeyFile(clientKey, practiceHostLabel), passphrase: null }], agent: null, password: null, ask: null, methods: null };
  return testWay([{ hostId: null, label: practiceHostLabel, hop: { host: address, port, account, knownKeys: [{ ...key, revoked: false }] }, lack: null }]);
}

export function createHostRegistration({ ports, store, changes, hosts: pool }: Pick<EngineContext, 'ports' | 'store' | 'changes' | 'hosts'>): HostRegistration {
  const hosts = createHostRepository(store);
  const hostKeys = createHostKeyRepository(store);

  const find = (place: PracticePlace): Host | null => hosts.list().find(({ connection }) => connection.viaId === null && connection.signIn.keys.some(({ path }) => path === place.host.clientKey)) ?? null;

  /** Its key is trusted at the port where it answers now, and at none where it answered before. */
  const trust = ({ port, key }: RunningHost): void => {
    if (judgeHostKey(hostKeys.known({ host: address, port }), key).verdict === 'trusted') return;
    hostKeys.forgetGenerated();
    hostKeys.insert({ id: ports.random.id(), host: address, port, ...key, state: 'trusted', source: 'generated', by: 'practice', at: ports.clock.now() });
  };

  const bringUpToDate = ({ id, connection: { host, port, user } }: Host, place: PracticePlace, running: RunningHost): void => {
    if (host === address && port === running.port && user === running.user) return;
    hosts.update(id, { connection: connectionOf(place, running) });
    pool.forget(id);
    changes.changed('systems');
  };

  return {
    find,
    async register(place, systemId, running) {
      const { error, platform } = await tryOut(place, running);
      if (error !== null) throw new PilothouseError(error.code, error.message, error);
      store.transaction(() => {
        trust(running);
        const found = find(place);
        if (found !== null) bringUpToDate(found, place, running);
        const { id } = found ?? hosts.insert({ id: ports.random.id(), systemId, label: practiceHostLabel, connection: connectionOf(place, running), at: ports.clock.now() });
        hosts.recordSighting(id, platform, ports.clock.now());
      })();
      changes.changed('systems');
    },
    refresh: (place, running) =>
      store.transaction(() => {
        const found = find(place);
        if (found === null) return;
        trust(running);
        bringUpToDate(found, place, running);
      })(),
    isTaken(port, key) {
      const { verdict } = judgeHostKey(hostKeys.known({ host: address, port }), key);
      return verdict !== 'trusted' && verdict !== 'unknown';
    },
    behind(place) {
      const found = find(place);
      return found === null ? [] : [...hosts.behind(found.id), ...hosts.databasesBehind(found.id)];
    },
    forget(place) {
      hostKeys.forgetGenerated();
      const found = find(place);
      if (found === null || hosts.behind(found.id).length + hosts.databasesBehind(found.id).length > 0) return;
      hosts.remove(found.id);
      pool.forget(found.id);
    },
  };
}

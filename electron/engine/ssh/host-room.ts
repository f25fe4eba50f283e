/** Hosts: adding, changing, testing, forgetting them, and trusting their keys. */
import { isDeepStrictEqual } from 'node:util';
import type { Host, HostTest, hostMethods } from '#shared/contract/hosts.ts';
import { PilothouseError } from '#shared/domain/errors.ts';
import type { Secret } from '#shared/domain/secret.ts';
import type { Handlers } from '../dispatch/handlers.ts';
import type { EngineContext } from '../engine-context.ts';
import { agentAddress } from '../platform/sockets.ts';
import { createHostKeyRepository, type HostPlace } from '../store/host-key-repository.ts';
import { createHostRepository } from '../store/host-repository.ts';
import { passwordsBehind } from '../systems/passwords-behind.ts';
import type { TypedPasswords } from '../systems/passwords.ts';
import { requireName } from '../systems/require-name.ts';
import type { SshConnection } from './chain.ts';
import type { Handshakes } from './handshakes.ts';
import { createHostKeys } from './host-keys.ts';
import { createHostSecrets, type GivenSecrets } from './host-secrets.ts';
import { requireMovable } from './movable.ts';
import { createQuestionDesk } from './questions.ts';
import { hopFailure } from './place.ts';
import { serverText } from './server-text.ts';
import { createHostStanding } from './standing.ts';
import { runAs } from './sudo.ts';
import { testWay } from './test-way.ts';
import type { SshHop } from './types.ts';
import { wayOf, type Destination, type Way } from './way-of.ts';

export interface HostRoom {
  handlers: Handlers<keyof typeof hostMethods>;
  /**
   * The way to a host, ready to be connected.
   * @throws store.not-found; ssh.key-file, ssh.password-needed, … what the first machine lacks that cannot be signed in to
   */
  wayTo(hostId: string): Promise<[SshHop, ...SshHop[]]>;
  /** Every machine on the way to a host and whom one trusts there; null where it is gone. A connection is good for as long as this stays the same. */
  wayNow(hostId: string): unknown;
  /** For `runAs`; null where sudo has to do without. @throws store.not-found, ssh.sudo-password-needed, ssh.password-needed; vault.absent, vault.locked */
  sudoPassword(hostId: string): Promise<Secret | null>;
  /** Tries the way to a host layer by layer, as its test does, and keeps what was learnt. @throws store.not-found; the signal's reason */
  look(hostId: string, given: GivenSecrets, signal?: AbortSignal): Promise<HostTest>;
  /**
   * Asked before a system is forgotten, which takes its hosts along.
   * @throws store.conflict where hosts of other systems are reached through one of them; operation.busy
   */
  hostsOf(systemId: string): { forgetSecrets(): Promise<void> };
}

/** @param handshakes those of everybody: a test is one more, to a server that others sign in to */
export function createHostRoom(context: EngineContext, typed: TypedPasswords, handshakes: Handshakes): HostRoom {
  const { ports, systems, changes, vault, scrubber } = context;
  const hosts = createHostRepository(context.store);
  const hostKeyRows = createHostKeyRepository(context.store);
  const hostKeys = createHostKeys(hostKeyRows, ports);
  const secrets = createHostSecrets({ vault, typed, scrubber, logger: ports.logger });
  const standing = createHostStanding({ hosts, clock: ports.clock, changes, scrubber });

  const questions = createQuestionDesk({ ...ports, changes, scrubber });

  const stepsTo = (destination: Destination, given: GivenSecrets): Promise<Way> => wayOf(destination, given, { hosts, hostKeys: hostKeyRows, secrets, agent: () => agentAddress(), ask: questions.ask });

  /** A test as it may be shown and stored: a server may repeat in its refusal what it was told. */
  const tryOut = async (destination: Destination, given: GivenSecrets, signal: AbortSignal | undefined, onReached?: (connection: SshConnection) => void): Promise<HostTest> => {
    const way = await stepsTo(destination, given);
    const { machines, error, ...rest } = await testWay(way, { signal, handshakes, onReached });
    for (const [index, { hostId, hop, lack }] of way.entries()) {
      const isIn = machines[index]?.layers.some(({ layer, state }) => layer === 'sign-in' && state === 'ok') === true;
      if (isIn && lack !== null && hostId !== null) secrets.doesWithout(hostId, { host: hop.host, port: hop.port, user: hop.account.user });
    }
    return { ...rest, ...scrubber.scrub({ machines, error }) };
  };

  const wayNow: HostRoom['wayNow'] = (hostId) => {
    const host = hosts.find(hostId);
    if (host === null) return null;
    return [...hosts.wayTo(host.connection, hostId), host].map(({ id, connection }) => ({ id, connection, keys: hostKeyRows.known(connection) }));
  };

  /** What a test met at each machine, as far as these are reached as they were when it began. Of those behind one that failed nothing was learnt. */
  const remember = (way: readonly Host[], { machines, error, platform }: HostTest): void => {
    for (const [index, { id, connection }] of way.entries()) {
      if (!isDeepStrictEqual(hosts.find(id)?.connection, connection)) return;
      const hasFailed = machines[index]?.layers.some(({ state }) => state === 'failed') ?? false;
      if (hasFailed && error !== null) return standing.failed(id, error);
      standing.reached(id, index === way.length - 1 ? platform : null);
    }
  };

  /** Tries a host and keeps what was learnt, unless by now it is reached in another way. */
  const look: HostRoom['look'] = async (hostId, given, signal) => {
    const host = hosts.get(hostId);
    const machines = [...hosts.wayTo(host.connection, hostId), host];
    const way = wayNow(hostId);
    const reached: SshConnection[] = [];
    const test = await tryOut(host, given, signal, (connection) => reached.push(connection));
    const now = hosts.find(hostId);
    const isCurrent = now !== null && isDeepStrictEqual(now.connection, host.connection);
    for (const connection of reached) {
      // What was forgotten meanwhile did not know of this one.
      if (isDeepStrictEqual(wayNow(hostId), way)) context.hosts.keep(hostId, connection);
      else connection.close();
    }
    remember(machines, test);
    if (!isCurrent) return test;
    if (test.machines.at(-1)?.layers.some(({ layer, state }) => layer === 'sign-in' && state === 'ok') === true) secrets.remember(hostId, host.connection, { ...given, sudoPassword: undefined });
    changes.changed('systems');
    return test;
  };

  /** Who is reached in another way from now on is connected to anew, and so is everybody behind. */
  const reconnect = (hostId: string): void => {
    for (const id of [hostId, ...hosts.behind(hostId).map((each) => each.id)]) context.hosts.forget(id);
  };

  const placeOf = (machine: { hostId: string } | HostPlace): HostPlace => {
    if (!('hostId' in machine)) return machine;
    const { host, port, viaId } = hosts.get(machine.hostId).connection;
    return { host, port, viaId };
  };
  const nameOf = (machine: { hostId: string } | HostPlace): string => ('hostId' in machine ? hosts.get(machine.hostId).label : machine.host);

  return {
    handlers: {
      'host.list': ({ systemId }) => ({ hosts: hosts.list(systemId) }),
      'host.add': async ({ systemId, label, connection, ...given }) => {
        systems.get(systemId);
        secrets.requirePlace(connection, given);
        const id = ports.random.id();
        const added = hosts.insert({ id, systemId, label: label || connection.host, connection, at: ports.clock.now() });
        try {
          await secrets.keep(id, connection, given);
        } catch (error) {
          hosts.remove(id); // Without its secrets it would stand there half added.
          throw error;
        }
        changes.changed('systems');
        return { host: added };
      },
      'host.update': async ({ hostId, label, connection, ...given }) => {
        const before = hosts.get(hostId);
        const merged = connection ?? before.connection;
        requireMovable(before, merged, { hosts, operations: context.operations });
        secrets.requirePlace(merged, given);
        const passwords = passwordsBehind(context, typed, [hostId]);
        const host = context.store.transaction(() => {
          if (merged.host.toLowerCase() === before.connection.host.toLowerCase() && merged.port === before.connection.port) hostKeys.carry(before.connection, merged);
          return hosts.update(hostId, { label, connection });
        })();
        // At once, as what was typed for the new one may go to nobody else; and again, for whoever came before what was typed.
        reconnect(hostId);
        await secrets.forget(before, merged, hosts.list());
        await passwords.forgetMoved();
        await secrets.keep(hostId, merged, given);
        reconnect(hostId);
        changes.changed('systems');
        return { host };
      },
      'host.remove': async ({ hostId, confirmName }) => {
        const host = hosts.get(hostId);
        requireName(confirmName, host.label, `Forgetting ${host.label}`);
        requireMovable(host, null, { hosts, operations: context.operations });
        hosts.remove(hostId);
        reconnect(hostId);
        await secrets.forget(host, null, hosts.list());
        changes.changed('systems');
        return {};
      },
      'host.test': async (input, { signal }) => {
        const { password, sudoPassword, passphrases } = input;
        const given = { password, sudoPassword, passphrases };
        for (const secret of [password, sudoPassword, ...(passphrases ?? []).map(({ passphrase }) => passphrase)]) if (secret !== undefined) scrubber.register(secret);
        if ('hostId' in input) return look(input.hostId, given, signal);
        return tryOut({ id: null, label: input.connection.host, connection: input.connection }, given, signal);
      },
      'host.testSudo': async ({ hostId, asUser, sudoPassword: typedNow }, { signal }) => {
        if (typedNow !== undefined) scrubber.register(typedNow);
        const { connection } = hosts.get(hostId);
        const pin = context.pin(hostId);
        return context.hosts.use(
          hostId,
          async (open) => {
            const password = await secrets.sudoPassword(hostId, connection, typedNow, open.label);
            pin();
            const { stdout, exitStatus, withPassword } = await runAs(open, { asUser, argv: ['id', '-un'] }, { password, random: ports.random, signal });
            // What is printed before it belongs to the shell.
            const account = serverText(stdout.trim().split('\n').at(-1) ?? '', 64);
            if (exitStatus !== 0 || account === '') throw hopFailure('ssh.command-failed', open.label, `sudo let us in, and then nothing said who we were (status ${exitStatus ?? 'unknown'}).`, { hint: 'Its sudoers may let this account run other commands only.' });
            if (withPassword) secrets.remember(hostId, connection, { sudoPassword: typedNow });
            return { account, withPassword };
          },
          signal,
        );
      },
      'host.questions': () => ({ questions: questions.open() }),
      'host.answer': ({ questionId, answers }) => {
        questions.answer(questionId, answers);
        return {};
      },
      'host.trustKey': ({ machine, ...shown }, { caller }) => {
        const key = hostKeys.trust(placeOf(machine), shown, caller);
        changes.changed('systems');
        return { key };
      },
      'host.replaceKey': ({ machine, confirmName, ...shown }, { caller }) => {
        const answer = hostKeys.replace(placeOf(machine), shown, { name: nameOf(machine), typed: confirmName }, caller);
        // By name and port it may be the key of several.
        context.hosts.forget();
        changes.changed('systems');
        return answer;
      },
      'host.revokeKey': ({ machine, confirmName, ...shown }, { caller }) => {
        const key = hostKeys.revoke(placeOf(machine), shown, { name: nameOf(machine), typed: confirmName }, caller);
        context.hosts.forget();
        changes.changed('systems');
        return { key };
      },
      'host.keys': ({ machine }) => {
        const place = placeOf(machine);
        return { ...place, keys: hostKeys.list(place) };
      },
    },
    look,
    wayNow,
    async wayTo(hostId) {
      const steps = await stepsTo(hosts.get(hostId), {});
      const lacking = steps.find(({ lack }) => lack !== null);
      if (lacking?.lack) throw lacking.lack;
      return steps.map(({ hop }) => hop) as [SshHop, ...SshHop[]];
    },
    sudoPassword(hostId) {
      const { connection, label } = hosts.get(hostId);
      return secrets.sudoPassword(hostId, connection, undefined, label);
    },
    hostsOf(systemId) {
      const own = hosts.list(systemId);
      const stranded = own.flatMap(({ id, label }) => [...hosts.behind(id), ...hosts.databasesBehind(id)].filter((host) => host.systemId !== systemId).map((host) => ({ host, through: label })));
      const [first] = stranded;
      if (first !== undefined) {
        throw new PilothouseError('store.conflict', `${first.through} is the way to ${[...new Set(stranded.map(({ host }) => host.label))].join(', ')} of other systems.`, { hint: 'Remove those first, or let them be reached in another way.', details: { ids: stranded.map(({ host }) => host.id) } });
      }
      for (const host of own) requireMovable(host, null, { hosts, operations: context.operations });
      return {
        async forgetSecrets() {
          for (const host of own) await secrets.forget(host, null, hosts.list());
        },
      };
    },
  };
}

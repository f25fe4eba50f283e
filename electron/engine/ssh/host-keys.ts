/** Trusting the keys of machines: an act of a person about a key that was shown, never a side effect of connecting. */
import type { DecidedHostKey } from '#shared/contract/hosts.ts';
import { PilothouseError } from '#shared/domain/errors.ts';
import { judgeHostKey } from '#shared/domain/host-trust.ts';
import type { Ports } from '../ports.ts';
import type { HostKeyRepository, HostPlace, NewHostKey, StoredHostKey } from '../store/host-key-repository.ts';
import { requireName } from '../systems/require-name.ts';
import { fingerprintOf, isHostKeyType } from './host-key.ts';
import { knownHostsName, typeInKey } from './known-hosts.ts';

/** What people call a machine, by its label, or by its name where it is no host here yet; and what somebody typed for it. */
export interface TypedName {
  name: string;
  typed: string;
}

/** A key as a person saw it. */
export interface ShownKey {
  keyType: string;
  key: string;
  fingerprint: string;
}

export interface HostKeys {
  list(place: HostPlace): DecidedHostKey[];
  /** @throws contract.invalid-input, store.conflict where a key is known, ssh.host-key-revoked */
  trust(place: HostPlace, shown: ShownKey, by: string): DecidedHostKey;
  /** @throws operation.name-not-confirmed, contract.invalid-input, store.conflict where no other key is known, ssh.host-key-revoked */
  replace(place: HostPlace, shown: ShownKey, confirm: TypedName, by: string): { key: DecidedHostKey; replaced: DecidedHostKey[] };
  /** @throws operation.name-not-confirmed, contract.invalid-input */
  revoke(place: HostPlace, shown: ShownKey, confirm: TypedName, by: string): DecidedHostKey;
  /** For a host that is reached in another way from now on: what is known of it stays known. @throws store.conflict where it is known by another key there */
  carry(from: HostPlace, to: HostPlace): void;
}

/** The key that the fingerprint belongs to; a mistake or a swap in between must not become trust. @throws contract.invalid-input */
function read({ keyType, key, fingerprint }: ShownKey): { type: string; key: string } {
  const refuse = (what: string): PilothouseError => new PilothouseError('contract.invalid-input', what, { hint: 'Test the host again, and take type, key and fingerprint as they are shown.' });
  if (typeInKey(key) !== keyType || Buffer.from(key, 'base64').toString('base64') !== key) throw refuse(`This is no key of type ${keyType}.`);
  if (!isHostKeyType(keyType)) throw refuse(`Keys of type ${keyType} cannot be checked.`);
  if (fingerprintOf({ type: keyType, key }) !== fingerprint) throw refuse('The fingerprint is not that of this key.');
  return { type: keyType, key };
}

export function createHostKeys(repository: HostKeyRepository, { random, clock, logger }: Pick<Ports, 'random' | 'clock' | 'logger'>): HostKeys {
  const withFingerprint = (stored: StoredHostKey): DecidedHostKey => ({ ...stored, fingerprint: fingerprintOf(stored) });
  const list = (place: HostPlace): DecidedHostKey[] => repository.list(place).map(withFingerprint);
  /** The one that is in force. */
  const decided = (place: HostPlace, key: string, state: NewHostKey['state']): DecidedHostKey | undefined => list(place).find((each) => each.state === state && each.key === key);
  const toTrust = (place: HostPlace, key: { type: string; key: string }, by: string): NewHostKey => ({ ...place, ...key, id: random.id(), state: 'trusted', source: 'compared', by, at: clock.now() });
  const refuseRevoked = (name: string, fingerprint: string): PilothouseError => new PilothouseError('ssh.host-key-revoked', `${name}: the key ${fingerprint} was revoked, and is not trusted again.`, { hint: 'Do not connect. Whoever holds this key may pretend to be that machine.' });
  const done = (place: HostPlace, key: string, state: NewHostKey['state'] = 'trusted'): DecidedHostKey => {
    const found = decided(place, key, state);
    if (found === undefined) throw new Error('A key that was just decided about is not in the store.');
    return found;
  };

  return {
    list,
    trust(place, shown, by) {
      const key = read(shown);
      const name = knownHostsName(place.host, place.port);
      const { verdict } = judgeHostKey(repository.known(place), key);
      if (verdict === 'revoked') throw refuseRevoked(name, shown.fingerprint);
      if (verdict === 'changed' || verdict === 'other-type') {
        throw new PilothouseError('store.conflict', `A key of ${name} is known already, and it is another one.`, { hint: 'Find out why it changed. If it is right, replace the key; that wants the name of the host typed.', details: { known: list(place).filter(({ state }) => state === 'trusted') } });
      }
      // Trusted once more by a second press, it stays as it was decided the first time.
      if (verdict === 'unknown') {
        repository.insert(toTrust(place, key, by));
        logger.info({ host: name, keyType: key.type, fingerprint: shown.fingerprint, by }, 'A person trusted the key of a host.');
      }
      return done(place, key.key);
    },
    replace(place, shown, confirm, by) {
      const key = read(shown);
      const name = knownHostsName(place.host, place.port);
      const { verdict } = judgeHostKey(repository.known(place), key);
      if (verdict === 'revoked') throw refuseRevoked(name, shown.fingerprint);
      if (verdict === 'trusted' || verdict === 'unknown') {
        throw new PilothouseError('store.conflict', verdict === 'trusted' ? `This key of ${name} is trusted already.` : `No key of ${name} is known that could be replaced.`, { hint: verdict === 'trusted' ? 'There is nothing to replace.' : 'Compare its fingerprint, and trust it.' });
      }
      requireName(confirm.typed, confirm.name, `Replacing the key of ${confirm.name}`);
      const before = list(place).filter(({ state }) => state === 'trusted');
      repository.replace(toTrust(place, key, by));
      logger.warn({ host: name, was: before.map((each) => each.fingerprint), is: shown.fingerprint, by }, 'A person replaced the key of a host.');
      return { key: done(place, key.key), replaced: list(place).filter((each) => each.state === 'replaced' && before.some((was) => was.key === each.key && was.decidedAt === each.decidedAt)) };
    },
    revoke(place, shown, confirm, by) {
      const key = read(shown);
      const name = knownHostsName(place.host, place.port);
      requireName(confirm.typed, confirm.name, `Revoking a key of ${confirm.name}`);
      // Revoked once more, it stays as it was decided the first time.
      if (decided(place, key.key, 'revoked') === undefined) {
        repository.revoke({ ...toTrust(place, key, by), state: 'revoked' });
        logger.warn({ host: name, keyType: key.type, fingerprint: shown.fingerprint, by }, 'A person revoked the key of a host.');
      }
      return done(place, key.key, 'revoked');
    },
    carry(from, to) {
      const [was, is] = [from, to].map((place) => list(place).filter(({ state }) => state === 'trusted'));
      // Else a key that changed would be taken by leading the host another way, without anybody typing its name.
      if (was?.length && is?.length && !was.some(({ key }) => is.some((other) => other.key === key))) {
        throw new PilothouseError('store.conflict', `${knownHostsName(to.host, to.port)} is known by another key by this way.`, { hint: 'If it is another machine, add it as a host of its own. If it is the same, forget this host and add it anew.', details: { known: was, there: is } });
      }
      repository.carry(from, to, () => random.id());
    },
  };
}

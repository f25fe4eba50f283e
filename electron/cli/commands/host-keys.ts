/** Trusting the key of a host, and replacing it: acts of a person who has compared it. */
import type { Command } from 'commander';
import { reviveError } from '#shared/contract/client.ts';
import type { DecidedHostKey, Host, HostTest } from '#shared/contract/hosts.ts';
import { hasCode, PilothouseError } from '#shared/domain/errors.ts';
import { required, textOption, type Register } from '../command.ts';
import { UsageError } from '../failures.ts';
import { findHost } from '../find.ts';
import { ask, canAsk } from '../prompt.ts';
import type { Session } from '../session.ts';
import { stoppedAt, testHost, testText } from '../test-host.ts';
import { plain } from '../text.ts';

interface ShownKey {
  keyType: string;
  key: string;
  fingerprint: string;
}

/** Where OpenSSH keeps the public half of a key on the machine itself. */
function publicFile(keyType: string): string {
  const kind = keyType.startsWith('ecdsa-') ? 'ecdsa' : keyType.replace('ssh-', '');
  return `/etc/ssh/ssh_host_${kind}_key.pub`;
}

const howToCompare = ({ keyType }: ShownKey): string => `Compare the fingerprint with what somebody who is at that machine reads by: ssh-keygen -lf ${publicFile(keyType)}`;

/** What this very host shows; null where it is the key that is known. @throws where a machine before it, or something else, stops the test */
function keyShownBy(host: Host, test: HostTest): ShownKey | null {
  const layer = test.machines.at(-1)?.layers.find((each) => each.layer === 'host-key');
  if (layer?.state === 'ok') return null;
  if (layer?.error?.code === 'ssh.host-key-unknown' || layer?.error?.code === 'ssh.host-key-changed') {
    const { keyType, key, fingerprint } = layer.error.details;
    return { keyType: String(keyType), key: String(key), fingerprint: String(fingerprint) };
  }
  const before = stoppedAt(test.machines);
  if (hasCode(test.error, 'ssh.host-key-unknown') && before !== undefined && before.hostId !== host.id) {
    throw new PilothouseError('ssh.host-key-unknown', `${host.label} is reached through ${before.label}, whose key is not known yet.`, { hint: `Trust that machine first: host trust "${before.label}"` });
  }
  throw test.error === null ? new PilothouseError('ssh.connection-lost', `${host.label} showed no key.`, { hint: 'Try again.', retryable: true }) : reviveError(test.error);
}

function requireFingerprint(host: Host, wanted: string | undefined, shown: string): void {
  if (wanted === undefined || wanted === shown) return;
  throw new PilothouseError('ssh.host-key-changed', `${host.label} shows the key ${shown}, not ${wanted}.`, { hint: 'Nothing was changed. Somebody may stand in between, or the fingerprint is that of another of its keys.', details: { expected: wanted, found: shown } });
}

const trustedOnly = (keys: readonly DecidedHostKey[]): DecidedHostKey[] => keys.filter(({ state }) => state === 'trusted');

/** Asks whether this key is the one. There is no answer that is taken for a yes but "yes". @throws operation.cancelled; ssh.host-key-unknown where nobody is there */
async function askToTrust(session: Session, host: Host, shown: ShownKey): Promise<void> {
  if (!canAsk(session.io)) {
    throw new PilothouseError('ssh.host-key-unknown', `${host.label} shows ${shown.keyType} ${shown.fingerprint}. It was not trusted: there is nobody here to ask.`, { hint: `${howToCompare(shown)}. If it is the same: host trust "${host.label}" --fingerprint ${shown.fingerprint}`, details: { ...shown } });
  }
  session.say(`The key of ${host.label} is not known yet.\n  ${shown.keyType}\n  ${shown.fingerprint}\n${howToCompare(shown)}`);
  if ((await ask(session.io, 'If it is the same, type yes: ')) !== 'yes') throw new PilothouseError('operation.cancelled', `The key of ${host.label} was not trusted.`, { hint: 'Nothing was changed.' });
}

/** The name that confirms another key, from one who has seen both. @throws operation.name-not-confirmed where nobody is there and the command does not say it all */
async function nameToReplace(session: Session, host: Host, shown: ShownKey, known: readonly DecidedHostKey[], wanted: string | undefined): Promise<string> {
  const given = session.options.confirm?.[0];
  if (wanted !== undefined && given !== undefined) return given;
  const name = host.label;
  if (!canAsk(session.io)) {
    throw new PilothouseError('operation.name-not-confirmed', `${host.label} shows ${shown.keyType} ${shown.fingerprint} instead of ${known.map((key) => `${key.type} ${key.fingerprint}`).join(', ')}. It was not replaced: there is nobody here to ask.`, {
      hint: `${howToCompare(shown)}. If the machine was rebuilt on purpose: host replace-key "${host.label}" --fingerprint ${shown.fingerprint} --confirm "${name}"`,
      details: { ...shown },
    });
  }
  session.say([`${host.label} shows another key than the one that is known: the machine was rebuilt, or somebody stands in between.`, ...known.map((key) => `  Known  ${key.type} ${key.fingerprint}`), `  Shown  ${shown.keyType} ${shown.fingerprint}`, howToCompare(shown)].join('\n'));
  return ask(session.io, `If it is right, type the name of the host, ${plain(name)}: `);
}

/** Which host is meant, which key it has to show, and what it shows now. @throws where a machine before it, or something else, keeps it from showing one */
async function lookAtKey(session: Session, name: string | undefined, options: Record<string, unknown>) {
  const found = await findHost(session, required(name));
  const tryIt = (): Promise<HostTest> => testHost(session, found.id, textOption(options, 'keyPassphraseFile'));
  const before = await tryIt();
  return { found, machine: { hostId: found.id }, wanted: textOption(options, 'fingerprint'), before, shown: keyShownBy(found, before), tryIt };
}

export const registerHostKeys: Register = (host, act) => {
  const withKeyOptions = (command: Command): Command => command.option('--fingerprint <sha256>', 'the fingerprint of the key, SHA256:…').option('--key-passphrase-file <file>', 'a file of yours alone whose first line is the passphrase of the keys that sign in');
  withKeyOptions(host.command('trust <host>'))
    .description('trust its key, of which none is known: it is shown and asked for, or has to be the one of --fingerprint')
    .action(
      act(async (session, [name], options) => {
        const { found, machine, wanted, before, shown, tryIt } = await lookAtKey(session, name, options);
        if (shown === null) {
          const [known] = trustedOnly((await session.call('host.keys', { machine })).keys).filter(({ fingerprint }) => wanted === undefined || fingerprint === wanted);
          if (known === undefined) throw new PilothouseError('ssh.host-key-changed', `${found.label} is trusted by another key than ${wanted}.`, { hint: `See which: host show "${found.label}"` });
          return { document: { host: found, key: known, test: before }, text: `${found.label} is trusted already, by ${known.type} ${known.fingerprint}.` };
        }
        if (before.error !== null && hasCode(before.error, 'ssh.host-key-changed')) throw reviveError(before.error);
        if (wanted === undefined) await askToTrust(session, found, shown);
        else requireFingerprint(found, wanted, shown.fingerprint);
        const { key } = await session.call('host.trustKey', { machine, ...shown });
        session.keep({ host: found, key }, `Trusted ${key.fingerprint} as ${found.label}.`);
        const test = await tryIt();
        return { document: { host: await findHost(session, found.id), key, test }, text: `Trusted ${key.fingerprint} as ${found.label}.\n${testText(test)}` };
      }),
    );
  withKeyOptions(host.command('replace-key <host>'))
    .description('trust another key than the one that is known: the machine was rebuilt on purpose (asks for the name of the host, or needs --fingerprint and --confirm NAME)')
    .action(
      act(async (session, [name], options) => {
        const { found, machine, wanted, shown, tryIt } = await lookAtKey(session, name, options);
        if (shown === null) throw new PilothouseError('store.conflict', `${found.label} shows the key that is known. There is nothing to replace.`, { hint: `See it: host show "${found.label}"` });
        const known = trustedOnly((await session.call('host.keys', { machine })).keys);
        if (known.length === 0) throw new PilothouseError('store.conflict', `No key of ${found.label} is known that could be replaced.`, { hint: `Compare what it shows, and trust it: host trust "${found.label}"` });
        requireFingerprint(found, wanted, shown.fingerprint);
        const confirmName = await nameToReplace(session, found, shown, known, wanted);
        const { key, replaced } = await session.call('host.replaceKey', { machine, ...shown, confirmName });
        session.keep({ host: found, key, replaced }, `Trusted ${key.fingerprint} as ${found.label} instead of ${replaced.map(({ fingerprint }) => fingerprint).join(', ')}.`);
        const test = await tryIt();
        return { document: { host: await findHost(session, found.id), key, replaced, test }, text: `Trusted ${key.fingerprint} as ${found.label} from now on.\n${testText(test)}` };
      }),
    );
  withKeyOptions(host.command('revoke-key <host>'))
    .description('never trust a key again, of whatever machine: the one that is known of this host, or the one of --fingerprint (asks for the name of the host, or needs --fingerprint and --confirm NAME)')
    .action(
      act(async (session, [name], options) => {
        const found = await findHost(session, required(name));
        const machine = { hostId: found.id };
        const wanted = textOption(options, 'fingerprint');
        const known = (await session.call('host.keys', { machine })).keys;
        const candidates = wanted === undefined ? trustedOnly(known) : known.filter(({ fingerprint }) => fingerprint === wanted);
        const [key] = candidates;
        const isOneKey = new Set(candidates.map(({ fingerprint }) => fingerprint)).size === 1;
        // It may be a key that somebody else shows in its name, and that was never trusted.
        const shown = key !== undefined && isOneKey ? { keyType: key.type, key: key.key, fingerprint: key.fingerprint } : wanted === undefined ? null : keyShownBy(found, await testHost(session, found.id, textOption(options, 'keyPassphraseFile')));
        if (shown === null) throw new UsageError(candidates.length === 0 ? `No key of ${found.label} is known that could be revoked.` : `Several keys of ${found.label} are known.`, 'Say which one by its --fingerprint.');
        requireFingerprint(found, wanted, shown.fingerprint);
        const given = session.options.confirm?.[0];
        if (!canAsk(session.io) && (wanted === undefined || given === undefined)) throw new PilothouseError('operation.name-not-confirmed', `The key ${shown.fingerprint} of ${found.label} was not revoked: there is nobody here to ask.`, { hint: `host revoke-key "${found.label}" --fingerprint ${shown.fingerprint} --confirm "${found.label}"`, details: { ...shown } });
        if (given === undefined) session.say(`From then on no machine is connected to that shows this key, ${found.label} neither:\n  ${shown.keyType} ${shown.fingerprint}\nThere is no way back.`);
        const confirmName = given ?? (await ask(session.io, `If it is right, type the name of the host, ${plain(found.label)}: `));
        const { key: revoked } = await session.call('host.revokeKey', { machine, ...shown, confirmName });
        return { document: { host: found, key: revoked }, text: `Revoked ${revoked.fingerprint}. No machine is connected to that shows it.` };
      }),
    );
};

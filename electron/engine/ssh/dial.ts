/** One machine, from the line to being signed in. The one place where ssh2 connects. */
import ssh2, { type Client } from 'ssh2';
import { judgeHostKey, type HostKey, type HostTrust } from '#shared/domain/host-trust.ts';
import type { PilothouseError } from '#shared/domain/errors.ts';
import { fingerprintOf, hostKeyAlgorithms, readHostKey } from './host-key.ts';
import { hopFailure } from './place.ts';
import { createSignIn, explainRefusal, type SignIn, type SignInReport } from './sign-in.ts';
import { serverText } from './server-text.ts';
import type { Line } from './sockets.ts';
import type { SshDialOptions, SshHop } from './types.ts';

export const defaultStepTimeoutMs = 15_000;
/** As long as a laptop may be out of reach before a connection is given up. */
export const defaultKeepAlive = { everyMs: 15_000, missed: 4 };

/** Characters of what a server says before anybody signs in; some say it again and again. */
const longestBanner = 4000;

export interface SignedIn {
  client: Client;
  label: string;
  hostKey: HostKey;
  report: SignInReport;
  /** What the server says before anybody signs in; "" where it says nothing. */
  banner: string;
  exchangeMs: number;
  signInMs: number;
}

/** What is wrong with a host key, and what to do about it. Nothing was sent yet when it is known. */
function explainTrust(label: string, hop: SshHop, key: HostKey, trust: Exclude<HostTrust, { verdict: 'trusted' }>): PilothouseError {
  const fingerprint = fingerprintOf(key);
  const details = { host: hop.host, port: hop.port, keyType: key.type, key: key.key, fingerprint, verdict: trust.verdict };
  const compare = 'Compare it with what somebody who is at that machine reads by: ssh-keygen -lf on its public host key.';
  switch (trust.verdict) {
    case 'unknown':
      return hopFailure('ssh.host-key-unknown', label, `its key is not known yet: ${key.type} ${fingerprint}.`, { hint: `${compare} Then trust it in the settings of this host.`, details });
    case 'revoked':
      return hopFailure('ssh.host-key-revoked', label, `it shows a key that was revoked: ${key.type} ${fingerprint}.`, { hint: 'Do not connect. Whoever holds this key may pretend to be that machine.', details });
    case 'changed':
    case 'other-type': {
      const known = trust.known.map((each) => `${each.type} ${fingerprintOf(each)}`).join(', ');
      const what = trust.verdict === 'changed' ? 'it shows another key than the one that is known' : 'it shows a key of a type that was never seen of it';
      return hopFailure('ssh.host-key-changed', label, `${what}: ${key.type} ${fingerprint} instead of ${known}.`, { hint: `Somebody may stand in between, or the machine was rebuilt. ${compare} If it is right, replace the key in the settings of this host.`, details: { ...details, known: trust.known } });
    }
  }
}

interface Progress {
  key: HostKey | null;
  trust: HostTrust | null;
  exchanged: boolean;
  /** The first that came over the line. */
  said: string;
}

/** Characters of what is no SSH that are kept. */
const longestFirstWords = 200;

/** Listens to the first words from when ssh2 does: earlier they would be taken from it. */
function listen(line: Line, progress: Progress): void {
  const hear = (chunk: Buffer): void => {
    progress.said = `${progress.said}${chunk.toString('latin1')}`.slice(0, longestFirstWords);
    if (progress.said.length === longestFirstWords) line.stream.removeListener('data', hear);
  };
  const wait = (event: string | symbol): void => {
    if (event !== 'data') return;
    line.stream.removeListener('newListener', wait);
    line.stream.on('data', hear);
  };
  line.stream.on('newListener', wait);
}

/** sshd says this to whom it has no room for, and some say nothing. */
const noRoom = /MaxStartups|not allowed at this time/i;

const fewerKeys = 'A server hangs up after a few keys (MaxAuthTries). Name the file of the one to use, and let the agent offer only those that are named (--identities-only).';

/** What an error of ssh2 means, by how far the connection was. */
function explainEnd(label: string, hop: SshHop, error: Error & { level?: string }, progress: Progress, signIn: SignIn): PilothouseError {
  if (progress.key !== null && progress.trust !== null && progress.trust.verdict !== 'trusted') return explainTrust(label, hop, progress.key, progress.trust);
  const { message } = error;
  if (/no matching/i.test(message)) return hopFailure('ssh.no-common-algorithm', label, `it speaks no algorithm that is still accepted (${message.replace(/^Handshake failed: /, '')}).`, { hint: 'Its sshd is very old or very strict. Update it, or allow one of today\'s algorithms in its sshd_config.', cause: error });
  if (error.level === 'client-authentication') {
    const { code, what, hint } = explainRefusal(hop.account.user, signIn.report);
    return hopFailure(code, label, what, { hint, details: { ...signIn.report }, cause: error });
  }
  if (/too many authentication failures/i.test(message)) {
    return hopFailure('ssh.authentication', label, `it hung up after ${signIn.report.keysTried} keys. ${explainRefusal(hop.account.user, signIn.report).what}`, { hint: fewerKeys, details: { ...signIn.report }, cause: error });
  }
  if (signIn.asking) return hopFailure('ssh.connection-lost', label, 'it ended the connection before what it asked was answered.', { hint: 'Its sshd waits about two minutes for a sign-in (LoginGraceTime). Connect again, and answer sooner.', retryable: false, cause: error });
  const said = serverText(progress.said.split(/\r?\n/, 1)[0] ?? '', 80).trim();
  if (!progress.exchanged && progress.said !== '' && !/(?:^|\n)SSH-/.test(progress.said) && !noRoom.test(progress.said)) {
    return hopFailure('ssh.not-ssh', label, `what answers there does not speak SSH (${said === '' ? message : `it says "${said}"`}).`, { hint: 'Check the port: another service may have it.', cause: error });
  }
  if (!progress.exchanged && !progress.said.includes('SSH-')) {
    return hopFailure('ssh.connection-lost', label, said === '' ? 'it closed the connection before it said a word.' : `it has no room for another connection ("${said}").`, { hint: 'The server may be busy (MaxStartups), or have blocked this address (fail2ban, hosts.deny). Try again later; its log says why.', retryable: true, cause: error });
  }
  if (!progress.exchanged && error.level === 'protocol' && !/lost before handshake/i.test(message)) return hopFailure('ssh.not-ssh', label, `what answers there speaks no SSH that can be understood (${message}).`, { hint: 'Check the port, and what serves it.', cause: error });
  return hopFailure('ssh.connection-lost', label, `the connection was lost while ${progress.exchanged ? 'signing in' : 'the keys were exchanged'}: ${message}.`, { hint: progress.exchanged && signIn.report.keysTried > 4 ? fewerKeys : 'The server may be busy (MaxStartups) or have blocked this address. Try again; its log says why.', retryable: true, cause: error });
}

/**
 * Signs in over a line. Nobody is trusted whose key is not known; nothing but the name of the user is sent before.
 * @param label of the machine, for errors
 * @param onPassed told when its key was found to be the known one, and when one is signed in
 * @throws ssh.host-key-unknown, .host-key-changed, .host-key-revoked, .not-ssh, .no-common-algorithm, .authentication,
 * .connection-lost, .timeout; the signal's reason
 */
export function signInOver(line: Line, hop: SshHop, label: string, options: SshDialOptions, onPassed: (layer: 'host-key' | 'sign-in', detail: string) => void = () => {}): Promise<SignedIn> {
  const { signal } = options;
  const stepTimeoutMs = options.stepTimeoutMs ?? defaultStepTimeoutMs;
  const keepAlive = options.keepAlive ?? defaultKeepAlive;
  const client = new ssh2.Client();
  const progress: Progress = { key: null, trust: null, exchanged: false, said: '' };
  const startedAt = performance.now();
  let exchangedAt = startedAt;
  let banner = '';

  return new Promise((resolve, reject) => {
    let over = false;
    let timer: NodeJS.Timeout | undefined;
    const ended = new AbortController();
    const end = (error: unknown): void => {
      if (over) return;
      over = true;
      ended.abort(error);
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
      client.destroy();
      line.stream.destroy();
      reject(error);
    };
    const abort = (): void => end(signal?.reason);
    const restart = (): void => {
      clearTimeout(timer);
      if (over || signIn.asking) return;
      timer = setTimeout(() => {
        const what = progress.exchanged ? 'it did not answer while signing in' : progress.said === '' ? 'it connected, and said nothing' : 'it did not finish the exchange of keys';
        end(hopFailure('ssh.timeout', label, `${what}, for ${stepTimeoutMs / 1000} s.`, { hint: progress.exchanged ? 'It may look up names or ask another service for each login (UseDNS, PAM). Try again, or look into its log.' : 'Check that sshd has this port; it may be overloaded, or a firewall cuts the line.', retryable: true }));
      }, stepTimeoutMs);
    };
    const giveUp = (): void => {
      const { code, what, hint } = explainRefusal(hop.account.user, signIn.report);
      // Nobody is asked again unless somebody wants to be.
      end(hopFailure(code, label, what, { hint, details: { ...signIn.report } }));
    };
    const signIn = createSignIn(hop.account, { onAsking: restart, onGivenUp: giveUp, signal: ended.signal });

    signal?.addEventListener('abort', abort, { once: true });
    // ssh2 may report one failure several times; the first one counts, and none of the others may be thrown.
    client.on('error', (error) => end(explainEnd(label, hop, error, progress, signIn)));
    client.once('close', () => end(explainEnd(label, hop, new Error('it was closed by the other side'), progress, signIn)));
    client.on('banner', (text) => (banner = serverText(banner + text.slice(0, longestBanner), longestBanner)));
    client.once('handshake', () => {
      progress.exchanged = true;
      exchangedAt = performance.now();
      if (progress.key !== null) onPassed('host-key', `${progress.key.type} ${fingerprintOf(progress.key)}`);
      restart();
    });
    client.on('change password', (text) => end(hopFailure('ssh.authentication', label, `the password of ${hop.account.user} has expired: ${serverText(text, 200).trim() || 'a new one is asked for'}.`, { hint: `Change it at a terminal: ssh ${hop.account.user}@${hop.host}` })));
    client.once('ready', () => {
      if (over) return;
      over = true;
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
      client.removeAllListeners('close');
      client.removeAllListeners('change password');
      onPassed('sign-in', signIn.report.tried.at(-1) ?? 'it asked for nothing');
      resolve({ client, label, hostKey: progress.key ?? { type: '', key: '' }, report: signIn.report, banner, exchangeMs: exchangedAt - startedAt, signInMs: performance.now() - exchangedAt });
    });
    restart();
    if (signal?.aborted === true) {
      abort();
      return;
    }
    listen(line, progress);
    client.connect({
      sock: line.stream,
      username: hop.account.user,
      hostVerifier: (wire: Buffer) => {
        progress.key = readHostKey(wire);
        progress.trust = judgeHostKey(hop.knownKeys, progress.key);
        return progress.trust.verdict === 'trusted';
      },
      authHandler: signIn.handler,
      algorithms: { serverHostKey: hostKeyAlgorithms(hop.knownKeys) as never },
      readyTimeout: 0,
      keepaliveInterval: keepAlive.everyMs,
      keepaliveCountMax: keepAlive.missed,
    });
  });
}

/** Tries the way to a host, and says of each layer of each machine how long it took and what was seen. */
import { hostLayer, type HostLayer, type HostTest } from '#shared/contract/hosts.ts';
import { hasCode, toErrorShape } from '#shared/domain/errors.ts';
import { connectChain, type SshConnection } from './chain.ts';
import { exec } from './exec.ts';
import type { Handshakes } from './handshakes.ts';
import { hopFailure } from './place.ts';
import { serverText } from './server-text.ts';
import type { SshHop } from './types.ts';
import type { Way } from './way-of.ts';

type LayerResult = HostTest['machines'][number]['layers'][number];

/** A machine in between only has to let through: whether it runs commands is its own affair. */
const between: readonly HostLayer[] = hostLayer.options.filter((layer) => layer !== 'command');

/** What is printed before it belongs to the shell, and not to the command. */
const marker = 'pilothouse-begins';
const command = `echo ${marker}; uname -srm`;
const commandTimeoutMs = 20_000;
/** From here on a shell is slow: each command waits for it. */
const slowShellMs = 2000;
const shorten = (text: string): string => serverText(text, 120);

/** @throws ssh.command-failed, ssh.timeout, what `exec` throws */
async function tryCommand(connection: SshConnection, signal: AbortSignal | undefined): Promise<{ platform: string; detail: string; state: 'ok' | 'warn' }> {
  const { label } = connection;
  const limit = AbortSignal.timeout(commandTimeoutMs);
  const { exitStatus, stdout, stderr, durationMs } = await exec(connection, command, { signal: signal === undefined ? limit : AbortSignal.any([signal, limit]), keepBytes: 65_536 }).catch((error: unknown) => {
    if (!limit.aborted || signal?.aborted === true) throw error;
    throw hopFailure('ssh.timeout', label, `a command did not end within ${commandTimeoutMs / 1000} s.`, { hint: 'Its shell may wait for something when it starts. Look into the files that it reads then (~/.profile, ~/.bashrc).', retryable: true, cause: error });
  });
  const [before = '', after] = stdout.split(new RegExp(`${marker}\\r?\\n`), 2);
  const said = shorten([stdout, stderr].map((text) => text.trim().replaceAll(/\s+/g, ' ')).filter((text) => text !== '').join('; '));
  if (after === undefined) throw hopFailure('ssh.command-failed', label, `its shell did not run a command${said === '' ? ', and said nothing' : `: ${said}`}.`, { hint: 'The account may have no shell (nologin), or the key may be bound to one command in authorized_keys.', details: { exitStatus } });
  if (exitStatus !== 0) throw hopFailure('ssh.command-failed', label, `uname ended with status ${exitStatus ?? 'unknown'}${said === '' ? '' : `: ${said}`}.`, { hint: 'Pilothouse works with machines whose shell is that of a Unix.', details: { exitStatus } });
  const platform = shorten(after.trim().split('\n').at(-1)?.trim() ?? '');
  const notes = [
    ...(before.trim() === '' ? [] : [`its shell says something of its own before each command ("${shorten(before.trim().replaceAll(/\s+/g, ' '))}"); quiet it where it is not interactive (~/.bashrc)`]),
    ...(durationMs < slowShellMs ? [] : [`its shell takes ${(durationMs / 1000).toFixed(1)} s to start, and every command waits for that: load what is slow (a version manager, a network folder) only where somebody is at a terminal (~/.bashrc)`]),
  ];
  return { platform, detail: [platform, ...notes].join('; '), state: notes.length === 0 ? 'ok' : 'warn' };
}

/**
 * Never throws for what went wrong on the way: that is in the result.
 * @param options.handshakes gives each machine of the way its turn. What a busy one dropped is told, and not tried again
 * @param options.onReached given the connection where everything passed, which is then theirs to close
 * @throws the signal's reason
 */
export async function testWay(way: Way, { onReached, handshakes, ...options }: { signal?: AbortSignal | undefined; stepTimeoutMs?: number; handshakes?: Handshakes; onReached?: ((connection: SshConnection) => void) | undefined } = {}): Promise<HostTest> {
  const { signal } = options;
  const orders = way.map((_step, index) => (index === way.length - 1 ? hostLayer.options : between));
  const passed: LayerResult[][] = way.map(() => []);
  let since = performance.now();
  const report = (index: number, result: Pick<LayerResult, 'layer' | 'state' | 'detail'> & { error?: LayerResult['error'] }): void => {
    const now = performance.now();
    passed[index]?.push({ durationMs: Math.round((now - since) * 10) / 10, error: null, ...result });
    since = now;
  };
  const finish = (rest: Pick<HostTest, 'error' | 'platform'>): HostTest => ({
    ok: rest.error === null,
    machines: way.map(({ hostId, label, hop }, index) => {
      const layers = passed[index] ?? [];
      const missing = (orders[index] ?? []).slice(layers.length).map((layer) => ({ layer, state: 'not-reached' as const, durationMs: null, detail: '', error: null }));
      return { hostId, label, host: hop.host, port: hop.port, layers: [...layers, ...missing] };
    }),
    ...rest,
  });

  /** Waiting for one's turn is no time of a layer. */
  const inTurn: Handshakes | undefined = handshakes && {
    run: (server, attempt, waiting) => handshakes.run(server, () => {
      since = performance.now();
      return attempt();
    }, waiting, 1),
  };

  let connection: SshConnection | null = null;
  try {
    connection = await connectChain(way.map(({ hop }) => hop) as [SshHop, ...SshHop[]], { ...options, handshakes: inTurn, onPassed: (index, layer, detail) => report(index, { layer, state: 'ok', detail }) });
    const { platform, detail, state } = await tryCommand(connection, signal);
    report(way.length - 1, { layer: 'command', state, detail });
    if (onReached !== undefined) {
      onReached(connection);
      connection = null;
    }
    return finish({ error: null, platform });
  } catch (caught) {
    signal?.throwIfAborted();
    const index = passed.findIndex((layers, at) => layers.length < (orders[at]?.length ?? 0));
    const layers = passed[index] ?? [];
    // Whether the name is known there is not told apart from whether it can be reached: the machine before does both.
    if (index > 0 && layers.length === 0) layers.push({ layer: 'name', state: 'not-reached', durationMs: null, detail: `${way[index - 1]?.label ?? ''} looks it up`, error: null });
    const layer = orders[index]?.[layers.length] ?? 'command';
    const lack = layer === 'sign-in' ? (way[index]?.lack ?? null) : null;
    // Where nothing could be tried because something is missing here, that is the reason. A password is missing only where the server wants it.
    const isWanted = !hasCode(lack, 'ssh.password-needed') || hasCode(caught, 'ssh.password-needed');
    const error = toErrorShape(lack !== null && isWanted ? lack : caught, '');
    report(index, { layer, state: 'failed', detail: error.message, error });
    return finish({ error, platform: null });
  } finally {
    connection?.close();
  }
}

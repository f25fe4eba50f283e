/** Looks at one host: one channel, one script, and every check judges what it printed. */
import type { Host } from '#shared/contract/hosts.ts';
import type { System } from '#shared/contract/systems.ts';
import { hasCode, toErrorShape } from '#shared/domain/errors.ts';
import type { EngineContext } from '../engine-context.ts';
import type { RunningOperation } from '../operations/procedure.ts';
import type { SshConnection } from '../ssh/chain.ts';
import { exec } from '../ssh/exec.ts';
import { fingerprintOf } from '../ssh/host-key.ts';
import { hopFailure } from '../ssh/place.ts';
import { quoteCommand } from '../ssh/quote.ts';
import { serverText } from '../ssh/server-text.ts';
import { createHostRepository } from '../store/host-repository.ts';
import type { HealthRepository, NewHealthResult } from '../store/health-repository.ts';
import type { Finding } from './check.ts';
import { expectedOn } from './expected-on.ts';
import { bytes, duration } from './figures.ts';
import { skipped, unknown } from './findings.ts';
import { readOutput, scriptOf, seenBy, seenIn, type HostCheck, type HostLook, type HostOutput, type HostSeen, type PieceId } from './host/index.ts';
import { limitsOf } from './limits.ts';
import type { ServerResults } from './look-at-server.ts';
import { isOurSide } from './our-side.ts';
import { resultOf, type Subject } from './results.ts';
import { machineNamed, type Unreached } from './unreached-hosts.ts';

/** What a host is given for all of it. Each thing that may hang has a limit of its own in the script, where the host knows limits. */
const defaultLimitMs = 60_000;
/** Much more than a busy host prints. */
const keptBytes = 8 * 1024 * 1024;

/** Characters of a summary: names in it may be as long as a host likes. */
const longestSummary = 600;

export interface HostLookOptions {
  /** Whether this is the host of the practice system, and that is stopped. */
  isHostStopped?: ((host: Host) => Promise<boolean>) | undefined;
  /** Milliseconds for the script. */
  limitMs?: number | undefined;
}

/** One look, as it was seen from here. */
export interface Watched {
  output: HostOutput;
  /** Milliseconds from asking to the first line of the script, and until its end. */
  answerMs: number;
  durationMs: number;
  /** Milliseconds since the epoch at which that line arrived. */
  firstLineAt: number;
  /** How its shell ended; null where that is not known. */
  exitStatus: number | null;
  /** Why it did not come to its end; null where it did. */
  cutBy: string | null;
}

interface Sent {
  signal: AbortSignal;
  /** A word that nobody prints by chance. */
  mark: string;
  /** What is to be looked at; all where it is left out. */
  wanted?: ReadonlySet<PieceId>;
  now: () => number;
  limitMs?: number | undefined;
}

/**
 * Runs the script over one channel. What arrived before it broke off is worth having.
 * @throws ssh.command-failed where no shell ran it, what `exec` throws where nothing arrived; the signal's reason
 */
export async function watch(connection: SshConnection, { signal, mark, wanted, now, limitMs = defaultLimitMs }: Sent): Promise<Watched> {
  const limit = AbortSignal.timeout(limitMs);
  const chunks: Buffer[] = [];
  let kept = 0;
  let head = '';
  let first: { answerMs: number; at: number } | null = null;
  const startedAt = performance.now();
  const onStdout = (chunk: Buffer): void => {
    if (kept < keptBytes) chunks.push(chunk);
    kept += chunk.length;
    if (first !== null) return;
    head = `${head}${chunk.toString('latin1')}`.slice(-65_536);
    if (head.includes(`\n${mark}`)) first = { answerMs: performance.now() - startedAt, at: now() };
  };
  let cutBy: string | null = null;
  let exitStatus: number | null = null;
  let said = '';
  try {
    const ended = await exec(connection, quoteCommand(['/bin/sh', '-s']), { signal: AbortSignal.any([signal, limit]), input: scriptOf(mark, wanted), onStdout, keepBytes: 4096 });
    exitStatus = ended.exitStatus;
    said = `status ${exitStatus ?? 'unknown'}${ended.stderr.trim() === '' ? '' : `: ${ended.stderr.trim()}`}`;
  } catch (error) {
    signal.throwIfAborted();
    if (first === null && !limit.aborted) throw error;
    if (first === null) throw hopFailure('ssh.timeout', connection.label, `its shell did not begin a script within ${duration(limitMs / 1000)}.`, { hint: 'Something in its .bashrc or .profile may hang. Sign in by hand and look.', retryable: true, cause: error });
    cutBy = limit.aborted ? `it took longer than ${duration(limitMs / 1000)}` : toErrorShape(error, '').message;
  }
  const output = readOutput(Buffer.concat(chunks).toString('utf8'), mark);
  const begun = first as { answerMs: number; at: number } | null;
  if (begun === null) {
    const words = serverText(output.chatter, 300);
    throw hopFailure('ssh.command-failed', connection.label, `its shell ran no script (${said})${words === '' ? '' : `, and said: ${words}`}.`, { hint: 'The account may have no shell (nologin), or its key may be bound to one command in authorized_keys. Use an account with a shell.' });
  }
  if (kept > keptBytes) cutBy = `it printed more than ${bytes(keptBytes)}`;
  if (cutBy === null && !output.whole) cutBy = `the script broke off (${serverText(said, 200)})`;
  return { output, answerMs: begun.answerMs, durationMs: performance.now() - startedAt, firstLineAt: begun.at, exitStatus, cutBy };
}

/** Where the kernel is another than Linux: none of what is looked at is there. */
function notLinux(seen: HostSeen): Record<'os' | 'others', Finding> | null {
  const [kernel = 'Linux'] = seen.lines('kernel');
  if (kernel.startsWith('Linux ') || kernel === 'Linux') return null;
  const name = serverText(kernel, 100);
  return { os: unknown(`It runs ${name}; Pilothouse looks at hosts with Linux`, 'Databases on it can be looked at all the same.'), others: skipped(`Only hosts with Linux are looked at, and this one runs ${name}`) };
}

/** Pure judges make an answer of whatever was printed; a fault of theirs is one of Pilothouse. */
export function judgeHost(check: HostCheck, seen: HostSeen, look: HostLook, cutBy: string | null): Finding {
  const missing = check.reads.find((id) => seen.cut(id));
  if (missing !== undefined) return unknown(`The look ended before "${missing}" was read: ${cutBy ?? 'the script broke off'}`, 'Check again; where it ends early every time, a file system or a service on the host hangs.');
  try {
    return check.judge(seenBy(check.reads, seen), look);
  } catch (error) {
    return unknown(`What the host printed could not be understood: ${toErrorShape(error, '').message}`, 'This is a fault of Pilothouse; the log of the operation has the time of it.');
  }
}

export interface OneHost extends HostLookOptions {
  context: EngineContext;
  operation: RunningOperation;
  repository: HealthRepository;
  system: System;
  host: Host;
  checks: readonly HostCheck[];
}

const subjectOf = ({ id, label }: Host): Subject & { hostId: string } => ({ targetKey: `host:${id}`, target: label, databaseId: null, hostId: id });

/** What a check says of a host, as it is kept. */
export function hostResult({ scrubber }: Pick<EngineContext, 'scrubber'>, { policy }: Pick<System, 'policy'>, host: Host, check: HostCheck, finding: Finding, durationMs: number): NewHealthResult {
  const told = { ...finding, summary: serverText(finding.summary, longestSummary) };
  return scrubber.scrub(resultOf(check, told, subjectOf(host), limitsOf(check, policy), durationMs));
}

/**
 * @returns a result for every check, or why there is none of any: what that means shows when all hosts were tried
 * @throws operation.cancelled
 */
export async function lookAtHost({ context, operation, repository, system, host, checks, limitMs, isHostStopped }: OneHost): Promise<ServerResults | Unreached> {
  const { ports, scrubber } = context;
  const hosts = createHostRepository(context.store);
  const subject = subjectOf(host);
  const services = expectedOn(context.store, system.id, host.id);
  const found: ServerResults = { results: [], samples: [] };
  const say = (check: HostCheck, finding: Finding, durationMs: number): void => void found.results.push(hostResult(context, system, host, check, finding, durationMs));

  let hops: HostLook['hops'] = [];
  let tripMs = 0;
  let watched: Watched;
  try {
    watched = await context.hosts.use(
      host.id,
      (connection) => {
        hops = connection.hops.map(({ label, address, hostKey, signInMs, exchangeMs, lineMs }) => ({ label, address, hostKey: `${hostKey.type} ${fingerprintOf(hostKey)}`, ms: lineMs + exchangeMs + signInMs }));
        // Opening a line is one way there and back, over all machines before it.
        tripMs = connection.hops.at(-1)?.lineMs ?? 0;
        return watch(connection, { signal: operation.signal, mark: `ph${ports.random.id().replaceAll(/[^A-Za-z0-9]/g, '')}`, wanted: new Set<PieceId>(['kernel', ...checks.flatMap(({ about, reads }) => (about.id === 'services' && services.length === 0 ? [] : reads))]), now: () => ports.clock.now(), limitMs });
      },
      operation.signal,
    );
  } catch (error) {
    if (hasCode(error, 'operation.cancelled')) throw error;
    operation.throwIfCancelled();
    const told = toErrorShape(error, '');
    const shape = scrubber.scrub(told); // It is kept, and a host may repeat what it was told.
    const at = machineNamed(told, host, hosts);
    operation.log(isOurSide(shape) ? 'warn' : 'error', at?.id === host.id ? shape.message : `${host.label}: ${shape.message}`);
    // What kept one from signing in is told of the machine that it was, where the connections are made. Later it may have been one on the way, too.
    if (!isOurSide(shape) && hops.length > 0) hosts.recordFailure((at ?? host).id, shape);
    return { host, error: shape, at, isStopped: !isOurSide(shape) && isHostStopped !== undefined && (await isHostStopped(host)) };
  }

  const { output, answerMs, durationMs, firstLineAt, exitStatus, cutBy } = watched;
  const seen = seenIn(output);
  operation.command({ target: host.label, text: '/bin/sh -s, with the script of the host checks as its input', exitStatus, durationMs }, cutBy === null ? `Looked at ${host.label} in ${duration(durationMs / 1000)}` : `The look at ${host.label} ended early: ${cutBy}`);
  hosts.recordSighting(host.id, seen.lines('kernel')[0] ?? null, ports.clock.now());
  const strange = notLinux(seen);
  for (const check of checks) {
    const sample = check.counters === undefined ? null : repository.sample(check.about.id, subject.targetKey);
    const look: HostLook = {
      ...limitsOf(check, system.policy),
      now: ports.clock.now(),
      firstLineAt,
      answerMs,
      tripMs: Math.min(tripMs, answerMs),
      chatter: serverText(output.chatter, 300),
      hops,
      services,
      previous: sample === null ? null : { at: sample.at, values: sample.values },
    };
    const startedAt = performance.now();
    const finding = strange === null || check.about.id === 'host-connection' ? judgeHost(check, seen, look, cutBy) : check.about.id === 'os' ? strange.os : strange.others;
    say(check, finding, performance.now() - startedAt);
    const values = check.reads.some((id) => seen.cut(id)) ? null : (check.counters?.read(seenBy(check.reads, seen)) ?? null);
    if (values === null) continue;
    const { previous, now } = look;
    if (previous === null || finding.status === 'unknown' || now < previous.at || now - previous.at >= (check.counters?.keepMs ?? 0)) found.samples.push({ check: check.about.id, targetKey: subject.targetKey, at: now, values });
  }
  return found;
}

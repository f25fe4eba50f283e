/** The line to a host whose work goes on by itself: where it is lost, one waits for it, and says so. */
import { setTimeout as pause } from 'node:timers/promises';
import { isPilothouseError, type ErrorCode } from '#shared/domain/errors.ts';
import type { RunningOperation } from '../../operations/procedure.ts';
import type { Ports } from '../../ports.ts';
import { timeInWords } from '../words.ts';

export interface Line {
  /**
   * Does it again, until the line lets it through; at once after this computer slept.
   * @param work what only asks may be given up by the signal that it is given, which aborts then too: it is asked anew
   * @param opens it opens a session of Postgres of its own: where one is lost, it opens another
   * @throws what is no trouble of the line; the signal's reason
   */
  patiently<T>(work: (signal: AbortSignal) => Promise<T>, opens?: 'session'): Promise<T>;
  /** Why nothing is known at the moment, in words; null while there is a connection. */
  held(): string | null;
}

/** Nobody has to do anything: it comes back, or it does not. */
const away: ReadonlySet<ErrorCode> = new Set<ErrorCode>(['ssh.connection-lost', 'ssh.unreachable', 'ssh.refused', 'ssh.timeout', 'ssh.name-not-resolved', 'ssh.channel-refused', 'ssh.forwarding-refused']);
/** Of these some come back, and some are as the server is set. */
const perhaps: ReadonlySet<ErrorCode> = new Set<ErrorCode>(['ssh.channel-refused', 'ssh.forwarding-refused']);
/** Somebody has to do something, and may: a vault that has locked itself, an agent that runs no more. */
const shut: ReadonlySet<ErrorCode> = new Set<ErrorCode>(['ssh.authentication', 'ssh.password-needed', 'ssh.passphrase-needed', 'ssh.agent-missing', 'ssh.key-file', 'ssh.question-unanswered', 'ssh.sudo-password-needed', 'vault.locked', 'vault.absent']);
/** A session of Postgres that ended with the line that it went over. */
const sessionLost: ReadonlySet<ErrorCode> = new Set<ErrorCode>(['postgres.connection-lost', 'postgres.timeout']);

/** Whether an error says only that the host cannot be reached. */
const isAway = (error: unknown): boolean => isPilothouseError(error) && away.has(error.code) && (error.retryable || !perhaps.has(error.code));

const isHostTrouble = (error: unknown): boolean => isAway(error) || (isPilothouseError(error) && shut.has(error.code));
const isSessionLost = (error: unknown): boolean => isPilothouseError(error) && sessionLost.has(error.code);

/** Whether an error says only that nobody gets through to the host, or that a session ended which went through it. */
export const isLineTrouble = (error: unknown): boolean => isHostTrouble(error) || isSessionLost(error);

const firstWaitMs = 500;
const longestWaitMs = 30_000;

export interface LineOptions {
  operation: Pick<RunningOperation, 'log' | 'progress' | 'nextWake'>;
  /** What people call the host. */
  label: string;
  /** What is known of what is there: "What is there stays there". */
  meanwhile: () => string;
  /** What comes of it where it is cancelled meanwhile; of a dump unless it is said. */
  ifCancelled?: string;
  ports: Pick<Ports, 'clock' | 'random'>;
  signal: AbortSignal;
}

export function createLine({ operation, label, meanwhile, ifCancelled = 'this side is cleaned then, and the other as soon as it can be reached', ports, signal }: LineOptions): Line {
  let lost: { at: number; why: string } | null = null;
  const held = (): string | null => (lost === null ? null : `${lost.why} since ${timeInWords(new Date(lost.at).toISOString())}. ${meanwhile()}. Cancel to give it up: ${ifCancelled}`);
  const lose = (error: unknown): void => {
    if (!isPilothouseError(error)) return;
    const why = away.has(error.code) || sessionLost.has(error.code) ? `No connection to ${label}` : `Nobody can sign in to ${label}`;
    if (lost === null || lost.why !== why) {
      lost = { at: lost?.at ?? ports.clock.now(), why };
      operation.log('warn', `${error.message} ${meanwhile()}. It is asked again until it answers, or this is cancelled.`);
    }
    operation.progress({ text: held() ?? '' });
  };
  const find = (): void => {
    if (lost === null) return;
    operation.log('info', `Connected to ${label} again, after ${Math.round((ports.clock.now() - lost.at) / 1000)} s`);
    lost = null;
  };
  return {
    held,
    async patiently(work, opens) {
      for (let waitMs = firstWaitMs; ; waitMs = Math.min(waitMs * 2, longestWaitMs)) {
        signal.throwIfAborted();
        const woken = operation.nextWake();
        const eitherWay = AbortSignal.any([signal, woken]);
        try {
          const answer = await work(eitherWay);
          find();
          return answer;
        } catch (error) {
          signal.throwIfAborted();
          if (!isHostTrouble(error) && !(opens === 'session' && isSessionLost(error))) throw error;
          lose(error);
          // Between half and all of it: whoever lost the same line does not come back at the same moment.
          const jitter = 0.5 + ports.random.bytes(1).readUInt8(0) / 510;
          await pause(waitMs * jitter, undefined, { signal: eitherWay }).catch(() => signal.throwIfAborted());
          if (woken.aborted) waitMs = firstWaitMs;
        }
      }
    },
  };
}

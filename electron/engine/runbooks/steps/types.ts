/** How a step is sent, and what is known of one whose end nobody has seen. */
import type { RunningOperation } from '../../operations/procedure.ts';
import type { Outcome, Sent } from '../sent.ts';

/** In milliseconds. */
export interface StepLimits {
  /** Null: as long as it takes. Of a job from its own start on. */
  timeoutMs: number | null;
  /** Without a word for so long it is said that it is silent; nothing is ended by it. Null: never. */
  stallWarnMs: number | null;
}

/** A job of a host, and whose home it is in. */
export interface StepJob {
  hostId: string;
  jobId: string;
  /** The account by sudo that it runs as; null: the one that signs in. */
  sudo: string | null;
}

/** What is found of a job. */
export type FoundJob =
  | { state: 'running'; /** Seconds since it was begun; null where nobody wrote that down. */ ageSeconds: number | null; /** Seconds since its last sign of life; null before the first. */ beatAge: number | null }
  | { state: 'ended'; outcome: Outcome }
  /** `gone`: there is no such job. `lost`: its processes are gone without a word. `restarted`: the machine was started anew while it ran. */
  | { state: 'gone' | 'lost' | 'restarted' };

/** What an executor needs of the operation that it is part of. */
export interface StepOperation extends Pick<RunningOperation, 'signal' | 'nextWake' | 'isLeaving' | 'log' | 'command' | 'progress'> {
  /** Told each line that the step says. Left out: they go into the log. */
  said?(line: string): void;
}

/** Answered by one kind of step. @throws as `StepRunner.send` */
export type Execute<Kind extends Sent['kind']> = (sent: Extract<Sent, { kind: Kind }>, operation: StepOperation, limits: StepLimits) => Promise<Outcome>;

export interface StepRunner {
  /**
   * Sends it, and waits for its end. A status that is not 0, an error of SQL (exit status 1, its words on stderr), a 500
   * and a timeout that ended it are outcomes.
   * @throws with `details.notSent` where surely nothing reached its target: the name, the network, the host key, signing
   * in, sudo, or a tunnel refused; operation.interrupted where Pilothouse is being closed and its job goes on;
   * operation.cancelled where it was ended there; with `details.unknown` where it was cancelled and nobody knows whether
   * it has ended; anything else (ssh.connection-lost, postgres.connection-lost, …): nobody knows how it ended
   */
  send(sent: Sent, operation: StepOperation, limits: StepLimits): Promise<Outcome>;
  /** How a job stands now. @throws ssh.*, vault.* where its host cannot be asked */
  look(job: StepJob, operation: StepOperation, limits: StepLimits): Promise<FoundJob>;
  /** Follows one that still runs to its end. @throws as `send`, except for `details.notSent` */
  followJob(job: StepJob, operation: StepOperation, limits: StepLimits): Promise<Outcome>;
  /** Takes an ended job off its host. @throws ssh.*, vault.* */
  forgetJob(job: StepJob, signal?: AbortSignal): Promise<void>;
  /** Live choices of a parameter, read only: one a line, or the first column. @throws what `send` throws; runbook.step-failed where it failed */
  readOptions(sent: Extract<Sent, { kind: 'sh' | 'sql' }>, signal: AbortSignal): Promise<string[]>;
}

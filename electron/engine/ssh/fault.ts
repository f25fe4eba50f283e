/** Why a connection is over: which machine of the way went away, and what was seen of it. */
import type { Client } from 'ssh2';
import type { PilothouseError } from '#shared/domain/errors.ts';
import { hopFailure } from './place.ts';

export interface Fault {
  /** The machine, as errors name it. */
  label: string;
  why: string;
}

const faults = new WeakMap<Client, Fault>();

/** Null while it is open, and where it was never watched. */
export const faultOf = (client: Client): Fault | null => faults.get(client) ?? null;

/** The error of whoever had a connection that is over. @param what was under way: "a command ran" */
export function connectionLost({ client, label }: { client: Client; label: string }, what: string, more: { hint: string; cause?: unknown }): PilothouseError {
  const fault = faultOf(client) ?? { label, why: 'it closed the connection' };
  // One that is on the way takes along what is behind it.
  const behind = fault.label === label ? `while ${what}` : `and with it that to ${label}, while ${what}`;
  return hopFailure('ssh.connection-lost', fault.label, `the connection was lost (${fault.why}) ${behind}.`, { ...more, retryable: true, details: { to: label } });
}

function whyOf(error: (Error & { level?: string; code?: string }) | null, silentMs: number): string {
  if (error === null) return 'it closed the connection';
  if (error.level === 'client-timeout') return `no sign of life for ${silentMs / 1000} s`;
  if (error.level === 'client-socket') return `the line was cut: ${error.code ?? error.message}`;
  return error.message;
}

/**
 * Watches the machines of a way, each once it is signed in to. Of several that end together it is the first.
 * @param over the machine that the way begins at, where somebody else watches that one
 * @returns what is told of each, with how long it may give no sign of life
 */
export function watchWay(over: Client | null = null): (hop: { client: Client; label: string; silentMs: number }) => void {
  const way: Client[] = [];
  return ({ client, label, silentMs }) => {
    const index = way.push(client) - 1;
    const note = (error: Error | null): void => {
      const fault = (over === null ? null : faultOf(over)) ?? { label, why: whyOf(error, silentMs) };
      for (const each of way.slice(index)) if (!faults.has(each)) faults.set(each, fault);
    };
    client.on('error', note);
    client.once('close', () => note(null));
  };
}

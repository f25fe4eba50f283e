import { PilothouseError, type ErrorCode } from '#shared/domain/errors.ts';
import { serverText } from './server-text.ts';
import type { SshHop } from './types.ts';

/** "web-1 (deploy@10.0.0.7:2222, reached through bastion)": which machine on the way an error is about, as people call it and as it is connected to. */
export function labelOf(hop: Pick<SshHop, 'name' | 'host' | 'port' | 'account'>, via: readonly Pick<SshHop, 'name' | 'host'>[]): string {
  const host = hop.host.includes(':') ? `[${hop.host}]` : hop.host;
  const here = `${hop.account.user}@${host}${hop.port === 22 ? '' : `:${hop.port}`}`;
  const place = via.length === 0 ? here : `${here}, reached through ${via.map((each) => each.name ?? each.host).join(' and ')}`;
  return hop.name === undefined || hop.name === hop.host ? place : `${hop.name} (${place})`;
}

/** Characters of a message; what a server says in it may be long. */
const longestMessage = 4000;

/** An error of one machine on the way. What a server said in it is nothing that a terminal obeys. */
export function hopFailure(code: Extract<ErrorCode, `ssh.${string}`>, label: string, what: string, more: { hint: string; retryable?: boolean; details?: Record<string, unknown>; cause?: unknown }): PilothouseError {
  return new PilothouseError(code, serverText(`${label}: ${what}`, longestMessage), { hint: more.hint, retryable: more.retryable ?? false, details: { hop: label, ...more.details }, cause: more.cause });
}

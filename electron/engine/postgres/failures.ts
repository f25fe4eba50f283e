import { isPilothouseError, PilothouseError, type ErrorCode } from '#shared/domain/errors.ts';
import { addressOf, failure, nameOf, type Place } from './place.ts';

/** What `pg` hands on of a server's error message. Source: "Error and Notice Message Fields" of Postgres's protocol. */
interface ServerError extends Error {
  code: string;
  severity?: string;
  detail?: string;
  hint?: string;
  position?: string;
  schema?: string;
  table?: string;
  constraint?: string;
}

function isServerError(error: unknown): error is ServerError {
  return error instanceof Error && 'severity' in error && 'code' in error && typeof error.code === 'string' && /^[0-9A-Z]{5}$/.test(error.code);
}

/** @param sqlState with which the server itself said so: then it has ended there */
export function cancelled(place: Place, sqlState?: string): PilothouseError {
  return new PilothouseError('operation.cancelled', `The work on ${nameOf(place)} was cancelled.`, { details: { target: place.label, ...(sqlState === undefined ? {} : { sqlState }) } });
}

const unreachable = new Set(['EHOSTUNREACH', 'ENETUNREACH', 'EHOSTDOWN', 'ENETDOWN', 'EADDRNOTAVAIL', 'EACCES', 'EPERM']);

/** An error of opening a socket, by what the operating system said. */
export function networkFailure(error: unknown, place: Place): unknown {
  if (isPilothouseError(error)) return error;
  const code = (error as NodeJS.ErrnoException).code ?? '';
  const options = { retryable: true, details: { reason: code }, cause: error };
  if (code === 'ENOENT' || code === 'ECONNREFUSED') {
    return failure('postgres.refused', place, 'nothing listens there.', { ...options, hint: 'Check that Postgres is running, that this is its port, and that listen_addresses includes this address.' });
  }
  if (code === 'ETIMEDOUT') return failure('postgres.timeout', place, 'no answer.', { ...options, hint: 'A firewall that drops packets looks like this. Check it, the address and the VPN.' });
  if (unreachable.has(code)) return failure('postgres.unreachable', place, `there is no way to ${addressOf(place)} from this computer (${code}).`, { ...options, hint: 'Check the network, the VPN and the firewall on this computer.' });
  return failure('postgres.unreachable', place, `the connection could not be opened: ${(error as Error).message}.`, { ...options, hint: 'Check the network and the firewalls in between.' });
}

/** What of one text of a server is kept, in characters: it may repeat a whole row, or be made up by something that is no server. */
const longestText = 16 * 1024;

const cut = (text: string): string => (text.length <= longestText ? text : `${text.slice(0, longestText)}… (cut)`);

/** The error with texts that may be shown, logged and stored. */
function bounded(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  error.message = cut(error.message);
  if (isServerError(error)) {
    if (error.detail !== undefined) error.detail = cut(error.detail);
    if (error.hint !== undefined) error.hint = cut(error.hint);
  }
  return error;
}

function serverDetails(error: ServerError): Record<string, unknown> {
  const { code, severity, detail, hint, position, schema, table, constraint } = error;
  const fields = { sqlState: code, severity, serverMessage: error.message, detail, serverHint: hint, position, schema, table, constraint };
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

/** What a server's refusal means while a session is being opened, by SQLSTATE. Source: "PostgreSQL Error Codes". */
function startupRefusal(error: ServerError, place: Place): { code: ErrorCode; what: string; hint: string; retryable?: boolean } {
  switch (error.code) {
    case '28P01':
      return { code: 'postgres.authentication', what: `the server does not accept the password of the user ${place.user}.`, hint: 'Type the password again. If it was changed on the server, store the new one in the database\'s settings.' };
    case '28000':
      return { code: 'postgres.authentication', what: `the server does not let the user ${place.user} in: ${error.message}.`, hint: 'Check that the role exists and may log in, and that pg_hba.conf has a line for it, this database and this address.' };
    case '3D000':
      return { code: 'postgres.no-such-database', what: `there is no database named ${place.database} on this server.`, hint: 'Check the spelling; names are case-sensitive. The databases of a server are listed by psql -l.' };
    case '42501':
      return { code: 'postgres.privilege', what: `the user ${place.user} may not connect to the database ${place.database}.`, hint: `Ask its owner: GRANT CONNECT ON DATABASE "${place.database}" TO "${place.user}".` };
    case '53300':
      return { code: 'postgres.too-many-connections', what: 'the server has no free connection slot.', hint: 'Try again later, close sessions that idle, or raise max_connections or the role\'s CONNECTION LIMIT.', retryable: true };
    case '57P03':
    case '57P01':
    case '57P02':
      return { code: 'postgres.not-accepting', what: `the server does not accept connections now: ${error.message}.`, hint: 'It is starting, stopping or recovering. Try again in a moment; its log says how far it is.', retryable: true };
    case '55000':
      return { code: 'postgres.not-accepting', what: `the database ${place.database} does not accept connections: ${error.message}.`, hint: 'Its ALLOW_CONNECTIONS is false, or it is a template. Name another one.' };
    default:
      return { code: 'postgres.query-failed', what: `the server refused the session: ${error.message} (SQLSTATE ${error.code}).`, hint: error.hint ?? 'The server\'s log says more.' };
  }
}

/** An error of the time between an open socket and a usable session. */
export function startupFailure(raw: unknown, place: Place): unknown {
  if (isPilothouseError(raw)) return raw;
  const error = bounded(raw);
  if (isServerError(error)) {
    const { what, code, ...options } = startupRefusal(error, place);
    return failure(code, place, what, { ...options, details: serverDetails(error), cause: error });
  }
  const message = error instanceof Error ? error.message : String(error);
  if (message.startsWith('SASL')) {
    return failure('postgres.authentication', place, `the exchange of the password of ${place.user} failed: ${message}.`, { hint: 'Type the password again. If it is right, what answers there does not know it, and may not be the server.', cause: error });
  }
  if (message.includes('authenticationOk message type')) {
    return failure('postgres.authentication', place, 'the server asks for a way of signing in that is not supported here (GSSAPI or SSPI).', { hint: 'Let pg_hba.conf ask this user for scram-sha-256 from this address.', cause: error });
  }
  return failure('postgres.not-accepting', place, `the server closed the connection before the session began: ${message}.`, { hint: 'Try again; the server\'s log says why.', retryable: true, cause: error });
}

/** What is known about the statement that failed, to tell apart what shares a SQLSTATE. */
export interface StatementCircumstances {
  aborted: boolean;
  elapsedMs: number;
  statementTimeoutMs: number;
}

/** What pg says of a lost line by itself: nothing that whoever reads it did not know. */
const saysNoMore = /^(?:Client has encountered a connection error and is not queryable|Client was closed and is not queryable|Connection terminated(?: unexpectedly)?)$/;

function connectionLost(place: Place, message: string, cause: unknown, details: Record<string, unknown> = {}): PilothouseError {
  return failure('postgres.connection-lost', place, `the connection was lost${saysNoMore.test(message) ? '' : `: ${message}`}.`, {
    hint: 'Whether the last statement took effect is not known: look before doing it again. The server may have been restarted, or the network was cut.',
    retryable: true,
    details,
    cause,
  });
}

/** An error of a statement on an open session. */
export function statementFailure(raw: unknown, place: Place, circumstances: StatementCircumstances): unknown {
  if (circumstances.aborted) return cancelled(place, isServerError(raw) ? raw.code : undefined);
  if (isPilothouseError(raw)) return raw;
  const error = bounded(raw);
  if (!isServerError(error)) return connectionLost(place, error instanceof Error ? error.message : String(error), error);
  const details = serverDetails(error);
  const options = { details, cause: error };
  if (/^(?:57P01|57P02|57P05|25P03|25P04|08...)$/.test(error.code)) return connectionLost(place, error.message, error, details);
  switch (error.code) {
    case '57014': {
      const { statementTimeoutMs, elapsedMs } = circumstances;
      // The SQLSTATE is the same for both, and the message may be in any language; then the time tells them apart.
      const ranOut = error.message.includes('statement timeout') || (statementTimeoutMs > 0 && elapsedMs >= statementTimeoutMs * 0.95);
      if (ranOut) return failure('postgres.statement-timeout', place, `a statement was stopped at its limit of ${statementTimeoutMs > 0 ? statementTimeoutMs : Math.round(elapsedMs)} ms.`, { ...options, hint: 'The server is busy, or the statement has more to do than expected. Try again at a quieter time.', retryable: true });
      return failure('postgres.query-failed', place, 'a statement was cancelled by somebody on the server.', { ...options, hint: 'An administrator or a program called pg_cancel_backend(). Ask before trying again.', retryable: true });
    }
    case '55P03':
      return failure('postgres.lock-timeout', place, 'another session holds a lock that a statement needs.', { ...options, hint: 'Look at who holds it (pg_blocking_pids), and try again when it is gone.', retryable: true });
    case '42501':
      return failure('postgres.privilege', place, `the user ${place.user} may not do this: ${error.message}.`, { ...options, hint: 'Ask for the privilege that the message names, or connect as a role that has it.' });
    case '53300':
      return failure('postgres.too-many-connections', place, 'the server has no free connection slot.', { ...options, hint: 'Try again later, or close sessions that idle.', retryable: true });
    default:
      return failure('postgres.query-failed', place, `a statement failed: ${error.message} (SQLSTATE ${error.code}).`, { ...options, hint: error.hint ?? error.detail ?? 'The statement and the server\'s answer are in the history.', retryable: error.code === '40001' || error.code === '40P01' });
  }
}

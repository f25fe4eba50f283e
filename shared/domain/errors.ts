/**
 * What can go wrong, by code. Errors are told apart by `code`, never by `instanceof`: they cross process boundaries
 * as plain objects.
 */
export const errorCodes = [
  'contract.invalid-input',
  'contract.invalid-output',
  'contract.unknown-method',
  'contract.too-large',
  'contract.disconnected',
  'contract.unauthorized',

  'operation.plan-expired',
  'operation.plan-changed',
  'operation.token-invalid',
  'operation.name-not-confirmed',
  'operation.read-only',
  'operation.busy',
  'operation.cancelled',
  'operation.interrupted',
  'operation.not-found',
  'operation.not-running',

  'store.not-found',
  'store.conflict',
  'store.newer',
  'store.damaged',
  'store.locked',
  'store.disk-full',
  'store.migration-failed',
  'store.unwritable',

  'vault.absent',
  'vault.exists',
  'vault.locked',
  'vault.wrong-passphrase',
  'vault.keychain-failed',
  'vault.damaged',
  'vault.record-missing',

  'postgres.name-not-resolved',
  'postgres.unreachable',
  'postgres.refused',
  'postgres.timeout',
  'postgres.tls-refused',
  'postgres.tls-untrusted',
  'postgres.tls-required',
  'postgres.authentication',
  'postgres.password-needed',
  'postgres.no-such-database',
  'postgres.too-many-connections',
  'postgres.privilege',
  'postgres.not-accepting',
  'postgres.connection-lost',
  'postgres.wrong-identity',
  'postgres.url-invalid',
  'postgres.query-failed',
  'postgres.statement-timeout',
  'postgres.lock-timeout',
  'postgres.unsupported-version',
  'postgres.tool-missing',
  'postgres.tool-too-old',
  'postgres.tool-failed',

  'ssh.name-not-resolved',
  'ssh.unreachable',
  'ssh.refused',
  'ssh.timeout',
  'ssh.forwarding-refused',
  'ssh.not-ssh',
  'ssh.no-common-algorithm',
  'ssh.host-key-unknown',
  'ssh.host-key-changed',
  'ssh.host-key-revoked',
  'ssh.authentication',
  'ssh.question-unanswered',
  'ssh.key-file',
  'ssh.agent-missing',
  'ssh.password-needed',
  'ssh.passphrase-needed',
  'ssh.connection-lost',
  'ssh.channel-refused',
  'ssh.command-failed',
  'ssh.sudo-password-needed',
  'ssh.sudo-password-wrong',
  'ssh.sudo-refused',
  'ssh.sudo-unavailable',

  'health.unknown-check',

  'backup.space',
  'backup.destination',
  'backup.dump-failed',
  'backup.damaged',
  'backup.incomplete',
  'backup.counts-differ',
  'backup.manifest-invalid',
  'backup.not-found',
  'backup.proof-failed',
  'backup.protected',

  'restore.preflight',
  'restore.target-exists',
  'restore.failed',
  'restore.counts-differ',
  'restore.swap-refused',
  'restore.swap-failed',
  'restore.undo-refused',
  'restore.space',

  'files.tar-failed',
  'files.unsafe-archive',

  'runbook.invalid',
  'runbook.not-found',
  'runbook.changed',
  'runbook.value-invalid',
  'runbook.not-now',
  'runbook.target-changed',
  'runbook.secret-needed',
  'runbook.not-sent',
  'runbook.step-failed',
  'runbook.not-reviewed',

  'pack.invalid',
  'pack.not-found',
  'pack.changed',
  'pack.answer-needed',

  'calendar.invalid',
  'calendar.not-now',

  'incident.not-now',
  'incident.changed',

  'guide.unreadable',
  'guide.not-reviewed',
  'guide.changed',

  'practice.unsupported',
  'practice.binaries-missing',
  'practice.start-failed',
  'practice.not-running',
  'practice.unsafe-folder',

  'internal',
] as const;

export type ErrorCode = (typeof errorCodes)[number];

/** An error as it crosses the contract. */
export interface ErrorShape {
  code: ErrorCode;
  /** What happened, and to which target. */
  message: string;
  /** What to do next. */
  hint?: string | undefined;
  /** Whether doing the same again, unchanged, may work. */
  retryable: boolean;
  /** Facts for people and scripts. Never a secret. */
  details: Record<string, unknown>;
  /** Ties what the person saw to the log. */
  correlationId: string;
}

export interface ErrorOptions {
  hint?: string | undefined;
  retryable?: boolean;
  details?: Record<string, unknown>;
  cause?: unknown;
  correlationId?: string;
}

/** The one error class that code throws on purpose. Anything else that is thrown is `internal`. */
export class PilothouseError extends Error implements ErrorShape {
  readonly code: ErrorCode;
  readonly hint: string | undefined;
  readonly retryable: boolean;
  readonly details: Record<string, unknown>;
  correlationId: string;

  constructor(code: ErrorCode, message: string, options: ErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'PilothouseError';
    this.code = code;
    this.hint = options.hint;
    this.retryable = options.retryable ?? false;
    this.details = options.details ?? {};
    this.correlationId = options.correlationId ?? '';
  }
}

const known: ReadonlySet<string> = new Set(errorCodes);

/** Whether a caught value carries one of our codes, whichever side of a boundary it was made on. */
export function isPilothouseError(value: unknown): value is ErrorShape {
  return typeof value === 'object' && value !== null && 'code' in value && typeof value.code === 'string' && known.has(value.code) && 'message' in value && typeof value.message === 'string';
}

/** Whether a caught value carries this code. */
export function hasCode(value: unknown, code: ErrorCode): boolean {
  return isPilothouseError(value) && value.code === code;
}

/** Anything can be thrown, even what cannot be turned into text. */
function describe(value: unknown): string {
  if (value instanceof Error && typeof value.message === 'string') return value.message;
  return typeof value === 'string' ? value : `something of type ${typeof value} was thrown`;
}

/**
 * A caught value as it may cross the contract. What is not ours becomes `internal`, with its message (stack traces
 * stay in the log).
 */
export function toErrorShape(value: unknown, correlationId: string): ErrorShape {
  if (isPilothouseError(value)) {
    return {
      code: value.code,
      message: value.message,
      ...(value.hint === undefined ? {} : { hint: value.hint }),
      retryable: value.retryable ?? false,
      details: value.details ?? {},
      correlationId: value.correlationId || correlationId,
    };
  }
  const message = describe(value);
  return {
    code: 'internal',
    message: `Something went wrong inside Pilothouse: ${message}`,
    hint: 'Try again. If it happens again, the log in the data folder names this correlation id.',
    retryable: true,
    details: {},
    correlationId,
  };
}

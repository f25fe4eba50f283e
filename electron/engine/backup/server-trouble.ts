/** What a server says of itself, and not of the backup that is restored to it. Pure. */
import { PilothouseError, type ErrorCode } from '#shared/domain/errors.ts';

interface Trouble {
  /** At the beginning of what the server says: a value in a row may contain such words as well. */
  says: RegExp;
  code: ErrorCode;
  hint: string;
}

/**
 * By the messages of their SQLSTATE classes: pg_restore prints no codes. 53 (resources), 57 (operator), 40 (rollback),
 * 55P03 (locks), 42501 (privileges), 25006 (read only).
 * Source: appendix "PostgreSQL Error Codes", and the texts of elog.c, lock.c, postgres.c, aclchk.c, buffile.c, md.c, 13 to 18.
 */
const troubles: readonly Trouble[] = [
  { says: /^(out of shared memory|out of memory|could not (allocate|map|resize) .*memory|Cannot allocate memory)/i, code: 'postgres.query-failed', hint: 'The server ran out of memory or of room for locks (max_locks_per_transaction). Give it more, or try again when it has less to do.' },
  { says: /^(could not (extend|write|create) .*(file|relation)|could not write block|temporary file size exceeds|No space left on device|disk full)/i, code: 'restore.space', hint: 'Free some space on the server, or raise its temp_file_limit, and try again.' },
  { says: /^(sorry, too many clients|remaining connection slots|too many connections)/i, code: 'postgres.too-many-connections', hint: 'Close connections that are not needed, or try again later.' },
  { says: /^(deadlock detected|could not serialize access)/i, code: 'postgres.query-failed', hint: 'Somebody else worked on the same at that moment. Try again.' },
  { says: /^canceling statement due to (statement timeout|transaction timeout)|^terminating connection due to .*timeout/i, code: 'postgres.statement-timeout', hint: 'A time limit of this role or server ended it. Raise it for this role, and try again.' },
  { says: /^(canceling statement due to lock timeout|could not obtain lock)/i, code: 'postgres.lock-timeout', hint: 'Somebody else held a lock. Try again.' },
  { says: /^(canceling statement due to|terminating connection|terminating background worker)/i, code: 'postgres.query-failed', hint: 'Somebody ended it on the server. Find out who, and try again.' },
  { says: /^the database system is /i, code: 'postgres.not-accepting', hint: 'Wait until the server is up again, and try again.' },
  { says: /^(permission denied|must be (owner|superuser|member|able)|must have |only (superusers|roles with)|.* privilege required)/i, code: 'postgres.privilege', hint: 'Grant what the role lacks, or connect as a role that has it, and try again.' },
  { says: /^cannot execute .* in a read-only transaction/i, code: 'postgres.query-failed', hint: 'The server takes no writes (default_transaction_read_only, or it is a standby).' },
];

interface Complaint {
  text: string;
  /** Whether it is the server's own, and not one of pg_restore's. */
  fromServer: boolean;
  /** Whether the server let nobody in: then nothing of the backup had a part in it. */
  atTheDoor: boolean;
}

/**
 * What the first error line of pg_restore says, without who says it. A server's message follows its severity, a colon
 * and two spaces in every language, whether the severity itself is translated or not: "FEHLER:  keine …", and in the
 * same language "FATAL:  das …". Source: the message catalogues of 13 to 18.
 */
function firstComplaint(stderr: string): Complaint | null {
  const line = stderr.split('\n').find((each) => /(error|ERROR|FATAL|PANIC): /.test(each));
  if (line === undefined) return null;
  const english = /(?:ERROR|FATAL|PANIC): +(.*)$/.exec(line)?.[1];
  const atTheDoor = /error: connection to server .* failed: /.test(line);
  if (english !== undefined) return { text: english, fromServer: true, atTheDoor };
  const text = /error: (.*)$/.exec(line)?.[1];
  return text === undefined ? null : { text, atTheDoor, fromServer: /(?:^|: )[^\s:]{2,24}:  (?=\S)/u.test(text) };
}

/**
 * The error of a restore that failed because of the server, the line or the moment, or of which that cannot be told
 * because of the server's language; null where it speaks against the backup.
 * @param stderr the last lines of pg_restore
 * @param inEnglish whether the server speaks English: of what it says in another language nothing is recognised
 * @param about what was being done, in words
 */
export function serverTroubleOf(stderr: string, about: string, inEnglish: boolean): PilothouseError | null {
  const complaint = firstComplaint(stderr);
  if (complaint === null) return null;
  const trouble = troubles.find(({ says }) => says.test(complaint.text));
  if (trouble === undefined && complaint.atTheDoor) {
    return new PilothouseError('postgres.connection-lost', `${about} stopped: the server let nobody in: ${complaint.text}. That says nothing about the backup; what was known of it stays.`, { hint: 'Look at what the server says, and try again.', retryable: true, details: { stderr } });
  }
  if (trouble === undefined && complaint.fromServer && !inEnglish) {
    return new PilothouseError('postgres.query-failed', `${about} stopped: ${complaint.text}. The server says it in a language in which nobody here can tell a trouble of its own from a damaged backup; what was known of it stays.`, {
      hint: 'Let it speak English to the role that restores (ALTER ROLE … SET lc_messages = \'C\', by a superuser), and try again.',
      details: { stderr },
    });
  }
  if (trouble === undefined) return null;
  return new PilothouseError(trouble.code, `${about} stopped: ${complaint.text}. That says nothing about the backup; what was known of it stays.`, { hint: trouble.hint, retryable: true, details: { stderr } });
}

/** Whether pg_restore has done its work, by what it said line by line and how it ended. Pure. */

/**
 * What pg_restore sends first from 17 on, whatever server it is connected to.
 * Source: _doSetFixedOutputState() of pg_backup_archiver.c, 17 and 18; transaction_timeout came with 17.
 */
const newSetting = { name: 'transaction_timeout', sinceMajor: 17, statement: 'Command was: SET transaction_timeout = 0;' } as const;

/** Whether this pg_restore begins with a statement that this server must refuse. */
export function sendsUnknownSetting(toolMajor: number, serverMajor: number): boolean {
  return toolMajor >= newSetting.sinceMajor && serverMajor < newSetting.sinceMajor;
}

/** The words of the refusal may be in any language; the name of the setting is in all of them. */
const refusal = new RegExp(`^pg_restore: error: could not execute query: \\S+: +.*${newSetting.name}`);

/** A line in which pg_restore itself says that something failed. Values of rows stand in the lines after it. */
const complaintLine = /^pg_restore: (error|fatal): /i;
const ignoredLine = /^pg_restore: warning: errors ignored on restore: (\d+)$/;

/** Lines that are kept from the first complaint on. */
const keptLines = 20;

export type RestoreVerdict =
  | { done: true }
  /** `unfit`: nothing failed but the setting that the server does not know: that says nothing about the archive. */
  | { done: false; complaint: string; lines: string[]; unfit: boolean };

export interface RestoreListener {
  line(text: string): void;
  /** Whether this line is the one complaint that is passed over. */
  isPassedOver(text: string): boolean;
  verdict(end: { exitStatus: number | null }): RestoreVerdict;
}

/**
 * Listens to pg_restore. Every line is looked at as it comes: of a long restore only the last ones are kept.
 * @param passOver whether the refusal of the new setting, exactly once, is no failure: pg_restore then runs without
 * --exit-on-error, and goes on. Anything else it complains of is a failure all the same.
 */
export function createRestoreListener(passOver: boolean): RestoreListener {
  const complaints: string[] = [];
  let refused: string | null = null;
  let refusals = 0;
  let ignored = 0;
  let last = 'it said nothing';

  return {
    isPassedOver: (text) => passOver && refusal.test(text),
    line(text) {
      if (text === '') return;
      last = text;
      const before = refused;
      refused = null;
      if (before !== null && text === newSetting.statement) {
        refusals += 1;
        return;
      }
      if (before !== null) complaints.push(before);
      const count = ignoredLine.exec(text)?.[1];
      if (count !== undefined) ignored = Number(count);
      if (complaints.length === 0 && refusal.test(text)) refused = text;
      else if ((complaints.length > 0 || complaintLine.test(text)) && complaints.length < keptLines) complaints.push(text);
    },
    verdict({ exitStatus }) {
      const said = refused === null ? complaints : [...complaints, refused];
      const isWhole = said.length === 0 && (refusals === 0 ? exitStatus === 0 && ignored === 0 : passOver && refusals === 1 && exitStatus === 1 && ignored === 1);
      if (isWhole) return { done: true };
      const unfit = said.length === 0 && refusals > 0;
      return { done: false, complaint: (unfit ? `the server does not know ${newSetting.name}` : (said[0] ?? last)).replace(/^pg_restore: /, ''), lines: said.length > 0 ? said : [last], unfit };
    },
  };
}

/**
 * What pg_restore was about when libpq had the trouble. Source: pg_backup_archiver.c and pg_backup_db.c, 13 to 18.
 * Names stand in quotation marks; one that holds such a mark itself is not seen through.
 */
const occasions = new RegExp(
  `^(?:${[
    'could not execute query',
    'error returned by PQputCopy(?:Data|End)',
    'COPY failed for table "[^"]*"',
    'query failed',
    'could not (?:start|commit) database transaction',
    'could not set (?:session user|"search_path"|default_tablespace) to (?:"[^"]*"|[^\\s:]+)',
    'could not set default_table_access_method',
    'could not alter table access method',
    'could not (?:create|open|write to) large object(?: \\d+)?',
    'reconnection failed',
  ].join('|')}): `,
);

/** What the first complaint says without who says it: the server's own words, else those of libpq. */
function words(complaint: string): string {
  const fromServer = /(?:ERROR|FATAL|PANIC): {2}(.*)$/.exec(complaint)?.[1];
  return fromServer ?? complaint.replace(/^(error|fatal): /i, '').replace(occasions, '');
}

/** What a complaint is about, where it is not about the archive. At the beginning: names and values may contain such words as well. */
export function kindOfComplaint(complaint: string): 'space' | 'connection' | 'one-database' | null {
  const said = words(complaint);
  if (/^(could not (extend|write|create) .*(file|relation)|could not write block|No space left on device|disk full)/i.test(said)) return 'space';
  if (/^(server closed the connection unexpectedly|could not (send|receive) data|terminating connection|SSL (SYSCALL )?error|no connection to the server|connection not open|connection to server .*(failed|was lost)|could not connect to )/i.test(said)) return 'connection';
  // pg_cron's own words; other extensions that live in one database of a cluster borrow them.
  if (/^can only create extension in database /i.test(said)) return 'one-database';
  return null;
}

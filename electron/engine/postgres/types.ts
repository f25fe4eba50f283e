import type { CommandRecord } from '#shared/contract/operations.ts';
import type { DatabaseConnection } from '#shared/contract/systems.ts';
import type { DatabaseIdentity } from '#shared/contract/common.ts';
import type { Secret } from '#shared/domain/secret.ts';
import type { SentFile } from '../ssh/program.ts';
import type { ToolsThere } from './tools-there.ts';
import type { ConninfoOptions } from './conninfo.ts';

/** How to reach one database: what the store keeps, and a password where one was just typed. */
export interface PostgresTarget {
  /** Null while the connection dialog tries something that is not saved yet. */
  databaseId: string | null;
  /** Named in every error: "shop on 127.0.0.1:5432". */
  label: string;
  connection: DatabaseConnection;
  /** Given instead of what `connection.password` says. */
  password?: Secret;
  /** What people call the host that it is reached through. Null where this computer reaches it. */
  through?: string | null;
  /** The cluster it must be; another one is `postgres.wrong-identity`. Null where it was never seen. */
  systemIdentifier: string | null;
}

/** What is known of a server after connecting. */
export interface ServerFacts {
  version: string;
  versionNum: number;
  /** `server_version_num` div 10000. */
  major: number;
  /** Text: it does not fit a double. Null where the role may not call pg_control_system(). */
  systemIdentifier: string | null;
  database: string;
  user: string;
  superuser: boolean;
  /** Member of pg_monitor (or superuser). */
  monitor: boolean;
  /** Member of pg_read_all_data (or superuser); always false before 14. */
  readAllData: boolean;
  createDatabase: boolean;
  standby: boolean;
  tls: boolean;
}

export interface ConnectOptions {
  /** `application_name`, begins with "pilothouse"; by it we find and end only our own sessions. */
  applicationName: string;
  /** Another database of the same cluster. */
  database?: string;
  signal?: AbortSignal;
  /** Set explicitly in every session, because a role may carry its own. 0: none. Default 0. */
  statementTimeoutMs?: number;
  lockTimeoutMs?: number;
  /** Milliseconds that a statement may go without an answer, whatever the server's own limits are: then the connection is cut. Default: as long as it takes. */
  answerWithinMs?: number;
  /** Told of every statement that was sent, with its time and row count. Parameters are not part of the text. */
  onStatement?: (record: CommandRecord) => void;
  /** Told of what the server says beside its answers: "table does not exist, skipping". */
  onNotice?: (text: string) => void;
}

export interface PostgresSession {
  readonly server: ServerFacts;
  readonly processId: number;
  /** Errors are `PilothouseError`s with `details.sqlState`. */
  query<Row extends Record<string, unknown> = Record<string, unknown>>(sql: string, parameters?: readonly unknown[]): Promise<{ rows: Row[]; columns: string[]; rowCount: number }>;
  /** Rows as arrays, for evidence tables. */
  queryRows(sql: string, parameters?: readonly unknown[]): Promise<{ columns: string[]; rows: unknown[][] }>;
  /**
   * One statement in a transaction of its own that cannot write, in one round trip: `BEGIN READ ONLY`, the limits as
   * `SET LOCAL`, the statement, `COMMIT`, sent as one message (so the text takes no parameters). After an error the
   * transaction is rolled back and the session is good for the next one. Errors as in `query`.
   */
  readOnly<Row extends Record<string, unknown> = Record<string, unknown>>(sql: string, limits: { statementTimeoutMs: number; lockTimeoutMs: number }): Promise<{ rows: Row[]; columns: string[]; rowCount: number }>;
  /**
   * One statement: of a text that holds several the server refuses all. Rows as arrays; beyond `keep` they are counted
   * and not kept. Errors as in `query`.
   */
  one(sql: string, parameters: readonly unknown[], keep: number): Promise<{ columns: string[]; rows: unknown[][]; rowCount: number; /** What the server calls it: "UPDATE". */ command: string }>;
  /** Ends the session; never throws. */
  close(): Promise<void>;
}

/** One of Postgres's own programs. */
export interface ClientTool {
  name: 'pg_dump' | 'pg_restore' | 'pg_dumpall' | 'psql';
  path: string;
  /** As it prints itself: "15.18". */
  version: string;
  major: number;
  /** Where it is; left out where it is on this computer. */
  there?: ToolsThere;
}

/** What a program on a host needs beside its arguments: files in a folder that is there while it runs. */
export interface Sent {
  folder: string | null;
  files: readonly SentFile[];
  /** Asked before they are sent: whether the host is still the one that they are for. Left out: there is no secret among them. */
  pin?: () => void;
}

export interface PostgresService {
  connect(target: PostgresTarget, options: ConnectOptions): Promise<PostgresSession>;
  /** As connect, for reading `identity` and checking it against a plan at the moment of writing. */
  identify(target: PostgresTarget): Promise<DatabaseIdentity>;
  /** Every installed version of a tool, newest first. */
  findTools(name: ClientTool['name']): Promise<ClientTool[]>;
  /**
   * The tool to use against a server of this major: the lowest that is not older.
   * @param of the database whose settings say where its programs are; left out, it is one of this computer
   * @throws postgres.tool-missing, postgres.tool-too-old (both name the major needed and how to get it); ssh.* where the
   * host of the tools cannot be reached
   */
  requireTool(name: ClientTool['name'], serverMajor: number, of?: PostgresTarget): Promise<ClientTool>;
  /**
   * A pg_restore that can read an archive which is here: one of this computer where there is one, else, for an archive
   * that is one file and so can be sent, that of the database's host.
   * @throws as `requireTool`
   */
  requireReader(archiveMajor: number, archive: { isOneFile: boolean }, of: PostgresTarget | null): Promise<ClientTool>;
  /**
   * Runs `use` with a conninfo string for libpq's programs. The password, if there is one, is in a 0600 passfile (on
   * tmpfs where there is one) that exists only meanwhile; it is never part of the string, an argument or the
   * environment. For a program of a host the file is not written here but goes along with it: that is `sent`.
   */
  withConninfo<T>(target: PostgresTarget, options: ConninfoOptions, use: (conninfo: string, sent: Sent) => Promise<T>): Promise<T>;
}

/** What goes to a target for a step, with nothing left to be filled in, and what comes back. */
import type { Binding, Source } from '#shared/domain/runbook/walkthrough.ts';
import type { Value } from '#shared/domain/runbook/definition.ts';
import type { Secret } from '#shared/domain/secret.ts';

/** What a template of a step is filled in with. */
export interface Scope {
  /** Parameters, built-ins and what was captured so far. */
  values: Readonly<Record<string, Value>>;
  /** Secret parameters of this walkthrough, as far as this process knows them. */
  secrets: ReadonlyMap<string, Secret>;
  /** All secret parameters. */
  secretNames: ReadonlySet<string>;
  /** What `for_each` is at. */
  item: string | null;
  bindings: Readonly<Record<string, Binding>>;
}

export type Sent =
  | {
      kind: 'sh';
      hostId: string;
      /** "web-1". */
      label: string;
      /** With the prelude that assigns its values, quoted; for `sh -s` or as a file, never on a command line. */
      script: string;
      shell: 'sh' | 'bash';
      cwd: string | null;
      /** The account by sudo; null: the one that signs in. */
      sudo: string | null;
      /** Goes into the environment of the script by assignments in it. Never a secret. */
      env: Readonly<Record<string, string>>;
      stdin: string | Secret | null;
      /** The job of the host that runs it, which outlives the connection; null: it runs while one is connected. */
      jobId: string | null;
    }
  | {
      kind: 'sql';
      databaseId: string;
      label: string;
      /** Another database of the same server; null: the one itself. */
      database: string | null;
      statement: string;
      parameters: readonly (string | number | boolean | null)[];
      /** The session cannot write: for steps that say they read. */
      readOnly: boolean;
      /** Of the cluster that it has to be, looked at in the very session that it is sent in. Left out: nobody knew. */
      systemIdentifier?: string;
    }
  | { kind: 'http'; url: string; /** The host that makes the connection; null: this computer. */ throughHostId: string | null; label: string; method: string; headers: Readonly<Record<string, string | Secret>>; body: string | Secret | null }
  | { kind: 'transfer'; hostId: string; label: string; direction: 'upload' | 'download'; here: string; there: string };

/** What came back, before anybody judged it. */
export interface Outcome {
  /** Of sh. Null where it has none, or nobody told it. */
  exitStatus: number | null;
  signal: string | null;
  /** What it said, decoded; at most the first and the last parts of it where it is much. Of sql a table of the rows; of http the body. */
  stdout: string;
  stderr: string;
  /** Of all that it wrote. */
  bytes: number;
  truncated: boolean;
  /** Of sql. */
  rows: { columns: readonly string[]; rows: readonly (readonly unknown[])[]; count: number } | null;
  /** Of http. */
  status: number | null;
  durationMs: number;
  timedOut: boolean;
  /** How it is known. */
  by: Source;
}

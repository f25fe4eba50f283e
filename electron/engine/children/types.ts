import type { Readable } from 'node:stream';

export interface ChildOptions {
  /** Absolute path, or a name found on PATH. Never a shell line. */
  command: string;
  args: readonly string[];
  cwd?: string;
  /** The whole environment of the child; by default PATH, HOME, LANG=C and nothing else. Never a secret. */
  env?: Record<string, string>;
  /** Runs as this user; only root may ask. */
  user?: { uid: number; gid: number };
  /** Aborting sends SIGTERM to the child's group, and SIGKILL two seconds later. */
  signal?: AbortSignal;
  stdin?: Readable | string | Buffer;
  /** Called with each complete line, without its line end. */
  onStdoutLine?: (line: string) => void;
  onStderrLine?: (line: string) => void;
  /** Called with raw chunks instead of lines; nothing of stdout is kept then. */
  onStdoutChunk?: (chunk: Buffer) => void;
  /** Bytes of each stream that the result keeps, from the end; 64 KiB by default. */
  keepBytes?: number;
}

export interface ChildResult {
  /** Null where a signal ended it. A command succeeded only when this is 0. */
  exitStatus: number | null;
  signal: string | null;
  stdout: string;
  stderr: string;
  durationMs: number;
  aborted: boolean;
}

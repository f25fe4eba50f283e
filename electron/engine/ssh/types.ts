/** What is known before a connection, and what comes of it. */
import type { KnownHostKey } from '#shared/domain/host-trust.ts';
import type { Secret } from '#shared/domain/secret.ts';

/** Where a private key comes from. */
export interface SshKey {
  /** As it is called in errors: its path. */
  name: string;
  /** The text of the file: OpenSSH's own format, PEM, or PuTTY's. */
  text: Secret;
  /** Null: it is not encrypted, as far as anybody knows. */
  passphrase: Secret | null;
}

/** What a server asks by keyboard-interactive: a one-time code, a new password, … */
export interface SshQuestion {
  /** In whose name it is asked; servers mostly leave it empty. */
  title: string;
  instructions: string;
  prompts: { text: string; /** Whether the answer may be seen as it is typed. */ shown: boolean }[];
}

/** Why a question got no answers: a person did not want to, or nobody came in time. */
export type SshUnanswered = 'declined' | 'expired';

export interface SshAccount {
  user: string;
  /** Tried one after the other. */
  keys: readonly SshKey[];
  /** The socket of an agent. Null: none is asked. */
  agent: string | null;
  /** Of the agent's keys those that are offered, in base64 of the wire format; a server hangs up after a few. Left out: all. */
  agentKeys?: readonly string[] | null;
  /** For the method "password", and for a keyboard-interactive question that asks for just that. */
  password: Secret | null;
  /** There is a password, and nobody has typed it yet: where the server wants it, that is said, and nothing else is tried. */
  passwordIsMissing?: boolean;
  /** Asks a person; the signal says that the server does not wait any more. Null: nobody is there. */
  ask: ((question: SshQuestion, signal: AbortSignal) => Promise<readonly Secret[] | SshUnanswered>) | null;
  /** In the order in which they are tried; null: keys, agent, questions, password. */
  methods: readonly SshMethod[] | null;
}

export type SshMethod = 'publickey' | 'keyboard-interactive' | 'password';

/** One machine on the way, or the one at its end. */
export interface SshHop {
  /** What people call it, where it has a name of its own. */
  name?: string;
  host: string;
  port: number;
  account: SshAccount;
  /** What is known of its key, by its own name and port. */
  knownKeys: readonly KnownHostKey[];
}

/** What is passed on the way to a machine, in this order. */
export type SshLayer = 'name' | 'network' | 'host-key' | 'sign-in';

export interface SshDialOptions {
  signal?: AbortSignal | undefined;
  /** Milliseconds for each of network, key exchange and signing in; a person who is asked is waited for. */
  stepTimeoutMs?: number;
  /** Milliseconds between signs of life, and how many may be missed. */
  keepAlive?: { everyMs: number; missed: number };
}

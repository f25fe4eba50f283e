import { z } from 'zod';
import { Secret } from '#shared/domain/secret.ts';
import { command, query } from './method.ts';
import { errorShape, id, instant, nothing, secret } from './common.ts';

/** Where a secret of a host comes from. `vault`: kept there. `ask`: typed at each start, kept in memory. `none`: there is none. */
const secretSource = z.strictObject({ source: z.enum(['vault', 'ask', 'none']) });

/** A relative path would mean another file for each folder that an engine is started in. */
const keyPath = z.string().max(4096).regex(/^(?:~?\/|[A-Za-z]:[\\/]|\\\\)/, 'A key file is named by its whole path');

export const hostSignIn = z
  .strictObject({
    /** Private key files on this computer, tried one after the other. */
    keys: z.array(z.strictObject({ path: keyPath, passphrase: secretSource })).max(10),
    /** Whether an agent of this computer is asked. */
    agent: z.boolean(),
    /** The socket of the agent, where it is not the one of SSH_AUTH_SOCK. */
    agentSocket: keyPath.optional(),
    password: secretSource,
    /** Of the agent's keys only those whose files are named here; the public half (.pub) is enough. A server hangs up after a few keys. */
    identitiesOnly: z.boolean().optional(),
    /** Whether what the server asks (keyboard-interactive) is put to a person. Unless it is said it is, after everything else. */
    questions: z.boolean().optional(),
    /** The password for sudo there, where sudo wants one. `sign-in`: the one that one signs in with. Unless it is said there is none. */
    sudo: z.strictObject({ source: z.enum(['vault', 'ask', 'none', 'sign-in']) }).optional(),
  })
  .refine(({ keys, agent, password, questions }) => keys.length > 0 || agent || password.source !== 'none' || questions === true, 'Name a way to sign in: a key file, the agent, a password, or the questions of the server');
export type HostSignIn = z.infer<typeof hostSignIn>;

const hostName = z.string().trim().min(1).max(255).regex(/^[^\s@/[\]]+$/, 'A host is a name or an address, and nothing around it');
const port = z.number().int().min(1).max(65535);

export const hostConnection = z.strictObject({
  host: hostName,
  port,
  user: z.string().trim().min(1).max(255),
  signIn: hostSignIn,
  /** The host through which it is reached, by its id; null where this computer reaches it. */
  viaId: id.nullable(),
});
export type HostConnection = z.infer<typeof hostConnection>;

export const host = z.object({
  id,
  systemId: id,
  /** What people call it: the name of the host unless they chose another. */
  label: z.string(),
  connection: hostConnection,
  /** What it says it is: "Linux 6.12.0 x86_64". */
  platform: z.string().nullable(),
  /** When it was last signed in to, by itself or on the way to another. */
  lastSeenAt: instant.nullable(),
  /** What it failed by since. One that is not reached because a machine before it fails has none of its own for that. */
  lastError: errorShape.nullable(),
});
export type Host = z.infer<typeof host>;

export const hostKey = z.object({
  /** "ssh-ed25519", "ecdsa-sha2-nistp256", "ssh-rsa", … */
  type: z.string(),
  /** Base64 of the wire format. */
  key: z.string(),
  /** "SHA256:…", as `ssh-keygen -l` prints it. */
  fingerprint: z.string(),
});
export type ShownHostKey = z.infer<typeof hostKey>;

/** A key that somebody decided about. Those that were replaced are kept, so that it can be told what was trusted when. */
export const decidedHostKey = hostKey.extend({
  state: z.enum(['trusted', 'revoked', 'replaced']),
  /** How it came here: a person compared it, it was read from a file of OpenSSH's, or it was made here, for the practice host. */
  source: z.enum(['compared', 'known-hosts', 'generated']),
  /** Which way in was used: "console", "cli", … */
  decidedBy: z.string(),
  decidedAt: instant,
  replacedAt: instant.nullable(),
});
export type DecidedHostKey = z.infer<typeof decidedHostKey>;

/** Whose key it is: that of a host here, or of a name and port that no host here has yet, by the way through `viaId`. */
const machine = z.union([z.strictObject({ hostId: id }), z.strictObject({ host: hostName, port, viaId: id.nullable().optional() })]);

/** A key as it was shown. The fingerprint is what a person compared: it has to be that of the key. */
const shownKey = { machine, keyType: z.string().max(64), key: z.string().max(8192), fingerprint: z.string().max(64) };

/** What was typed for a host: its password, that for sudo there, and the passphrases of key files. */
const typedSecrets = { password: secret.optional(), sudoPassword: secret.optional(), passphrases: z.array(z.strictObject({ path: keyPath, passphrase: secret })).max(10).optional() };

/** One layer of the way to a machine, in the order they are passed. */
export const hostLayer = z.enum(['name', 'network', 'host-key', 'sign-in', 'command']);
export type HostLayer = z.infer<typeof hostLayer>;

export const hostTest = z.object({
  ok: z.boolean(),
  /** Every machine on the way, in the order of connecting; the last one is the host itself. */
  machines: z.array(
    z.object({
      /** Null for one that is not added yet. */
      hostId: id.nullable(),
      label: z.string(),
      host: z.string(),
      port: z.number().int(),
      layers: z.array(
        z.object({
          layer: hostLayer,
          state: z.enum(['ok', 'warn', 'failed', 'not-reached']),
          durationMs: z.number().nullable(),
          /** What was seen, or why it failed. */
          detail: z.string(),
          error: errorShape.nullable(),
        }),
      ),
    }),
  ),
  error: errorShape.nullable(),
  platform: z.string().nullable(),
});
export type HostTest = z.infer<typeof hostTest>;

/** What a server asks while it is signed in to: a one-time code, a new password, … Its words are plain text of a bounded length. */
export const hostQuestion = z.object({
  id,
  /** The host that is being connected to; null for one that is not added yet. */
  hostId: id.nullable(),
  host: z.string(),
  /** The machine on the way that asks. */
  hop: z.string(),
  title: z.string(),
  instructions: z.string(),
  /** `shown`: whether the answer may be seen as it is typed. */
  prompts: z.array(z.object({ text: z.string(), shown: z.boolean() })),
  askedAt: instant,
  expiresAt: instant,
});
export type HostQuestion = z.infer<typeof hostQuestion>;

/** It may be empty: some servers ask for no more than Enter. */
const answer = z
  .string()
  .max(4096)
  .transform((value) => new Secret(value));

export const hostMethods = {
  'host.list': query('All hosts, or those of a system.', z.strictObject({ systemId: id.optional() }), z.object({ hosts: z.array(host) })),
  'host.add': command(
    'Adds a host to a system.',
    z.strictObject({ systemId: id, label: z.string().trim().max(80).optional(), connection: hostConnection, ...typedSecrets }),
    z.object({ host }),
  ),
  'host.update': command(
    'Changes how a host is reached.',
    z.strictObject({ hostId: id, label: z.string().trim().max(80).optional(), connection: hostConnection.optional(), ...typedSecrets }),
    z.object({ host }),
  ),
  'host.remove': command('Forgets a host that no other is reached through, and the file sets of it. Their copies stay, and so does what is known of its key.', z.strictObject({ hostId: id, confirmName: z.string().max(80) }), nothing),
  'host.test': query(
    'Tries the way to a host machine by machine and layer by layer. What was typed for a host here is kept until the engine ends, once it let us in.',
    z.union([z.strictObject({ hostId: id, ...typedSecrets }), z.strictObject({ connection: hostConnection, ...typedSecrets })]),
    hostTest,
  ),
  'host.testSudo': query(
    'Runs a command as another account by sudo, and says whether a password was needed. One that was typed is kept until the engine ends, once sudo took it.',
    z.strictObject({ hostId: id, asUser: z.string().regex(/^[A-Za-z_][A-Za-z0-9_.-]*\$?$/).max(64).default('root'), sudoPassword: secret.optional() }),
    z.object({ account: z.string(), withPassword: z.boolean() }),
  ),
  'host.questions': query('What servers ask just now, the oldest question first.', nothing, z.object({ questions: z.array(hostQuestion) })),
  'host.answer': command('Answers a question of a server, prompt by prompt; null says that nobody wants to.', z.strictObject({ questionId: id, answers: z.array(answer).max(20).nullable() }), nothing),
  'host.trustKey': command('Trusts the key of a machine of which none is known, as it was shown and compared.', z.strictObject(shownKey), z.object({ key: decidedHostKey })),
  'host.replaceKey': command(
    'Trusts the key of a machine instead of those that are known of it. It wants what the machine is called typed (its name where it is no host here yet), and is recorded.',
    z.strictObject({ ...shownKey, confirmName: z.string().max(255) }),
    z.object({ key: decidedHostKey, replaced: z.array(decidedHostKey) }),
  ),
  'host.revokeKey': command(
    'Never trusts a key again, of whatever machine: whoever holds it may pretend to be that one. It wants what the machine is called typed (its name where it is no host here yet), and is recorded.',
    z.strictObject({ ...shownKey, confirmName: z.string().max(255) }),
    z.object({ key: decidedHostKey }),
  ),
  'host.keys': query('What was decided about the keys of a machine, newest first.', z.strictObject({ machine }), z.object({ host: z.string(), port: z.number().int(), keys: z.array(decidedHostKey) })),
};

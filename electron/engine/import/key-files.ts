/** Key files as they are now: whether they are there, and whether they can be signed in with. Their content goes nowhere. */
import ssh2 from 'ssh2';
import type { ImportKeyState } from '#shared/contract/imports.ts';
import { readText } from './read-file.ts';

/** As of `readKeyFile`. */
const largestKeyFile = 100_000;
const agentWaitMs = 2000;

/** What the head of a key in OpenSSH's own format says, which is never encrypted. Null: it is in another format, or none. */
function readHead(text: string): { isEncrypted: boolean; publicKey: string } | null {
  const body = /-----BEGIN OPENSSH PRIVATE KEY-----([A-Za-z0-9+/=\s]+)-----END OPENSSH PRIVATE KEY-----/.exec(text)?.[1];
  if (body === undefined) return null;
  const bytes = Buffer.from(body, 'base64');
  const magic = 'openssh-key-v1\0';
  if (bytes.toString('latin1', 0, magic.length) !== magic) return null;
  let at = magic.length;
  const field = (): Buffer | null => {
    if (at + 4 > bytes.length) return null;
    const length = bytes.readUInt32BE(at);
    if (length > bytes.length - at - 4) return null;
    const value = bytes.subarray(at + 4, at + 4 + length);
    at += 4 + length;
    return value;
  };
  const cipher = field()?.toString('latin1');
  field();
  field();
  at += 4;
  const publicKey = field()?.toString('base64');
  return cipher === undefined || publicKey === undefined ? null : { isEncrypted: cipher !== 'none', publicKey };
}

/** The public half of a key, in base64; null where nothing says it. */
function publicHalf(path: string, head: { publicKey: string } | null): string | null {
  if (head !== null) return head.publicKey;
  const file = readText(`${path}.pub`, largestKeyFile);
  return file.state === 'read' ? (/^\S+\s+([A-Za-z0-9+/]+=*)/.exec(file.text.trim())?.[1] ?? null) : null;
}

/** @param inAgent the public halves of what an agent holds, in base64 */
export function lookAtKey(path: string, inAgent: ReadonlySet<string>): ImportKeyState {
  const file = readText(path, largestKeyFile);
  const holds = (head: { publicKey: string } | null): boolean => {
    const half = publicHalf(path, head);
    return half !== null && inAgent.has(half);
  };
  if (file.state === 'absent') return holds(null) ? 'in-agent' : 'missing';
  if (file.state === 'unusable') return 'unusable';
  // IdentityFile may name the public half of a key that an agent holds.
  const named = /^(?:ssh|ecdsa|sk)-\S+\s+([A-Za-z0-9+/]+=*)/.exec(file.text.trim())?.[1];
  if (named !== undefined) return inAgent.has(named) ? 'in-agent' : 'unusable';
  const head = readHead(file.text);
  const parsed = ssh2.utils.parseKey(file.text);
  const isEncrypted = head?.isEncrypted ?? (parsed instanceof Error && /no passphrase given/i.test(parsed.message));
  if (isEncrypted && holds(head)) return 'in-agent';
  if (file.openToOthers) return 'open-to-others';
  if (isEncrypted) return 'encrypted';
  const key = Array.isArray(parsed) ? parsed[0] : parsed;
  if (key === undefined || key instanceof Error || !key.isPrivateKey()) return holds(head) ? 'in-agent' : 'unusable';
  return 'ready';
}

/** The file that names a key which an agent holds: the public half where there is one, which tells more than an encrypted private one. */
export function publicFile(path: string): string {
  const beside = `${path}.pub`;
  return readText(beside, largestKeyFile).state === 'read' ? beside : path;
}

/** The public halves of what an agent holds, in base64; none where it does not answer. */
export async function keysInAgent(socket: string | null): Promise<ReadonlySet<string>> {
  if (socket === null) return new Set();
  const asked = new Promise<Set<string>>((resolve) => {
    try {
      ssh2.createAgent(socket).getIdentities((error, keys) => resolve(new Set(error ? [] : (keys ?? []).map(halfOf).filter((half) => half !== ''))));
    } catch {
      resolve(new Set()); // What is no agent holds nothing.
    }
  });
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Set<string>>((resolve) => (timer = setTimeout(() => resolve(new Set()), agentWaitMs)));
  try {
    return await Promise.race([asked, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** An agent answers with keys in the wire format, or with what was made of them. */
function halfOf(key: unknown): string {
  const parsed = ssh2.utils.parseKey(key as Buffer);
  return parsed instanceof Error ? '' : parsed.getPublicSSH().toString('base64');
}

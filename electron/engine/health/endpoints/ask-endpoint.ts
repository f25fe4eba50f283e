/** Asks an address once, and tells what came: nothing is followed elsewhere, and nothing is sent that would sign in. */
import { BlockList, isIP } from 'node:net';
import type { Duplex } from 'node:stream';
import { TLSSocket } from 'node:tls';
import type { ItemOf } from '#shared/contract/items.ts';
import { askOver, NoLine, openWebLine } from '../../runbooks/steps/index.ts';
import type { HostLines } from '../../ssh/lines.ts';
import { serverText } from '../../ssh/server-text.ts';

/** Bytes of a body that are kept for what it has to say; the rest is counted. */
const keptBytes = 1024 * 1024;
/** Whoever sends more than that never ends. */
const mostBytes = 64 * 1024 * 1024;
/** Milliseconds until the whole answer. */
export const longestMs = 30_000;

/** Addresses of a link alone: there clouds answer with the keys of a machine. */
const linkLocal = new BlockList();
linkLocal.addSubnet('169.254.0.0', 16, 'ipv4');
linkLocal.addSubnet('fe80::', 10, 'ipv6');
linkLocal.addAddress('fd00:ec2::254', 'ipv6');

export interface Certificate {
  /** Milliseconds since the epoch. */
  until: number;
  issuer: string;
}

export type Seen =
  | { kind: 'answer'; status: number; ms: number; bytes: number; /** Where it sends one, without what stands behind "?". */ location: string | null; body: string; certificate: Certificate | null }
  /** `ours`: it could not be looked at, which says nothing of the address. `certificate`: what it showed is not believed. */
  | { kind: 'none'; because: 'away' | 'slow' | 'lost' | 'ours' | 'certificate'; why: string };

export interface Asking {
  lines: HostLines;
  /** The host that makes the connection; null: this computer. */
  hostId: string | null;
  signal: AbortSignal;
  limitMs?: number | undefined;
}

const isLinkLocal = (address: string): boolean => {
  const plain = address.replace(/^\[(.*)\]$/, '$1').replace(/^::ffff:(?=\d+\.)/i, '');
  return isIP(plain) !== 0 && linkLocal.check(plain, isIP(plain) === 6 ? 'ipv6' : 'ipv4');
};

const notTaken = (why: string): Seen => ({ kind: 'none', because: 'ours', why });

/** Why an address is not asked at all; null where it is. */
export function whyNotAsked(url: URL): string | null {
  if (url.username !== '' || url.password !== '') return 'there is a name or a password in its address, which would be seen in logs. Take it out';
  if (isLinkLocal(url.hostname)) return 'its address is of the link alone, where clouds give out the keys of a machine';
  return null;
}

function certificateOf(line: Duplex): Certificate | null {
  if (!(line instanceof TLSSocket)) return null;
  const { valid_to: until, issuer } = line.getPeerCertificate();
  const name = [issuer?.O, issuer?.CN].flat().filter((part) => part !== undefined).join(', ');
  return until === undefined ? null : { until: Date.parse(until), issuer: serverText(name, 100) };
}

/** Where it sends one, as far as it can be shown. */
function locationOf(said: string | undefined, from: URL): string | null {
  if (said === undefined || !URL.canParse(said, from.href)) return null;
  const { origin, pathname } = new URL(said, from.href);
  return serverText(`${origin}${pathname}`, 200);
}

const codeOf = (error: unknown): string => {
  const cause = error instanceof Error ? (error.cause as NodeJS.ErrnoException | undefined) : undefined;
  return cause?.code ?? '';
};
/** What says that this computer has no way out, whatever the address is. */
const noWayOut: ReadonlySet<string> = new Set(['EAI_AGAIN', 'ENETUNREACH', 'ENETDOWN']);
const isOfCertificate = (code: string): boolean => /CERT|UNABLE_TO_(?:VERIFY|GET_ISSUER)|SELF_SIGNED/.test(code);

/** @throws what connecting to the host throws; the signal's reason */
export async function askEndpoint({ url: address, method, bodyMatches, json }: Pick<ItemOf<'endpoint'>, 'url' | 'method' | 'bodyMatches' | 'json'>, { lines, hostId, signal, limitMs = longestMs }: Asking): Promise<Seen> {
  const url = new URL(address);
  const refused = whyNotAsked(url);
  if (refused !== null) return notTaken(`Not asked: ${refused}`);
  const limit = AbortSignal.timeout(limitMs);
  const both = AbortSignal.any([signal, limit]);
  const startedAt = performance.now();
  const kept: Buffer[] = [];
  const needsBody = bodyMatches !== null || json !== null;
  let bytes = 0;
  let line: Duplex | null = null;
  try {
    line = await openWebLine(url, hostId, lines, both);
    // A name may lead anywhere: nothing is asked of where that is.
    if ('remoteAddress' in line && typeof line.remoteAddress === 'string' && isLinkLocal(line.remoteAddress)) return notTaken('Not asked: its name leads to an address of the link alone, where clouds give out the keys of a machine');
    const certificate = certificateOf(line);
    const opened = line;
    const answer = await askOver(line, { method, url, headers: { host: url.host, 'user-agent': 'Pilothouse', accept: '*/*', connection: 'close' }, body: null }, both, (chunk) => {
      if (needsBody && bytes < keptBytes) kept.push(chunk.subarray(0, keptBytes - bytes));
      bytes += chunk.length;
      if (bytes > mostBytes) opened.destroy(new Error('it sends more than 64 MiB'));
    });
    return { kind: 'answer', status: answer.statusCode ?? 0, ms: Math.round(performance.now() - startedAt), bytes, location: locationOf(answer.headers.location, url), body: Buffer.concat(kept).toString('utf8'), certificate };
  } catch (error) {
    signal.throwIfAborted();
    if (limit.aborted) return { kind: 'none', because: 'slow', why: `There was no whole answer within ${limitMs / 1000} s` };
    const code = codeOf(error);
    const why = serverText(error instanceof Error ? error.message : String(error), 300);
    if (error instanceof NoLine) {
      if (isOfCertificate(code)) return { kind: 'none', because: 'certificate', why: `Its certificate is not believed: ${why}` };
      if (hostId === null && noWayOut.has(code)) return notTaken(`This computer has no way out now: ${why}`);
      return { kind: 'none', because: 'away', why: `It could not be connected to: ${why}` };
    }
    if (line === null) throw error;
    return { kind: 'none', because: 'lost', why: `The line was lost before there was a whole answer: ${why}` };
  } finally {
    line?.destroy();
  }
}

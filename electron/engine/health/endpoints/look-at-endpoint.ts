/** Looks at one endpoint: from this computer or through a host, and what that says in results. */
import type { Item } from '#shared/contract/items.ts';
import type { System } from '#shared/contract/systems.ts';
import { hasCode, toErrorShape } from '#shared/domain/errors.ts';
import type { EngineContext } from '../../engine-context.ts';
import { inTime, tookTooLong } from '../../runbooks/desk/in-time.ts';
import type { HostLines } from '../../ssh/lines.ts';
import { serverText } from '../../ssh/server-text.ts';
import type { NewHealthResult } from '../../store/health-repository.ts';
import type { Finding } from '../check.ts';
import { endpointAnswer, endpointCertificate } from '../endpoint-checks.ts';
import { unknown } from '../findings.ts';
import { limitsOf } from '../limits.ts';
import { isOurSide, missingWords, notAsked } from '../our-side.ts';
import { resultOf } from '../results.ts';
import { askEndpoint, type Seen } from './ask-endpoint.ts';
import { judgeAnswer, judgeCertificate } from './judge-endpoint.ts';
import { timeLimitsOf } from './time-limits.ts';

/** Characters of a summary: what a server says may be long. */
const longestSummary = 400;

/** What makes the connection: this computer, a host, or nobody, and why. */
export type From = { hostId: string | null; label: string } | { missing: string; opener: string };

export interface OneEndpoint {
  context: Pick<EngineContext, 'ports' | 'scrubber'>;
  lines: HostLines;
  system: Pick<System, 'policy'>;
  endpoint: Pick<Item<'endpoint'>, 'key' | 'value'>;
  thresholds: readonly Item<'threshold'>[];
  from: From;
  /** Ids of checks. */
  wanted: ReadonlySet<string>;
  signal: AbortSignal;
  limitMs?: number | undefined;
}

/** "Website (https://shop.test/health)": what stands behind "?" is nobody's business. */
export function targetOf({ title, url }: Item<'endpoint'>['value']): string {
  const { origin, pathname } = new URL(url);
  return `${title} (${serverText(`${origin}${pathname}`, 120)})`;
}

/** Why the host that should make the connection did not. It says nothing of the address. */
function hostTrouble(error: unknown, label: string, scrub: EngineContext['scrubber']['scrub']): Finding {
  const shape = scrub(toErrorShape(error, ''));
  const testTheHost = 'Test the host in the settings of the system.';
  if (!isOurSide(shape)) return unknown(`Not asked, because ${label} could not be used: ${shape.message}`, shape.hint ?? testTheHost);
  const words = missingWords(shape);
  return notAsked({ ...shape, hint: words === null ? (shape.hint ?? testTheHost) : testTheHost }, `${label}: ${words ?? shape.message}`, false);
}

/**
 * @returns a result of each check that is wanted; of the certificate where there is one to be shown
 * @throws operation.cancelled; the signal's reason
 */
export async function lookAtEndpoint({ context, lines, system, endpoint, thresholds, from, wanted, signal, limitMs }: OneEndpoint): Promise<NewHealthResult[]> {
  const { scrubber, ports } = context;
  const { key, value } = endpoint;
  const startedAt = performance.now();
  const limits = timeLimitsOf(key, value, thresholds);
  let answer: Finding;
  let certificate: Finding;
  try {
    if ('missing' in from) answer = certificate = unknown(from.missing, from.opener);
    else {
      const seen: Seen = await askEndpoint(value, { lines, hostId: from.hostId, signal, limitMs });
      // A pattern may take for ever on what a server says.
      answer = inTime(() => judgeAnswer(value, seen, limits, from.label))?.done ?? unknown(`The answer could not be judged: ${tookTooLong}`, 'Change what the body has to match.');
      certificate = judgeCertificate(seen, { ...limitsOf(endpointCertificate, system.policy).limits, lowerIsWorse: true }, ports.clock.now());
    }
  } catch (error) {
    if (hasCode(error, 'operation.cancelled')) throw error;
    signal.throwIfAborted();
    answer = certificate = hostTrouble(error, 'label' in from ? from.label : key, (shape) => scrubber.scrub(shape));
  }
  const durationMs = performance.now() - startedAt;
  const subject = { targetKey: `endpoint:${key}`, target: targetOf(value), databaseId: null };
  const found: NewHealthResult[] = [];
  const told = (finding: Finding): Finding => ({ ...finding, summary: serverText(finding.summary, longestSummary) });
  if (wanted.has(endpointAnswer.about.id)) found.push(resultOf(endpointAnswer, { ...told(answer), limits: { warn: limits.warn, critical: limits.critical } }, subject, { limits, ownLimits: true }, durationMs));
  if (wanted.has(endpointCertificate.about.id) && value.url.startsWith('https:')) found.push(resultOf(endpointCertificate, told(certificate), subject, limitsOf(endpointCertificate, system.policy), 0));
  return scrubber.scrub(found);
}

/** What an answer of an endpoint means: as it was asked for, in time, and by a certificate that lasts. Pure. */
import type { ItemOf } from '#shared/contract/items.ts';
import { judge, type Threshold } from '#shared/domain/health-state.ts';
import { findInJson, parseJsonPath } from '#shared/domain/runbook/json-path.ts';
import { compilePattern, lookedAt } from '#shared/domain/runbook/patterns.ts';
import { serverText } from '../../ssh/server-text.ts';
import type { Finding } from '../check.ts';
import { count, many } from '../figures.ts';
import { evidence, unknown } from '../findings.ts';
import type { Seen } from './ask-endpoint.ts';

const dayMs = 86_400_000;

type Answer = Extract<Seen, { kind: 'answer' }>;

/** @returns what the body lacks, in words; null where it is as it should be. `unknown`: that cannot be looked at */
function bodyProblem({ bodyMatches, json }: Pick<ItemOf<'endpoint'>, 'bodyMatches' | 'json'>, body: string): { wrong: string } | { unknown: string; opener: string } | null {
  if (bodyMatches !== null) {
    const compiled = compilePattern(bodyMatches, () => null);
    if ('problem' in compiled) return { unknown: `What the body has to match cannot be read: ${compiled.problem}`, opener: 'Change the endpoint.' };
    if (!compiled.pattern.test(lookedAt(body).text)) return { wrong: `the body does not match /${bodyMatches}/` };
  }
  if (json === null) return null;
  const path = parseJsonPath(json.path);
  if ('problem' in path) return { unknown: path.problem, opener: 'Change the endpoint.' };
  let parsed: unknown;
  try {
    parsed = JSON.parse(body);
  } catch {
    return { wrong: 'the body is no JSON' };
  }
  const found = findInJson(parsed, path.path);
  if (found.length === 0) return { wrong: `the body has no ${json.path}` };
  const other = found.find((each) => each !== json.equals);
  if (other === undefined) return null;
  // What is short is said, since it says why; more of a body is nobody's business here.
  const said = typeof other === 'object' ? 'something else' : serverText(JSON.stringify(other), 60);
  return { wrong: `${json.path} is ${said}, not ${JSON.stringify(json.equals)}` };
}

const shownOf = ({ status, ms, bytes, location }: Answer, from: string): Finding['evidence'] =>
  evidence([['Asked from', from], ['Status', status], ['Whole answer, ms', ms], ['Bytes', bytes], ...(location === null ? [] : [['Sends one to', location] as const])], { what: ([what]) => what ?? null, found: ([, found]) => found ?? null });

/** @param from what made the connection, in words */
export function judgeAnswer(endpoint: Pick<ItemOf<'endpoint'>, 'status' | 'bodyMatches' | 'json'>, seen: Seen, limits: Threshold, from: string): Finding {
  const own = { limits: { warn: limits.warn, critical: limits.critical } };
  if (seen.kind === 'none') return seen.because === 'ours' ? { ...unknown(seen.why), ...own } : { status: 'critical', value: null, summary: seen.why, ...own };
  const { status, ms, location } = seen;
  const shown = { evidence: shownOf(seen, from), value: ms, ...own };
  if (!endpoint.status.includes(status)) {
    const wanted = endpoint.status.join(' or ');
    const elsewhere = location === null ? '' : ` It sends one to ${location}, and nothing is followed.`;
    return { ...shown, status: 'critical', summary: `Status ${status} after ${count(ms)} ms, and ${wanted} would be well.${elsewhere}` };
  }
  const problem = bodyProblem(endpoint, seen.body);
  if (problem !== null && 'unknown' in problem) return { ...shown, ...unknown(problem.unknown, problem.opener), ...own };
  if (problem !== null) return { ...shown, status: 'critical', summary: `Status ${status} after ${count(ms)} ms, but ${problem.wrong}` };
  return { ...shown, status: judge(ms, limits), summary: `${count(ms)} ms until the whole answer, status ${status}` };
}

/** @param now milliseconds since the epoch */
export function judgeCertificate(seen: Seen, limits: Threshold, now: number): Finding {
  if (seen.kind === 'none') return seen.because === 'certificate' ? { status: 'critical', value: null, summary: seen.why } : unknown(`It was not seen: ${seen.why.charAt(0).toLowerCase()}${seen.why.slice(1)}`);
  const { certificate } = seen;
  if (certificate === null || !Number.isFinite(certificate.until)) return unknown('The certificate that was shown says no end');
  const days = Math.floor((certificate.until - now) / dayMs);
  const until = new Date(certificate.until).toISOString().slice(0, 10);
  return { status: judge(days, limits), value: days, summary: `${many(days, 'day')} until the certificate ends, on ${until}`, evidence: evidence([['Ends', until], ['Issued by', certificate.issuer]], { what: ([what]) => what ?? null, found: ([, found]) => found ?? null }) };
}

/** What an answer of an endpoint means, whose limits count for it, and which addresses are not asked at all. */
import { PassThrough } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { endpointItem, thresholdItem, type Item } from '#shared/contract/items.ts';
import { askEndpoint, whyNotAsked, type Seen } from '#engine/health/endpoints/ask-endpoint.ts';
import { judgeAnswer, judgeCertificate } from '#engine/health/endpoints/judge-endpoint.ts';
import { targetOf } from '#engine/health/endpoints/index.ts';
import { timeLimitsOf } from '#engine/health/endpoints/time-limits.ts';

const endpoint = (fields: Record<string, unknown> = {}) => endpointItem.parse({ title: 'Website', url: 'https://shop.test/health?key=1', ...fields });
const answer = (fields: Partial<Extract<Seen, { kind: 'answer' }>> = {}): Seen => ({ kind: 'answer', status: 200, ms: 120, bytes: 2, location: null, body: '', certificate: null, ...fields });
const limits = { warn: 500, critical: 1000 };
const judged = (fields: Record<string, unknown>, seen: Seen) => judgeAnswer(endpoint(fields), seen, limits, 'this computer');
const threshold = (fields: Record<string, unknown>): Item<'threshold'> => ({ systemId: 's', kind: 'threshold', key: 't', standing: 'own', value: thresholdItem.parse({ title: 'T', unit: 'ms', ...fields }) });

describe('an answer', () => {
  test.each([
    ['in time', 120, 'ok'],
    ['that takes long', 500, 'warn'],
    ['that takes too long', 1000, 'critical'],
  ])('%s is judged by its limits', (_what, ms, status) => {
    expect(judged({}, answer({ ms }))).toMatchObject({ status, value: ms, limits });
  });

  test('says how long it took, with the status', () => {
    expect(judged({}, answer({ ms: 1234 })).summary).toBe('1,234 ms until the whole answer, status 200');
  });

  test('of another status is critical, and says where it sends one, which is not followed', () => {
    expect(judged({}, answer({ status: 301, location: 'https://shop.test/new' }))).toMatchObject({ status: 'critical', summary: 'Status 301 after 120 ms, and 200 would be well. It sends one to https://shop.test/new, and nothing is followed.' });
  });

  test('of any status that was named is well', () => {
    expect(judged({ status: [200, 301] }, answer({ status: 301 })).status).toBe('ok');
  });

  test.each([
    ['ok', 'ok', 'ok'],
    ['ok', 'not well', 'critical'],
  ])('that has to match /%s/ is looked at: %j is %s', (bodyMatches, body, status) => {
    expect(judged({ bodyMatches }, answer({ body })).status).toBe(status);
  });

  test.each([
    ['{"status":"ok"}', 'ok', /status 200/],
    ['{"status":"down"}', 'critical', /\$\.status is "down", not "ok"/],
    ['{"state":"ok"}', 'critical', /has no \$\.status/],
    ['<html>', 'critical', /is no JSON/],
  ])('whose field has to be something is looked at: %s is %s', (body, status, summary) => {
    expect(judged({ json: { path: '$.status', equals: 'ok' } }, answer({ body }))).toMatchObject({ status, summary: expect.stringMatching(summary) as string });
  });

  test('shows nothing of its body but the field that was asked for', () => {
    const finding = judged({ json: { path: '$.user', equals: 'ann' } }, answer({ body: '{"user":{"token":"t0psecret"},"other":"t0psecret"}' }));
    expect(JSON.stringify(finding)).not.toContain('t0psecret');
  });

  test.each([{ bodyMatches: '(a+)+' }, { json: { path: 'status', equals: 1 } }])('that cannot be looked at as it was asked is unknown: %j', (fields) => {
    expect(judged(fields, answer({ body: '{}' }))).toMatchObject({ status: 'unknown', opener: 'Change the endpoint.' });
  });

  test.each([
    ['away', 'critical'],
    ['slow', 'critical'],
    ['lost', 'critical'],
    ['certificate', 'critical'],
    ['ours', 'unknown'],
  ] as const)('that did not come, since it is %s, is %s', (because, status) => {
    expect(judged({}, { kind: 'none', because, why: 'Why' })).toMatchObject({ status, value: null, summary: 'Why' });
  });
});

describe('a certificate', () => {
  const now = Date.parse('2026-11-27T00:00:00Z');
  const days = { warn: 14, critical: 7, lowerIsWorse: true };
  const until = (count: number): Seen => answer({ certificate: { until: now + count * 86_400_000, issuer: 'An authority' } });
  test.each([
    [15, 'ok'],
    [14, 'warn'],
    [7, 'critical'],
    [-1, 'critical'],
  ])('with %d days left is %s', (left, status) => {
    expect(judgeCertificate(until(left), days, now)).toMatchObject({ status, value: left });
  });

  test('that is not believed is critical', () => {
    expect(judgeCertificate({ kind: 'none', because: 'certificate', why: 'Its certificate is not believed: certificate has expired' }, days, now).status).toBe('critical');
  });

  test('that was not seen is unknown', () => {
    expect(judgeCertificate({ kind: 'none', because: 'away', why: 'It could not be connected to: x' }, days, now)).toMatchObject({ status: 'unknown', summary: 'It was not seen: it could not be connected to: x' });
  });
});

describe('the limits of an endpoint', () => {
  const shared = [threshold({ drives: { kind: 'endpoints', keys: ['api'] }, warn: 1, critical: 5, unit: 'percent' }), threshold({ drives: { kind: 'endpoints', keys: ['api'] }, warn: 0.5, critical: 1, unit: 'seconds' }), threshold({ drives: { kind: 'endpoints', keys: [] }, warn: 3000, critical: null })];
  test('are its own where it has some', () => {
    expect(timeLimitsOf('api', { warnMs: 200, criticalMs: null }, shared)).toEqual({ warn: 200, critical: null });
  });
  test('are those of the first threshold that names it, in milliseconds', () => {
    expect(timeLimitsOf('api', endpoint(), shared)).toEqual({ warn: 500, critical: 1000 });
  });
  test('are those of a threshold for all endpoints where none names it', () => {
    expect(timeLimitsOf('site', endpoint(), shared)).toEqual({ warn: 3000, critical: null });
  });
  test('are none where nothing says any', () => {
    expect(timeLimitsOf('site', endpoint(), [])).toEqual({ warn: null, critical: null });
  });
});

describe('an address', () => {
  test.each(['http://169.254.169.254/latest/meta-data/', 'http://[fe80::1]/', 'http://[::ffff:169.254.169.254]/', 'http://[fd00:ec2::254]/', 'https://ann:secret@shop.test/', 'https://ann@shop.test/'])('%s is not asked', (url) => {
    expect(whyNotAsked(new URL(url))).not.toBeNull();
  });

  test.each(['https://shop.test/', 'http://127.0.0.1:3000/', 'http://10.0.0.1/'])('%s is asked', (url) => {
    expect(whyNotAsked(new URL(url))).toBeNull();
  });

  test('that is not asked opens no line', async () => {
    let opened = 0;
    const open = () => {
      opened += 1;
      return Promise.reject(new Error('there is none'));
    };
    const lines = { open, run: () => Promise.reject(new Error('nothing is run')), pin: () => () => {} };
    const seen = await askEndpoint(endpoint({ url: 'http://169.254.169.254/' }), { lines, hostId: 'web', signal: AbortSignal.timeout(5000) }).catch(() => null);
    expect([opened, seen]).toEqual([0, { kind: 'none', because: 'ours', why: expect.stringContaining('of the link alone') as string }]);
  });

  test('whose name leads to such a place is told nothing', async () => {
    const line = Object.assign(new PassThrough(), { remoteAddress: '169.254.169.254' });
    const lines = { open: () => Promise.resolve(line), run: () => Promise.reject(new Error('nothing is run')), pin: () => () => {} };
    const seen = await askEndpoint(endpoint({ url: 'http://shop.test/' }), { lines, hostId: 'web', signal: AbortSignal.timeout(5000) });
    expect([seen.kind === 'none' && seen.because, line.readableLength, line.destroyed]).toEqual(['ours', 0, true]);
  });

  test('is shown without what stands behind "?"', () => {
    expect(targetOf(endpoint())).toBe('Website (https://shop.test/health)');
  });
});

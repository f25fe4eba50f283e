import { describe, expect, it } from 'vitest';
import { createScrubber } from '#shared/domain/scrub.ts';
import { Secret } from '#shared/domain/secret.ts';

const secret = `p@ss: 'w"ö\\rd' & more`;

describe('a scrubber', () => {
  it.each([
    ['as it is', secret],
    ['URL-encoded', encodeURIComponent(secret)],
    ['base64', Buffer.from(secret).toString('base64')],
    ['base64url', Buffer.from(secret).toString('base64url')],
    ['in JSON', JSON.stringify(secret)],
    ['in SQL', `'${secret.replaceAll("'", "''")}'`],
    ['in a conninfo string', `'${secret.replace(/['\\]/g, '\\$&')}'`],
    ['in a shell line', `'${secret.replaceAll("'", `'\\''`)}'`],
    ['in a passfile', secret.replace(/[:\\]/g, '\\$&')],
  ])('takes out a known secret written %s', (_, written) => {
    const scrubber = createScrubber();
    scrubber.register(new Secret(secret));
    expect(scrubber.scrub(`before ${written} after`)).toMatch(/^before ['"]?\[redacted\]['"]? after$/);
  });

  it.each([
    ['PGPASSWORD=hunter22 pg_dump', 'PGPASSWORD=[redacted] pg_dump'],
    [`host=h password='hun ter\\'22' user=u`, 'host=h password=[redacted] user=u'],
    ['https://h/?password=hunter22&x=1', 'https://h/?password=[redacted]&x=1'],
    ['postgres://ann:hunter22@h:5432/shop', 'postgres://ann:[redacted]@h:5432/shop'],
    ['postgresql://ann:hun@ter/22@h/shop', 'postgresql://ann:[redacted]@h/shop'],
    ['{"password": "hunter\\"22"}', '{"password": "[redacted]"}'],
    [`CREATE ROLE ann LOGIN PASSWORD 'hunter''22';`, `CREATE ROLE ann LOGIN PASSWORD '[redacted]';`],
    [`ALTER ROLE ann ENCRYPTED PASSWORD E'hunter\\'22' VALID`, `ALTER ROLE ann ENCRYPTED PASSWORD '[redacted]' VALID`],
    [`ALTER ROLE ann PASSWORD $x$hunter22$x$`, `ALTER ROLE ann PASSWORD '[redacted]'`],
    [`CREATE SUBSCRIPTION s CONNECTION 'host=h password=''my pass''' PUBLICATION p`, `CREATE SUBSCRIPTION s CONNECTION 'host=h password=[redacted]' PUBLICATION p`],
    [`EXECUTE 'ALTER ROLE ann PASSWORD ''it''''s me'''`, `EXECUTE 'ALTER ROLE ann PASSWORD ''[redacted]'''`],
    ['host=h password=abc,def;g&h)i]j user=u', 'host=h password=[redacted] user=u'],
    [String.raw`host=h password=my\ pass\'s user=u`, 'host=h password=[redacted] user=u'],
    [`ALTER ROLE ann PASSWORD 'cut o`, `ALTER ROLE ann PASSWORD '[redacted]'`],
    ['ldapserver=l ldapbindpasswd="my secret pass" ldapbasedn=d', 'ldapserver=l ldapbindpasswd=[redacted] ldapbasedn=d'],
    ['"ldapbindpasswd=my secret pass" ldapbasedn=d', '"ldapbindpasswd=[redacted]" ldapbasedn=d'],
    ['radius radiusservers="a,b" radiussecrets="""secret one"",""secret two""" x', 'radius radiusservers="a,b" radiussecrets=[redacted] x'],
    [`{ password: 'hunter 22', user: 'u' }`, `{ password: '[redacted]', user: 'u' }`],
    [String.raw`"{\"password\":\"hunter 22\",\"user\":\"u\"}"`, String.raw`"{\"password\":\"[redacted]\",\"user\":\"u\"}"`],
    [`password='' user=u`, 'password=[redacted] user=u'],
    ['verifier SCRAM-SHA-256$4096:c2FsdA==$c3RvcmVk:c2VydmVy end', 'verifier [redacted] end'],
    ['md5c4ca4238a0b923820dcc509a6f75849b', '[redacted]'],
    ['-----BEGIN EC PRIVATE KEY-----\nabc\n-----END EC PRIVATE KEY-----', '[redacted]'],
    ['-----BEGIN PRIVATE KEY-----\ncut off', '[redacted]'],
    ['Authorization: Bearer abcdefghijklmnop', 'Authorization: Bearer [redacted]'],
  ])('knows a secret by where it stands: %s', (text, clean) => {
    expect(createScrubber().scrub(text)).toBe(clean);
  });

  it.each(['password authentication failed for user "ann"', 'The password was wrong: type it again.', 'See https://example.org/a:b for more.', 'PASSWORD NULL', '12:30:05 connected to postgres://h/db'])('leaves alone what is none: %s', (text) => {
    expect(createScrubber().scrub(text)).toBe(text);
  });

  // Each of these took minutes while a pattern began anew at every sign. The test's own time limit tells.
  it.each([
    ['of one letter', `${'a'.repeat(1_000_000)} password`],
    ['of one letter before an address', `${'a'.repeat(1_000_000)}://b:c@d`],
    ['of addresses', `password ${'a://b:'.repeat(170_000)}`],
    ['of addresses behind an @', `x://u:p@${'a://b:'.repeat(170_000)}`],
    ['of spaces', `password${' '.repeat(1_000_000)}`],
    ['of backslashes', `password=${'\\'.repeat(1_000_000)}`],
    ['of quotation marks', `password=${"'".repeat(1_000_001)}`],
    ['without an end', `password=${'a'.repeat(1_000_000)}`],
    ['of literals without an end', "PASSWORD 'a\n".repeat(80_000)],
    ['of literals that no dollar ends', Array.from({ length: 10_000 }, (_, index) => `PASSWORD $a${index}$x\n`).join('')],
    ['of keys without an end', '-----BEGIN PRIVATE '.repeat(50_000)],
  ])('is done with a very long run %s', (_, text) => {
    expect(createScrubber().scrub(text).length).toBeGreaterThan(0);
  });

  it('goes into objects, arrays, maps, keys and errors with their causes', () => {
    const scrubber = createScrubber();
    scrubber.register('hunter22');
    const error = new Error('with hunter22', { cause: new Error('and hunter22') });
    const value = { a: ['hunter22', new Map([['k', 'hunter22']])], hunter22: 1, error, typed: new Secret('x') };
    const clean = scrubber.scrub(value);
    expect(JSON.stringify([clean, ...(clean.a[1] as Map<string, string>).values()])).not.toContain('hunter22');
  });

  it('redacts what is named a password', () => {
    expect(createScrubber().scrub({ password: 'abc', connection: { password: { source: 'ask' } } })).toEqual({ password: '[redacted]', connection: { password: { source: 'ask' } } });
  });

  it('leaves codes and identifiers whole, so that programs can still tell things apart', () => {
    const scrubber = createScrubber();
    scrubber.register('authentication');
    expect(scrubber.scrub({ code: 'postgres.authentication', operationId: 'authentication' })).toEqual({ code: 'postgres.authentication', operationId: 'authentication' });
  });

  it('does not take our own words for a secret because somebody chose one as a password', () => {
    const scrubber = createScrubber();
    scrubber.register('postgres');
    expect(scrubber.scrub('connected to postgres')).toBe('connected to postgres');
  });

  it('leaves the names of roles and databases readable where one is a password too, but never as a password', () => {
    const scrubber = createScrubber();
    scrubber.register('shop');
    scrubber.keepReadable(['shop']);
    expect(scrubber.scrub('pg_dump dbname=shop user=shop password=shop')).toBe('pg_dump dbname=shop user=shop password=[redacted]');
  });

  it('takes out the longer of two secrets that begin alike', () => {
    const scrubber = createScrubber();
    scrubber.register('hunter');
    scrubber.register('hunter22');
    expect(scrubber.scrub('hunter22')).toBe('[redacted]');
  });

  it('survives values that contain themselves', () => {
    const loop: { self?: unknown; text: string } = { text: 'x' };
    loop.self = loop;
    expect(createScrubber().scrub(loop)).toEqual({ text: 'x', self: '[circular]' });
  });
});

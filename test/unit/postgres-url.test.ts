import { describe, expect, it } from 'vitest';
import { parseConnectionText, readConnectionText } from '#shared/domain/postgres-url.ts';

const shop = { host: 'db.example.org', port: 5433, database: 'shop', user: 'ann', tls: { mode: 'verify-full', ca: null } };

function problemOf(text: string): { code: string; message: string; hint: string } {
  try {
    readConnectionText(text);
  } catch (error) {
    return error as { code: string; message: string; hint: string };
  }
  throw new Error('it was accepted');
}

describe('a pasted connection', () => {
  it.each(['postgres://ann@db.example.org:5433/shop?sslmode=verify-full', 'postgresql://ann@db.example.org:5433/shop?sslmode=verify-full', `  host=db.example.org port = 5433 dbname='shop' user=ann sslmode=verify-full\n`])('may be written in either way: %s', (text) => {
    expect(parseConnectionText(text)).toEqual({ connection: shop, hasPassword: false, notes: [] });
  });

  it('of another scheme is told so by its name', () => {
    expect(problemOf('http://x/y').message).toContain('it begins with http://');
  });

  it('comes without its password, and with the fact that there was one', () => {
    const parsed = parseConnectionText('postgres://ann:hunter22@db/shop');
    expect(parsed.hasPassword).toBe(true);
    expect(JSON.stringify(parsed)).not.toContain('hunter22');
  });

  it.each([
    ['postgres://ann:p%40ss%2F%3A@db/shop', 'p@ss/:'],
    ['postgres://ann:p@ss@db/shop', 'p@ss'],
    ['postgres://ann:a/b@db/shop', 'a/b'],
    ['postgres://ann:a+b@db/shop', 'a+b'],
    ['postgres://ann@db/shop?password=x%20y', 'x y'],
    [`host=db user=ann password='it\\'s \\\\ here'`, `it's \\ here`],
    ['host=db user=ann password=a\\ b', 'a b'],
  ])('gives up its password to who asks for it: %s', (text, password) => {
    expect(readConnectionText(text).password?.reveal()).toBe(password);
  });

  it.each([
    ['postgres://ann@[2001:db8::1]:5433/shop', '2001:db8::1', 5433],
    ['postgres://ann@[::1]/shop', '::1', 5432],
    ['postgres://ann@%2Fvar%2Frun%2Fpostgresql/shop', '/var/run/postgresql', 5432],
    ['host=/run/pg dbname=shop user=ann', '/run/pg', 5432],
    ['hostaddr=10.0.0.7 user=ann', '10.0.0.7', 5432],
  ])('names its host in many ways: %s', (text, host, port) => {
    expect(parseConnectionText(text).connection).toMatchObject({ host, port });
  });

  it.each([
    ['postgres://ann@db/shop?sslmode=allow', /sslmode=allow became prefer/],
    ['postgres://ann@db/shop?sslrootcert=/etc/ca.pem', /sslrootcert is a file/],
    ['postgres://ann@db/shop?application_name=psql', /application_name is not used/],
    ['postgres://ann@db/shop?frobnicate=1', /frobnicate is not known here/],
    ['postgres://ann@db', /No database was named: ann/],
    ['dbname=shop user=ann', /No host was named/],
  ])('says what it did not take over: %s', (text, note) => {
    expect(parseConnectionText(text).notes.join('\n')).toMatch(note);
  });

  it('takes the ssl=true of other drivers for sslmode=require', () => {
    expect(parseConnectionText('postgres://ann@db/shop?ssl=true').connection.tls.mode).toBe('require');
  });

  it.each(['', 'hello', 'mysql://ann@db/shop', 'postgres://ann@a,b/shop', 'host=a,b user=ann', 'postgres://db/shop', 'postgres://ann@db:99999/shop', 'postgres://ann@db:x/shop', 'postgres://ann@::1/shop', 'postgres://ann@[::1/shop', 'postgres://ann@db/shop?sslmode=maybe', 'postgres://ann@db/shop?x', `host=db user='ann`, 'host=db user=ann port', `user=${'x'.repeat(64)}`])('is refused where it cannot be read: %s', (text) => {
    expect(problemOf(text)).toMatchObject({ code: 'postgres.url-invalid', hint: expect.any(String) });
  });

  it.each(['postgres://ann:hunter%2@db/shop', 'postgres://ann:hunter2@a,b/shop', `password='hunter2`, 'postgres://ann:hunter2@db:hunter2/x', 'hunter2', 'user=ann hunter2', 'postgres://ann:hunter2@x@[y/d'])('is refused without repeating what could be a password: %s', (text) => {
    expect(JSON.stringify({ ...problemOf(text), text: problemOf(text).message })).not.toMatch(/hunter/);
  });
});

/** What of password files, service files, pgAdmin's list and pasted URLs can be imported, and what not and why. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import type { Database } from '#shared/contract/systems.ts';
import { Secret } from '#shared/domain/secret.ts';
import { previewDatabases, type DatabasePreview } from '#engine/import/databases.ts';
import { temporaryFolder } from '#test/temporary-folder.ts';

const canary = 'canary-of-a-database-5';
let home: string;
beforeEach(async () => {
  home = await temporaryFolder('databases-preview');
});

const write = (name: string, text: string, mode = 0o600): string => {
  const path = join(home, name);
  writeFileSync(path, text, { mode });
  return path;
};
type Source = Partial<Record<'passfilePath' | 'serviceFilePath' | 'pgadminPath' | 'text', string>>;
const look = ({ text, ...paths }: Source = {}, databases: Database[] = [], environment: Record<string, string> = {}): DatabasePreview =>
  previewDatabases({ ...paths, ...(text === undefined ? {} : { text: new Secret(text) }) }, { person: { user: 'ann', homeFolder: home, computer: 'laptop', environment }, databases, viaId: null });
const brief = ({ items }: DatabasePreview) => items.map(({ shown: { label, state, password, host, port, database, user } }) => `${label} ${state} ${password} ${user}@${host}:${port}/${database}`);

describe('a password file', () => {
  test('has a database in each line that names one, whose password stays in it', () => {
    const path = write('.pgpass', `# mine\ndb.example:5432:shop:ann:${canary}\n\n10.0.0.7:6432:stock:bob:${canary}\n`);
    const preview = look();
    expect(brief(preview)).toEqual(['shop new passfile ann@db.example:5432/shop', 'stock new passfile bob@10.0.0.7:6432/stock']);
    expect(preview.items[0]?.passfile).toBe(path);
  });
  test('has rules, which are no databases', () => {
    write('.pgpass', `*:*:*:ann:${canary}\ndb:5432:*:ann:${canary}\n`);
    expect(look().items.map(({ shown }) => [shown.label, shown.state, shown.reasons[0]])).toEqual([['*:*:*:ann', 'unsupported', expect.stringContaining('A rule for several databases')], ['db:5432:*:ann', 'unsupported', expect.any(String)]]);
  });
  test('is read with what is escaped in it', () => {
    write('.pgpass', `fe80\\:\\:1:5432:a\\\\b:ann:${canary}\n`);
    expect(brief(look())).toEqual(['a\\b new passfile ann@fe80::1:5432/a\\b']);
  });
  test('is not used where others may read it', () => {
    const path = write('.pgpass', `db:5432:shop:ann:${canary}\n`, 0o640);
    expect(look().items[0]?.shown).toMatchObject({ state: 'unsupported', reasons: [`${path} may be read by others, so neither libpq nor Pilothouse uses it. Run: chmod 0600 ${path}`] });
  });
  test('counts by its first line that fits', () => {
    write('.pgpass', `db:5432:*:ann:${canary}\ndb:5432:shop:ann:other\ndb:5432:stock:bob:x1\ndb:5432:stock:bob:x2\n`);
    const [, first, , twice] = look().items;
    expect([first?.shown.cautions[0], twice?.shown.reasons[0]]).toEqual([expect.stringContaining('Line 1 comes first'), expect.stringContaining('Line 3 says the same before it')]);
  });
  test('has problems told by their line, and never what stands there', () => {
    write('.pgpass', `${canary}\ndb:port-${canary}:shop:ann:x\n`);
    const preview = look();
    expect(preview.problems.map(({ line, reason }) => [line, reason])).toEqual([[1, 'a line is host:port:database:user:password'], [2, 'its port is no number']]);
    expect(JSON.stringify(preview)).not.toContain('canary');
  });
  test('is the one that the environment names', () => {
    const path = write('elsewhere', `db:5432:shop:ann:${canary}\n`);
    expect(look({}, [], { PGPASSFILE: path }).items[0]?.passfile).toBe(path);
  });
});

describe('a service file', () => {
  const services = (text: string): DatabasePreview => look({ serviceFilePath: write('services', text) });
  test('has a database in each section, named as it is there', () => {
    expect(brief(services('[shop]\nhost=db.example\nport=6432\ndbname=shop_prod\nuser=app\nsslmode=require\n\n[stock]\nhost=db2\nuser=bob\n'))).toEqual(['shop new ask app@db.example:6432/shop_prod', 'stock new ask bob@db2:5432/bob']);
  });
  test('takes its passwords from the password file, as libpq does', () => {
    const path = write('.pgpass', `db:*:*:app:${canary}\n`);
    const [item] = services('[shop]\nhost=db\ndbname=shop\nuser=app\n').items;
    expect([item?.passfile, item?.shown.password]).toEqual([path, 'passfile']);
  });
  test('may hold a password, which is not shown', () => {
    const preview = services(`[shop]\nhost=db\nuser=app\npassword=${canary}\n`);
    expect([preview.items[0]?.shown.password, preview.items[0]?.password?.reveal()]).toEqual(['given', canary]);
    expect(JSON.stringify(preview)).not.toContain('canary');
  });
  test('says what of it is not used, and whom it means where it names nobody', () => {
    const [item] = services('[shop]\nhost=db\ndbname=shop\nsslcert=/c\nkeepalives=1\n').items;
    expect([item?.shown.user, item?.shown.cautions]).toEqual(['ann', [expect.stringContaining('It names no user: ann'), expect.stringContaining('sslcert is not used'), expect.stringContaining('keepalives is not known')]]);
  });
  test.each([
    ['another service', '[a]\nservice=b\n', 'a service may not name another one'],
    ['an address of LDAP', '[a]\nldap://ldap.example/o?x\n', 'what is looked up by LDAP is not supported'],
    ['blanks around =', '[a]\nhost = db\n', 'without blanks between'],
    ['several hosts', '[a]\nhost=a,b\nuser=u\n', 'it names several hosts'],
    ['a port that is none', '[a]\nhost=a\nuser=u\nport=none\n', 'the port is not a number'],
    ['a name that stands before', '[a]\nhost=x\nuser=u\n[a]\nhost=y\nuser=u\n', 'which is the one that libpq takes'],
  ])('does not support %s', (_what, text, why) => {
    const last = services(text).items.at(-1)?.shown;
    expect([last?.state, last?.reasons.join(' ')]).toEqual(['unsupported', expect.stringContaining(why)]);
  });
  test('comes before the same database in the password file', () => {
    write('.pgpass', `db:5432:shop:app:${canary}\n`);
    write('.pg_service.conf', '[shop-service]\nhost=db\ndbname=shop\nuser=app\n');
    expect(look().items.map(({ shown }) => [shown.label, shown.state, shown.reasons.join()])).toEqual([['shop-service', 'new', ''], ['shop', 'known', 'It is the same as shop-service, which is listed.']]);
  });
});

describe('pasted text', () => {
  test('has a database in each line, however it is written down', () => {
    const preview = look({ text: `# notes\npostgres://app:${canary}@db:6432/shop?sslmode=require\nexport DATABASE_URL="postgresql://bob@db2/stock"\nhost=db3 dbname='my shop' user=eve\npsql 'postgres://u@h/d'\n` });
    expect(brief(preview)).toEqual(['shop new given app@db:6432/shop', 'stock new ask bob@db2:5432/stock', 'my shop new ask eve@db3:5432/my shop', 'd new ask u@h:5432/d']);
    expect(JSON.stringify(preview)).not.toContain('canary');
  });
  test('has problems told by their line', () => {
    const { items, problems } = look({ text: `mysql://root:${canary}@db/shop\n${canary}\npostgres://db/shop` });
    expect([items.length, problems.map(({ line }) => line), JSON.stringify(problems).includes('canary')]).toEqual([0, [1, 2, 3], false]);
  });
  test('of one name is told apart by the servers', () => {
    expect(look({ text: 'postgres://u@one/shop\npostgres://u@two/shop' }).items.map(({ shown }) => shown.label)).toEqual(['shop on one', 'shop on two']);
  });
  test('may be sections of a service file', () => {
    expect(brief(look({ text: '[shop]\nhost=db\nuser=app' }))).toEqual(['shop new ask app@db:5432/app']);
  });
});

describe('pgAdmin\'s list', () => {
  const list = (servers: unknown): DatabasePreview => look({ pgadminPath: write('servers.json', JSON.stringify({ Servers: servers })) });
  test('has a database for each server', () => {
    const preview = list({ 1: { Name: 'Main', Group: 'Servers', Host: 'db', Port: 5433, MaintenanceDB: 'postgres', Username: 'ann', ConnectionParameters: { sslmode: 'verify-full' } } });
    expect([brief(preview), preview.items[0]?.shown.tls]).toEqual([['Main new ask ann@db:5433/postgres'], 'verify-full']);
  });
  test('says which tunnel leads to a server', () => {
    expect(list({ 1: { Name: 'Main', Host: 'db', Port: 5432, Username: 'ann', UseSSHTunnel: 1, TunnelHost: 'gate' } }).items[0]?.shown.cautions[0]).toContain('through the SSH tunnel of gate');
  });
  test('says of a server that is written otherwise that it is', () => {
    expect(list({ 1: { Host: 7 }, 2: { Name: 'S', Service: 'shop' } }).items.map(({ shown }) => [shown.state, shown.reasons[0]])).toEqual([['unsupported', 'It is not written as pgAdmin does it.'], ['unsupported', 'It is reached by a service: import the service file instead.']]);
  });
  test('is refused where it is none', () => {
    expect([look({ text: '{ nonsense' }).problems[0]?.reason, look({ text: '{"a": 1}' }).problems[0]?.reason]).toEqual(['it is no JSON', 'it has no list of "Servers", as pgAdmin writes it']);
  });
});

describe('an authority that is trusted', () => {
  const certificate = '-----BEGIN CERTIFICATE-----\nMIIBszCCAVmgAwIBAgIUQ2Fu\n-----END CERTIFICATE-----';
  const ca = ({ items }: DatabasePreview) => [items[0]?.connection?.tls.ca, items[0]?.shown.cautions.join(' ')];
  test('is read of the file that is named, and of nothing in it but certificates', () => {
    const path = write('root.crt', `a comment\n${certificate}\n-----BEGIN PRIVATE KEY-----\ncanary\n-----END PRIVATE KEY-----\n${certificate}\n`);
    const taken = [`${certificate}\n${certificate}\n`, expect.stringContaining(`is taken over from ${path}`)];
    expect(ca(look({ serviceFilePath: write('services', `[a]\nhost=h\nuser=u\nsslmode=verify-full\nsslrootcert=${path}\n`) }))).toEqual(taken);
    expect(ca(look({ text: `postgres://u@h/d?sslmode=verify-ca&sslrootcert=${encodeURIComponent(path)}` }))).toEqual(taken);
    expect(ca(look({ text: `host=h user=u sslmode=verify-ca sslrootcert='${path}'` }))).toEqual(taken);
  });
  test('is the one that libpq looks for, where certificates are verified and none is named', () => {
    mkdirSync(join(home, '.postgresql'));
    write('.postgresql/root.crt', certificate);
    expect([look({ text: 'postgres://u@h/d?sslmode=verify-full' }).items[0]?.connection?.tls.ca, look({ text: 'postgres://u@h/d' }).items[0]?.connection?.tls.ca]).toEqual([`${certificate}\n`, null]);
  });
  test('that cannot be read is told', () => {
    const none = write('none.crt', canary);
    expect([ca(look({ text: 'postgres://u@h/d?sslrootcert=root.crt' })), ca(look({ text: `postgres://u@h/d?sslrootcert=${none}` })), ca(look({ text: 'postgres://u@h/d?sslmode=verify-full&sslrootcert=system' }))]).toEqual([[null, expect.stringContaining('relative path')], [null, expect.stringContaining('No certificate could be read')], [null, '']]);
  });
});

test('a database that is here is known', () => {
  const here = { id: 'd', label: 'Main', connection: { host: 'DB.example', port: 5432, database: 'shop', user: 'ann', viaId: null } } as Database;
  expect(look({ text: 'postgres://ann@db.example/shop\npostgres://bob@db.example/shop' }, [here]).items.map(({ shown }) => shown.state)).toEqual(['known', 'new']);
});
test('what is chosen is a file of a size that a person wrote', () => {
  mkdirSync(join(home, 'folder'));
  const large = write('large', '#'.repeat(1_048_577));
  expect([look({ passfilePath: join(home, 'folder') }).problems[0]?.reason, look({ serviceFilePath: large }).problems[0]?.reason]).toEqual(['it is no plain file', 'it is larger than 1048576 bytes']);
});

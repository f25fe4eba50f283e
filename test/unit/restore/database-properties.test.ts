import { describe, expect, it } from 'vitest';
import { createDiscreetListener, propertyStatements, settingClause, splitNames } from '#engine/restore/database-properties.ts';
import { createDatabaseSql } from '#engine/restore/scratch.ts';

const ownSettings = new Set(['work_mem', 'search_path', 'datestyle', 'application_name', 'lock_timeout']);

describe('a stored setting', () => {
  it.each([
    ['work_mem=7MB', `"work_mem" TO '7MB'`],
    ["app.tenant=it's", `"app"."tenant" TO 'it''s'`],
    ['search_path="$user", public, "odd, name"', `"search_path" TO '$user', 'public', 'odd, name'`],
    ['search_path=', `"search_path" TO ''`],
    ['search_path=""', `"search_path" TO ''`],
    ['DateStyle=ISO, YMD', `"DateStyle" TO 'ISO, YMD'`],
    ['application_name=a=b', `"application_name" TO 'a=b'`],
  ])('%s becomes %s', (stored, clause) => {
    expect(settingClause(stored, ownSettings).sql).toBe(clause);
  });
  it.each([
    ['work_mem=7MB', `"work_mem" TO '7MB'`],
    ['app.jwt_secret=canary', '"app"."jwt_secret" TO [redacted]'],
    ['gone_since_16=canary', '"gone_since_16" TO [redacted]'],
  ])('%s is shown as %s', (stored, shown) => {
    expect(settingClause(stored, ownSettings).shown).toBe(shown);
  });
  it('keeps quotes in names', () => {
    expect(splitNames('"a""b", c')).toEqual(['a"b', 'c']);
  });
});

describe('the statements that make one database like another', () => {
  const database = { oid: '1', name: 'live', owner: 'app', allowsConnections: true, connectionLimit: 9, comment: null };
  const copy = { ...database, oid: '2', name: 'Live "new"', owner: 'dba', connectionLimit: -1 };
  it('change nothing that is the same already', () => {
    expect(propertyStatements({ from: database, to: { ...database, name: 'x' }, settings: { from: [], to: [] }, grants: { from: null, to: null }, ownSettings })).toEqual([]);
  });
  it('carry owner, settings of every role, grants and limit', () => {
    expect(
      propertyStatements({
        from: database,
        to: copy,
        settings: { from: [{ role: null, settings: ['work_mem=1MB'] }, { role: 'web', settings: ['lock_timeout=1s'] }], to: [{ role: 'old', settings: ['x=1'] }] },
        grants: { from: [{ grantee: null, privilege: 'CONNECT', grantable: false }, { grantee: 'web', privilege: 'CREATE', grantable: true }], to: null },
        ownSettings,
      }).map(({ sql }) => sql),
    ).toEqual([
      'ALTER DATABASE "Live ""new""" OWNER TO "app"',
      'ALTER ROLE "old" IN DATABASE "Live ""new""" RESET ALL',
      `ALTER DATABASE "Live ""new""" SET "work_mem" TO '1MB'`,
      `ALTER ROLE "web" IN DATABASE "Live ""new""" SET "lock_timeout" TO '1s'`,
      'REVOKE ALL ON DATABASE "Live ""new""" FROM PUBLIC',
      'REVOKE ALL ON DATABASE "Live ""new""" FROM "app"',
      'REVOKE ALL ON DATABASE "Live ""new""" FROM "dba"',
      'GRANT CONNECT ON DATABASE "Live ""new""" TO PUBLIC',
      'GRANT CREATE ON DATABASE "Live ""new""" TO "web" WITH GRANT OPTION',
      'ALTER DATABASE "Live ""new""" CONNECTION LIMIT 9',
    ]);
  });
});

describe('who listens to the statements', () => {
  it('hears nothing of a hidden value, nor of what the server says of it', () => {
    const heard: string[] = [];
    const listener = createDiscreetListener((record) => heard.push(JSON.stringify(record)));
    listener.hide({ sql: "SET a.b TO 'canary'", shown: 'SET a.b TO [redacted]' });
    listener.onStatement({ text: "SET a.b TO 'canary'", target: 'shop', durationMs: 1, rows: null, exitStatus: null, output: 'invalid value "canary"' });
    expect(heard.join()).not.toContain('canary');
  });
});

describe('the statement that makes an empty database', () => {
  const manifest = { encoding: 'UTF8', collate: 'de_DE.utf8', ctype: 'de_DE.utf8', localeProvider: 'icu', locale: 'de' };
  it('names the provider of the locale where the server knows providers', () => {
    expect(createDatabaseSql(manifest, { name: 'a"b', connectionLimit: 5, serverMajor: 16 })).toBe(`CREATE DATABASE "a""b" TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'de_DE.utf8' LC_CTYPE 'de_DE.utf8' LOCALE_PROVIDER icu ICU_LOCALE 'de' CONNECTION LIMIT 5`);
  });
  it('has the rules that an ICU locale is changed by', () => {
    expect(createDatabaseSql({ ...manifest, icuRules: "&v << 'w'" }, { name: 'a', connectionLimit: 5, serverMajor: 16 })).toContain("ICU_LOCALE 'de' ICU_RULES '&v << ''w''' CONNECTION");
  });
  it('names none before 15', () => {
    expect(createDatabaseSql({ ...manifest, localeProvider: null, locale: null }, { name: 'a', connectionLimit: 5, serverMajor: 14 })).not.toContain('PROVIDER');
  });
});

import { describe, expect, it } from 'vitest';
import { takeOutSecrets, withoutPlaces } from '#shared/domain/guide/secrets.ts';

describe('secrets of a guide', () => {
  it.each([
    ['an address', 'postgres://shop:Tr0ub4dor-3@db/shop', 'Tr0ub4dor-3'],
    ['a password behind a colon', '- **Password**: Winter-Sun-4711', 'Winter-Sun-4711'],
    ['a password in quotes', 'PGPASSWORD="correct horse battery" psql', 'correct horse battery'],
    ['a password of SQL', "CREATE ROLE x PASSWORD 'Geheim-42'", 'Geheim-42'],
    ['a password in German', 'Das Passwort: Sommer-2026', 'Sommer-2026'],
    ['an access key of AWS', 'key AKIAIOSFODNN7ABCDEFG', 'AKIAIOSFODNN7ABCDEFG'],
    ['a secret key of AWS', 'AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMIK7MDENGbPxRfiCYzz0123456789', 'wJalrXUtnFEMIK7MDENGbPxRfiCYzz0123456789'],
    ['a token of GitHub', 'use ghp_0123456789abcdefABCDEF0123456789abcd', 'ghp_0123456789abcdefABCDEF0123456789abcd'],
    ['a JWT', 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N', 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N'],
    ['a bearer token', 'Authorization: Bearer abcdef0123456789', 'abcdef0123456789'],
    ['a line of .pgpass', 'db.shop.test:5432:shop:admin:S3cret', 'S3cret'],
    ['a hash of a password', 'md5d41d8cd98f00b204e9800998ecf8427e', 'md5d41d8cd98f00b204e9800998ecf8427e'],
  ])('%s is taken out', (_what, line, secret) => {
    const { text, taken } = takeOutSecrets(`before\n${line}\nafter`);
    expect(text).not.toContain(secret);
    expect(text.split('\n')[1]).toContain('⟨secret taken out: line 2⟩');
    expect(taken[0]?.line).toBe(2);
  });

  it.each(['Basic troubleshooting', 'Password resets', 'password: ${DB_PASSWORD}', 'export JWT_SECRET="your-secret-key"', "service_key: '<pagerduty-key>'", '-H "Authorization: Bearer TOKEN"', "SET password = '$2b$10$...'", 'Check API Keys: Verify credentials', 'token: see the vault', 'https://api.shop.test/users/me'])('%s holds none', (line) => {
    expect(takeOutSecrets(line)).toEqual({ text: line, taken: [] });
  });

  it('takes every line of a private key, and no line moves', () => {
    const key = ['-----BEGIN OPENSSH PRIVATE KEY-----', 'b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQ', 'QyNTUxOQAAACBhb3V0b2ZyZWFjaG91dG9mcmVhY2', '-----END OPENSSH PRIVATE KEY-----'];
    const { text } = takeOutSecrets(['one', ...key, 'six'].join('\n'));
    expect(text.split('\n').map((line) => (line.startsWith('⟨') ? 'taken' : line))).toEqual(['one', 'taken', 'taken', 'taken', 'taken', 'six']);
  });

  it('a line with a secret is the same wherever it moved to', () => {
    const [here, further] = ['', '\n\n'].map((before) => withoutPlaces(takeOutSecrets(`${before}PGPASSWORD=Tr0ub4dor`).text).trim());
    expect(further).toBe(here);
  });
});

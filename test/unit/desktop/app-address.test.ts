import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isPageOf, mayOpenOutside } from '#shared/domain/app-address.ts';

const page = { scheme: 'app', host: 'pilothouse' };
const isPage = (address: string): boolean => URL.canParse(address) && isPageOf(page, new URL(address));
const mayOpen = (address: string): boolean => URL.canParse(address) && mayOpenOutside(new URL(address));

describe('the address of the page', () => {
  test.each(['app://pilothouse/', 'app://pilothouse', 'app://pilothouse/#/systems/1/health', 'app://pilothouse/#//evil.example'])('is %s', (address) => {
    expect(isPage(address)).toBe(true);
  });
  test.each([
    'app://pilothouse/index.html',
    'app://pilothouse/?next=1',
    'app://pilothouse.evil.example/',
    'app://evil.example/',
    'app://user@pilothouse/',
    'app://pilothouse:1/',
    'apps://pilothouse/',
    'https://pilothouse/',
    'file:///pilothouse/',
    'javascript:alert(1)',
    'data:text/html,app://pilothouse/',
    'blob:app://pilothouse/1',
    'about:blank',
    '',
  ])('is not %s', (address) => {
    expect(isPage(address)).toBe(false);
  });
});

describe('an address that may be opened in the browser', () => {
  test.each(['https://www.postgresql.org/docs/', 'https://www.postgresql.org/docs/18/app-pgdump.html#PG', 'https://WWW.POSTGRESQL.ORG/docs/current/'])('is %s', (address) => {
    expect(mayOpen(address)).toBe(true);
  });
  test.each([
    'http://www.postgresql.org/docs/',
    'https://www.postgresql.org/',
    'https://www.postgresql.org/docs',
    'https://www.postgresql.org/docs/../download/',
    'https://www.postgresql.org/docs/%2e%2e/download/',
    'https://www.postgresql.org@evil.example/docs/',
    'https://user:secret@www.postgresql.org/docs/',
    'https://www.postgresql.org.evil.example/docs/',
    'https://evil.example/docs/?https://www.postgresql.org/docs/',
    'https://www.postgresql.org:8443/docs/',
    'https://postgresql.org/docs/',
    'ftp://www.postgresql.org/docs/',
    'file:///docs/',
    'smb://www.postgresql.org/docs/',
    'ms-msdt:/id',
    'javascript:location="https://www.postgresql.org/docs/"',
  ])('is not %s', (address) => {
    expect(mayOpen(address)).toBe(false);
  });
  test('is under https and one host, whatever else is made of it', () => {
    fc.assert(
      fc.property(fc.oneof(fc.webUrl({ withQueryParameters: true, withFragments: true }), fc.string()), (address) => {
        if (mayOpen(address)) expect(new URL(address).host).toBe('www.postgresql.org');
      }),
    );
  });
});

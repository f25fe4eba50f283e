import { describe, expect, test } from 'vitest';
import { overlap, whyNotExclusion, whyNotPath } from '#shared/domain/file-set.ts';

describe('a path of a file set', () => {
  test.each(['/', '/etc', '/etc/nginx', '/srv/-x', '/srv/with space', '/srv/...', '/srv/ünï'])('may be %s', (path) => expect(whyNotPath(path)).toBeNull());
  test.each(['etc', '', '/etc/', '/etc//nginx', '/etc/../root', '/etc/./x', '/etc/\0x', '~/x'])('may not be %j', (path) => expect(whyNotPath(path)).not.toBeNull());
  test('is in no other of them', () => {
    expect([overlap(['/etc', '/etcetera']), overlap(['/etc/nginx', '/etc']), overlap(['/srv', '/']), overlap(['/a', '/a'])]).toEqual([null, { above: '/etc', path: '/etc/nginx' }, { above: '/', path: '/srv' }, { above: '/a', path: '/a' }]);
  });
});

describe('what is left out', () => {
  test.each(['/etc/ssl/private', '*.log', 'cache', '?', '.git', '-x'])('may be %s', (pattern) => expect(whyNotExclusion(pattern)).toBeNull());
  test.each(['/', 'var/log', '*.[ch]', 'a\\b', '/etc/', 'a\0b'])('may not be %j', (pattern) => expect(whyNotExclusion(pattern)).not.toBeNull());
});

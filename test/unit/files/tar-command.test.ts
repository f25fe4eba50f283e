import { describe, expect, test } from 'vitest';
import { readTarThere } from '#engine/files/look.ts';
import { judgeTar, tarCommand } from '#engine/files/tar-command.ts';

const gnu = readTarThere('tar (GNU tar) 1.34', 'Usage: tar', true);
const busy = readTarThere('tar (busybox) 1.36.1', 'Usage: tar c|x|t [-ZzJjahmvokO] [-f TARFILE]\n\t-z\t(De)compress using gzip\n\t-X FILE\tFile with names to exclude\n\t--exclude PATTERN', true);
const bare = readTarThere('tar (busybox) 1.35.0', 'Usage: tar\n\t-z\t(De)compress using gzip\n\t--no-recursion', true);
const set = { paths: ['/etc', '/srv/-x'], exclude: ['*.log', '/etc/ssl/private'], oneFileSystem: true };
const seen = { unreadable: new Set<string>(), mounts: ['srv/-x/data'], entries: new Map() };

describe('how tar is called', () => {
  test('GNU tar is told names and whole paths in the way each is meant', () => {
    expect(tarCommand(set, gnu, { ...seen, unreadable: new Set(['etc/[a]*']) })).toEqual({
      compressed: true,
      argv: ['env', '-u', 'TAR_OPTIONS', '-u', 'GZIP', '-u', 'POSIXLY_CORRECT', 'tar', '-c', '-f', '-', '-z', '--format=gnu', '--one-file-system', '-C', '/', '--anchored', '--no-wildcards', '--exclude=etc/ssl/private', '--exclude=etc/[a]*', '--no-anchored', '--wildcards', '--no-wildcards-match-slash', '--exclude=*.log', '--', 'etc', 'srv/-x'],
    });
  });
  test('BusyBox is told where other file systems are, which it cannot see by itself', () => {
    const made = tarCommand(set, busy, seen);
    expect('argv' in made && made.argv.slice(7)).toEqual(['tar', '-c', '-f', '-', '-z', '-C', '/', '--exclude=etc/ssl/private', '--exclude=srv/-x/data', '--exclude=*.log', '--', 'etc', 'srv/-x']);
  });
  test('a BusyBox that can leave nothing out is told every name, or refused where they are too many', () => {
    const few = { ...seen, entries: new Map([['etc', facts], ['etc/a', facts]]) };
    const made = tarCommand(set, bare, few);
    expect('argv' in made && made.argv.slice(7)).toEqual(['tar', '-c', '-f', '-', '-z', '--no-recursion', '-C', '/', '--', 'etc', 'etc/a']);
    const many = new Map(Array.from({ length: 20_000 }, (_, index) => [`etc/${index}`, facts]));
    expect(tarCommand(set, bare, { ...seen, entries: many })).toMatchObject({ why: expect.stringContaining('so many names') as string });
  });
  test('a tar without gzip leaves it to this computer', () => {
    expect(tarCommand(set, readTarThere('tar (GNU tar) 1.34', '', false), seen)).toMatchObject({ compressed: false });
  });
  test('the whole file system is begun in its root', () => {
    const made = tarCommand({ paths: ['/'], exclude: ['/proc'], oneFileSystem: true }, gnu, seen);
    expect('argv' in made && made.argv.slice(14)).toEqual(['-C', '/', '--anchored', '--no-wildcards', '--exclude=./proc', '--', '.']);
  });
});
const facts = { mode: 0o100644, mtime: 0, ctime: 0, size: 0 };

describe('how tar ended', () => {
  const ended = (exitStatus: number | null, signal: string | null = null) => ({ exitStatus, signal });
  test.each<[string, Parameters<typeof judgeTar>, { failed: boolean; changed?: string[]; gone?: string[] }]>([
    ['0 is good', ['gnu', ended(0), []], { failed: false }],
    ['1 of GNU tar says that files changed', ['gnu', ended(1), ['tar: etc/a: file changed as we read it', 'tar: etc/b: File shrank by 10 bytes; padding with zeros', 'tar: etc/c: File removed before we read it']], { failed: false, changed: ['etc/a', 'etc/b'], gone: ['etc/c'] }],
    ['1 of GNU tar without a word of why is a failure', ['gnu', ended(1), []], { failed: true }],
    ['2 is a failure, whatever else it says', ['gnu', ended(2), ['tar: etc/a: file changed as we read it', 'tar: etc/b: Read error at byte 0, while reading 512 bytes: Input/output error', 'tar: Exiting with failure status due to previous errors']], { failed: true, changed: ['etc/a'] }],
    ['1 of BusyBox is taken where files went away', ['busybox', ended(1), ["tar: can't open 'etc/a': No such file or directory", 'tar: error exit delayed from previous errors']], { failed: false, gone: ['etc/a'] }],
    ['1 of BusyBox is a failure where it says anything else', ['busybox', ended(1), ["tar: can't open 'etc/a': No such file or directory", "tar: can't open 'etc/b': Permission denied"]], { failed: true, gone: ['etc/a'] }],
    ['1 of another tar is a failure', ['bsd', ended(1), ['tar: etc/a: file changed as we read it']], { failed: true, changed: ['etc/a'] }],
    ['a signal is a failure', ['gnu', ended(null, 'KILL'), []], { failed: true }],
    ['a shell that says that it was killed is a failure', ['gnu', ended(137), []], { failed: true }],
  ])('%s', (_what, given, { failed, changed = [], gone = [] }) => {
    const verdict = judgeTar(...given);
    expect({ failed: verdict.failed !== null, changed: verdict.changed, gone: verdict.gone }).toEqual({ failed, changed, gone });
  });
});

/** What the settings of a server say about its archive and its data. */
import { describe, expect, test } from 'vitest';
import { judgeRows } from '#test/health-look.ts';

const statusOf = (...parameters: Parameters<typeof judgeRows>) => judgeRows(...parameters).status;

describe('archiving', () => {
  test('off is skipped', () => {
    expect(statusOf('wal-archiving', [{ archive_mode: 'off' }])).toBe('skipped');
  });
  test('failing now is critical even where the backlog is hidden', () => {
    expect(statusOf('wal-archiving', [{ archive_mode: 'on', failing: true, last_failed_wal: '0001', waiting: null }], { shut: ['archive-status'] })).toBe('critical');
  });
  test('not failing, with the backlog hidden, is unknown', () => {
    expect(statusOf('wal-archiving', [{ archive_mode: 'on', failing: false, waiting: null }], { shut: ['archive-status'] })).toBe('unknown');
  });
  const notFailing = (changes: Record<string, unknown>) => ({ archive_mode: 'on', failing: false, waiting: '3', ...changes });
  test('on, with nothing that says where to, is critical, though Postgres counts no failure', () => {
    expect(judgeRows('wal-archiving', [notFailing({ archive_command: '', archive_library: '' })])).toMatchObject({ status: 'critical', value: 3, summary: '3 waiting: archive_mode is on, and neither archive_command nor archive_library says where to' });
  });
  test.each([[{ archive_command: 'cp %p /archive/%f', archive_library: '' }], [{ archive_command: '', archive_library: 'basic_archive' }]])('by a command or by a library is both archiving: %o', (settings) => {
    expect(statusOf('wal-archiving', [notFailing(settings)])).toBe('ok');
  });
  test.each([[{ archive_command: null, archive_library: null }], [{ archive_command: '', archive_library: null }]])('to who knows where is unknown, with the grant: %o', (settings) => {
    expect(judgeRows('wal-archiving', [notFailing(settings)])).toMatchObject({ status: 'unknown', opener: expect.stringContaining('pg_monitor') });
  });
  test('before there were libraries, the command alone tells', () => {
    expect(statusOf('wal-archiving', [notFailing({ archive_command: '', archive_library: null })], { server: { major: 14 } })).toBe('critical');
  });
  test('on a standby the primary archives', () => {
    expect(statusOf('wal-archiving', [{ archive_mode: 'on', waiting: '0' }], { server: { standby: true } })).toBe('skipped');
  });
});

describe('configuration', () => {
  const setting = (name: string, value = 'on', pending_restart = false) => ({ name, setting: value, pending_restart, source: 'configuration file' });
  const allOn = [...['autovacuum', 'fsync', 'full_page_writes', 'track_counts'].map((name) => setting(name)), ...['ignore_checksum_failure', 'zero_damaged_pages'].map((name) => setting(name, 'off'))];
  test('fsync off is critical', () => {
    expect(statusOf('settings', [...allOn.filter((row) => row.name !== 'fsync'), setting('fsync', 'off')])).toBe('critical');
  });
  test.each(['zero_damaged_pages', 'ignore_checksum_failure'])('%s on is critical, and named', (name) => {
    expect(judgeRows('settings', [...allOn.filter((row) => row.name !== name), setting(name)])).toMatchObject({ status: 'critical', summary: expect.stringMatching(`${name} is on, so .*every backup too`) });
  });
  test('what waits for a restart warns', () => {
    expect(statusOf('settings', [...allOn, setting('max_connections', '100', true)])).toBe('warn');
  });
  test('all on is ok only for who sees all settings', () => {
    expect([judgeRows('settings', allOn).status, judgeRows('settings', allOn, { shut: ['settings'] }).status]).toEqual(['ok', 'unknown']);
  });
  test('off for a role hides what is on for all others, so it is unknown, and what would show it is said', () => {
    const hidden = { ...setting('zero_damaged_pages', 'unseen'), source: 'user', role: 'watcher', database: null };
    expect(judgeRows('settings', [...allOn.filter((row) => row.name !== 'zero_damaged_pages'), hidden])).toMatchObject({ status: 'unknown', summary: expect.stringContaining("The server's own zero_damaged_pages could not be seen"), opener: 'ALTER ROLE "watcher" RESET zero_damaged_pages;' });
  });
  test('what hides damage is unknown where the settings of roles and databases are hidden', () => {
    expect(judgeRows('settings', allOn, { shut: ['role-settings'] })).toMatchObject({ status: 'unknown', opener: expect.stringContaining('GRANT SELECT ON pg_catalog.pg_db_role_setting TO "watcher";') });
  });
  test('where there are no checksums, nothing is asked about those that do not match', () => {
    expect(statusOf('settings', allOn.filter((row) => row.name !== 'ignore_checksum_failure'))).toBe('ok');
  });
  test('a setting that did not come back is not taken for on', () => {
    expect(statusOf('settings', allOn.slice(1))).toBe('unknown');
  });
});

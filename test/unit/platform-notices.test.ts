import { expect, test } from 'vitest';
import { platformNotices } from '#engine/settings/app-room.ts';

test('Windows, where a file is not closed to others by its mode, says so', () => {
  expect([platformNotices('win32').join(' '), platformNotices('linux'), platformNotices('darwin')]).toEqual([expect.stringContaining('protected only by the folder of your profile'), [], []]);
});

import { createRequire } from 'node:module';
import { describe, expect, it, vi } from 'vitest';

const { ensurePrograms } = createRequire(import.meta.url)('../../scripts/bootstrap/programs.cjs') as { ensurePrograms: (names: readonly string[], options: { required: boolean }) => Promise<void> };

describe('the programs that the tests need', () => {
  it.each([
    ['darwin', ['busybox']],
    ['win32', ['busybox', 'dropbear', 'gpg', 'sshd', 'sudo']],
  ] as const)('on %s are not those that there are none of', async (platform, names) => {
    vi.stubEnv('PATH', '');
    vi.spyOn(process, 'platform', 'get').mockReturnValue(platform);
    vi.spyOn(process, 'getuid').mockReturnValue(1000);
    await expect(ensurePrograms(names, { required: true })).resolves.toBeUndefined();
    vi.spyOn(process, 'platform', 'get').mockReturnValue('linux');
    await expect(ensurePrograms(['busybox'], { required: true })).rejects.toThrow('busybox is not on this machine');
  });
});

/** What a page may do in the Chromium of the tests is what the application's handlers let it do. */
import type { BrowserContext } from 'playwright-core';

/** Names of Electron's handlers, and what Chromium calls the same. */
const names: Record<string, readonly string[]> = {
  geolocation: ['geolocation'],
  notifications: ['notifications'],
  media: ['camera', 'microphone'],
  midi: ['midi'],
  'clipboard-read': ['clipboard-read'],
  'clipboard-sanitized-write': ['clipboard-write'],
  'background-sync': ['background-sync'],
  'storage-access': ['storage-access'],
  'local-fonts': ['local-fonts'],
};

/** Grants what is permitted, and denies everything else. */
export async function setPermissions(context: BrowserContext, url: string, isPermitted: (permission: string) => Promise<boolean>): Promise<void> {
  const granted: string[] = [];
  for (const [electron, chromium] of Object.entries(names)) if (await isPermitted(electron)) granted.push(...chromium);
  await context.grantPermissions(granted, { origin: new URL(url).origin });
}

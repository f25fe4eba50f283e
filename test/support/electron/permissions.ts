/** What a page may do in the Chromium of the tests is what the application's handlers let it do. */
import type { Browser, Page } from 'playwright-core';

/** Names of Electron's handlers, and what Chromium calls the same. */
const names: Record<string, readonly { name: string; allowWithoutSanitization?: boolean }[]> = {
  geolocation: [{ name: 'geolocation' }],
  notifications: [{ name: 'notifications' }],
  media: [{ name: 'camera' }, { name: 'microphone' }],
  midi: [{ name: 'midi' }],
  'clipboard-read': [{ name: 'clipboard-read' }],
  'clipboard-sanitized-write': [{ name: 'clipboard-write', allowWithoutSanitization: false }],
  'idle-detection': [{ name: 'idle-detection' }],
  'persistent-storage': [{ name: 'persistent-storage' }],
  'local-fonts': [{ name: 'local-fonts' }],
  'window-management': [{ name: 'window-management' }],
};

export async function grantPermissions(browser: Browser, page: Page, url: string, isPermitted: (permission: string) => Promise<boolean>): Promise<void> {
  const pageSession = await page.context().newCDPSession(page);
  const { targetInfo } = await pageSession.send('Target.getTargetInfo');
  await pageSession.detach();
  const session = await browser.newBrowserCDPSession();
  for (const [electron, permissions] of Object.entries(names)) {
    const setting = (await isPermitted(electron)) ? 'granted' : 'denied';
    for (const permission of permissions) await session.send('Browser.setPermission', { permission, setting, origin: new URL(url).origin, ...(targetInfo.browserContextId === undefined ? {} : { browserContextId: targetInfo.browserContextId }) });
  }
  await session.detach();
}

import { describe, expect, it } from 'vitest';
import { useConsole, type ConsoleInTest } from '#test/web/use-console.ts';

const open = async ({ go, page }: ConsoleInTest) => {
  await go('/operations/op-running');
  await page.getByRole('log').getByText('REPEATABLE READ').or(page.getByRole('log').getByText('rows').first()).first().waitFor();
};
const shows = ({ page }: ConsoleInTest, text: string) => page.getByRole('log').getByText(text, { exact: true });

/** Cuts every socket the page has, as a lost connection does. */
const cut = ({ page }: ConsoleInTest) => page.evaluate(() => (window as unknown as { sockets: WebSocket[] }).sockets.forEach((socket) => socket.close()));
const watchSockets = ({ page }: ConsoleInTest) =>
  page.addInitScript(() => {
    const sockets: WebSocket[] = [];
    (window as unknown as { sockets: WebSocket[] }).sockets = sockets;
    window.WebSocket = class extends WebSocket {
      constructor(url: string | URL) {
        super(url);
        sockets.push(this);
      }
    };
  });

describe('a live log', () => {
  const at = useConsole({ logLines: 400 });

  it('follows its end', async () => {
    await open(at());
    at().fixture.engine.say('op-running', 'the newest line');
    await shows(at(), 'the newest line').waitFor();
    expect(await at().page.getByRole('button', { name: 'Following' }).getAttribute('aria-pressed')).toBe('true');
  });

  it('stays where one reads once one scrolls up', async () => {
    await open(at());
    const { page, fixture } = at();
    await page.getByRole('log').hover();
    await page.mouse.wheel(0, -2000);
    await page.getByRole('button', { name: 'Jump to latest' }).waitFor();
    const before = await page.getByRole('log').evaluate((log) => log.scrollTop);
    fixture.engine.say('op-running', 'a line far below');
    await page.getByText('409 lines').waitFor();
    expect(await page.getByRole('log').evaluate((log) => log.scrollTop)).toBe(before);
  });

  it('jumps to the latest and follows again', async () => {
    await open(at());
    const { page, fixture } = at();
    await page.getByRole('log').hover();
    await page.mouse.wheel(0, -2000);
    await page.getByRole('button', { name: 'Jump to latest' }).click();
    fixture.engine.say('op-running', 'the newest line');
    await shows(at(), 'the newest line').waitFor();
    expect(await page.getByRole('button', { name: 'Following' }).count()).toBe(1);
  });

  it('shows warnings and worse alone', async () => {
    await open(at());
    const { page } = at();
    await page.getByRole('button', { name: 'Warn and worse' }).click();
    await page.getByText('1 of 408 lines').waitFor();
    expect(await page.locator('.log .line').allInnerTexts()).toHaveLength(1);
  });

  it('counts as warn or worse what its button shows', async () => {
    await open(at());
    const { page, fixture } = at();
    fixture.engine.say('op-running', 'something could not be read', 'error');
    await page.getByText('409 lines, 2 warn or worse', { exact: true }).waitFor();
    await page.getByRole('button', { name: 'Warn and worse' }).click();
    await page.getByText('2 of 409 lines, 2 warn or worse', { exact: true }).waitFor();
    expect(await page.locator('.log .line').count()).toBe(2);
  });

  it('finds words also in what a line opens', async () => {
    await open(at());
    const { page } = at();
    await page.getByLabel('Filter the log').fill('built-in OID');
    await page.getByText('1 of 408 lines').waitFor();
    await page.locator('.log .line').click();
    expect(await page.locator('.log .more').innerText()).toContain('last built-in OID is 16383');
  });

  it('never obeys a terminal escape', async () => {
    await open(at());
    at().fixture.engine.say('op-running', '\u001b[31mred\u001b[0m \u001b]0;title\u0007and <b>bold</b>');
    await shows(at(), 'red and <b>bold</b>').waitFor();
    expect(await at().page.locator('.log b').count()).toBe(0);
  });

  it('loses and repeats nothing over a lost connection', async () => {
    const { page, fixture } = at();
    await watchSockets(at());
    await page.reload();
    await open(at());
    await cut(at());
    fixture.engine.say('op-running', 'said while nobody heard');
    await shows(at(), 'said while nobody heard').waitFor();
    expect(await page.getByRole('status').getByText('409 lines').count()).toBe(1);
  });

  it('loses nothing over a reload', async () => {
    await open(at());
    const { page, fixture } = at();
    fixture.engine.say('op-running', 'said before the reload');
    await page.reload();
    await shows(at(), 'said before the reload').waitFor();
    expect(await page.getByText('409 lines').count()).toBe(1);
  });
});

describe('what came of an operation', () => {
  const at = useConsole();
  const outcomeWith = async (warnings: number) => {
    const { page, go, fixture } = at();
    fixture.engine.state.operations = fixture.engine.state.operations.map((operation) => (operation.id === 'op-failed' ? { ...operation, warnings } : operation));
    await go('/operations/op-failed');
    await page.getByText('Took', { exact: true }).waitFor();
    return page.locator('.stats').innerText();
  };

  it('counts its warnings', async () => {
    expect((await outcomeWith(2)).replaceAll(/\s+/g, ' ')).toMatch(/Warnings 2$/i);
  });
  it('says nothing of warnings where it has none: beside a log that counts lines it would read as if one were wrong', async () => {
    expect(await outcomeWith(0)).not.toMatch(/warnings/i);
  });
});

describe('a log of 100 000 lines', () => {
  const at = useConsole({ logLines: 100_000 });

  it('draws only the lines that can be seen', async () => {
    const { page, go } = at();
    await go('/operations/op-running');
    await page.getByText('100,008 lines').waitFor();
    expect(await page.locator('.log .line').count()).toBeLessThan(120);
  });
});

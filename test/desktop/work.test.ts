import { describe, expect, it } from 'vitest';
import type { EngineClient } from '#shared/contract/index.ts';
import { isFinished } from '#shared/domain/operation-state.ts';
import { useDesktop } from '#test/desktop/use-desktop.ts';
import { waitFor } from '#test/wait-for.ts';

const workTitle = 'Build and start the practice system';

/** Starts the practice system, which takes some seconds. @returns its operation */
async function startPractice(client: EngineClient): Promise<string> {
  const { plan } = await client.call('practice.plan', { action: 'up' });
  return (await client.call('operation.run', { planId: plan.id, token: plan.token })).operationId;
}

describe('work that is under way', () => {
  const at = useDesktop();

  it('keeps the computer awake until it is done, and is told to whoever does not look, who is led to it', async () => {
    const { open, attach } = at();
    const { screen, page } = await open();
    const { id } = (await screen.window()) ?? { id: 0 };
    const client = await attach();
    const idle = await screen.hands.blockers();
    await screen.hands.blurWindow(id);
    const operationId = await startPractice(client);
    const during = await waitFor('the computer to be kept awake', async () => {
      const blockers = await screen.hands.blockers();
      return blockers.length > 0 && blockers;
    });
    const told = await waitFor('its notification', async () => (await screen.hands.notifications()).find(({ title }) => title === workTitle), { within: 60_000 });
    await waitFor('the computer to be let go', async () => (await screen.hands.blockers()).length === 0);
    await screen.hands.clickNotification(workTitle);
    await page.waitForFunction((wanted) => window.location.hash === wanted, `#/operations/${operationId}`);
    expect({ idle, during, told, focused: (await screen.window())?.focused }).toEqual({ idle: [], during: ['prevent-app-suspension'], told: { title: workTitle, body: expect.stringContaining('Practice is ready'), open: true }, focused: true });
  });

  it('is not told to whoever looks at the window, and what needs a person is counted on its badge', async () => {
    const { open, attach } = at();
    const { screen } = await open();
    const client = await attach();
    const before = (await screen.hands.appState()).badge;
    const operationId = await startPractice(client);
    await waitFor('its end', async () => isFinished((await client.call('operation.get', { operationId })).operation.state), { within: 60_000 });
    const { needs } = await client.call('overview.get', {});
    await waitFor('the badge', async () => (await screen.hands.appState()).badge === needs.length);
    expect({ before, some: needs.length > 0, told: await screen.hands.notifications() }).toEqual({ before: 0, some: true, told: [] });
  });

  it('hears that the computer goes to sleep, and that it woke up', async () => {
    const { open, attach } = at();
    const { screen } = await open();
    const client = await attach();
    const operationId = await startPractice(client);
    await waitFor('work', async () => (await screen.hands.blockers()).length > 0);
    await screen.hands.power('suspend');
    await screen.hands.power('resume');
    const heard = await waitFor('both in its log', async () => {
      const { events } = await client.call('operation.events', { operationId, afterSeq: 0, limit: 500 });
      const lines = events.flatMap((event) => (event.kind === 'log' && /sleep|slept/.test(event.text) ? [event.text] : []));
      return lines.length === 2 && lines;
    });
    expect(heard).toEqual([expect.stringContaining('goes to sleep'), expect.stringContaining('slept')]);
  });

  it('is asked about before the application quits, goes on where that is refused, and is cancelled and cleaned up where it is not', async () => {
    const { open, attach } = at();
    const { screen } = await open();
    const client = await attach();
    const operationId = await startPractice(client);
    await waitFor('work', async () => (await screen.hands.blockers()).length > 0);
    await screen.closeWindow();
    const asked = await screen.answerDialog({ response: 1, checkboxChecked: false });
    const { state } = (await client.call('operation.get', { operationId })).operation;
    await screen.hands.quit();
    await screen.answerDialog({ response: 0, checkboxChecked: false });
    const ended = await screen.process.ended;
    const again = await open();
    const { operation } = await (await attach()).call('operation.get', { operationId });
    expect({ asked, state, ended, after: operation.state, output: again.screen.process.output().stderr }).toEqual({
      asked: { kind: 'message', window: expect.any(Number), options: expect.objectContaining({ message: 'Cancel what is under way and quit?', buttons: ['Cancel it and quit', 'Keep working'], defaultId: 1, cancelId: 1, detail: expect.stringContaining(`• ${workTitle}`) }) },
      state: 'running',
      ended: { status: 0, signal: null },
      after: 'cancelled',
      output: '',
    });
  });
  it('is asked about where it is seen, also when the window was minimised', async () => {
    const { open, attach } = at();
    const { screen } = await open();
    const { id } = (await screen.window()) ?? { id: 0 };
    await startPractice(await attach());
    await waitFor('work', async () => (await screen.hands.blockers()).length > 0);
    await screen.hands.minimizeWindow(id);
    await screen.hands.quit();
    const { window } = await waitFor('the question', async () => (await screen.hands.dialogs())[0]);
    const { minimized } = (await screen.window()) ?? { minimized: true };
    await screen.answerDialog({ response: 1, checkboxChecked: false });
    expect([window, minimized]).toEqual([id, false]);
  });
  it('is cancelled unasked where the terminal or the system ends the application', async () => {
    const { open, attach } = at();
    const { screen } = await open();
    const operationId = await startPractice(await attach());
    await waitFor('work', async () => (await screen.hands.blockers()).length > 0);
    screen.process.signal('SIGINT');
    const ended = await screen.process.ended;
    await open();
    const { operation } = await (await attach()).call('operation.get', { operationId });
    expect({ ended, state: operation.state }).toEqual({ ended: { status: 0, signal: null }, state: 'cancelled' });
  });
});

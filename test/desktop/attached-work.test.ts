import { describe, expect, it } from 'vitest';
import { isFinished } from '#shared/domain/operation-state.ts';
import { useDesktop } from '#test/desktop/use-desktop.ts';
import { startConsole } from '#test/processes-of-ours.ts';
import { waitFor } from '#test/wait-for.ts';

describe('work of an engine that another process has started', () => {
  const at = useDesktop();

  it('keeps the computer awake, and goes on when the window is closed, which asks nothing that would not be so', async () => {
    const { home, open, attach } = at();
    await startConsole(home);
    const { screen } = await open();
    const client = await attach();
    const { plan } = await client.call('practice.plan', { action: 'up' });
    const { operationId } = await client.call('operation.run', { planId: plan.id, token: plan.token });
    await waitFor('the computer to be kept awake', async () => (await screen.hands.blockers()).length > 0);
    await screen.closeWindow();
    const ended = await screen.process.ended;
    const { operation } = await waitFor('its end', async () => {
      const got = await client.call('operation.get', { operationId });
      return isFinished(got.operation.state) && got;
    }, { within: 60_000 });
    expect({ ended, state: operation.state }).toEqual({ ended: { status: 0, signal: null }, state: 'succeeded' });
  });
});

import { describe, expect, it } from 'vitest';
import { isFinished } from '#shared/domain/operation-state.ts';
import { useDesktop } from '#test/desktop/use-desktop.ts';
import { waitFor } from '#test/wait-for.ts';

describe('the application on Windows', () => {
  const at = useDesktop();

  it('shows on its button in the task bar that something needs a person, and what', async () => {
    const { open, attach } = at();
    const { screen } = await open({ surroundings: { platform: 'win32' } });
    const client = await attach();
    const { plan } = await client.call('practice.plan', { action: 'up' });
    const { operationId } = await client.call('operation.run', { planId: plan.id, token: plan.token });
    await waitFor('its end', async () => isFinished((await client.call('operation.get', { operationId })).operation.state), { within: 60_000 });
    const [need] = (await client.call('overview.get', {})).needs;
    const overlay = await waitFor('the picture', async () => (await screen.window())?.overlay);
    expect(overlay).toEqual({ description: expect.stringMatching(/^(?:1 needs|\d+ need) you\. /), size: { width: 16, height: 16 } });
    expect(overlay.description).toContain(need?.text);
  });
});

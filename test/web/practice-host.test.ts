import { describe, expect, it } from 'vitest';
import { useConsole } from '#test/web/use-console.ts';

describe('the practice panel', () => {
  const at = useConsole();

  it('says where the SSH host answers, and for how long', async () => {
    const { page, go, fixture } = at();
    fixture.engine.state.practiceRuns = true;
    await go('/systems/sys-practice');
    const panel = page.getByRole('region', { name: 'The practice server' });
    await panel.getByText('SSH host').waitFor();
    expect(await panel.getByText('port 55433, on this computer only and for one key, as long as Pilothouse runs').count()).toBe(1);
  });

  it('says of traffic inside Pilothouse that it stops with it', async () => {
    const { page, go, fixture } = at();
    fixture.engine.state.trafficInside = true;
    fixture.engine.change({ topics: ['practice'] });
    await go('/systems/sys-practice');
    const panel = page.getByRole('region', { name: 'The practice server' });
    await panel.getByText('SSH host').waitFor();
    expect(await panel.getByText('about one or two a second, as long as Pilothouse runs').count()).toBe(1);
  });
});

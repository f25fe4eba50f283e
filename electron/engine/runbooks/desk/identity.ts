/** Who is there, asked at the moment of sending: a runbook changes nothing on a machine or a cluster that is not the one it was begun for. */
import { PilothouseError } from '#shared/domain/errors.ts';
import type { Binding } from '#shared/domain/runbook/walkthrough.ts';
import type { EngineContext } from '../../engine-context.ts';
import { fingerprintOf } from '../../ssh/host-key.ts';
import type { Binder } from './binding.ts';

/**
 * @throws runbook.target-changed; what connecting throws. Nothing was sent then.
 */
export async function requireSameTarget(context: Pick<EngineContext, 'hosts' | 'postgres' | 'targetOf'>, binder: Pick<Binder, 'trouble' | 'words'>, binding: Binding, signal: AbortSignal): Promise<void> {
  const trouble = binder.trouble(binding);
  if (trouble !== null) throw changed(trouble);
  if (binding.kind === 'ssh' && binding.fingerprint !== null) {
    const shown = await context.hosts.use(binding.hostId, async ({ hops }) => fingerprintOf(hops.at(-1)?.hostKey ?? { type: '', key: '' }), signal, 'tunnel');
    if (shown !== binding.fingerprint) throw changed(`${binder.words(binding)} shows the key ${shown}, and showed ${binding.fingerprint} when this was begun.`);
  }
  if (binding.kind === 'postgres' && binding.systemIdentifier !== null) {
    const { systemIdentifier } = await context.postgres.identify(context.targetOf(binding.databaseId));
    if (systemIdentifier !== binding.systemIdentifier) throw changed(`${binder.words(binding)} is on the cluster ${systemIdentifier}, and was on ${binding.systemIdentifier} when this was begun.`);
  }
}

function changed(message: string): PilothouseError {
  return new PilothouseError('runbook.target-changed', `${message} Nothing was sent.`, { hint: 'See which machine it is. Where it is right, begin the runbook anew for it; what was done so far stays in the record.' });
}

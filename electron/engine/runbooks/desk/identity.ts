/** Who is there, asked at the moment of sending: a runbook changes nothing on a machine or a cluster that is not the one it was begun for. */
import { hasCode, PilothouseError } from '#shared/domain/errors.ts';
import type { Binding } from '#shared/domain/runbook/walkthrough.ts';
import type { EngineContext } from '../../engine-context.ts';
import { fingerprintOf } from '../../ssh/host-key.ts';
import type { Binder } from './binding.ts';

/** As far as is known here: for what looks there itself before it does anything. @throws runbook.target-changed */
export function requireUnchanged(binder: Pick<Binder, 'trouble'>, binding: Binding): void {
  const trouble = binder.trouble(binding);
  if (trouble !== null) throw changed(trouble);
}

/**
 * Of one that nobody had connected to when the walkthrough was begun, it is told who is there.
 * @param database the one of the same cluster that is sent to; null: the one itself, which may be lost
 * @returns it with its identity, as far as it can be told
 * @throws runbook.target-changed; what connecting throws. Nothing was sent then.
 */
export async function requireSameTarget(context: Pick<EngineContext, 'hosts' | 'postgres' | 'targetOf'>, binder: Pick<Binder, 'trouble' | 'words' | 'mayShow'>, binding: Binding, signal: AbortSignal, database: string | null = null): Promise<Binding> {
  requireUnchanged(binder, binding);
  if (binding.kind === 'ssh') {
    const fingerprint = await context.hosts.use(binding.hostId, async ({ hops }) => fingerprintOf(hops.at(-1)?.hostKey ?? { type: '', key: '' }), signal, 'tunnel');
    if (!binder.mayShow(binding, fingerprint)) throw changed(`${binder.words(binding)} shows the key ${fingerprint}, and showed ${binding.fingerprint} when this was begun.`);
    return { ...binding, fingerprint: binding.fingerprint ?? fingerprint };
  }
  if (binding.kind === 'postgres') {
    const target = context.targetOf(binding.databaseId);
    try {
      const { systemIdentifier } = await context.postgres.identify(database === null ? target : { ...target, connection: { ...target.connection, database } });
      if (binding.systemIdentifier !== null && systemIdentifier !== binding.systemIdentifier) throw changed(`${binder.words(binding)} is on the cluster ${systemIdentifier}, and was on ${binding.systemIdentifier} when this was begun.`);
      return { ...binding, systemIdentifier };
    } catch (error) {
      // Some servers tell nobody which cluster they are: then nobody knew at the start either.
      if (binding.systemIdentifier === null && hasCode(error, 'postgres.privilege')) return binding;
      throw error;
    }
  }
  return binding;
}

function changed(message: string): PilothouseError {
  return new PilothouseError('runbook.target-changed', `${message} Nothing was sent.`, { hint: 'See which machine it is. Where it is right, begin the runbook anew for it; what was done so far stays in the record.' });
}

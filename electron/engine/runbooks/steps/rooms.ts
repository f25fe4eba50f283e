/** What the executors need of the rest of the engine. */
import type { Secret } from '#shared/domain/secret.ts';
import type { EngineContext } from '../../engine-context.ts';
import type { HostLines } from '../../ssh/lines.ts';

export interface StepRooms {
  context: Pick<EngineContext, 'ports' | 'hosts' | 'home' | 'postgres' | 'targetOf' | 'pin' | 'store'>;
  /** What is reached through hosts. */
  lines: HostLines;
  /** Milliseconds after its timeout for which a job that cannot be reached is asked for still. */
  graceMs: number;
}

export interface HostSecrets {
  /** For sudo; null where it has to do without. @throws store.not-found, ssh.sudo-password-needed, ssh.password-needed; vault.absent, vault.locked */
  sudoPassword(hostId: string): Promise<Secret | null>;
}

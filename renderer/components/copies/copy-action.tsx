import type { Backup } from '#shared/contract/backups.ts';
import { LinkButton } from '../button.tsx';
import { localStamp } from '../format.ts';
import { paths } from '../paths.ts';

/** What to do with a copy in a list: restore it, or see why that cannot be. */
export function CopyAction({ backup, systemId, primary = false }: { backup: Backup; systemId: string; primary?: boolean }) {
  const words = `${backup.database} of ${localStamp(backup.takenAt)}`;
  if (backup.damaged !== null) return <LinkButton look="quiet" size="sm" to={paths.backup(systemId, backup.id)} aria-label={`See why ${words} is damaged`}>See why</LinkButton>;
  return <LinkButton {...(primary ? { look: 'primary' as const } : { look: 'quiet' as const, size: 'sm' as const })} to={paths.restoreNew(systemId, backup.id)} aria-label={`Restore ${words}`}>Restore…</LinkButton>;
}

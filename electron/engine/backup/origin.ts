/** Where a backup comes from, and what it means to run what it holds. Pure. */
import type { PlanFinding } from '#shared/contract/operations.ts';

/**
 * A folder can be put among the others by anybody who may write there, with whatever proof it claims.
 * @param server with the role as which the backup would be restored
 */
export function originFindings(isMadeHere: boolean, server: { user: string; superuser: boolean }): PlanFinding[] {
  if (isMadeHere) return [];
  return [
    {
      state: 'warn',
      title: 'This backup was not made by this Pilothouse',
      detail: `Restoring runs the SQL it holds as ${server.user}${server.superuser ? ', who may do anything on that server' : ''}. How far it was verified is what its folder says.`,
      fix: 'Make sure that you know where it comes from.',
    },
  ];
}

import type { z } from 'zod';
import type { Register } from '../command.ts';
import type { practiceDocument } from '../documents.ts';
import { runPlanToSuccess } from '../run-plan.ts';
import type { Session } from '../session.ts';
import { bytes } from '../text.ts';

async function status(session: Session): Promise<{ document: z.infer<typeof practiceDocument>; text: string }> {
  const practice = await session.call('practice.status', {});
  const where = practice.port === null ? '' : ` on 127.0.0.1:${practice.port}, Postgres ${practice.serverVersion ?? 'unknown'}${practice.sizeBytes === null ? '' : `, ${bytes(practice.sizeBytes)}`}${practice.traffic ? `, with traffic${practice.trafficInside ? ' as long as Pilothouse runs' : ''}` : ''}`;
  const host = practice.hostPort === null ? '' : ` Its SSH host answers on port ${practice.hostPort} as long as Pilothouse runs.`;
  const reason = practice.reason === null ? '' : `: ${practice.reason}`;
  const planted = practice.state === 'running' && practice.planted.length > 0 ? `\nPlanted for health to find: ${practice.planted.map((fault) => fault.check).join(', ')}.` : '';
  return { document: { practice }, text: `The practice system is ${practice.state}${where}${reason}. It lives in ${practice.folder}.${host}${planted}` };
}

export const registerPractice: Register = (program, act) => {
  const practice = program.command('practice').description('a throw-away system on this computer to learn and test on');
  const actions = { up: 'make it if need be, and start it', down: 'stop it; its data stays', reset: 'throw it away and make it anew', remove: 'throw it away for good (needs --confirm NAME); its history and backups stay' } as const;
  for (const action of ['up', 'down', 'reset', 'remove'] as const) {
    practice
      .command(action)
      .description(actions[action])
      .action(
        act(async (session) => {
          const { plan } = await session.call('practice.plan', { action });
          await runPlanToSuccess(session, plan);
          return status(session);
        }),
      );
  }
  practice.command('status').description('whether it stands, and where').action(act(status));
};

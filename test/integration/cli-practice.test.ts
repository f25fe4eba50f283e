import { describe, expect, onTestFinished, test } from 'vitest';
import { backupDocument, healthDocument, historyDocument, practiceDocument, restoreDocument } from '../../electron/cli/documents.ts';
import { removePractice } from '#test/practice.ts';
import { startProgram } from '#test/processes-of-ours.ts';
import { temporaryFolder } from '#test/temporary-folder.ts';

describe('from nothing to a proven backup by the command line', () => {
  test('a person gets there with five commands, and leaves nothing running', async () => {
    const home = await temporaryFolder('tour');
    const run = async (...args: string[]): Promise<{ status: number | null; document: unknown; said: string }> => {
      const program = startProgram('electron/cli/main.ts', ['--home', home, '--json', ...args]);
      const { status } = await program.ended;
      return { status, document: JSON.parse(program.output().stdout), said: program.output().stderr };
    };
    onTestFinished(() => removePractice(home));

    const up = await run('practice', 'up');
    expect(practiceDocument.parse(up.document).practice.state).toBe('running');

    const health = await run('health', 'Practice');
    const { status, results } = healthDocument.parse(health.document);
    expect([health.status, status, results[0]?.status]).toEqual([2, 'critical', 'critical']);

    const { backup } = backupDocument.parse((await run('backup', 'run', 'practice')).document);
    expect([backup.proof, backup.rows > 100_000]).toEqual(['L3', true]);

    const restored = await run('restore', 'run', '--backup', backup.id, '--into', 'shop__new');
    expect(restoreDocument.parse(restored.document).restore).toMatchObject({ outcome: 'clean', equal: true, differences: [] });

    const { events } = historyDocument.parse((await run('history', 'search', 'pg_restore')).document);
    expect(events.length).toBeGreaterThan(0);

    const down = await run('practice', 'down');
    expect(practiceDocument.parse(down.document).practice.state).toBe('stopped');
  }, 180_000);
});

import type { PostgresCheck } from '../check.ts';
import { duration } from '../figures.ts';
import { against, evidence } from '../findings.ts';
import { proofWords } from '#shared/domain/proof.ts';

const hourMs = 3_600_000;

export const lastBackup: PostgresCheck = {
  about: {
    id: 'last-backup',
    title: 'Newest proven backup',
    group: 'backups',
    unit: 'hours',
    warn: 26,
    critical: 50,
    source: 'own: 26 / 50 h; proven means restored and counted',
    question: 'How old is the newest backup that was restored and counted?',
    meaning: 'What was written since then would be lost with the server. A backup that was never restored is a hope, not a backup.',
    causes: ['Nobody made one, or the schedule stopped', 'Backups are made but not proved', 'The newest ones failed their proof'],
    needs: 'nothing on the server: the catalogue of Pilothouse is asked',
  },
  scope: 'managed',
  notOnStandby: null,
  eyes: [],
  statement: null,
  judge(_rows, look) {
    const { newest, newestProven } = look.backups;
    const all = [newest, newestProven].filter((backup, index, both) => backup !== null && both.findIndex((other) => other?.id === backup.id) === index);
    const shown = evidence(
      all.flatMap((backup) => (backup === null ? [] : [backup])),
      { taken: (backup) => backup.takenAt, proof: (backup) => (backup.proof === null ? 'none' : proofWords[backup.proof]), rows: (backup) => backup.rows, damaged: (backup) => backup.damaged, folder: (backup) => backup.path },
    );
    const fix = { where: 'console' as const, do: newest === null || newest.damaged !== null || newest.id === newestProven?.id ? `Back up ${look.target} and prove it (L3)` : `Prove the newest backup of ${look.target} (L3)`, undo: null, note: 'A backup reads only; proving it restores it into a scratch database, counts, and drops that again.' };
    if (newest === null) {
      return { status: 'critical', value: null, summary: 'No backup of this database is known to Pilothouse', meaning: 'If the server is lost, everything in this database is. Backups made by other tools are not counted: nothing was proved about them.', evidence: shown, fix };
    }
    if (newestProven === null) {
      return { status: 'critical', value: null, summary: `No backup of this database was ever restored and counted; the newest is ${duration((look.now - Date.parse(newest.takenAt)) / 1000)} old`, meaning: 'There are files, and nobody knows whether a database can be made of them.', evidence: shown, fix };
    }
    const hours = (look.now - Date.parse(newestProven.takenAt)) / hourMs;
    if (hours < 0) {
      return { status: 'unknown', value: null, summary: `The newest proven backup is dated ${duration(-hours * 3600)} in the future: the clock of this computer has jumped`, opener: 'Set the clock of this computer right.', evidence: shown };
    }
    const status = against(hours, look);
    const value = Math.round(hours * 10) / 10;
    return {
      status,
      value,
      summary: `${duration(hours * 3600)} since the newest proven backup${newest.damaged === null ? '' : '; a newer one is damaged'}`,
      ...(status === 'ok' ? { meaning: `If the server were lost now, at most that much would be lost with it.` } : {}),
      evidence: shown,
      fix: status === 'ok' ? null : fix,
    };
  },
};

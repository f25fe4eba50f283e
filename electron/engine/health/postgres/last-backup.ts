import type { Fix } from '#shared/contract/common.ts';
import type { Finding, PostgresCheck } from '../check.ts';
import { duration } from '../figures.ts';
import { evidence, unknown } from '../findings.ts';
import { backupStanding } from '#shared/domain/backup-standing.ts';
import { proofWords } from '#shared/domain/proof.ts';

export const lastBackup: PostgresCheck = {
  about: {
    id: 'last-backup',
    title: 'Newest proven backup',
    group: 'backups',
    unit: 'hours',
    warn: 26,
    critical: 50,
    source: 'own: 26 / 50 h; proven means restored and counted; a newest one that is damaged is critical',
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
    const provable = newest !== null && newest.damaged === null && newest.id !== newestProven?.id;
    const fix: Fix = {
      where: 'console',
      do: provable ? `Prove the newest backup of ${look.target} (L3)` : `Back up ${look.target} and prove it (L3)`,
      undo: null,
      note: 'A backup reads only; proving it restores it into a scratch database, counts, and drops that again.',
      harmless: true,
      act: provable ? { kind: 'prove', backupId: newest.id } : { kind: 'back-up' },
    };
    const { state, because, provenHours } = backupStanding(look.backups, look.limits, look.now);
    const age = (takenAt: string) => duration((look.now - Date.parse(takenAt)) / 1000);
    const value = provenHours === null ? null : Math.round(provenHours * 10) / 10;
    const said = (finding: Pick<Finding, 'summary' | 'meaning'>): Finding => ({ status: state, value, ...finding, evidence: shown, fix: state === 'ok' ? null : fix });
    if (newest === null) {
      return said({ summary: 'No backup of this database is known to Pilothouse', meaning: 'If the server is lost, everything in this database is. Backups made by other tools are not counted: nothing was proved about them.' });
    }
    if (because === 'damaged') {
      return said({ summary: `The newest backup is damaged${newestProven === null ? ', and none was ever restored and counted' : ''}: ${newest.damaged}`, meaning: 'Whatever damaged it may damage the next one too, and what was written since the one before would be lost with the server.' });
    }
    if (newestProven === null) {
      return said({ summary: `No backup of this database was ever restored and counted; the newest is ${age(newest.takenAt)} old`, meaning: 'There are files, and nobody knows whether a database can be made of them.' });
    }
    if (because === 'ahead') {
      return { ...unknown(`The newest proven backup is dated ${duration((Date.parse(newestProven.takenAt) - look.now) / 1000)} ahead of this computer's clock: one of the clocks was set wrong`, 'Set the clock of this computer right, or that of the server.'), evidence: shown };
    }
    return said({ summary: `${age(newestProven.takenAt)} since the newest proven backup`, ...(state === 'ok' ? { meaning: 'If the server were lost now, at most that much would be lost with it.' } : {}) });
  },
};

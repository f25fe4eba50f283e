import type { Backup, NewestCopiesOfDatabase } from '#shared/contract/backups.ts';
import type { Database, SystemPolicy } from '#shared/contract/systems.ts';
import { backupStanding, type BackupStanding } from '#shared/domain/backup-standing.ts';
import { proofWords } from '#shared/domain/proof.ts';
import { tablesInWords } from '#shared/domain/table-counts.ts';
import { AgeFigure, Exact, Instant, useNow } from '../../components/age.tsx';
import { ProofLadder } from '../../components/proof-ladder.tsx';
import { State } from '../../components/state.tsx';

interface Props {
  databases: readonly Database[];
  /** As the engine judges them: a list that is cut, or read before the database was moved, would say otherwise. */
  newest: readonly NewestCopiesOfDatabase[];
  limits: SystemPolicy['backupAgeHours'];
}

function standsAt(copy: Backup): string {
  if (copy.damaged !== null) return 'is damaged';
  if (copy.proof === null) return 'has not been looked at';
  return copy.proof === 'L1' ? 'has only its contents listed' : `stands at ${copy.proof}, not yet restored`;
}

/** What is known of the copies besides the proven one. */
function Others({ database, newest, proven }: { database: Database; newest: Backup | null; proven: Backup | null }) {
  if (newest === null) return database.systemIdentifier === null ? <>Which cluster it is of is not known yet, so no copy counts as its own</> : <>No copy of it is in the catalogue</>;
  if (newest.id === proven?.id) return <>No newer copy</>;
  return <>{proven === null ? 'Newest copy' : 'Newer copy'} <Instant at={newest.takenAt} /> {standsAt(newest)}</>;
}

function verdict({ state, because }: BackupStanding, proven: Backup | null, limits: Props['limits']): string {
  if (proven === null) return 'No proven copy: nothing is sure to come back';
  if (because === 'damaged') return 'Its newest copy is damaged';
  if (because === 'ahead') return 'Dated ahead of this computer\'s clock, so nobody knows how old it is';
  return state === 'ok' ? `Within limits, warn at ${limits.warn} h` : state === 'warn' ? `Over ${limits.warn} h, critical at ${limits.critical} h` : `Over ${limits.critical} h`;
}

/** What a restore right now would lose, in one figure: what was written since the proven copy, where there is one. */
function Loss({ copies: { newest, newestProven: proven }, standing }: { copies: NewestCopiesOfDatabase; standing: BackupStanding }) {
  // A copy that nobody has restored yet may bring something back, and nobody knows what.
  if (proven === null) return newest === null || newest.damaged !== null ? 'Everything' : 'Unknown';
  return <Exact at={proven.takenAt}>{standing.because === 'ahead' ? 'An unknown time' : <AgeFigure at={proven.takenAt} />}</Exact>;
}

function Head({ database, copies, limits }: { database: Database; copies: NewestCopiesOfDatabase; limits: Props['limits'] }) {
  const now = useNow();
  const { newest, newestProven: proven } = copies;
  const standing = backupStanding(copies, limits, now);
  return (
    <section className="head" aria-label={database.label}>
      <h2 className="clip">{database.label}</h2>
      <p className="row base" style={{ gap: 12 }}>
        <span className="big"><Loss copies={copies} standing={standing} /></span>
        <State kind={standing.state} />
      </p>
      <p className="t3 xs">{verdict(standing, proven, limits)}</p>
      {proven === null ? null : (
        <p className="row" style={{ marginTop: 4 }}>
          <ProofLadder level={proven.proof} bare />
          <span><b className="medium">L3</b> <span className="t2">{proofWords.L3}: {tablesInWords(proven)} equal</span></span>
        </p>
      )}
      <p className="t3 xs">{proven === null ? null : <><Instant at={proven.takenAt} zone />. </>}<Others database={database} newest={newest} proven={proven} /></p>
    </section>
  );
}

/** One figure per database: how much a restore right now would lose. */
export function Heads({ databases, newest, limits }: Props) {
  const known = databases.flatMap((database) => {
    const copies = newest.find(({ databaseId }) => databaseId === database.id);
    return copies === undefined ? [] : [{ database, copies }];
  });
  if (known.length === 0) return null;
  return (
    <div className="heads">
      {known.map(({ database, copies }) => <Head key={database.id} database={database} copies={copies} limits={limits} />)}
    </div>
  );
}

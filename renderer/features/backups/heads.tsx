import type { Backup } from '#shared/contract/backups.ts';
import type { Database, SystemPolicy } from '#shared/contract/systems.ts';
import { judge } from '#shared/domain/health-state.ts';
import { isProven, proofWords } from '#shared/domain/proof.ts';
import { AgeFigure, Exact, Instant, useNow } from '../../components/age.tsx';
import { plural } from '../../components/format.ts';
import { ProofLadder } from '../../components/proof-ladder.tsx';
import { State } from '../../components/state.tsx';

const hourMs = 3_600_000;

interface Props {
  databases: readonly Database[];
  /** Newest first. */
  backups: readonly Backup[];
  limits: SystemPolicy['backupAgeHours'] | null;
}

function Newer({ newest, proven }: { newest: Backup; proven: Backup | null }) {
  if (newest === proven) return <>No newer copy</>;
  const stands = newest.damaged !== null ? 'is damaged' : newest.proof === null ? 'has not been looked at' : newest.proof === 'L1' ? 'has only its contents listed' : `stands at ${newest.proof}, not yet restored`;
  return <>{proven === null ? 'Newest copy' : 'Newer copy'} <Instant at={newest.takenAt} /> {stands}</>;
}

function Head({ database, copies, limits }: { database: Database; copies: readonly Backup[]; limits: Props['limits'] }) {
  const now = useNow();
  const proven = copies.find((copy) => isProven(copy.proof) && copy.damaged === null) ?? null;
  const newest = copies[0] ?? null;
  const hours = proven === null ? null : (now - Date.parse(proven.takenAt)) / hourMs;
  const state = hours === null ? 'critical' : limits === null ? 'ok' : judge(hours, limits);
  return (
    <section className="head" aria-label={database.label}>
      <h2 className="clip">{database.label}</h2>
      <p className="row base" style={{ gap: 12 }}>
        <span className="big">{proven === null ? 'None' : <Exact at={proven.takenAt}><AgeFigure at={proven.takenAt} /></Exact>}</span>
        <State kind={state} />
      </p>
      <p className="t3 xs">
        {proven === null ? 'No proven copy: nothing is sure to come back' : limits === null ? '' : state === 'ok' ? `Within limits, warn at ${limits.warn} h` : state === 'warn' ? `Over ${limits.warn} h, critical at ${limits.critical} h` : `Over ${limits.critical} h`}
      </p>
      {proven === null ? null : (
        <p className="row" style={{ marginTop: 4 }}>
          <ProofLadder level={proven.proof} bare />
          <span><b className="medium">L3</b> <span className="t2">{proofWords.L3}: {plural(proven.tables, 'table')} equal</span></span>
        </p>
      )}
      <p className="t3 xs">{proven === null ? null : <><Instant at={proven.takenAt} zone />. </>}{newest === null ? 'Never backed up' : <Newer newest={newest} proven={proven} />}</p>
    </section>
  );
}

/** One figure per database: how much a restore right now would lose. */
export function Heads({ databases, backups, limits }: Props) {
  return (
    <div className="heads">
      {databases.map((database) => <Head key={database.id} database={database} copies={backups.filter((copy) => copy.databaseId === database.id)} limits={limits} />)}
    </div>
  );
}

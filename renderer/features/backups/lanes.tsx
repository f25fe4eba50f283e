import { Link } from 'wouter';
import type { Backup } from '#shared/contract/backups.ts';
import { proofLevels, proofWords } from '#shared/domain/proof.ts';
import { useNow } from '../../components/age.tsx';
import { count, localStamp, zoneName } from '../../components/format.ts';
import { Glyph } from '../../components/icons.tsx';
import { paths } from '../../components/paths.ts';
import { ProofLadder } from '../../components/proof-ladder.tsx';

const shownDays = 7;
const dayMs = 86_400_000;
const dayName = new Intl.DateTimeFormat('en-GB', { weekday: 'short', day: 'numeric' });

function Legend() {
  return (
    <div className="legend" aria-hidden>
      {proofLevels.map((level) => <span key={level} className="row"><ProofLadder level={level} bare />{level} {proofWords[level].toLowerCase()}</span>)}
    </div>
  );
}

function CopyMark({ backup, left }: { backup: Backup; left: number }) {
  const rung = backup.proof === null ? -1 : proofLevels.indexOf(backup.proof);
  const words = `${localStamp(backup.takenAt)}, ${backup.damaged === null ? (backup.proof ?? 'nothing proven') : 'damaged'}`;
  return (
    <li className={`mk ${backup.damaged !== null ? 'fail' : rung === 3 ? 'l3' : ''}`} style={{ left: `${left}%` }}>
      <Link to={paths.backup(backup.systemId ?? '', backup.id)} aria-label={`Open the copy of ${words}`} title={words}>
        {backup.damaged !== null ? <Glyph kind="failed" small /> : proofLevels.map((level, index) => <i key={level} className={3 - index <= rung ? 'on' : ''} />)}
      </Link>
    </li>
  );
}

/** What exists, by database, over the last days; height is how far it is proved. */
export function Lanes({ backups, cut }: { backups: readonly Backup[]; cut: boolean }) {
  const now = useNow();
  const start = new Date(now - (shownDays - 1) * dayMs);
  start.setHours(0, 0, 0, 0);
  const from = start.getTime();
  const reach = shownDays * dayMs;
  const share = (at: number) => ((at - from) / reach) * 100;
  const days = Array.from({ length: shownDays }, (_, day) => {
    const at = new Date(from);
    at.setDate(at.getDate() + day);
    return at.getTime();
  });
  const lanes = new Map<string, Backup[]>();
  for (const backup of backups) lanes.set(backup.database, [...(lanes.get(backup.database) ?? []), backup]);
  const shown = (backup: Backup) => Date.parse(backup.takenAt) >= from;
  // Of days before the last copy that was read nothing is known here, and an empty lane would say that nothing exists.
  const oldest = backups.at(-1);
  const unread = cut && oldest !== undefined && shown(oldest);
  return (
    <section className="panel" aria-labelledby="lanes">
      <header><h2 id="lanes">What exists</h2><span className="t3 xs">{shownDays} days, {zoneName(new Date(now).toISOString())}{unread ? `; of the newest ${count(backups.length)} copies only, older ones are not drawn` : ''}</span><Legend /></header>
      <div className="tl">
        <span />
        <div className="days" aria-hidden>
          {days.map((day) => <span key={day} style={{ left: `${share(day)}%` }}>{dayName.format(day)}</span>)}
        </div>
        {[...lanes].map(([database, copies]) => [
          <span key={`${database}-name`} className="lname clip">{database}</span>,
          <div key={database} className="lane">
            {days.map((day) => <span key={day} className="day" style={{ left: `${share(day)}%` }} />)}
            <span className="nowline" style={{ left: `${share(now)}%` }} />
            <ul aria-label={`Copies of ${database}`}>
              {copies.filter(shown).map((copy) => <CopyMark key={copy.id} backup={copy} left={share(Date.parse(copy.takenAt))} />)}
            </ul>
          </div>,
        ])}
      </div>
    </section>
  );
}

/** Dumps on hosts whose backups were interrupted: how they stand, and what can be done about each. */
import { Play, Trash2 } from 'lucide-react';
import { useLocation } from 'wouter';
import type { UnfinishedDump } from '#shared/contract/backups.ts';
import { Age, Instant } from './age.tsx';
import { Button } from './button.tsx';
import { bytes, prose } from './format.ts';
import { paths } from './paths.ts';
import { usePropose } from './plan/propose.tsx';

/** Goes on with one, or gives it up, after its plan was seen. `primary`: going on is the main thing of its screen. */
export function UnfinishedActions({ dump: { operationId, database, host, hopeless }, primary = false }: { dump: UnfinishedDump; primary?: boolean }) {
  const propose = usePropose();
  const [, navigate] = useLocation();
  const onStarted = (started: string) => navigate(paths.operation(started));
  const giveUp = () => propose({ title: 'Give up the backup', choices: null, plan: async (engine) => (await engine.call('backup.planAbandon', { operationId })).plan, onStarted });
  const goOn = () => propose({ title: 'Continue the backup', choices: null, plan: async (engine) => (await engine.call('backup.planContinue', { operationId })).plan, onStarted });
  const about = `the backup of ${database} on ${host}`;
  return (
    <>
      <Button needsEngine icon={Trash2} onClick={giveUp} aria-label={`Give up… ${about}`}>Give up…</Button>
      {hopeless === null ? <Button needsEngine {...(primary ? { look: 'primary' as const } : {})} icon={Play} onClick={goOn} aria-label={`Continue… ${about}`}>Continue…</Button> : null}
    </>
  );
}

function fetchedWords({ bytesHere, expectedBytes, host }: UnfinishedDump): string {
  return bytesHere === 0 ? `Nothing of it was fetched from ${host} yet` : `${bytes(bytesHere)} of about ${bytes(Math.max(expectedBytes, bytesHere))} were fetched from ${host}`;
}

/** Since when it waits, how far it came, and what is lost where it is given up. */
export function UnfinishedFacts({ dump, withLook = false }: { dump: UnfinishedDump; withLook?: boolean }) {
  const { database, hopeless, lastLook } = dump;
  return (
    <>
      <p className="row wrap"><Age at={dump.interruptedAt} before="interrupted " /><span className="t3 xs">begun <Instant at={dump.begunAt} /></span></p>
      <p className="t2">{hopeless === null ? `${fetchedWords(dump)}.` : prose(`${hopeless} Give it up: then both sides are cleaned.`)} {withLook && hopeless === null && lastLook !== null ? prose(lastLook) : null}</p>
      {hopeless === null ? <p className="t2">Given up, {database} as it was <Instant at={dump.takenAt} zone /> is lost with it. Copies that exist stay.</p> : null}
    </>
  );
}

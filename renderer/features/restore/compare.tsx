import { useState } from 'react';
import type { MethodOutput } from '#shared/contract/index.ts';
import type { Restore } from '#shared/contract/restores.ts';
import { wasTakenBack, wasWrittenTo } from '#shared/domain/restored-copy.ts';
import { Instant } from '../../components/age.tsx';
import { LinkButton } from '../../components/button.tsx';
import { count, prose, plural, span } from '../../components/format.ts';
import { Loaded, SkeletonRows } from '../../components/loaded.tsx';
import { paths } from '../../components/paths.ts';
import { RestoreAgain } from '../../components/restore-again.tsx';
import { Heading, PageHead } from '../../components/screen.tsx';
import { Tint } from '../../components/state.tsx';
import { useSystemScreen } from '../../components/use-system.ts';
import { useMethod } from '../../transport/use-method.ts';
import { ComparedTables } from './compared-tables.tsx';
import { Decision } from './decision.tsx';
import { RestoreFrame } from './frame.tsx';
import { HowItEnded } from './how-it-ended.tsx';
import { RestoreStateLabel } from './restore-state.tsx';
import { railAt, type RestoreStep, type StepNote } from './steps.ts';
import { tally } from './tally.ts';

type Compared = MethodOutput<'restore.get'>;

const lede: Record<Restore['state'], string> = {
  running: 'It is being restored.',
  beside: 'The restored copy stands beside the live database. Nothing live has been changed so far.',
  swapped: 'The restored copy is live now, in place of the database it was compared with.',
  undone: 'What was live before is live again. The copy stands beside it, with whatever was written into it while it was live.',
  kept: 'The restored copy stays beside the live database for good.',
  dropped: 'The restored copy is gone.',
  failed: 'The restore failed. What it left, if anything, its operation says below; the live database was only read.',
};

/** What is true now stands first: the comparison while the copy waits, the exchange once there was one. */
function headline({ state, equal, into, identity }: Restore): string {
  switch (state) {
    case 'running':
    case 'failed': return `Restore into ${into}`;
    case 'beside': return equal ? 'Every count is equal' : 'The copy was written to since it was restored';
    case 'swapped': return `The copy is in place as ${identity.database}`;
    case 'undone': return 'The swap was taken back';
    case 'kept': return 'The copy is kept beside';
    case 'dropped': return 'The copy was dropped';
  }
}

/** Where one stands: after the comparison the swap is open, after the swap the undo. */
function stepOf(restore: Restore): RestoreStep | null {
  if (restore.state === 'running') return 'Run';
  if (restore.state === 'failed') return 'Run';
  if (restore.state === 'beside') return 'Swap';
  if (restore.state === 'swapped') return 'Undo';
  return null;
}

function notes({ restore }: Compared): Partial<Record<RestoreStep, StepNote>> {
  const takenBack = wasTakenBack(restore);
  const over = restore.state === 'kept' || restore.state === 'dropped';
  return {
    Pick: { detail: <Instant at={restore.backupTakenAt} /> },
    Target: { detail: restore.into },
    Run: { when: restore.durationMs === null ? '' : span(restore.durationMs), detail: `into ${restore.into}`, ...(restore.state === 'failed' ? { state: 'failed' as const } : {}) },
    ...(restore.state === 'failed' || restore.state === 'running' ? {} : { Compare: { state: 'done' as const, detail: `${restore.tables} of ${restore.tables} equal` } }),
    Swap: takenBack ? { detail: 'made, then taken back' } : restore.state === 'beside' ? { detail: 'waits for you' } : restore.state === 'swapped' ? { detail: `live as ${restore.identity.database}` } : over ? { state: 'skipped', detail: restore.state === 'kept' ? 'kept beside' : 'copy dropped' } : {},
    Undo: restore.state === 'swapped' ? { detail: restore.setAside === null ? 'not possible any more' : restore.undoUntil === null ? '' : <>until at least <Instant at={restore.undoUntil} /></> } : takenBack ? { state: 'done', detail: 'taken back' } : over ? { state: 'skipped' } : { detail: 'possible once swapped' },
  };
}

/** What is live is counted again when a swap is planned, where that takes no long time; of an older comparison one knows only when its restore ended. */
const countedAtOf = ({ countedAt, restore }: Compared): string | null => countedAt ?? restore.endedAt;

/** What came back equal was kept, so all of its tables were; what it has been since is told beside, and not as a fault of it. */
function Verdict(data: Compared) {
  const { restore, compared } = data;
  const countedAt = countedAtOf(data);
  const figures = tally(compared);
  const { state } = restore;
  const other = state === 'swapped' ? 'what was set aside' : 'the live database';
  const tables = (of: { tables: number }) => (of.tables === 0 ? '' : `, in ${plural(of.tables, 'table')}`);
  const words = state === 'swapped' ? { back: 'At least these came back', aside: 'At least these were set aside' } : { back: 'A swap brings at least these back', aside: 'A swap sets at least these aside' };
  return (
    <div className={`verdict${state === 'dropped' ? ' one' : ''}`}>
      <div>
        <p className="fig ok">{restore.tables} of {restore.tables}</p>
        <p className="t2 xs">tables equal to the backup when it was restored</p>
      </div>
      {state === 'dropped' ? null : figures === null ? <div><p className="t2">How many rows {other} has was not counted.</p></div> : (
        <>
          <div>
            <p className="fig">{count(figures.fewer.rows)}</p>
            <p className="t2 xs">more rows in the copy than in {other}, net{tables(figures.fewer)}.{figures.fewer.rows === 0 ? '' : ` ${words.back}.`}</p>
          </div>
          <div>
            <p className="fig">{count(figures.more.rows)}</p>
            <p className="t2 xs">more rows in {other} than in the copy, net{tables(figures.more)}.{figures.more.rows === 0 ? '' : ` ${words.aside}.`}</p>
          </div>
          <p className="when t3 xs">
            Net differences of counts in the tables of the copy: rows may have been both added and deleted, or changed.{countedAt === null ? '' : <> Counted <Instant at={countedAt} />{state === 'swapped' ? '' : '; the live database goes on'}.</>}
          </p>
        </>
      )}
    </div>
  );
}

/** Of a failed restore this is the fault; of a copy that was written to it is worth a warning only where that copy may go live. */
function Differences({ restore }: { restore: Restore }) {
  if (restore.differences.length === 0) return null;
  const list = <ul className="bul">{restore.differences.map((difference) => <li key={difference}>{prose(difference)}</li>)}</ul>;
  if (!wasWrittenTo(restore)) return <Tint kind="critical" role="alert">{list}</Tint>;
  if (restore.state === 'beside') return <Tint kind="warn" role="status">{list}</Tint>;
  return <div className="t2 break">{list}</div>;
}

/** Steps seven to nine: every count compared, then swap, keep or drop, and the way back. */
export function RestoreCompare({ systemId, restoreId }: { systemId: string; restoreId: string }) {
  useSystemScreen(systemId, 'Restore', true);
  const query = useMethod('restore.get', { restoreId });
  const [onlyDifferences, setOnlyDifferences] = useState(false);
  return (
    <Loaded query={query} what="the comparison" skeleton={<div className="page"><Heading>Restore</Heading><SkeletonRows what="the comparison" columns={[140, 80, 80, 80, 110]} /></div>}>
      {(data) => {
        const { restore, compared, sequences, constraints, largeObjects } = data;
        const compares = restore.state !== 'running' && restore.state !== 'failed';
        return (
          <RestoreFrame steps={railAt(stepOf(restore), notes(data))} decision={compares ? <Decision restore={restore} systemId={systemId} /> : undefined}>
            <PageHead title={headline(restore)} lede={<>{restore.state === 'beside' ? null : <RestoreStateLabel restore={restore} />} {lede[restore.state]}</>}>
              <LinkButton to={paths.operation(restore.operationId)}>Open the log</LinkButton>
              {restore.state === 'failed' ? <RestoreAgain systemId={systemId} operationId={restore.operationId} isShown /> : <LinkButton to={paths.systemScreen(systemId, 'history')} {...(restore.environment === 'practice' && restore.equal && restore.state !== 'swapped' ? { look: 'primary' as const } : {})}>Show in history</LinkButton>}
            </PageHead>
            {compares ? <Verdict {...data} /> : null}
            {restore.state === 'failed' ? <HowItEnded operationId={restore.operationId} /> : null}
            {data.leftBehind === null ? null : <Tint kind="warn"><p><b className="strong">{data.leftBehind} is still there, half restored.</b> It could not be dropped. That is tried again by itself, as soon as the server can be reached, and before the next restore to it.</p></Tint>}
            <Differences restore={restore} />
            {restore.omissions.length === 0 ? null : <Tint kind="warn"><p className="medium">Left out or mapped by preflight</p><ul className="bul">{restore.omissions.map((omission) => <li key={omission}>{prose(omission)}</li>)}</ul></Tint>}
            {compares ? (
              <ComparedTables
                compared={compared} onlyDifferences={onlyDifferences} setOnlyDifferences={setOnlyDifferences} state={restore.state} written={wasWrittenTo(restore)} countedAt={countedAtOf(data)}
                note={`Sequences ${sequences.equal} of ${sequences.total} equal, constraints ${constraints.valid} of ${constraints.total} valid, large objects ${largeObjects.restored ?? 0} of ${largeObjects.backup}. Counts are compared, not what stands in the rows. ${count(restore.rows)} rows in ${plural(restore.tables, 'table')} came back.`}
              />
            ) : null}
          </RestoreFrame>
        );
      }}
    </Loaded>
  );
}

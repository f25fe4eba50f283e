import { Link } from 'wouter';
import type { MethodOutput } from '#shared/contract/index.ts';
import type { RunbookCard } from '#shared/contract/runbooks.ts';
import type { Environment } from '#shared/domain/environment.ts';
import type { Mode } from '#shared/domain/runbook/walkthrough.ts';
import { LinkButton } from '../../../components/button.tsx';
import { plural } from '../../../components/format.ts';
import { paths } from '../../../components/paths.ts';
import { Tint } from '../../../components/state.tsx';
import { minutes } from '../../../components/run-words.ts';
import { dayOf, wasWalked } from '../words.ts';

/** What one should know before it is begun. */
export function Warnings({ card, mode, environment, usesHost }: { card: RunbookCard; mode: Mode; environment: Environment | null; usesHost: boolean }) {
  const notes = [
    card.review === 'due' && card.reviewDueAt !== null ? `Its review was due ${dayOf(card.reviewDueAt)}: what it says may be out of date.` : '',
    card.review === 'never' ? 'Nobody has reviewed it yet.' : '',
    wasWalked(card) || mode === 'rehearsal' ? '' : card.last === null ? 'It was never walked, not even as a rehearsal.' : 'It was rehearsed, and never walked for real.',
    mode === 'live' && card.risk === 'destructive' && environment === 'production' ? 'It destroys something on production. Each such step shows its plan and asks for the name of its target.' : '',
    mode === 'live' && card.risk !== 'read' && environment === 'practice' && usesHost ? 'The host of the practice system is this computer: what a command changes there, outside of the practice folder too, is changed here.' : '',
  ].filter((note) => note !== '');
  return notes.length === 0 ? null : <Tint kind="warn">{notes.map((note) => <p key={note}>{note}</p>)}</Tint>;
}

/** Errors of the file keep it from being begun; they are mended where it is written. */
export function Problems({ problems, systemId, card }: { problems: MethodOutput<'runbook.prepare'>['problems']; systemId: string | null; card: RunbookCard }) {
  const errors = problems.filter(({ severity }) => severity === 'error');
  if (errors.length === 0) return null;
  return (
    <div className="tint critical stack" role="alert">
      <p className="strong">{plural(errors.length, 'error')} in the file {errors.length === 1 ? 'keeps' : 'keep'} it from being started.</p>
      <ul className="bul">{errors.slice(0, 5).map((problem) => <li key={`${problem.line}-${problem.column}-${problem.rule}`}>Line {problem.line}: {problem.message}</li>)}</ul>
      <div><LinkButton to={paths.runbookEdit(systemId, card.ref)}>{card.origin === 'own' ? 'Open the editor' : 'Look at the file'}</LinkButton></div>
    </div>
  );
}

/** Whom one calls, and after how long. */
export function Contacts({ contacts }: { contacts: MethodOutput<'runbook.prepare'>['contacts'] }) {
  if (contacts.length === 0) return null;
  return (
    <section className="sec" aria-labelledby="contacts">
      <header><h2 id="contacts">Contacts</h2></header>
      <dl className="kv">
        {contacts.flatMap(({ role, name, email, phone, afterMs }) => [
          <dt key={`${role}-${email}-k`}>{role}</dt>,
          <dd key={`${role}-${email}`}>{[name, email, phone].filter((part) => part !== null).join(', ') || <span className="t3">nobody is named</span>}{afterMs === null ? '' : `, after ${minutes(afterMs)}`}</dd>,
        ])}
      </dl>
    </section>
  );
}

/** Which earlier walkthrough this one takes the place of. */
export function Continues({ walkthroughId }: { walkthroughId: string }) {
  return <Tint kind="running"><p>It goes on from <Link to={paths.walkthrough(walkthroughId)}>an earlier walkthrough</Link>, with the file as it is now. That one stays as it is, and both name each other.</p></Tint>;
}

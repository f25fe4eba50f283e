import { FileText } from 'lucide-react';
import { Link } from 'wouter';
import type { WalkthroughView } from '#shared/contract/walkthroughs.ts';
import { isOver } from '#shared/domain/runbook/walkthrough.ts';
import { useEngineNow } from '../../components/age.tsx';
import { Button, LinkButton } from '../../components/button.tsx';
import { ErrorPanel } from '../../components/error-panel.tsx';
import { age, plainText, span } from '../../components/format.ts';
import { Glyph } from '../../components/icons.tsx';
import { paths } from '../../components/paths.ts';
import { MailLink, PhoneLink } from '../../components/reach-links.tsx';
import { runWords } from '../../components/run-words.ts';
import { useAct, useWalked } from './context.ts';

type Contact = WalkthroughView['contacts'][number];

/** Whom to turn to next: the first whose time has not come, or the last whose has. */
function escalation(contacts: readonly Contact[], passedMs: number): { contact: Contact; inMs: number } | null {
  const timed = contacts.filter((contact) => contact.afterMs !== null).sort((a, b) => (a.afterMs ?? 0) - (b.afterMs ?? 0));
  const ahead = timed.find(({ afterMs }) => (afterMs ?? 0) > passedMs);
  const contact = timed.filter(({ afterMs }) => (afterMs ?? 0) <= passedMs).at(-1) ?? ahead;
  return contact === undefined ? null : { contact, inMs: (contact.afterMs ?? 0) - passedMs };
}

function Reach({ contact }: { contact: Contact }) {
  const name = plainText(contact.name ?? contact.role);
  if (contact.phone !== null) return <PhoneLink number={contact.phone}>{name}, {plainText(contact.phone)}</PhoneLink>;
  if (contact.email !== null) return <MailLink address={contact.email}>{name}, {plainText(contact.email)}</MailLink>;
  return <>{name}</>;
}

/** How long it has been walked, in milliseconds: up to its end, else up to now. */
function runningMs({ run }: Pick<WalkthroughView, 'run'>, now: number): number {
  const end = run.endedAt === null ? now : Date.parse(run.endedAt);
  return Math.max(0, end - Date.parse(run.startedAt));
}

/** Step n of m, how long, what is usual, whom to turn to; and what can be done with the walkthrough as a whole. */
export function WalkBar() {
  const { view, id, ask } = useWalked();
  const now = useEngineNow();
  const act = useAct();
  const { run } = view;
  const over = isOver(run.state);
  const passed = runningMs(view, now);
  const turn = over ? null : escalation(view.contacts, passed);
  const usual = view.usualMs ?? view.estimateMs;
  const atWork = view.steps.some(({ state }) => state === 'dispatched');
  const { word, glyph, tone } = runWords[run.state];
  return (
    <div className="clockbar">
      <dl>
        {run.current === null ? <div><dt className="vh">State</dt><dd className={`st ${tone}`}><Glyph kind={glyph} small />{word}</dd></div> : <div><dt>Step</dt><dd>{run.current.number} of {run.steps}</dd></div>}
        <div><dt>{over ? 'Took' : 'Running for'}</dt><dd>{span(over && run.durationMs !== null ? run.durationMs : passed)}</dd></div>
        {usual === null ? null : <div className="opt"><dt>{view.usualMs === null ? 'Estimated' : 'Usually'}</dt><dd className={!over && passed > usual ? 'warn' : 't2 plain'}>{span(usual)}</dd></div>}
        {turn === null ? null : <div><dt>{turn.inMs > 0 ? `Turn in ${age(turn.inMs)} to` : 'Time to turn to'}</dt><dd className={turn.inMs > 0 ? 'plain' : 'warn'}><Reach contact={turn.contact} /></dd></div>}
        {run.parentId === null ? null : <div><dt className="vh">Called by</dt><dd className="plain"><Link to={paths.walkthrough(run.parentId)}>Back to the runbook that called it</Link></dd></div>}
      </dl>
      {act.error === null ? null : <ErrorPanel error={act.error} />}
      <LinkButton icon={FileText} to={paths.walkthroughPrint(id)}>Print</LinkButton>
      {view.canResume ? <Button look="primary" disabled={act.isPending} onClick={() => act.mutate({ kind: 'resume' })}>Resume</Button> : null}
      {view.canPause ? <Button needsEngine onClick={() => ask('pause')}>{atWork ? 'Pause after this step' : 'Pause'}</Button> : null}
      <Button onClick={() => ask('more')}>More…</Button>
    </div>
  );
}

import { Mark } from '../components/icons.tsx';
import type { Refusal } from '../transport/session.ts';
import { startCommand } from '../transport/start-command.ts';

const words: Record<Refusal, { title: string; why: string }> = {
  'no-token': { title: 'This address alone lets nobody in', why: `The one that ${startCommand} prints goes on after the #, and lets one tab in.` },
  'token-used': { title: 'This address was used already', why: 'It lets one tab in, once. Whoever used it first is still in.' },
  'engine-restarted': { title: 'Pilothouse was started anew', why: 'This tab was let in before that. What ran is in the history.' },
};

/** Shown where nobody is let in any more. */
export function Refused({ why }: { why: Refusal }) {
  return (
    <main className="page" style={{ height: '100vh', placeContent: 'center', justifyItems: 'start', background: 'var(--panel)' }}>
      <div className="stack wide" style={{ width: 'min(560px, 100%)', justifySelf: 'center' }}>
        <Mark size={40} />
        <h1>{words[why].title}</h1>
        <p className="t2">{words[why].why}</p>
        <p className="t2">
          Type <code className="break">{startCommand}</code> again, also where it runs already, and open the address that it prints.
        </p>
      </div>
    </main>
  );
}

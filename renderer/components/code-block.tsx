import type { ReactNode } from 'react';
import type { Fix } from '#shared/contract/common.ts';
import { CopyButton } from './button.tsx';
import { plainText } from './format.ts';
import { Tint } from './state.tsx';

/** Quoted commands or statements, with a way to copy them. */
export function CodeBlock({ title, about, code }: { title: string; about?: ReactNode; code: string }) {
  const text = plainText(code);
  return (
    <div className="code">
      <header>
        <b>{title}</b>
        <span className="clip">{about}</span>
        <CopyButton text={text} label={`Copy ${title}`} />
      </header>
      <pre tabIndex={0} aria-label={title}>{text}</pre>
    </div>
  );
}

const places: Record<Exclude<Fix['where'], 'sql' | 'console'>, string> = { shell: 'in a shell on the server', setting: 'in the settings of Postgres' };

function Note({ fix }: { fix: Fix }) {
  if (fix.note === undefined) return null;
  const text = <p className="t2">{plainText(fix.note)}</p>;
  return fix.harmless === true || fix.where === 'console' ? text : <Tint kind="warn">{text}</Tint>;
}

/**
 * What to do and how to undo it, always as a pair; if there is no way back, it says so. What is done in the console
 * itself is no text to copy: `act` is its button.
 */
export function DoUndo({ fix, server, act }: { fix: Fix; server: string; act?: ReactNode }) {
  if (fix.where === 'console') {
    return (
      <div className="stack">
        <p>{plainText(fix.do)}</p>
        {act === undefined || act === null ? null : <div>{act}</div>}
        <Note fix={fix} />
      </div>
    );
  }
  const place = fix.where !== 'sql' ? places[fix.where] : fix.database === undefined ? 'SQL, in any database' : `SQL, in database ${plainText(fix.database)}`;
  return (
    <div className="stack">
      <CodeBlock title="DO" about={fix.where === 'sql' ? `${place} on ${server}` : place} code={fix.do} />
      {fix.undo === null ? <div className="code"><header><b>UNDO</b><span>{fix.harmless === true ? 'nothing to take back' : 'there is no way back'}</span></header></div> : <CodeBlock title="UNDO" about={place} code={fix.undo} />}
      <Note fix={fix} />
    </div>
  );
}

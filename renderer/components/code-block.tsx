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

const places: Record<Fix['where'], string> = { sql: 'SQL, in this database', shell: 'in a shell on the server', setting: 'in the settings of Postgres', console: 'here in the console' };

/** What to do and how to undo it, always as a pair; if there is no way back, it says so. */
export function DoUndo({ fix, target }: { fix: Fix; target: string }) {
  return (
    <div className="stack">
      <CodeBlock title="DO" about={`${places[fix.where]}, ${target}`} code={fix.do} />
      {fix.undo === null ? <div className="code"><header><b>UNDO</b><span>there is no way back</span></header></div> : <CodeBlock title="UNDO" about={places[fix.where]} code={fix.undo} />}
      {fix.note === undefined ? null : <Tint kind="warn"><p>{plainText(fix.note)}</p></Tint>}
    </div>
  );
}

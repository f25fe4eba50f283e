import { useState } from 'react';
import type { MethodOutput } from '#shared/contract/index.ts';
import { useEngine } from '../../transport/engine-context.ts';
import { useSubmission } from '../../transport/use-submission.ts';
import { Button } from '../button.tsx';
import { ErrorPanel } from '../error-panel.tsx';
import { TextField } from '../field.tsx';
import type { Draft } from './draft.ts';

/** The password that stands in a URL or in key=value pairs; the engine only says whether there is one. */
function passwordIn(text: string): string {
  const pair = /\bpassword\s*=\s*(?:'((?:[^'\\]|\\.)*)'|(\S+))/.exec(text);
  if (pair !== null) return (pair[1] ?? pair[2] ?? '').replace(/\\(.)/g, '$1');
  try {
    return decodeURIComponent(new URL(text.trim()).password);
  } catch {
    return ''; // Not a URL, so there is no password in one; it can still be typed.
  }
}

/** Reads a pasted connection string into the fields below. */
export function PasteUrl({ onRead }: { onRead: (part: Partial<Draft>) => void }) {
  const engine = useEngine();
  const [text, setText] = useState('');
  const [shown, setShown] = useState(false);
  const read = useSubmission<MethodOutput<'database.parseUrl'>>({
    mutationFn: () => engine.call('database.parseUrl', { text }),
    onSuccess: ({ connection, hasPassword }) => {
      const { host, port, database, user, tls } = connection;
      onRead({ host, port: String(port), database, user, tlsMode: tls.mode, ca: tls.ca ?? '', ...(hasPassword ? { password: passwordIn(text), passwordSource: 'vault' as const } : {}) });
      setText('');
    },
  });
  return (
    <div className="stack">
      <div className="row" style={{ alignItems: 'flex-end' }}>
        <div className="grow">
          <TextField label="Paste a postgres:// URL or key=value pairs" mono type={shown ? 'text' : 'password'} autoComplete="off" value={text} onChange={(event) => setText(event.target.value)}
            onKeyDown={(event) => { if (event.key === 'Enter' && text.trim() !== '') { event.preventDefault(); read.mutate(); } }} />
        </div>
        <Button aria-pressed={shown} onClick={() => setShown(!shown)}>Show</Button>
        <Button needsEngine onClick={() => read.mutate()} disabled={text.trim() === '' || read.isPending}>Fill in</Button>
      </div>
      {read.error === null ? null : <ErrorPanel error={read.error} />}
      {read.data === undefined || read.data.notes.length === 0 ? null : <ul className="bul t2">{read.data.notes.map((note) => <li key={note}>{note}</li>)}</ul>}
    </div>
  );
}

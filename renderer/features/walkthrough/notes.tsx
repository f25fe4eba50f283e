import { Check, Paperclip } from 'lucide-react';
import { useId, useRef, useState } from 'react';
import { Instant } from '../../components/age.tsx';
import { Button } from '../../components/button.tsx';
import { ErrorPanel } from '../../components/error-panel.tsx';
import { bytes, plainText } from '../../components/format.ts';
import { Icon } from '../../components/icons.tsx';
import { useAct, useWalked } from './context.ts';
import { useDraft } from './drafts.ts';

const kinds = ['text/plain', 'image/png', 'image/jpeg', 'image/webp'] as const;
type Kind = (typeof kinds)[number];
/** Of a file: base64 makes a third more of it, and 8,000,000 characters are taken. */
const maximumBytes = 6_000_000;

function kindOf(file: File): Kind | null {
  const known = kinds.find((kind) => kind === file.type);
  // What a log is called says nothing to a browser: it is text where it says nothing else.
  return known ?? (file.type === '' || file.type.startsWith('text/') ? 'text/plain' : null);
}

/** Base64 of a file, in pieces that fit on the stack. */
async function base64(file: File): Promise<string> {
  const data = new Uint8Array(await file.arrayBuffer());
  let text = '';
  for (let from = 0; from < data.length; from += 0x8000) text += String.fromCharCode(...data.subarray(from, from + 0x8000));
  return window.btoa(text);
}

/** Attaches a text or a picture to the step that is shown, from a file or as it was pasted. */
function useAttach(key: string | null) {
  const act = useAct();
  const [refused, setRefused] = useState<string | null>(null);
  const attach = async (file: File, name: string): Promise<void> => {
    const media = kindOf(file);
    if (media === null) return setRefused(`${name} is neither a text nor a picture (PNG, JPEG, WebP).`);
    if (file.size > maximumBytes) return setRefused(`${name} has ${bytes(file.size)}; at most ${bytes(maximumBytes)} are taken.`);
    if (file.size === 0) return setRefused(`${name} is empty.`);
    setRefused(null);
    act.mutate({ kind: 'attach', key, name: name.slice(0, 200), media, data: await base64(file) });
  };
  return { act, refused, attach };
}

const stamp = (): string => new Date().toISOString().slice(0, 19).replaceAll(':', '-');

/** Notes and attachments of one step, or of the walkthrough as a whole. What is typed and not saved survives a reload. */
export function Notes({ stepKey }: { stepKey: string | null }) {
  const { id, view } = useWalked();
  const fieldId = useId();
  const note = useDraft(id, stepKey, 'note');
  const save = useAct(() => note.set(''));
  const { act: attaching, refused, attach } = useAttach(stepKey);
  const file = useRef<HTMLInputElement>(null);
  const saved = view.comments.filter(({ key }) => key === stepKey);
  const text = note.text.trim();
  const send = (): void => {
    if (text !== '' && !save.isPending) save.mutate({ kind: 'comment', key: stepKey, text });
  };
  const onPaste = (event: React.ClipboardEvent): void => {
    const picture = [...event.clipboardData.files].find(({ type }) => type.startsWith('image/'));
    if (picture === undefined) return;
    event.preventDefault();
    void attach(picture, `pasted-${stamp()}.${picture.type.slice(6)}`);
  };
  const last = saved.at(-1);
  return (
    <section className="sec" aria-label="Notes">
      <div className="field">
        <label htmlFor={fieldId}>{stepKey === null ? 'Notes for the walkthrough' : 'Notes for this step'}</label>
        <textarea
          id={fieldId} className="input" rows={3} value={note.text} onChange={(event) => note.set(event.target.value)} onPaste={onPaste} aria-describedby={`${fieldId}-b`}
          onKeyDown={(event) => {
            if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return;
            // Here it saves the note; the primary button is not pressed with it.
            event.preventDefault();
            send();
          }}
        />
        <p id={`${fieldId}-b`} className="hint">{text === '' ? 'A picture can be pasted here' : 'Not saved yet. It goes with the result of this step, or is saved by itself'}</p>
      </div>
      <div className="row wrap">
        <Button needsEngine disabled={text === '' || save.isPending} onClick={send}>Save note</Button>
        <Button needsEngine icon={Paperclip} disabled={attaching.isPending} onClick={() => file.current?.click()}>Attach file</Button>
        <input
          ref={file} type="file" hidden accept={`${kinds.join(',')},.log,.txt`} aria-label="File to attach"
          onChange={(event) => {
            const [chosen] = event.target.files ?? [];
            if (chosen !== undefined) void attach(chosen, chosen.name);
            event.target.value = '';
          }}
        />
      </div>
      {last === undefined ? null : <p className="age" style={{ whiteSpace: 'normal' }}><Icon of={Check} small />Saved <Instant at={last.at} /> on this computer</p>}
      {refused === null ? null : <p className="xs critical" role="alert">{plainText(refused)}</p>}
      {save.error === null ? null : <ErrorPanel error={save.error} title="The note was not saved." />}
      {attaching.error === null ? null : <ErrorPanel error={attaching.error} title="It was not attached." />}
      {saved.length === 0 ? null : <ul className="stack tight saved-notes">{saved.map((each, index) => <li key={index} className="xs"><span className="t3"><Instant at={each.at} /></span> <span className="break">{plainText(each.text)}</span></li>)}</ul>}
    </section>
  );
}

import { useState } from 'react';
import { CopyButton } from '../../components/button.tsx';
import { AreaField, SelectField, TextField } from '../../components/field.tsx';
import { plainText } from '../../components/format.ts';
import { Tint } from '../../components/state.tsx';
import { desktop } from '../../transport/desktop.ts';
import { ActDialog } from './act-dialog.tsx';
import { useIncident } from './context.ts';
import { mailTo, updateText, updateTexts } from './words.ts';

const elsewhere = '';

/** A text that is prepared: one changes it, sends it oneself, and says that it was sent. */
export function UpdateDialog({ onClose }: { onClose: () => void }) {
  const { view } = useIncident();
  const { people, incident } = view;
  const texts = updateTexts(view);
  const first = updateText(view);
  const [template, setTemplate] = useState(first?.key ?? '');
  const [text, setText] = useState(first?.text ?? '');
  const [channel, setChannel] = useState(people.channels[0]?.key ?? elsewhere);
  const [to, setTo] = useState('');
  const chosen = people.channels.find(({ key }) => key === channel) ?? null;
  const unknown = texts.find(({ key }) => key === template)?.unknown.filter((name) => text.includes(name)) ?? [];
  const address = chosen !== null && /^[^\s@]+@[^\s@]+$/.test(chosen.address) ? chosen.address : null;
  const choose = (key: string): void => {
    setTemplate(key);
    setText(texts.find((each) => each.key === key)?.text ?? '');
  };
  return (
    <ActDialog title="Write an update" verb="It was sent" size={620} act={() => ({ kind: 'update', text: text.trim(), channel: chosen?.key ?? null, to: to.trim() })} ready={text.trim() !== ''} onClose={onClose}>
      <p className="t2">Nothing is sent from here. Copy the text, send it, then say so: the next update counts from that moment.</p>
      {texts.length > 1 ? <SelectField label="Text" value={template} onChange={choose} options={texts.map(({ key, title }) => ({ value: key, label: title }))} /> : null}
      <AreaField label="What is told" rows={8} value={text} maxLength={20_000} onChange={(event) => setText(event.target.value)} data-autofocus />
      {unknown.length === 0 ? null : <Tint kind="warn"><p>Nothing here stands for {unknown.join(', ')}: fill it in by hand.</p></Tint>}
      <div className="row wrap">
        <CopyButton look="plain" text={text}>Copy text</CopyButton>
        {address === null || desktop !== null ? null : <a className="btn" href={mailTo(address, `INC-${incident.number}: ${incident.title}`, text)}>Write a mail to {plainText(chosen?.title ?? '')}</a>}
        {chosen === null || chosen.address === '' ? null : <span className="t3 xs break">{plainText(chosen.address)}{chosen.outside ? ', outside: say nothing there that only your people may know' : ''}</span>}
      </div>
      {people.channels.length === 0 ? null : <SelectField label="By which way" value={channel} onChange={setChannel} options={[...people.channels.map(({ key, title }) => ({ value: key, label: title })), { value: elsewhere, label: 'Another way' }]} />}
      <TextField label="To whom" hint={chosen === null ? 'May be left out' : `Empty: ${plainText(chosen.title)}`} value={to} maxLength={200} onChange={(event) => setTo(event.target.value)} />
    </ActDialog>
  );
}

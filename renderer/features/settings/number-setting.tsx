import { useState } from 'react';
import { Button } from '../../components/button.tsx';
import { TextField } from '../../components/field.tsx';

interface Props {
  label: string;
  hint: string;
  value: number;
  min: number;
  max: number;
  /** What is typed is this many times smaller than what is kept. */
  scale?: number;
  onSave: (value: number) => void;
}

/** One figure with its limits; it is saved with Enter or its button. */
export function NumberSetting({ label, hint, value, min, max, scale = 1, onSave }: Props) {
  const shown = String(Math.round((value / scale) * 100) / 100);
  const [text, setText] = useState(shown);
  const typed = Number(text.replace(',', '.')) * scale;
  const sound = Number.isFinite(typed) && typed >= min && typed <= max;
  const changed = sound && text.trim() !== shown;
  return (
    <form className="row at-top" onSubmit={(event) => { event.preventDefault(); if (changed) onSave(Math.round(typed)); }}>
      <div className="grow"><TextField label={label} hint={hint} inputMode="decimal" value={text} onChange={(event) => setText(event.target.value)} error={sound ? undefined : `Between ${min / scale} and ${max / scale}`} /></div>
      <div style={{ paddingTop: 24 }}><Button type="submit" disabled={!changed}>Save</Button></div>
    </form>
  );
}

import { useState } from 'react';
import { Button } from '../../components/button.tsx';
import { TextField } from '../../components/field.tsx';
import { betweenLimits, typedFigure } from '../../components/typed-figure.ts';

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

/** In words. A fraction is refused where whole ones are kept: 0.4 would become 0, which may mean something else altogether. */
function problemOf(figure: number | null, { min, max, whole }: { min: number; max: number; whole: boolean }): string | undefined {
  if (figure === null) return 'Write a number';
  if (whole && !Number.isInteger(figure)) return 'Write a whole number';
  return figure < min || figure > max ? betweenLimits(min, max) : undefined;
}

/** One figure with its limits; it is saved with Enter or its button. */
export function NumberSetting({ label, hint, value, min, max, scale = 1, onSave }: Props) {
  const shown = String(Math.round((value / scale) * 100) / 100);
  const [text, setText] = useState(shown);
  const figure = typedFigure(text);
  const problem = problemOf(figure, { min: min / scale, max: max / scale, whole: scale === 1 });
  const changed = problem === undefined && text.trim() !== shown;
  const save = () => {
    if (figure !== null && changed) onSave(Math.round(figure * scale));
  };
  return (
    <form className="row at-top" onSubmit={(event) => { event.preventDefault(); save(); }}>
      <div className="grow"><TextField label={label} hint={hint} inputMode="decimal" value={text} onChange={(event) => setText(event.target.value)} error={problem} /></div>
      <div style={{ paddingTop: 24 }}><Button type="submit" disabled={!changed}>Save</Button></div>
    </form>
  );
}

import { useId, type ComponentProps, type ReactNode } from 'react';
import { useLostSince } from '../transport/engine-context.ts';
import { Glyph } from './icons.tsx';

interface Shared {
  label: ReactNode;
  hint?: ReactNode;
  /** In words, below the field. */
  error?: string | undefined;
}

function below(id: string, hint: ReactNode, error: string | undefined): ReactNode {
  if (error !== undefined) {
    return (
      <p id={id} className="xs critical row" style={{ gap: 5 }}>
        <Glyph kind="critical" small />
        {error}
      </p>
    );
  }
  return hint === undefined ? null : <p id={id} className="hint">{hint}</p>;
}

/** @param beside a button that belongs to what is typed */
export function TextField({ label, hint, error, mono, beside, ...rest }: Shared & { mono?: boolean; beside?: ReactNode } & Omit<ComponentProps<'input'>, 'className'>) {
  const id = useId();
  const input = <input id={id} className={`input${mono ? ' mono' : ''}`} autoComplete="off" spellCheck={false} aria-invalid={error !== undefined} aria-describedby={`${id}-b`} {...rest} />;
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      {beside === undefined ? input : <div className="row beside">{input}{beside}</div>}
      {below(`${id}-b`, hint, error)}
    </div>
  );
}

export function AreaField({ label, hint, error, ...rest }: Shared & Omit<ComponentProps<'textarea'>, 'className'>) {
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <textarea id={id} className="input mono" spellCheck={false} aria-invalid={error !== undefined} aria-describedby={`${id}-b`} {...rest} />
      {below(`${id}-b`, hint, error)}
    </div>
  );
}

export interface Option<Value extends string> {
  value: Value;
  label: string;
  /** How many there are of it; shown by those that are all visible. */
  count?: number;
}

export function SelectField<Value extends string>({ label, hint, error, options, value, onChange }: Shared & { options: readonly Option<Value>[]; value: Value; onChange: (value: Value) => void }) {
  const id = useId();
  const choose = (chosen: string) => {
    const option = options.find((each) => each.value === chosen);
    if (option !== undefined) onChange(option.value);
  };
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <select id={id} className="input" value={value} onChange={(event) => choose(event.target.value)} aria-describedby={`${id}-b`}>
        {options.map((option) => <option key={option.value} value={option.value}>{option.label}</option>)}
      </select>
      {below(`${id}-b`, hint, error)}
    </div>
  );
}

/** A choice without a visible label, for tool bars. */
export function Choice<Value extends string>({ label, options, value, onChange }: { label: string; options: readonly Option<Value>[]; value: Value; onChange: (value: Value) => void }) {
  return (
    <select className="input auto" aria-label={label} value={value} onChange={(event) => onChange(options.find((each) => each.value === event.target.value)?.value ?? value)}>
      {options.map((option) => <option key={option.value} value={option.value}>{option.label}</option>)}
    </select>
  );
}

export function SwitchButton({ checked, onChange, children, disabled }: { checked: boolean; onChange: (checked: boolean) => void; children: ReactNode; disabled?: boolean }) {
  const lost = useLostSince() !== null;
  return (
    <button type="button" role="switch" className="switch" aria-checked={checked} disabled={disabled === true || lost} onClick={() => onChange(!checked)}>
      {children}
    </button>
  );
}

/** A few ways that exclude each other, all of them visible. */
export function Segments<Value extends string>({ label, options, value, onChange }: { label: string; options: readonly Option<Value>[]; value: Value; onChange: (value: Value) => void }) {
  return (
    <div className="seg" role="group" aria-label={label}>
      {options.map((option) => (
        <button key={option.value} type="button" aria-pressed={option.value === value} onClick={() => onChange(option.value)}>
          {option.label}
          {option.count === undefined ? null : <span className="t3">{option.count}</span>}
        </button>
      ))}
    </div>
  );
}

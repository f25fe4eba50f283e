import { useId, type ReactNode } from 'react';
import { AreaField, SelectField, SwitchButton, TextField } from '../../../components/field.tsx';
import { Glyph } from '../../../components/icons.tsx';
import { PathField } from '../../../components/path-field.tsx';
import type { Param } from './values.ts';

const inputTypes: Partial<Record<Param['type'], string>> = { date: 'date', time: 'time', datetime: 'datetime-local', email: 'email', secret: 'password' };
const modesOfInput: Partial<Record<Param['type'], 'numeric' | 'decimal' | 'url' | 'email'>> = { int: 'numeric', number: 'decimal', url: 'url', email: 'email' };
const examples: Partial<Record<Param['type'], string>> = { duration: 'as 30m, 2h or 1d', datetime: 'your local time; sent with its zone', timezone: 'as Europe/Berlin', list: 'one a line', url: 'as https://shop.example/', secret: 'kept in memory alone, and asked again after a restart' };

function range({ min, max }: Param): string {
  if (min !== null && max !== null) return `from ${min} to ${max}`;
  if (min !== null) return `at least ${min}`;
  return max === null ? '' : `at most ${max}`;
}

function hintOf(param: Param): string | undefined {
  const parts = [param.help ?? '', examples[param.type] ?? '', range(param)].filter((part) => part !== '');
  return parts.length === 0 ? undefined : parts.map((part, index) => (index < parts.length - 1 ? part.replace(/\.$/, '') : part)).join('; ');
}

/** A text that may be anything, with what is likely meant to choose from. */
function Proposed({ proposals, text, onChange, ...shared }: { label: ReactNode; hint: string | undefined; error: string | undefined; text: string; onChange: (text: string) => void; proposals: readonly string[] }) {
  const list = useId();
  return (
    <>
      <TextField {...shared} list={list} autoComplete="off" value={text} onChange={(event) => onChange(event.target.value)} />
      <datalist id={list}>{proposals.map((proposal) => <option key={proposal} value={proposal} />)}</datalist>
    </>
  );
}

interface Props {
  param: Param;
  text: string;
  onChange: (text: string) => void;
  error: string | undefined;
}

/** The field of a parameter, by its type. */
export function ParamField({ param, text, onChange, error }: Props) {
  const label = param.required ? param.label : <>{param.label} <span className="t3">if you like</span></>;
  const hint = hintOf(param);
  const shared = { label, hint, error };
  switch (param.type) {
    case 'bool':
      return (
        <div className="field">
          <SwitchButton checked={text === 'true'} onChange={(checked) => onChange(String(checked))}>{param.label}</SwitchButton>
          {error === undefined ? (hint === undefined ? null : <p className="hint">{hint}</p>) : <p className="xs critical row" style={{ gap: 5 }}><Glyph kind="critical" small />{error}</p>}
        </div>
      );
    case 'enum': {
      const options = param.choices.map((choice) => ({ value: choice, label: choice }));
      return <SelectField {...shared} value={text} onChange={onChange} options={options.some(({ value }) => value === text) ? options : [{ value: text, label: text === '' ? 'Choose…' : text }, ...options]} />;
    }
    case 'text':
    case 'list':
      return <AreaField {...shared} rows={param.type === 'list' ? 3 : 4} value={text} onChange={(event) => onChange(event.target.value)} />;
    case 'file':
      return <PathField label={param.label} hint={hint} error={error} value={text} onChange={onChange} />;
    case 'host':
    case 'timezone':
      return <Proposed {...shared} text={text} onChange={onChange} proposals={param.type === 'host' ? param.choices : Intl.supportedValuesOf('timeZone')} />;
    default:
      return <TextField {...shared} mono={param.type === 'identifier' || param.type === 'path'} type={inputTypes[param.type] ?? 'text'} inputMode={modesOfInput[param.type]} autoComplete={param.type === 'secret' ? 'new-password' : 'off'} value={text} onChange={(event) => onChange(event.target.value)} />;
  }
}

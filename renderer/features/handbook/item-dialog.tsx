import { useState } from 'react';
import type { Item } from '#shared/contract/items.ts';
import type { System } from '#shared/contract/systems.ts';
import type { ErrorShape } from '#shared/domain/errors.ts';
import { Button } from '../../components/button.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { ErrorPanel } from '../../components/error-panel.tsx';
import { AreaField, SelectField, SwitchButton, TextField, type Option } from '../../components/field.tsx';
import { useCommand, useMethod } from '../../transport/use-method.ts';
import { draftOf, valueOf, type Draft } from './draft.ts';
import { fieldsOf, kindWords, type Field, type HandbookKind } from './fields.ts';

interface Props {
  system: System;
  kind: HandbookKind;
  /** Null: a new one. */
  item: Item | null;
  /** All of the system. */
  items: readonly Item[];
  onClose: () => void;
}

/** What a new one begins with; the engine settles the rest. */
const beginnings: Partial<Record<HandbookKind, Readonly<Record<string, unknown>>>> = {
  severity: { clocks: {}, tone: 'warn' },
  threshold: { drives: { kind: 'people' }, unit: 'percent' },
  service: { manager: 'systemd' },
  path: { holds: 'logs' },
  backup: { keep: {}, proof: 'L3' },
  template: { purpose: 'other' },
};

const none: Option<string> = { value: '', label: 'None' };
/** Where no hours are named, all of them count. */
const always: Option<string> = { value: '', label: 'Day and night' };

interface FieldProps {
  field: Field;
  text: string;
  error: string | undefined;
  items: readonly Item[];
  checks: readonly Option<string>[];
  onChange: (text: string) => void;
}

function FieldOf({ field, text, error, items, checks, onChange }: FieldProps) {
  const said = { label: field.label, ...(field.hint === undefined ? {} : { hint: field.hint }), ...(error === undefined ? {} : { error }) };
  switch (field.as) {
    case 'switch':
      return <SwitchButton checked={text === 'yes'} onChange={(on) => onChange(on ? 'yes' : '')}>{field.label}</SwitchButton>;
    case 'choice':
      return <SelectField {...said} options={field.options} value={text} onChange={onChange} />;
    case 'key':
      return <SelectField {...said} value={text} onChange={onChange} options={[field.of === 'hours' ? always : none, ...items.filter(({ kind }) => kind === field.of).map(({ key, value }) => ({ value: key, label: value.title }))]} />;
    case 'drives':
      return <SelectField {...said} options={checks} value={text} onChange={onChange} />;
    case 'area':
      return <AreaField {...said} value={text} rows={8} onChange={(event) => onChange(event.target.value)} />;
    case 'lines':
    case 'spans':
    case 'pairs':
      return <AreaField {...said} value={text} rows={3} onChange={(event) => onChange(event.target.value)} />;
    default:
      return <TextField {...said} value={text} onChange={(event) => onChange(event.target.value)} />;
  }
}

/** What a threshold may drive: a check, the answers of all endpoints, the age of proven copies, or what people do. */
function useDrives(items: readonly Item[], now: string): Option<string>[] {
  const catalogue = useMethod('health.catalogue', {}, { freshMs: Infinity });
  const endpoints = items.filter(({ kind }) => kind === 'endpoint').map(({ key }) => key);
  const options: Option<string>[] = [
    { value: 'people', label: 'Nothing here: people go by it' },
    { value: 'backup-age', label: 'The age of the newest proven copy' },
    ...(endpoints.length === 0 ? [] : [{ value: `endpoints:${endpoints.join(',')}`, label: 'The time in which endpoints answer' }]),
    ...(catalogue.data?.checks ?? []).filter(({ warn, critical }) => warn !== null || critical !== null).map(({ id, title }) => ({ value: `check:${id}`, label: `The check ${title}` })),
  ];
  return options.some(({ value }) => value === now) || now === '' ? options : [{ value: now, label: now }, ...options];
}

/** What the engine found in fields, by their paths: what it knows and a form does not. */
function faultsOf(error: ErrorShape | null): Readonly<Record<string, string>> {
  const faults = error?.details?.['faults'];
  return Array.isArray(faults) ? Object.fromEntries((faults as { field: string; message: string }[]).map(({ field, message }) => [field, message])) : {};
}

/** Writes or changes one thing of a system. What a pack said of it is kept beside, and can be had back. */
export function ItemDialog({ system, kind, item, items, onClose }: Props) {
  const fields = fieldsOf[kind];
  const before = (item?.value ?? beginnings[kind] ?? {}) as Readonly<Record<string, unknown>>;
  const [draft, setDraft] = useState<Draft>(() => draftOf(fields, before));
  const [tried, setTried] = useState(false);
  const save = useCommand('item.save');
  const drives = useDrives(items, draft['drives'] ?? '');
  const read = valueOf(fields, draft, before);
  const wrong = { ...faultsOf(save.error), ...('wrong' in read ? read.wrong : {}) };
  const submit = () => {
    setTried(true);
    if ('wrong' in read) return;
    save.mutate({ systemId: system.id, kind, key: item?.key ?? null, value: { ...read.value } }, { onSuccess: onClose });
  };
  return (
    <Dialog title={item === null ? `New ${kindWords[kind].one}` : `Change ${item.value.title}`} environment={system.environment} target={system.name} onClose={onClose} size={600}>
      <form className="stack wide" onSubmit={(event) => { event.preventDefault(); submit(); }}>
        <div className="stack">
          {fields.map((field) => <FieldOf key={field.path} field={field} text={draft[field.path] ?? ''} error={tried ? wrong[field.path] : undefined} items={items} checks={drives} onChange={(text) => setDraft((now) => ({ ...now, [field.path]: text }))} />)}
        </div>
        {save.error === null ? null : <ErrorPanel error={save.error} title="It was not saved." />}
        <div className="btns">
          <button type="button" className="btn lg" onClick={onClose}>Cancel</button>
          <Button size="lg" look="primary" type="submit" disabled={save.isPending}>Save {kindWords[kind].one}</Button>
        </div>
      </form>
    </Dialog>
  );
}

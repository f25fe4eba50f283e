import { useState } from 'react';
import type { EndpointFound } from '#shared/contract/endpoints.ts';
import { endpointItem } from '#shared/contract/items.ts';
import type { MethodArgument } from '#shared/contract/index.ts';
import type { System } from '#shared/contract/systems.ts';
import { Button } from '../../components/button.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { ErrorPanel } from '../../components/error-panel.tsx';
import { SelectField, TextField, type Option } from '../../components/field.tsx';
import { prose } from '../../components/format.ts';
import { State } from '../../components/state.tsx';
import { typedFigure } from '../../components/typed-figure.ts';
import { useEngine } from '../../transport/engine-context.ts';
import { useCommand } from '../../transport/use-method.ts';
import { useSubmission } from '../../transport/use-submission.ts';

export type EndpointValue = ReturnType<typeof endpointItem.parse>;
type Fields = Record<'title' | 'url' | 'status' | 'warn' | 'critical' | 'matches' | 'path' | 'equals' | 'through', string>;

const here = 'here';
const fieldsOf = (value: EndpointValue | null): Fields => ({ title: value?.title ?? '', url: value?.url ?? 'https://', status: value?.status.join(', ') ?? '200', warn: value?.warnMs?.toString() ?? '', critical: value?.criticalMs?.toString() ?? '', matches: value?.bodyMatches ?? '', path: value?.json?.path ?? '', equals: value?.json === null || value === null ? '' : String(value.json.equals), through: value?.through ?? here });

const milliseconds = (text: string): number | null => (text.trim() === '' ? null : typedFigure(text));
const isWrong = (text: string): boolean => text.trim() !== '' && (milliseconds(text) ?? 0) <= 0;
/** What is typed as a number or a yes is one in JSON. */
const meant = (text: string): string | number | boolean => (/^(?:true|false|-?\d+(?:\.\d+)?)$/.test(text) ? (JSON.parse(text) as number | boolean) : text);

/** @returns the fields as they are saved; which of them are wrong where some are */
function read(fields: Fields, before: EndpointValue | null): { value: EndpointValue } | { wrong: Partial<Record<keyof Fields, string>> } {
  const statuses = fields.status.split(',').map((part) => Number(part.trim()));
  const wrong: Partial<Record<keyof Fields, string>> = {
    ...(fields.title.trim() === '' ? { title: 'Write a name' } : {}),
    ...(endpointItem.shape.url.safeParse(fields.url.trim()).success && fields.url.trim() !== 'https://' ? {} : { url: 'An address that begins with https:// or http://' }),
    ...(statuses.every((status) => Number.isInteger(status) && status >= 100 && status <= 599) ? {} : { status: 'Statuses from 100 to 599, as in 200, 301' }),
    ...(isWrong(fields.warn) ? { warn: 'A number above 0, or nothing' } : {}),
    ...(isWrong(fields.critical) ? { critical: 'A number above 0, or nothing' } : {}),
  };
  if (Object.keys(wrong).length > 0) return { wrong };
  const value = { ...before, title: fields.title.trim(), url: fields.url.trim(), status: statuses, warnMs: milliseconds(fields.warn), criticalMs: milliseconds(fields.critical), bodyMatches: fields.matches === '' ? null : fields.matches, json: fields.path.trim() === '' ? null : { path: fields.path.trim(), equals: meant(fields.equals) }, through: fields.through === here ? null : fields.through };
  const parsed = endpointItem.safeParse(value);
  return parsed.success ? { value: parsed.data } : { wrong: { url: 'This cannot be saved as it is' } };
}

/** What each check says of it now. */
export function FoundList({ found }: { found: readonly EndpointFound[] }) {
  return (
    <ul className="plain stack" aria-label="What it answers">
      {found.map(({ check, title, status, summary, opener }) => (
        <li key={check} className="row top"><State kind={status}>{title}</State><span className="break">{prose(summary)}{opener === null ? '' : ` ${prose(opener)}`}</span></li>
      ))}
    </ul>
  );
}

/** @param value null: a new one. @param roles roles of hosts that could make the connection */
export function EndpointDialog({ system, itemKey, value: before, roles, onClose }: { system: System; itemKey: string | null; value: EndpointValue | null; roles: readonly Option<string>[]; onClose: () => void }) {
  const engine = useEngine();
  const [fields, setFields] = useState(() => fieldsOf(before));
  const save = useCommand('item.save');
  const test = useSubmission<{ found: EndpointFound[] }, MethodArgument<'endpoint.test'>>({ mutationFn: (input) => engine.call('endpoint.test', input) });
  const set = (name: keyof Fields) => (event: { target: { value: string } }) => setFields({ ...fields, [name]: event.target.value });
  const done = read(fields, before);
  const wrong = 'wrong' in done ? done.wrong : {};
  const submit = () => {
    if ('value' in done) save.mutate({ systemId: system.id, kind: 'endpoint', key: itemKey, value: done.value }, { onSuccess: onClose });
  };
  return (
    <Dialog title={before === null ? 'Add an endpoint' : `Edit ${before.title}`} environment={system.environment} target={system.name} onClose={onClose} size={640}>
      <form className="stack" onSubmit={(event) => { event.preventDefault(); submit(); }}>
        <div className="fields">
          <TextField label="Name" value={fields.title} maxLength={200} onChange={set('title')} error={fields.title === '' ? undefined : wrong.title} />
          <TextField label="Address" mono value={fields.url} onChange={set('url')} error={fields.url === 'https://' ? undefined : wrong.url} hint="Nothing is followed, and nothing is sent that signs in" />
          <TextField label="Statuses that are well" value={fields.status} onChange={set('status')} error={wrong.status} />
          <SelectField label="Connects from" value={fields.through} onChange={(through) => setFields({ ...fields, through })} options={[{ value: here, label: 'This computer' }, ...roles]} />
          <TextField label="Warn after, in ms" inputMode="numeric" value={fields.warn} onChange={set('warn')} error={wrong.warn} hint="Nothing: by the thresholds of the system" />
          <TextField label="Critical after, in ms" inputMode="numeric" value={fields.critical} onChange={set('critical')} error={wrong.critical} />
          <TextField label="Body has to match" mono value={fields.matches} onChange={set('matches')} hint="A regular expression, or nothing" />
          <TextField label="JSON field" mono value={fields.path} onChange={set('path')} hint="As in $.status, or nothing" />
          {fields.path.trim() === '' ? null : <TextField label="JSON field has to be" mono value={fields.equals} onChange={set('equals')} />}
        </div>
        {test.isPending ? <p className="t2" role="status">Asking it, for 30 seconds at most.</p> : test.data === undefined ? null : <FoundList found={test.data.found} />}
        {test.error === null ? null : <ErrorPanel error={test.error} title="It was not tested." />}
        {save.error === null ? null : <ErrorPanel error={save.error} title="The endpoint was not saved." />}
        <div className="btns foot">
          <Button look="primary" size="lg" type="submit" disabled={!('value' in done) || save.isPending}>Save endpoint</Button>
          <Button needsEngine size="lg" disabled={!('value' in done) || test.isPending} onClick={() => { if ('value' in done) test.mutate({ systemId: system.id, endpoint: { value: done.value } }); }}>Test</Button>
          <Button size="lg" onClick={onClose}>Close</Button>
        </div>
      </form>
    </Dialog>
  );
}

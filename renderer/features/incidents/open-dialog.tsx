import { useState } from 'react';
import { useLocation } from 'wouter';
import { graverThan } from '#shared/domain/incident/severities.ts';
import { Button } from '../../components/button.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { ErrorPanel } from '../../components/error-panel.tsx';
import { AreaField, SelectField, TextField } from '../../components/field.tsx';
import { span } from '../../components/format.ts';
import { paths } from '../../components/paths.ts';
import { useCommand, useMethod } from '../../transport/use-method.ts';

const none = '';

/** What is wrong, how bad, and what was seen: nothing else is asked at three in the morning. */
export function OpenDialog({ systemId: ofScreen, onClose }: { systemId: string | null; onClose: () => void }) {
  const [, navigate] = useLocation();
  const [picked, setPicked] = useState<string | null>(null);
  const [title, setTitle] = useState('');
  const [seen, setSeen] = useState('');
  const [chosen, setChosen] = useState<string | null>(null);
  const [unsure, setUnsure] = useState(false);
  // The same one, however often it is pressed while nobody answers.
  const [commandId] = useState(() => crypto.randomUUID());
  const systems = useMethod('system.list', {});
  const [only, ...others] = systems.data?.systems ?? [];
  // Where there is one system, it is that one unless somebody says otherwise.
  const onlyOne = only !== undefined && others.length === 0 ? only.id : none;
  const wanted = ofScreen ?? picked ?? onlyOne;
  const systemId = wanted === none ? null : wanted;
  const choices = useMethod('incident.choices', { systemId }, { keepPrevious: true });
  const open = useCommand('incident.open');
  const severities = choices.data?.severities ?? [];
  const severity = severities.find(({ key }) => key === chosen) ?? severities[0];
  const taken = severity === undefined || !unsure ? severity : graverThan(severities, severity);
  const system = systems.data?.systems.find(({ id }) => id === systemId) ?? null;
  const ready = title.trim() !== '' && severity !== undefined && !open.isPending;
  const declare = (): void => {
    if (severity === undefined || !ready) return;
    open.mutate({ commandId, title: title.trim(), systemId, severity: severity.key, unsure, seen: seen.trim() }, { onSuccess: ({ incidentId }) => navigate(paths.incident(incidentId)) });
  };
  const limits = taken === undefined ? '' : [taken.clocks['acknowledge'] === null ? '' : `acknowledged within ${span(taken.clocks['acknowledge'] ?? 0)}`, taken.clocks['update'] === null ? '' : `an update every ${span(taken.clocks['update'] ?? 0)}`].filter((part) => part !== '').join(', ');
  return (
    <Dialog title="Declare an incident?" environment={system?.environment ?? null} target={system?.name} onClose={onClose}>
      <form className="stack wide" onSubmit={(event) => { event.preventDefault(); declare(); }}>
        <TextField label="What is wrong" placeholder="The shop does not answer" value={title} maxLength={200} onChange={(event) => setTitle(event.target.value)} data-autofocus />
        {ofScreen === null ? <SelectField label="Of which system" value={wanted} onChange={setPicked} options={[{ value: none, label: 'None in particular' }, ...(systems.data?.systems ?? []).map(({ id, name }) => ({ value: id, label: name }))]} /> : null}
        <SelectField label="How bad" value={severity?.key ?? ''} onChange={setChosen} options={severities.map(({ key, title: words }) => ({ value: key, label: words }))} hint={severity === undefined ? 'Reading what there is' : severity.examples.length === 0 ? severity.text : severity.examples.join('; ')} />
        <label className="check"><input type="checkbox" checked={unsure} onChange={(event) => setUnsure(event.target.checked)} />Not sure: take the graver one{unsure && taken !== undefined ? `, ${taken.title}` : ''}</label>
        <AreaField label="What was seen" hint="May be left out" rows={3} value={seen} onChange={(event) => setSeen(event.target.value)} />
        <p className="t2">{limits === '' ? '' : `Then it is to be ${limits}. `}Nobody is paged by it: this computer cannot. It prepares the call and the text, you send them.</p>
        {choices.error === null ? null : <ErrorPanel error={choices.error} onRetry={() => void choices.refetch()} />}
        {open.error === null ? null : <ErrorPanel error={open.error} title="It was not declared." />}
        <div className="btns">
          <Button size="lg" onClick={onClose}>Cancel</Button>
          <Button look="primary" type="submit" size="lg" disabled={!ready}>Declare the incident</Button>
        </div>
      </form>
    </Dialog>
  );
}

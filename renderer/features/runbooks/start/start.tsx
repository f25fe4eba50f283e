import { useDebouncedValue } from '@mantine/hooks';
import { useState } from 'react';
import { useLocation } from 'wouter';
import type { OccurrenceName } from '#shared/contract/calendar.ts';
import type { MethodOutput } from '#shared/contract/index.ts';
import { modes } from '#shared/domain/runbook/walkthrough.ts';
import { Button, LinkButton } from '../../../components/button.tsx';
import { ErrorPanel } from '../../../components/error-panel.tsx';
import { SelectField } from '../../../components/field.tsx';
import { plural } from '../../../components/format.ts';
import { Loaded } from '../../../components/loaded.tsx';
import { paths } from '../../../components/paths.ts';
import { saveDocument } from '../../../components/save-document.ts';
import { PageHead } from '../../../components/screen.tsx';
import { useEngine } from '../../../transport/engine-context.ts';
import { useCommand, useMethod } from '../../../transport/use-method.ts';
import { useSubmission } from '../../../transport/use-submission.ts';
import { StepsPreview } from '../../../components/steps-preview.tsx';
import { RunbookTitle } from '../title.tsx';
import { minutes } from '../../../components/run-words.ts';
import { modeWords } from '../words.ts';
import { forgetDraft, useStartDraft } from './draft.ts';
import { Contacts, Continues, Problems, Warnings } from './notes.tsx';
import { OptionsOf } from './options-of.tsx';
import { withIncident } from './of-incident.ts';
import { ParamField } from './param-field.tsx';
import { TargetField } from './targets.tsx';
import { askedFor, bindingsOf, shownText } from './values.ts';
import '../runbooks.css';

const typingPauseMs = 250;

interface Props {
  /** Of the screen; null: which one it is for is chosen here. */
  systemId: string | null;
  pack: string;
  file: string;
  /** The earlier walkthrough that it takes the place of. */
  continues: string | null;
  /** The incident that it is begun for. */
  incidentId?: string;
  /** The work of the calendar that it is begun for. */
  occurrence?: OccurrenceName;
}

type Prepared = MethodOutput<'runbook.prepare'>;

function Form({ systemId: ofScreen, refName, prepared, draft, change, continues, incidentId, occurrence }: { systemId: string | null; refName: string; prepared: Prepared; draft: ReturnType<typeof useStartDraft>[0]; change: ReturnType<typeof useStartDraft>[1]; continues: string | null; incidentId: string | undefined; occurrence: OccurrenceName | undefined }) {
  const engine = useEngine();
  const [, navigate] = useLocation();
  const [secrets, setSecrets] = useState<Record<string, string>>({});
  const systems = useMethod('system.list', {});
  const start = useCommand('walkthrough.start');
  const link = useCommand('calendar.link');
  const { card, problems } = prepared;
  const { asked, values } = askedFor(prepared.params, draft.texts);
  const bindings = bindingsOf(prepared.targets, draft.chosen);
  const input = { ref: refName, systemId: draft.systemId, bindings, values };
  const [settled] = useDebouncedValue(input, typingPauseMs);
  const preview = useMethod('runbook.preview', settled, { keepPrevious: true });
  const checklist = useSubmission<MethodOutput<'runbook.checklist'>>({ mutationFn: () => engine.call('runbook.checklist', input), onSuccess: saveDocument });
  const environment = systems.data?.systems.find(({ id }) => id === draft.systemId)?.environment ?? null;
  const errors = problems.filter(({ severity }) => severity === 'error').length;
  // On paper nothing is reached, so that no target has to be there.
  const isTarget = (name: string): boolean => prepared.targets.some((role) => role.name === name);
  const faults = (preview.data?.faults ?? []).filter(({ name }) => draft.mode === 'live' || !isTarget(name));
  const faultOf = (name: string): string | undefined => faults.find((fault) => fault.name === name)?.message;
  const shown = new Set([...asked.map(({ name }) => name), ...prepared.targets.map(({ name }) => name)]);
  const labelOf = (name: string): string => [...asked, ...prepared.targets].find((each) => each.name === name)?.label ?? name;
  const elsewhere = faults.filter(({ name }) => !shown.has(name));
  // Of a secret the engine hears only with the start.
  const open = faults.filter(({ name }) => (secrets[name] ?? '') === '');
  const fresh = JSON.stringify(settled) === JSON.stringify(input) && !preview.isPlaceholderData;
  const begin = () => {
    const given = Object.fromEntries(asked.flatMap(({ name, type }) => (type === 'secret' && (secrets[name] ?? '') !== '' ? [[name, secrets[name] ?? '']] : [])));
    start.mutate({ ref: refName, hash: card.hash, systemId: draft.systemId, mode: draft.mode, bindings, values, secrets: given, ...(continues === null ? {} : { continues }), ...(incidentId === undefined ? {} : { incidentId }) }, {
      onSuccess: ({ walkthroughId }) => {
        forgetDraft(ofScreen, refName);
        const go = () => navigate(paths.walkthrough(walkthroughId));
        if (occurrence === undefined) go();
        else link.mutate({ ...occurrence, walkthroughId }, { onSuccess: go });
      },
    });
  };
  return (
    <div className="rb-start">
      <form className="fill" aria-label="Before it is started" onSubmit={(event) => { event.preventDefault(); begin(); }}>
        <PageHead title={card.title} lede={<>{card.summary ?? ''} <span className="t3">v{card.version}, {plural(card.steps, 'step')}{card.usualMs === null ? (card.estimateMs === null ? '' : `, about ${minutes(card.estimateMs)}`) : `, usually ${minutes(card.usualMs)}`}</span></>}>
          <LinkButton to={paths.runbookEdit(ofScreen, refName)}>{card.origin === 'own' ? 'Edit' : 'Read'}</LinkButton>
        </PageHead>
        <Problems problems={problems} systemId={ofScreen} card={card} />
        {continues === null ? null : <Continues walkthroughId={continues} />}
        <fieldset className="ways" aria-label="How it is walked">
          {modes.map((mode) => (
            <label key={mode} className={draft.mode === mode ? 'on' : ''}>
              <input type="radio" name="mode" checked={draft.mode === mode} onChange={() => change({ mode })} />
              <b className="medium">{modeWords[mode].word}</b>
              <span className="t3 xs">{modeWords[mode].sentence}</span>
            </label>
          ))}
        </fieldset>
        {ofScreen === null ? <SelectField label="For which system" hint="What fits its targets is proposed of this system" value={draft.systemId ?? ''} onChange={(id) => change({ systemId: id === '' ? null : id, chosen: {} })} options={[{ value: '', label: 'None in particular' }, ...(systems.data?.systems ?? []).map(({ id, name }) => ({ value: id, label: name }))]} /> : null}
        {prepared.targets.length === 0 ? null : (
          <section className="sec" aria-labelledby="targets"><header><h2 id="targets">Targets</h2></header>
            {prepared.targets.map((role) => <TargetField key={`${draft.systemId}-${role.name}`} role={role} choice={bindings[role.name] ?? null} error={faultOf(role.name)} onChoose={(choice) => change({ chosen: { ...draft.chosen, [role.name]: choice } })} />)}
          </section>
        )}
        {asked.length === 0 ? null : (
          <section className="sec" aria-labelledby="params"><header><h2 id="params">What it needs to know</h2></header>
            {asked.map((param) => {
              const secret = param.type === 'secret';
              const text = secret ? (secrets[param.name] ?? '') : shownText(param, draft.texts);
              const set = (value: string) => (secret ? setSecrets((before) => ({ ...before, [param.name]: value })) : change({ texts: { ...draft.texts, [param.name]: value } }));
              return (
                <div key={param.name} className="stack tight">
                  <ParamField param={param} text={text} onChange={set} error={(secret && text !== '') || (text === '' && !(param.name in draft.texts)) ? undefined : faultOf(param.name)} />
                  {param.optionsFrom === null ? null : <OptionsOf label={param.label} from={param.optionsFrom} targetLabel={prepared.targets.find(({ name }) => name === param.optionsFrom?.target)?.label ?? param.optionsFrom.target} ask={{ ref: refName, param: param.name, bindings, values }} value={text} onChoose={(choice) => set(param.type === 'list' ? [...text.split('\n').filter((line) => line !== '' && line !== choice), choice].join('\n') : choice)} />}
                </div>
              );
            })}
          </section>
        )}
        <Contacts contacts={prepared.contacts} />
        <div className="begin">
          {elsewhere.map(({ name, message }) => <p key={name} className="xs critical">{name}: {message}</p>)}
          {start.error === null ? null : <ErrorPanel error={start.error} title="It was not started." />}
          {link.error === null || start.data === undefined ? null : <><ErrorPanel error={link.error} title="It was started, and the calendar does not count it." /><LinkButton to={paths.walkthrough(start.data.walkthroughId)}>Open the walkthrough</LinkButton></>}
          {checklist.error === null ? null : <ErrorPanel error={checklist.error} title="The checklist was not made." />}
          <Warnings card={card} mode={draft.mode} environment={environment} usesHost={prepared.targets.some(({ kind }) => kind === 'ssh')} />
          <div className="row wrap">
            <Button look="primary" size="lg" type="submit" disabled={errors > 0 || open.length > 0 || !fresh || start.isPending || start.data !== undefined}>{draft.mode === 'live' ? 'Start it live' : draft.mode === 'paper' ? 'Start it on paper' : 'Start the rehearsal'}</Button>
            <span className="t3 xs grow" role="status">{errors > 0 ? 'Its file has errors' : open.length > 0 ? `To fill in: ${labelOf(open[0]?.name ?? '')}${open.length === 1 ? '' : `, and ${open.length - 1} more`}` : fresh ? '' : 'Looking at what was filled in'}</span>
            <LinkButton to={paths.runbookPrint(ofScreen, refName)}>Print…</LinkButton>
            <Button needsEngine disabled={checklist.isPending} onClick={() => checklist.mutate()}>Save the checklist</Button>
          </div>
        </div>
      </form>
      <section className="look" aria-labelledby="resolved" tabIndex={0}>
        <header className="row base"><h2 id="resolved">As it would be sent</h2><span className="t3 xs">nothing was sent to make this</span></header>
        {preview.error === null ? null : <ErrorPanel error={preview.error} onRetry={() => void preview.refetch()} />}
        {preview.data === undefined ? null : <StepsPreview steps={preview.data.steps} />}
      </section>
    </div>
  );
}

/** Everything that is said before a runbook is walked, and what would be sent with it. */
export function StartForm({ systemId, pack, file, continues, incidentId, occurrence }: Props) {
  const refName = `${pack}/${file}`;
  const [draft, change] = useStartDraft(systemId, refName);
  const prepared = useMethod('runbook.prepare', { ref: refName, systemId: draft.systemId }, { keepPrevious: true });
  const incident = useMethod('incident.get', { incidentId: incidentId ?? '' }, { enabled: incidentId !== undefined });
  return (
    <>
      <RunbookTitle systemId={systemId} screen="Start a runbook" focus />
      {prepared.data === undefined ? <div className="page"><PageHead title="Start a runbook" /><Loaded query={prepared} what="the runbook">{() => null}</Loaded></div> : <Form systemId={systemId} refName={refName} prepared={{ ...prepared.data, params: withIncident(prepared.data.params, incident.data) }} draft={draft} change={change} continues={continues} incidentId={incidentId} occurrence={occurrence} />}
    </>
  );
}

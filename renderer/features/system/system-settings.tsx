import { useState } from 'react';
import { environments } from '#shared/domain/environment.ts';
import type { System } from '#shared/contract/systems.ts';
import { Button } from '../../components/button.tsx';
import { ErrorPanel } from '../../components/error-panel.tsx';
import { SelectField, SwitchButton, TextField } from '../../components/field.tsx';
import { Loaded } from '../../components/loaded.tsx';
import { PageHead } from '../../components/screen.tsx';
import { typedFigure } from '../../components/typed-figure.ts';
import { useSystemScreen } from '../../components/use-system.ts';
import { environmentWords } from '../../components/words.ts';
import { useCommand, useMethod } from '../../transport/use-method.ts';
import { Endpoints } from './endpoints.tsx';
import { Hosts } from './hosts.tsx';
import { Removal } from './removal.tsx';
import './system.css';

function hours(text: string): number | null {
  const value = typedFigure(text);
  return value !== null && value > 0 ? value : null;
}

function General({ system }: { system: System }) {
  const [name, setName] = useState(system.name);
  const [environment, setEnvironment] = useState(system.environment);
  const [warn, setWarn] = useState(String(system.policy.backupAgeHours.warn));
  const [critical, setCritical] = useState(String(system.policy.backupAgeHours.critical));
  const [typed, setTyped] = useState('');
  const update = useCommand('system.update');
  const leaves = system.environment === 'production' && environment !== 'production';
  const limits = { warn: hours(warn), critical: hours(critical) };
  const order = limits.warn !== null && limits.critical !== null && limits.warn > limits.critical;
  const sound = name.trim() !== '' && limits.warn !== null && limits.critical !== null && !order && (!leaves || typed === system.name);
  const save = () => {
    if (limits.warn === null || limits.critical === null) return;
    update.mutate({ systemId: system.id, name: name.trim(), environment, policy: { ...system.policy, backupAgeHours: { warn: limits.warn, critical: limits.critical } }, ...(leaves ? { confirmName: typed } : {}) });
  };
  return (
    <section className="panel" aria-labelledby="general">
      <header><h2 id="general">General</h2></header>
      <form className="body stack wide" onSubmit={(event) => { event.preventDefault(); if (sound) save(); }}>
        <div className="fields">
          <TextField label="Name" value={name} maxLength={80} onChange={(event) => setName(event.target.value)} error={name.trim() === '' ? 'Write a name' : undefined} />
          <SelectField label="Environment" value={environment} onChange={setEnvironment} options={environments.map((value) => ({ value, label: environmentWords[value].long }))} hint="Production asks for the typed name before anything is changed" />
          <TextField label="Newest proven copy: warn after, in hours" inputMode="decimal" value={warn} onChange={(event) => setWarn(event.target.value)} error={limits.warn === null ? 'A number above 0' : undefined} />
          <TextField label="Newest proven copy: critical after, in hours" inputMode="decimal" value={critical} onChange={(event) => setCritical(event.target.value)} error={limits.critical === null ? 'A number above 0' : order ? 'Not less than the warn limit' : undefined} />
        </div>
        {leaves ? <TextField label={<>Nothing asks for a name before it changes something here any more. Type its name: <b className="mono">{system.name}</b></>} mono value={typed} onChange={(event) => setTyped(event.target.value)} /> : null}
        <SwitchButton checked={system.readOnly} disabled={update.isPending} onChange={(readOnly) => update.mutate({ systemId: system.id, readOnly })}>Read only: refuse every plan that changes something here</SwitchButton>
        {update.error === null ? null : <ErrorPanel error={update.error} title="The system was not changed." />}
        <div><Button look="primary" type="submit" disabled={!sound || update.isPending}>Save system</Button></div>
      </form>
    </section>
  );
}

/** Name, environment, the read-only switch, limits, its hosts with their keys, its endpoints, and the way to forget it. */
export function SystemSettings({ systemId }: { systemId: string }) {
  const query = useSystemScreen(systemId, 'Settings');
  const hosts = useMethod('host.list', {});
  const own = hosts.data?.hosts.filter((host) => host.systemId === systemId) ?? [];
  return (
    <div className="page dense narrow">
      <PageHead title="Settings" lede={query.data === undefined ? '' : `Of ${query.data.system.name}. Limits of single checks are set in Health, Thresholds.`} />
      <Loaded query={query} what="the system">
        {({ system }) => (
          <>
            <General key={`${system.name}${system.environment}`} system={system} />
            <Hosts system={system} query={hosts} />
            <Endpoints system={system} />
            <Removal system={system} hosts={own} />
          </>
        )}
      </Loaded>
    </div>
  );
}

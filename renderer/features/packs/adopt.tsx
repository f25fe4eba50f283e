import { useState } from 'react';
import { useLocation } from 'wouter';
import type { MethodOutput } from '#shared/contract/index.ts';
import { environments } from '#shared/domain/environment.ts';
import { Button } from '../../components/button.tsx';
import { ErrorPanel } from '../../components/error-panel.tsx';
import { SelectField, TextField } from '../../components/field.tsx';
import { plainText, plural } from '../../components/format.ts';
import { Loaded } from '../../components/loaded.tsx';
import { paths } from '../../components/paths.ts';
import { PageHead, useScreen } from '../../components/screen.tsx';
import { environmentWords } from '../../components/words.ts';
import { useCommand, useMethod } from '../../transport/use-method.ts';
import { PackForm, useSaid } from './form.tsx';
import { shortCounts } from './words.ts';
import './packs.css';

interface InsideProps {
  prepared: MethodOutput<'pack.prepare'>;
  systemId: string | null;
  systems: MethodOutput<'system.list'>['systems'];
  onSystem: (systemId: string | null) => void;
}

/** A name that no system has yet. */
function freeName(name: string, systems: InsideProps['systems']): string {
  const taken = new Set(systems.map((system) => system.name.toLowerCase()));
  for (let number = 1; ; number++) {
    const tried = number === 1 ? name : `${name} ${number}`;
    if (!taken.has(tried.toLowerCase())) return tried;
  }
}

function Inside({ prepared, systemId, systems, onSystem }: InsideProps) {
  const [name, setName] = useState(() => freeName(prepared.name, systems));
  const [environment, setEnvironment] = useState(prepared.environment);
  const [, navigate] = useLocation();
  const adopt = useCommand('pack.adopt');
  const say = useSaid(prepared);
  const isTaken = systemId === null && systems.some((system) => system.name.toLowerCase() === name.trim().toLowerCase());
  const sound = systemId !== null || (name.trim() !== '' && !isTaken);
  const submit = () => {
    adopt.mutate(
      { pack: prepared.card.name, hash: prepared.hash, system: systemId === null ? { name: name.trim(), environment } : { systemId }, ...say.said },
      { onSuccess: (answer) => navigate(paths.systemScreen(answer.systemId, 'handbook')) },
    );
  };
  return (
    <form className="stack wide" onSubmit={(event) => { event.preventDefault(); if (sound) submit(); }}>
      <section className="panel" aria-labelledby="for">
        <header><h2 id="for">The system</h2></header>
        <div className="body pk-fields">
          <SelectField label="Adopt it for" value={systemId ?? ''} onChange={(id) => onSystem(id === '' ? null : id)} options={[{ value: '', label: 'A new system' }, ...systems.map((system) => ({ value: system.id, label: system.name }))]} hint={systemId === null ? 'Its hosts and databases can be added before or after' : 'What stands there already stays'} />
          {systemId === null ? <TextField label="Name" value={name} maxLength={80} onChange={(event) => setName(event.target.value)} error={name.trim() === '' ? 'Write a name' : isTaken ? 'There is a system of this name' : undefined} /> : null}
          {systemId === null ? <SelectField label="Environment" value={environment} onChange={setEnvironment} options={environments.map((value) => ({ value, label: environmentWords[value].long }))} hint="Production asks for the typed name before anything is changed" /> : null}
        </div>
      </section>
      <PackForm roles={prepared.roles} questions={prepared.questions} say={say} error={adopt.error} />
      <div className="pk-bar">
        {adopt.error === null ? null : <ErrorPanel error={adopt.error} title="It was not adopted." />}
        <p className="grow t2">{say.open === 0 ? 'Everything is said.' : `${plural(say.open, 'answer')} missing: what depends on ${say.open === 1 ? 'it' : 'them'} stays out until you say it, and nothing is guessed.`}</p>
        <Button look="primary" size="lg" type="submit" disabled={!sound || adopt.isPending}>Adopt {plainText(prepared.card.title)}</Button>
      </div>
    </form>
  );
}

/** Makes a system of a pack: which hosts and databases it has, and what the pack cannot know. */
export function AdoptPack({ systemId: given, name }: { systemId: string | null; name: string }) {
  const [systemId, setSystemId] = useState(given);
  const prepared = useMethod('pack.prepare', { pack: name, systemId });
  const systems = useMethod('system.list', {});
  const system = systems.data?.systems.find(({ id }) => id === given) ?? null;
  useScreen({ screen: 'Adopt a pack', system: system === null ? null : { id: system.id, name: system.name, environment: system.environment, readOnly: system.readOnly } });
  return (
    <div className="page dense narrow">
      <Loaded query={prepared} what="the pack">
        {(data) => (
          <>
            <PageHead title={`Adopt ${plainText(data.card.title)}`} lede={shortCounts(data.card)} />
            <Loaded query={systems} what="the systems">{(known) => <Inside key={systemId ?? ''} prepared={data} systemId={systemId} systems={known.systems} onSystem={setSystemId} />}</Loaded>
          </>
        )}
      </Loaded>
    </div>
  );
}

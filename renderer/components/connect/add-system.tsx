import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useLocation } from 'wouter';
import type { MethodOutput } from '#shared/contract/index.ts';
import { environments, type Environment } from '#shared/domain/environment.ts';
import { useEngine } from '../../transport/engine-context.ts';
import { useMethod } from '../../transport/use-method.ts';
import { useSubmission } from '../../transport/use-submission.ts';
import { Button } from '../button.tsx';
import { Dialog } from '../dialog.tsx';
import { ErrorPanel } from '../error-panel.tsx';
import { SelectField, TextField } from '../field.tsx';
import type { IntentState } from '../intent.ts';
import { paths } from '../paths.ts';
import { environmentWords } from '../words.ts';

const about: Record<Environment, string> = {
  production: 'Asks for the typed name before anything is changed',
  staging: 'Close to production, but nobody depends on it',
  development: 'For trying things out',
  practice: 'Thrown away at any time',
};

/** What most systems begin with. */
const usualPack = 'postgres-server';
const nothing = '';

/** Of its questions those answers that can be proposed; what is left is asked for in the handbook. */
function proposedOf({ questions, roles }: MethodOutput<'pack.prepare'>) {
  return { answers: Object.fromEntries(questions.map(({ key, proposed }) => [key, proposed])), bindings: Object.fromEntries(roles.map(({ name, proposed }) => [name, proposed])) };
}

/** Names a system and says what it begins with; its first database is asked for next. */
export function AddSystem({ onClose }: { onClose: () => void }) {
  const [name, setName] = useState('');
  const [environment, setEnvironment] = useState<Environment>('production');
  const [, navigate] = useLocation();
  const packs = useMethod('pack.list', {});
  const known = packs.data?.packs ?? [];
  const [chosen, setChosen] = useState<string | null>(null);
  const pack = chosen ?? (known.some((each) => each.name === usualPack) ? usualPack : nothing);
  const engine = useEngine();
  const queries = useQueryClient();
  const add = useSubmission<string>({
    mutationFn: async () => {
      if (pack === nothing) return (await engine.call('system.add', { name, environment })).system.id;
      const prepared = await engine.call('pack.prepare', { pack, systemId: null });
      return (await engine.call('pack.adopt', { pack, hash: prepared.hash, system: { name, environment }, ...proposedOf(prepared) })).systemId;
    },
    onSuccess: (systemId) => {
      void queries.invalidateQueries();
      onClose();
      navigate(paths.system(systemId), { state: { intent: 'add-database' } satisfies IntentState });
    },
  });
  const save = () => add.mutate();
  return (
    <Dialog title="Add a system" environment={environment} onClose={onClose} size={440}>
      <form className="stack wide" onSubmit={(event) => { event.preventDefault(); if (name.trim() !== '') save(); }}>
        <TextField label="Name" hint="What people call it: the application, not the server" value={name} maxLength={80} onChange={(event) => setName(event.target.value)} data-autofocus />
        <SelectField label="Environment" hint={about[environment]} value={environment} onChange={setEnvironment} options={environments.map((value) => ({ value, label: environmentWords[value].long }))} />
        {known.length === 0 ? null : (
          <SelectField
            label="Begins with" value={pack} onChange={setChosen}
            hint={pack === nothing ? 'No calendar, no severities, no contacts: they can be had from a pack later' : `${known.find((each) => each.name === pack)?.summary ?? ''} All of it can be changed in its handbook`}
            options={[...known.toSorted((a, b) => Number(b.name === usualPack) - Number(a.name === usualPack)).map(({ name: value, title }) => ({ value, label: title })), { value: nothing, label: 'Nothing' }]}
          />
        )}
        {add.error === null ? null : <ErrorPanel error={add.error} title="The system was not added." />}
        <div className="btns">
          <Button size="lg" onClick={onClose}>Cancel</Button>
          <Button size="lg" look="primary" type="submit" disabled={name.trim() === '' || add.isPending}>Add system</Button>
        </div>
      </form>
    </Dialog>
  );
}

import { Plus } from 'lucide-react';
import { useState } from 'react';
import type { BackupPlan } from '#shared/contract/backups.ts';
import type { System } from '#shared/contract/systems.ts';
import { Age } from '../../components/age.tsx';
import { Button } from '../../components/button.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { ErrorPanel } from '../../components/error-panel.tsx';
import { SelectField, TextField } from '../../components/field.tsx';
import { Loaded } from '../../components/loaded.tsx';
import { useCommand, useMethod } from '../../transport/use-method.ts';
import { defaultOptions, OptionFields } from './backup-choices.tsx';

function describe({ options }: BackupPlan): string {
  return `${options.format === 'directory' ? `folder, ${options.jobs} workers` : 'one file'}, proved to ${options.proof}`;
}

function EditPlan({ system, plan, onClose }: { system: System; plan: BackupPlan | null; onClose: () => void }) {
  const { databases } = system;
  const [name, setName] = useState(plan?.name ?? '');
  const [databaseId, setDatabaseId] = useState(plan?.databaseId ?? databases[0]?.id ?? '');
  const [options, setOptions] = useState(plan?.options ?? defaultOptions);
  const save = useCommand('backup.savePlan');
  const remove = useCommand('backup.removePlan');
  const sound = name.trim() !== '' && databaseId !== '';
  return (
    <Dialog title={plan === null ? 'Add a backup plan' : `Change ${plan.name}`} environment={system.environment} target={system.name} onClose={onClose}>
      <form className="stack wide" onSubmit={(event) => { event.preventDefault(); if (sound) save.mutate({ ...(plan === null ? {} : { id: plan.id }), name: name.trim(), databaseId, options }, { onSuccess: onClose }); }}>
        <TextField label="Name" value={name} maxLength={80} onChange={(event) => setName(event.target.value)} data-autofocus />
        <SelectField label="Database" value={databaseId} onChange={setDatabaseId} options={databases.map(({ id, label }) => ({ value: id, label }))} />
        <OptionFields options={options} change={setOptions} />
        {save.error === null ? null : <ErrorPanel error={save.error} title="The plan was not saved." />}
        {remove.error === null ? null : <ErrorPanel error={remove.error} title="The plan was not removed." />}
        <div className="btns">
          {plan === null ? null : <><Button needsEngine size="lg" disabled={remove.isPending} onClick={() => remove.mutate({ id: plan.id }, { onSuccess: onClose })}>Remove plan</Button><span className="grow" /></>}
          <Button size="lg" onClick={onClose}>Cancel</Button>
          <Button size="lg" look="primary" type="submit" disabled={!sound || save.isPending}>Save plan</Button>
        </div>
      </form>
    </Dialog>
  );
}

/** Named ways to back up, each run with one press. What they made stays when they go. */
export function Plans({ system, onRun }: { system: System; onRun: (plan: BackupPlan) => void }) {
  const { databases } = system;
  const query = useMethod('backup.listPlans', { systemId: system.id });
  const [editing, setEditing] = useState<BackupPlan | 'new' | null>(null);
  return (
    <section className="panel" aria-labelledby="plans">
      <header>
        <h2 id="plans">Backup plans</h2>
        <span className="grow" />
        <Button icon={Plus} disabled={databases.length === 0} onClick={() => setEditing('new')}>Add plan</Button>
      </header>
      <Loaded query={query} what="the plans">
        {({ plans }) =>
          plans.length === 0 ? <p className="body t2">A plan is a way to back up that has a name. There is none so far.</p> : (
            <ul className="plans">
              {plans.map((plan) => (
                <li key={plan.id}>
                  <div className="grow">
                    <p className="medium break">{plan.name}</p>
                    <p className="t3 xs">{databases.find(({ id }) => id === plan.databaseId)?.label ?? 'a database that is gone'}, {describe(plan)}</p>
                    <p>{plan.lastRunAt === null ? <span className="t3 xs">never run</span> : <Age at={plan.lastRunAt} before="run " />}</p>
                  </div>
                  <Button look="quiet" size="sm" onClick={() => setEditing(plan)} aria-label={`Change ${plan.name}`}>Change</Button>
                  <Button needsEngine size="sm" onClick={() => onRun(plan)} aria-label={`Run ${plan.name}`}>Run…</Button>
                </li>
              ))}
            </ul>
          )
        }
      </Loaded>
      {editing === null ? null : <EditPlan system={system} plan={editing === 'new' ? null : editing} onClose={() => setEditing(null)} />}
    </section>
  );
}

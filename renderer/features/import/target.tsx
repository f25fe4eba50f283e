import { useState } from 'react';
import { environments, type Environment } from '#shared/domain/environment.ts';
import type { System } from '#shared/contract/systems.ts';
import { useEngine } from '../../transport/engine-context.ts';
import { SelectField, TextField } from '../../components/field.tsx';
import { environmentWords } from '../../components/words.ts';

const newSystem = '';

/** The system that is imported into: one that is here, or one that is made with it. */
export interface Target {
  /** Null: it is made with the import. */
  system: System | null;
  name: string;
  environment: Environment;
  isSound: boolean;
  /** Its id; makes it where it is not there yet. @throws store.conflict where the name is taken */
  need: () => Promise<string>;
  fields: { typedName: string; systems: readonly System[]; systemId: string; onSystem: (id: string) => void; onName: (name: string) => void; onEnvironment: (environment: Environment) => void };
}

/** @param fixed the system whose screen it is; null: it is chosen */
export function useTarget(systems: readonly System[], fixed: string | null): Target {
  const engine = useEngine();
  const [chosen, setChosen] = useState<string | null>(null);
  const [name, setName] = useState('');
  const [environment, setEnvironment] = useState<Environment>('production');
  const systemId = fixed ?? chosen ?? systems[0]?.id ?? newSystem;
  const system = systems.find(({ id }) => id === systemId) ?? null;
  return {
    system,
    name: system?.name ?? name.trim(),
    environment: system?.environment ?? environment,
    isSound: system !== null || name.trim() !== '',
    async need() {
      if (system !== null) return system.id;
      const added = await engine.call('system.add', { name: name.trim(), environment });
      // Should what follows fail, it is there, and is what is imported into the next time.
      setChosen(added.system.id);
      return added.system.id;
    },
    fields: { typedName: name, systems, systemId, onSystem: setChosen, onName: setName, onEnvironment: setEnvironment },
  };
}

/** Into which system; asked where the screen is not that of one. */
export function TargetFields({ target, fixed }: { target: Target; fixed: boolean }) {
  const { typedName, systems, systemId, onSystem, onName, onEnvironment } = target.fields;
  if (fixed) return null;
  return (
    <>
      {systems.length === 0 ? null : <SelectField label="Into the system" value={systemId} onChange={onSystem} options={[...systems.map(({ id, name }) => ({ value: id, label: name })), { value: newSystem, label: 'A new system' }]} />}
      {target.system !== null ? null : (
        <>
          <TextField label="Name of the system" placeholder="What people call it: Shop" maxLength={80} value={typedName} onChange={(event) => onName(event.target.value)} />
          <SelectField label="Environment" value={target.environment} onChange={onEnvironment} options={environments.map((value) => ({ value, label: environmentWords[value].long }))} />
        </>
      )}
    </>
  );
}

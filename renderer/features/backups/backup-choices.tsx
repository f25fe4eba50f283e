import type { BackupOptions } from '#shared/contract/backups.ts';
import type { Database } from '#shared/contract/systems.ts';
import { proofLevels, proofWords } from '#shared/domain/proof.ts';
import { SelectField } from '../../components/field.tsx';

export interface Choices {
  databaseId: string;
  options: BackupOptions;
  backupPlanId?: string;
}

export const defaultOptions: BackupOptions = { format: 'directory', jobs: 2, compressLevel: 1, proof: 'L3' };

const compression = [
  { value: '0', label: 'None' },
  { value: '1', label: 'Fast' },
  { value: '6', label: 'Small' },
  { value: '9', label: 'Smallest, slow' },
] as const;

/** What of a backup can be chosen: which database, its form, how far it is proved at once. */
export function OptionFields({ options, change }: { options: BackupOptions; change: (options: BackupOptions) => void }) {
  const level = compression.find(({ value }) => value === String(options.compressLevel))?.value ?? '1';
  return (
    <div className="choices-grid">
      <SelectField label="Form" value={options.format} onChange={(format) => change({ ...options, format, jobs: format === 'custom' ? 1 : Math.max(2, options.jobs) })} options={[{ value: 'directory', label: 'Folder, in parallel' }, { value: 'custom', label: 'One file' }]} />
      <SelectField label="Workers" value={String(options.jobs)} onChange={(jobs) => change({ ...options, jobs: Number(jobs) })} options={(options.format === 'custom' ? [1] : [1, 2, 4, 8]).map((jobs) => ({ value: String(jobs), label: String(jobs) }))} />
      <SelectField label="Compression" value={level} onChange={(value) => change({ ...options, compressLevel: Number(value) })} options={compression} />
      <SelectField label="Prove at once" value={options.proof} onChange={(proof) => change({ ...options, proof })} options={[...proofLevels].reverse().map((value) => ({ value, label: `${value}, ${proofWords[value].toLowerCase()}` }))} />
    </div>
  );
}

export function BackupChoices({ choices, databases, change }: { choices: Choices; databases: readonly Database[]; change: (choices: Choices) => void }) {
  return (
    <fieldset className="stack">
      <legend className="vh">What is backed up, and how</legend>
      {databases.length > 1 ? <SelectField label="Database" value={choices.databaseId} onChange={(databaseId) => change({ ...choices, databaseId })} options={databases.map(({ id, label }) => ({ value: id, label }))} /> : null}
      <OptionFields options={choices.options} change={(options) => change({ ...choices, options })} />
    </fieldset>
  );
}

import { useId } from 'react';
import type { TlsMode } from '#shared/contract/systems.ts';
import { AreaField, SelectField, TextField, type Option } from '../field.tsx';
import { PathField } from '../path-field.tsx';
import { staysThere, type Draft, type Problems } from './draft.ts';
import { secretHint } from './secret-hint.ts';

const tlsModes: readonly Option<TlsMode>[] = [
  { value: 'verify-full', label: 'verify-full: encrypted, and surely this server' },
  { value: 'verify-ca', label: 'verify-ca: encrypted, signed by a known authority' },
  { value: 'require', label: 'require: encrypted, whoever answers' },
  { value: 'prefer', label: 'prefer: encrypted where the server can' },
  { value: 'disable', label: 'disable: in the clear' },
];
const sources: readonly Option<Draft['passwordSource']>[] = [
  { value: 'vault', label: 'Keep it in the vault' },
  { value: 'ask', label: 'Ask at each start' },
  { value: 'passfile', label: 'From a password file' },
  { value: 'none', label: 'None is needed' },
];

interface Props {
  draft: Draft;
  /** The host that it is reached through, as people call it. */
  through: string | null;
  /** Names of databases that were seen there. */
  seen: readonly string[];
  /** Shown once a save or a test was tried. */
  problems: Problems;
  change: (part: Partial<Draft>) => void;
  /** Whether a password of it is in the vault, which stays where none is typed. */
  kept: boolean;
}

export function GeneralFields({ draft, through, seen, problems, change, kept }: Props) {
  const names = useId();
  return (
    <>
      <div className="g">
        <TextField label={through === null ? 'Host' : `Host, as ${through} sees it`} value={draft.host} error={problems.host} hint={through === null ? undefined : 'A name, an address, or the folder of a socket'} onChange={(event) => change({ host: event.target.value })} />
        <TextField label="Port" inputMode="numeric" value={draft.port} error={problems.port} onChange={(event) => change({ port: event.target.value })} />
      </div>
      <div className="g2">
        <TextField label="Database" list={seen.length === 0 ? undefined : names} value={draft.database} error={problems.database} onChange={(event) => change({ database: event.target.value })} />
        <TextField label="Role" value={draft.user} error={problems.user} onChange={(event) => change({ user: event.target.value })} />
      </div>
      {seen.length === 0 ? null : <datalist id={names}>{seen.map((name) => <option key={name} value={name} />)}</datalist>}
      <SelectField label="Where the password comes from" value={draft.passwordSource} options={sources} onChange={(passwordSource) => change({ passwordSource })} />
      {draft.passwordSource === 'passfile' ? (
        <PathField label="Password file" hint="In libpq's format, readable by you alone" value={draft.passfile} error={problems.passfile} onChange={(passfile) => change({ passfile })} />
      ) : null}
      {draft.passwordSource === 'vault' || draft.passwordSource === 'ask' ? (
        <TextField
          label="Password" type="password" autoComplete="new-password" value={draft.password} onChange={(event) => change({ password: event.target.value })}
          hint={secretHint(draft.passwordSource, kept)}
        />
      ) : null}
      <TextField label="Shown as" hint="Left empty: the name of the database" value={draft.label} maxLength={80} onChange={(event) => change({ label: event.target.value })} />
    </>
  );
}

export function TlsFields({ draft, through, change }: Pick<Props, 'draft' | 'through' | 'change'>) {
  const inside = through !== null && staysThere(draft.host);
  return (
    <>
      <SelectField label="TLS" value={draft.tlsMode} options={tlsModes} onChange={(tlsMode) => change({ tlsMode })} hint={!inside ? undefined : draft.tlsMode === 'disable' ? `The line is inside SSH up to ${through}, and never leaves it` : `Up to ${through} the line is inside SSH already, and from there it never leaves the machine`} />
      <AreaField label="Authority to trust instead of the system's" rows={8} placeholder="-----BEGIN CERTIFICATE-----" hint="PEM text; only verify-ca and verify-full look at it" value={draft.ca} onChange={(event) => change({ ca: event.target.value })} />
    </>
  );
}

import { Plus, X } from 'lucide-react';
import { Button, IconButton } from '../button.tsx';
import { SelectField, TextField, type Option } from '../field.tsx';
import { PathField } from '../path-field.tsx';
import type { HostDraft, HostProblems, KeyDraft, SecretSource, SudoSource } from './host-draft.ts';
import { secretHint } from './secret-hint.ts';

const passphraseSources: readonly Option<SecretSource>[] = [
  { value: 'none', label: 'It has no passphrase' },
  { value: 'vault', label: 'Its passphrase is in the vault' },
  { value: 'ask', label: 'Ask for its passphrase at each start' },
];
const passwordSources: readonly Option<SecretSource>[] = [
  { value: 'none', label: 'None is sent' },
  { value: 'vault', label: 'Keep it in the vault' },
  { value: 'ask', label: 'Ask at each start' },
];
const sudoSources: readonly Option<SudoSource>[] = [
  { value: 'none', label: 'None: sudo wants none, or is not used' },
  { value: 'sign-in', label: 'The one that signs in' },
  { value: 'vault', label: 'Keep it in the vault' },
  { value: 'ask', label: 'Ask at each start' },
];

interface Props {
  draft: HostDraft;
  /** What is in the vault, and stays where none is typed. */
  kept: { password: boolean; sudo: boolean };
  /** Shown once a save or a test was tried. */
  problems: HostProblems;
  /** Ways to it, "" for directly. */
  ways: readonly Option<string>[];
  change: (part: Partial<HostDraft>) => void;
  onWay: (value: string) => void;
}

function KeyFields({ index, value, problem, onChange, onRemove }: { index: number; value: KeyDraft; problem: string | undefined; onChange: (part: Partial<KeyDraft>) => void; onRemove: () => void }) {
  const name = `Private key ${index + 1}`;
  return (
    <fieldset className="hop">
      <legend className="vh">{name}</legend>
      <div className="row at-top">
        <div className="grow"><PathField label={name} placeholder="~/.ssh/id_ed25519" value={value.path} error={problem} onChange={(path) => onChange({ path })} /></div>
        <div style={{ paddingTop: 21 }}><IconButton icon={X} label={`Remove private key ${index + 1}`} onClick={onRemove} /></div>
      </div>
      {/* What the vault holds of a key file is for all hosts that it signs in to. */}
      <SelectField label={`Passphrase of key ${index + 1}`} value={value.source} options={passphraseSources} onChange={(source) => onChange({ source })} />
      {value.source === 'none' ? null : <TextField label={`Passphrase ${index + 1}`} type="password" autoComplete="new-password" value={value.passphrase} hint={secretHint(value.source, true)} onChange={(event) => onChange({ passphrase: event.target.value })} />}
    </fieldset>
  );
}

/** How a machine is reached and signed in to. */
export function HostFields({ draft, kept, problems, ways, change, onWay }: Props) {
  const changeKey = (at: number, part: Partial<KeyDraft>) => change({ keys: draft.keys.map((key, index) => (index === at ? { ...key, ...part } : key)) });
  return (
    <>
      <div className="g">
        <TextField label="Name or address" value={draft.host} error={problems.host} onChange={(event) => change({ host: event.target.value })} data-autofocus />
        <TextField label="Port" inputMode="numeric" value={draft.port} error={problems.port} onChange={(event) => change({ port: event.target.value })} />
      </div>
      <div className="g2">
        <TextField label="User" value={draft.user} error={problems.user} onChange={(event) => change({ user: event.target.value })} />
        <TextField label="Shown as" hint="Left empty: its name" value={draft.label} maxLength={80} onChange={(event) => change({ label: event.target.value })} />
      </div>
      <SelectField label="Way to it" value={draft.viaId ?? ''} options={ways} onChange={onWay} />
      <h3>Signing in</h3>
      <label className="check"><input type="checkbox" checked={draft.agent} onChange={(event) => change({ agent: event.target.checked })} /> With the keys of the agent{draft.kept.agentSocket === undefined ? '' : ` at ${draft.kept.agentSocket}`}</label>
      {draft.agent || draft.identitiesOnly ? <label className="check"><input type="checkbox" checked={draft.identitiesOnly} onChange={(event) => change({ identitiesOnly: event.target.checked })} /> Offer only the keys named here</label> : null}
      {/* oxlint-disable-next-line react/no-array-index-key -- two may be the same while they are typed */}
      {draft.keys.map((key, index) => <KeyFields key={index} index={index} value={key} problem={problems.keys[index]} onChange={(part) => changeKey(index, part)} onRemove={() => change({ keys: draft.keys.filter((_, at) => at !== index) })} />)}
      <div><Button icon={Plus} disabled={draft.keys.length >= 10} onClick={() => change({ keys: [...draft.keys, { path: draft.keys.length === 0 ? '~/.ssh/id_ed25519' : '', source: 'none', passphrase: '' }] })}>Add a key file</Button></div>
      <SelectField label="Password" value={draft.passwordSource} options={passwordSources} onChange={(passwordSource) => change({ passwordSource })} />
      {draft.passwordSource === 'none' ? null : <TextField label={`Password of ${draft.user.trim() || 'the user'}`} type="password" autoComplete="new-password" value={draft.password} hint={secretHint(draft.passwordSource, kept.password)} onChange={(event) => change({ password: event.target.value })} />}
      <label className="check"><input type="checkbox" checked={draft.questions} onChange={(event) => change({ questions: event.target.checked })} /> Answer what the server asks, as for one-time codes</label>
      <SelectField label="Password for sudo there" value={draft.sudoSource} options={draft.passwordSource === 'none' ? sudoSources.filter(({ value }) => value !== 'sign-in' || draft.sudoSource === 'sign-in') : sudoSources} onChange={(sudoSource) => change({ sudoSource })} />
      {draft.sudoSource === 'vault' || draft.sudoSource === 'ask' ? <TextField label="Sudo password" type="password" autoComplete="new-password" value={draft.sudoPassword} hint={secretHint(draft.sudoSource, kept.sudo)} onChange={(event) => change({ sudoPassword: event.target.value })} /> : null}
      {problems.signIn === undefined ? null : <p className="xs critical" role="alert">{problems.signIn}</p>}
    </>
  );
}

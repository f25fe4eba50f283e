import { useState } from 'react';
import { SelectField, TextField } from '../../../components/field.tsx';
import { keyOf, urlChoice, type Choice, type Role } from './values.ts';

const kindWords: Record<Role['kind'], string> = { ssh: 'a host', postgres: 'a database', http: 'an address' };

interface Props {
  role: Role;
  choice: Choice | null;
  error: string | undefined;
  onChoose: (choice: Choice | null) => void;
}

function Address({ role, choice, error, onChoose }: Props) {
  const [text, setText] = useState(choice !== null && 'url' in choice ? choice.url : '');
  const unfinished = text.trim() !== '' && urlChoice(text) === null ? 'An address begins with https:// or http://' : undefined;
  return <TextField label={role.label} mono inputMode="url" hint="An address that is asked over http" error={unfinished ?? error} value={text} onChange={(event) => { setText(event.target.value); onChoose(urlChoice(event.target.value)); }} />;
}

/** What a role of the runbook is given to: one of what fits it, the likeliest chosen already. */
export function TargetField(props: Props) {
  const { role, choice, error, onChoose } = props;
  if (role.kind === 'http') return <Address {...props} />;
  const none = role.candidates.length === 0;
  const chosen = role.candidates.find((candidate) => keyOf(candidate.choice) === keyOf(choice));
  const options = [{ value: '', label: none ? 'Nothing fits' : 'Choose…' }, ...role.candidates.map((candidate) => ({ value: keyOf(candidate.choice), label: candidate.note === null ? candidate.label : `${candidate.label} (${candidate.note})` }))];
  const hint = none ? `There is none. Add ${kindWords[role.kind]} in the settings of the system, or walk it on paper.` : `Needs ${kindWords[role.kind]}`;
  return <SelectField label={role.label} hint={hint} error={none && error !== undefined ? hint : error} value={chosen === undefined ? '' : keyOf(chosen.choice)} onChange={(key) => onChoose(role.candidates.find((candidate) => keyOf(candidate.choice) === key)?.choice ?? null)} options={options} />;
}

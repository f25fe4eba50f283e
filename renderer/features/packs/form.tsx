/** What a pack asks: which of a system's hosts and databases has which role, and its questions. */
import { useState } from 'react';
import type { MethodArgument, MethodOutput } from '#shared/contract/index.ts';
import type { ErrorShape } from '#shared/domain/errors.ts';
import { SelectField, TextField, type Option } from '../../components/field.tsx';
import { plainText } from '../../components/format.ts';

type Form = Pick<MethodOutput<'pack.prepare'>, 'roles' | 'questions'>;
type Role = Form['roles'][number];
type Question = Form['questions'][number];
type Binding = NonNullable<Role['proposed']>;

export interface Said {
  bindings: NonNullable<MethodArgument<'pack.adopt'>['bindings']>;
  answers: NonNullable<MethodArgument<'pack.adopt'>['answers']>;
}

const nameOf = (binding: Binding): string => ('hostId' in binding ? binding.hostId : binding.databaseId);

/** What was said so far, over what is proposed. */
export function useSaid({ roles, questions }: Form): { roleOf: (role: Role) => string; answerTo: (question: Question) => string; setRole: (name: string, to: string) => void; setAnswer: (key: string, text: string) => void; said: Said; open: number } {
  const [chosen, setChosen] = useState<Readonly<Record<string, string>>>({});
  const [typed, setTyped] = useState<Readonly<Record<string, string>>>({});
  const roleOf = (role: Role): string => chosen[role.name] ?? (role.proposed === null ? '' : nameOf(role.proposed));
  const answerTo = (question: Question): string => typed[question.key] ?? question.proposed ?? '';
  const bindings = Object.fromEntries(roles.map((role) => [role.name, role.candidates.find(({ binding }) => nameOf(binding) === roleOf(role))?.binding ?? null]));
  const answers = Object.fromEntries(questions.map((question) => [question.key, answerTo(question).trim() === '' ? null : answerTo(question).trim()]));
  return {
    roleOf, answerTo,
    setRole: (name, to) => setChosen((now) => ({ ...now, [name]: to })),
    setAnswer: (key, text) => setTyped((now) => ({ ...now, [key]: text })),
    said: { bindings, answers },
    open: questions.filter(({ key, optional }) => !optional && answers[key] === null).length + roles.filter(({ name, needed }) => needed && bindings[name] === null).length,
  };
}

function RoleField({ role, value, onChange }: { role: Role; value: string; onChange: (to: string) => void }) {
  const options: Option<string>[] = [{ value: '', label: role.candidates.length === 0 ? `Later: there is no ${role.kind} yet` : 'Later' }, ...role.candidates.map(({ binding, label, note }) => ({ value: nameOf(binding), label: note === null ? label : `${label}, ${note}` }))];
  return <SelectField label={<>{plainText(role.title)}{role.needed ? '' : <span className="t3"> if there is one</span>}</>} hint={role.why === null ? undefined : plainText(role.why)} options={options} value={value} onChange={onChange} />;
}

const hints: Partial<Record<Question['kind'], string>> = { duration: '15m, 4h, 2d.', timezone: 'Europe/Berlin, America/New_York, UTC.', list: 'Separated by commas.', phone: 'In digits, as it is dialled.' };

function hintOf(question: Question): string | undefined {
  const parts = [
    question.from === 'detected' ? 'Found here.' : '',
    hints[question.kind] ?? '',
    question.items.length === 0 ? '' : `For ${question.items.slice(0, 3).map(({ title }) => plainText(title)).join(', ')}${question.items.length > 3 ? ` and ${question.items.length - 3} more` : ''}.`,
    question.optional ? 'May stay open.' : '',
  ].filter((part) => part !== '');
  return parts.length === 0 ? undefined : parts.join(' ');
}

function QuestionField({ question, value, fault, onChange }: { question: Question; value: string; fault: string | undefined; onChange: (text: string) => void }) {
  const label = plainText(question.ask);
  if (question.kind === 'choice') {
    return <SelectField label={label} hint={hintOf(question)} error={fault} value={value} onChange={onChange} options={[{ value: '', label: 'Not decided' }, ...question.choices.map(({ value: choice, label: words, source }) => ({ value: choice, label: `${words}${source === null ? '' : ` (guide, line ${source})`}` }))]} />;
  }
  return <TextField label={label} hint={hintOf(question)} error={fault} value={value} maxLength={2000} onChange={(event) => onChange(event.target.value)} />;
}

interface Props extends Form {
  say: ReturnType<typeof useSaid>;
  /** Why it was not taken, where it was not. */
  error: ErrorShape | null;
}

/** What is wrong with each answer, by its question. */
function faultsOf(error: ErrorShape | null): ReadonlyMap<string, string> {
  const faults = error?.details['faults'];
  return new Map(Array.isArray(faults) ? faults.map(({ question, message }: { question: string; message: string }) => [question, plainText(message)]) : []);
}

/** Contradictions first: a person has to choose; then what nobody can know from here; then what only has to be confirmed. */
export function PackForm({ roles, questions, say, error }: Props) {
  const faults = faultsOf(error);
  const groups = [
    { id: 'contradictions', title: 'The guide says two things', of: questions.filter(({ kind }) => kind === 'choice') },
    { id: 'unknown', title: 'What only you know', of: questions.filter(({ kind, proposed, optional }) => kind !== 'choice' && proposed === null && !optional) },
    { id: 'proposed', title: 'To confirm', of: questions.filter(({ kind, proposed, optional }) => kind !== 'choice' && (proposed !== null || optional)) },
  ].filter(({ of }) => of.length > 0);
  return (
    <>
      {roles.length === 0 ? null : (
        <section className="panel" aria-labelledby="roles">
          <header><h2 id="roles">Hosts and databases</h2></header>
          <div className="body pk-fields">{roles.map((role) => <RoleField key={role.name} role={role} value={say.roleOf(role)} onChange={(to) => say.setRole(role.name, to)} />)}</div>
        </section>
      )}
      {groups.map(({ id, title, of }) => (
        <section key={id} className="panel" aria-labelledby={id}>
          <header><h2 id={id}>{title} <span className="count">{of.length}</span></h2></header>
          <div className="body pk-questions">{of.map((question) => <QuestionField key={question.key} question={question} value={say.answerTo(question)} fault={faults.get(question.key)} onChange={(text) => say.setAnswer(question.key, text)} />)}</div>
        </section>
      ))}
    </>
  );
}

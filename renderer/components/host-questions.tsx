import { useState } from 'react';
import type { HostQuestion } from '#shared/contract/hosts.ts';
import { useCommand, useMethod } from '../transport/use-method.ts';
import { Button } from './button.tsx';
import { Dialog } from './dialog.tsx';
import { ErrorPanel } from './error-panel.tsx';
import { TextField } from './field.tsx';
import { logTime } from './format.ts';

/** The words of a server stand apart from ours: whoever runs it may have written anything. */
function Question({ question: { id, host, hop, title, instructions, prompts, expiresAt } }: { question: HostQuestion }) {
  const [answers, setAnswers] = useState<readonly string[]>(() => prompts.map(() => ''));
  const answer = useCommand('host.answer');
  const decline = () => answer.mutate({ questionId: id, answers: null });
  const words = [title, instructions].filter((text) => text !== '').join('\n');
  return (
    <Dialog title="A server asks" target={`on the way to ${host}`} onClose={decline} size={460}>
      <form className="stack" onSubmit={(event) => { event.preventDefault(); answer.mutate({ questionId: id, answers: [...answers] }); }}>
        <p className="t2"><b className="strong break">{hop}</b> asks this before it lets anybody in. It waits until {logTime(expiresAt).clock}; the answer goes to it alone, and is kept nowhere.</p>
        {words === '' ? null : <p className="mono break" style={{ whiteSpace: 'pre-wrap' }}>{words}</p>}
        {prompts.map(({ text, shown }, index) => (
          // oxlint-disable-next-line react/no-array-index-key -- they have no other name, and never change places
          <TextField key={index} label={text === '' ? 'Answer' : text} type={shown ? 'text' : 'password'} autoComplete={shown ? 'one-time-code' : 'off'} data-autofocus={index === 0 ? '' : undefined} value={answers[index] ?? ''} onChange={(event) => setAnswers((before) => before.map((one, at) => (at === index ? event.target.value : one)))} />
        ))}
        {answer.error === null ? null : <ErrorPanel error={answer.error} title="The answer was not taken." />}
        <div className="btns">
          <Button onClick={decline} disabled={answer.isPending}>Cancel</Button>
          <Button look="primary" type="submit" disabled={answer.isPending}>Answer</Button>
        </div>
      </form>
    </Dialog>
  );
}

/** Stands wherever one is in the console: what a server asks cannot wait for another screen. */
export function HostQuestions() {
  const questions = useMethod('host.questions', {});
  const [first] = questions.data?.questions ?? [];
  return first === undefined ? null : <Question key={first.id} question={first} />;
}

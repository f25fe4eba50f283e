import { useState } from 'react';
import type { MethodArgument, MethodOutput } from '#shared/contract/index.ts';
import { Button } from '../../../components/button.tsx';
import { CodeBlock } from '../../../components/code-block.tsx';
import { ErrorPanel } from '../../../components/error-panel.tsx';
import { useEngine } from '../../../transport/engine-context.ts';
import { useSubmission } from '../../../transport/use-submission.ts';

interface Props {
  label: string;
  /** What is sent when somebody asks. */
  from: { target: string; text: string };
  /** The target's name in words. */
  targetLabel: string;
  ask: MethodArgument<'runbook.options'>;
  value: string;
  onChoose: (value: string) => void;
}

/** Choices that a target is asked for when somebody wants them: what is sent stands there before it is. */
export function OptionsOf({ label, from, targetLabel, ask, value, onChoose }: Props) {
  const engine = useEngine();
  const [open, setOpen] = useState(false);
  const run = useSubmission<MethodOutput<'runbook.options'>>({ mutationFn: () => engine.call('runbook.options', ask) });
  const options = run.data?.options ?? [];
  const word = run.isPending ? 'Asking' : run.data === undefined ? 'Ask' : 'Ask again';
  return (
    <div className="stack tight">
      <div className="row wrap">
        <Button size="sm" look="quiet" aria-expanded={open} onClick={() => setOpen(!open)}>{open ? 'Hide what is asked' : `Ask ${targetLabel} for choices…`}</Button>
      </div>
      {open ? (
        <div className="stack">
          <CodeBlock title="READS" about={`on ${targetLabel}, when you press Ask`} code={from.text} />
          <div><Button needsEngine aria-label={`${word} ${targetLabel} for ${label}`} disabled={run.isPending} onClick={() => run.mutate()}>{word}</Button></div>
          {run.error === null ? null : <ErrorPanel error={run.error} title="Nothing was answered." />}
        </div>
      ) : null}
      {run.data === undefined ? null : options.length === 0 ? <p className="hint" role="status">It answered, and named nothing.</p> : (
        <div className="picks" role="group" aria-label={`Choices for ${label}`}>
          {options.map((option) => <button key={option} type="button" className="btn sm" aria-pressed={option === value} onClick={() => onChoose(option)}><span className="mono">{option}</span></button>)}
        </div>
      )}
    </div>
  );
}

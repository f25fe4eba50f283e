import { Button } from '../../../components/button.tsx';
import { plural } from '../../../components/format.ts';
import { Glyph } from '../../../components/icons.tsx';
import type { Problem } from './text-edits.ts';

interface Props {
  problems: readonly Problem[];
  /** They are of the text that stands there now: before, nothing can be written by them. */
  fresh: boolean;
  readOnly: boolean;
  onGo: (problem: Problem) => void;
  onFix: (problem: Problem) => void;
}

/** What is wrong in the text, by line; each leads there, and some can be put right by one press. */
export function ProblemList({ problems, fresh, readOnly, onGo, onFix }: Props) {
  const errors = problems.filter(({ severity }) => severity === 'error').length;
  const warnings = problems.length - errors;
  return (
    <section className="probs" aria-labelledby="problems" tabIndex={0}>
      <header>
        <h2 id="problems">Problems</h2>
        <span className="t3 xs" role="status">{problems.length === 0 ? 'none found' : [errors === 0 ? '' : plural(errors, 'error'), warnings === 0 ? '' : plural(warnings, 'warning')].filter((part) => part !== '').join(', ')}</span>
      </header>
      <ul>
        {problems.map((problem, index) => (
          <li key={`${problem.line}-${problem.column}-${problem.rule}-${index}`}>
            <span className={problem.severity === 'error' ? 'critical' : 'warn'}><Glyph kind={problem.severity === 'error' ? 'critical' : 'warn'} small label={problem.severity === 'error' ? 'Error' : 'Warning'} /></span>
            <button type="button" className="go" onClick={() => onGo(problem)}><span className="t3">Line {problem.line}</span> <span className="break">{problem.message}{problem.fix === null || problem.message.includes(problem.fix) ? '' : ` ${problem.fix}`}</span></button>
            {problem.edit === null || readOnly ? null : <Button size="sm" disabled={!fresh} onClick={() => onFix(problem)}>{problem.edit.title}</Button>}
          </li>
        ))}
      </ul>
    </section>
  );
}

import type { Plan } from '#shared/contract/operations.ts';
import { CodeBlock } from '../code-block.tsx';
import { plural, prose, span } from '../format.ts';
import { Glyph } from '../icons.tsx';
import { healthWords } from '../words.ts';

/** What was looked at before, worst first. */
export function Findings({ findings }: { findings: Plan['findings'] }) {
  const order = { critical: 0, warn: 1, ok: 2 };
  const sorted = [...findings].sort((a, b) => order[a.state] - order[b.state]);
  return (
    <ul className="verds">
      {sorted.map((finding, index) => (
        <li key={index}>
          <span className={finding.state}>
            <Glyph kind={finding.state} small label={healthWords[finding.state]} />
          </span>
          <span className={finding.state === 'ok' ? 't2' : 'medium'}>{prose(finding.title)}</span>
          <span />
          {finding.detail === undefined ? null : <span className="d">{prose(finding.detail)}</span>}
          {finding.fix === undefined ? null : <span className="d mono">{prose(finding.fix)}</span>}
        </li>
      ))}
    </ul>
  );
}

/** Every step, exactly as it will be sent. */
export function PlanSteps({ plan }: { plan: Pick<Plan, 'steps' | 'estimatedMs'> }) {
  return (
    <details>
      <summary className="t2">
        {plural(plan.steps.length, 'step')}{plan.estimatedMs === null ? '' : `, about ${span(plan.estimatedMs)}`}
      </summary>
      <ol className="stack" style={{ marginTop: 8 }}>
        {plan.steps.map((step, index) => (
          <li key={step.id} className="stack tight">
            <span>{index + 1}. {prose(step.title)}</span>
            {step.detail === undefined ? null : <CodeBlock title={`Step ${index + 1}`} code={step.detail} />}
          </li>
        ))}
      </ol>
    </details>
  );
}

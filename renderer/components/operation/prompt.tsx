import type { PromptEvent } from '../../transport/operation-log.ts';
import { useCommand } from '../../transport/use-method.ts';
import { Button } from '../button.tsx';
import { ErrorPanel } from '../error-panel.tsx';
import { plainText } from '../format.ts';
import { Glyph } from '../icons.tsx';

/** A question that an operation waits for. Its answers are equal ways: none of them is primary. */
export function Prompt({ operationId, prompt }: { operationId: string; prompt: PromptEvent }) {
  const answer = useCommand('operation.answer');
  return (
    <div className="tint running stack" role="alert">
      <p className="row"><Glyph kind="waiting" small /><b className="strong">{plainText(prompt.question)}</b></p>
      <div className="row wrap">
        {prompt.choices.map((choice) => (
          <Button needsEngine key={choice} disabled={answer.isPending} onClick={() => answer.mutate({ operationId, promptId: prompt.promptId, choice })}>{plainText(choice)}</Button>
        ))}
      </div>
      {answer.error === null ? null : <ErrorPanel error={answer.error} />}
    </div>
  );
}

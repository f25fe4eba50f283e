import { Loaded } from '../../components/loaded.tsx';
import { prose } from '../../components/format.ts';
import { headWords } from '../../components/operation/outcome-words.ts';
import { Outcome } from '../../components/operation/outcome.tsx';
import { useMethod } from '../../transport/use-method.ts';

/** A restore that failed, in its operation's own words: it alone knows what it could take back and what is left. */
export function HowItEnded({ operationId }: { operationId: string }) {
  const query = useMethod('operation.get', { operationId });
  return (
    <Loaded query={query} what="how it ended">
      {({ operation }) => (
        <div className="stack wide">
          {headWords(operation) === '' ? null : <p className="break">{prose(headWords(operation))}</p>}
          <Outcome operation={operation} />
        </div>
      )}
    </Loaded>
  );
}

import type { Operation, OperationEvent } from '#shared/contract/operations.ts';
import { isFinished } from '#shared/domain/operation-state.ts';
import { integerOption, required, textOption, type Register } from '../command.ts';
import { byFullId, findSystem, newest, pick } from '../find.ts';
import { lineOf } from '../progress.ts';
import { failureOf, followOperation } from '../run-plan.ts';
import type { Session } from '../session.ts';
import { instantInWords, localTime, sentence, shortId, table } from '../text.ts';

const longestList = 500;

async function findOperation(session: Session, wanted: string): Promise<Operation> {
  const known = await byFullId(wanted, (operationId) => session.call('operation.get', { operationId }));
  if (known !== null) return known.operation;
  const { operations } = await session.call('operation.list', { limit: longestList });
  return pick(newest('operation', operations, longestList), wanted, operations, (operation) => ({ id: operation.id, names: [`${operation.title} of ${instantInWords(operation.createdAt)}`] }));
}

async function allEvents(session: Session, operationId: string): Promise<OperationEvent[]> {
  const events: OperationEvent[] = [];
  for (;;) {
    const page = await session.call('operation.events', { operationId, afterSeq: events.at(-1)?.seq ?? 0, limit: 5000 });
    events.push(...page.events);
    if (page.events.length === 0 || (events.at(-1)?.seq ?? 0) >= page.lastSeq) return events;
  }
}

function summaryOf(operation: Operation): string {
  return [`${operation.title} on ${operation.target}: ${operation.state}`, operation.summary, operation.advice].filter((part) => part !== null && part !== '').join('\n');
}

export const registerOperation: Register = (program, act) => {
  const operation = program.command('operation').description('what ran and runs');
  operation
    .command('list')
    .description('operations, newest first')
    .option('--active', 'only those under way')
    .option('--system <system>', 'only of this system')
    .option('--limit <n>', 'at most so many', '50')
    .action(
      act(async (session, _positionals, options) => {
        const system = textOption(options, 'system');
        const answer = await session.call('operation.list', {
          limit: integerOption(options, 'limit', { min: 1, max: longestList }),
          ...(options['active'] === true ? { active: true } : {}),
          ...(system === undefined ? {} : { systemId: (await findSystem(session, system)).id }),
        });
        const rows = answer.operations.map((one) => [shortId(one.id), localTime(one.createdAt), one.state, sentence(one.title), sentence(one.summary ?? one.progressText ?? '')]);
        return { document: answer, text: table(['ID', 'STARTED', 'STATE', 'WHAT', ''], rows, 'Nothing ran yet.') };
      }),
    );
  operation
    .command('show <operation>')
    .description('one operation with its plan and its whole log')
    .action(
      act(async (session, [name]) => {
        const { id } = await findOperation(session, required(name));
        const detail = await session.call('operation.get', { operationId: id });
        const events = await allEvents(session, id);
        const lines = events.map((event) => lineOf(event, 'everything')).filter((line) => line !== null);
        return { document: { ...detail, events }, text: [sentence(summaryOf(detail.operation)), ...lines].join('\n') };
      }),
    );
  operation
    .command('follow <operation>')
    .description('follow an operation from its beginning to its end; Ctrl-C leaves it running; exit status 1 when it did not succeed')
    .action(
      act(async (session, [name]) => {
        const { id } = await findOperation(session, required(name));
        const leaving = new AbortController();
        const restore = session.onInterrupt(() => leaving.abort());
        const followed = await followOperation(session, id, { detail: 'everything', answers: true, signal: leaving.signal }).finally(restore);
        const failed = isFinished(followed.state) && failureOf(followed) !== null;
        return { document: { operation: followed }, text: sentence(summaryOf(followed)), status: failed ? 1 : 0 };
      }),
    );
  operation
    .command('cancel <operation>')
    .description('ask a running operation to stop and clean up, and wait until it has; exit status 1 when it ended otherwise')
    .action(
      act(async (session, [name]) => {
        const { id } = await findOperation(session, required(name));
        await session.call('operation.cancel', { operationId: id });
        const ended = await followOperation(session, id, { detail: 'warnings', answers: false });
        return { document: { operation: id, state: ended.state }, text: sentence(summaryOf(ended)), status: ended.state === 'cancelled' ? 0 : 1 };
      }),
    );
};

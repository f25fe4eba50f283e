import { integerOption, required, textOption, type Register } from '../command.ts';
import { UsageError } from '../failures.ts';
import { findSystem } from '../find.ts';
import type { Session } from '../session.ts';
import { count, localTime } from '../text.ts';
import { writeNew } from '../write-new.ts';

/** What stands around matches, for screens. */
const withoutMarks = (text: string): string => text.replaceAll(/[\u0002\u0003]/g, '');

async function filterFrom(session: Session, text: string, options: Record<string, unknown>): Promise<{ text: string; systemId?: string }> {
  const system = textOption(options, 'system');
  return { text, ...(system === undefined ? {} : { systemId: (await findSystem(session, system)).id }) };
}

export const registerHistory: Register = (program, act) => {
  const history = program.command('history').description('everything that ever ran');
  history
    .command('search <text>')
    .description('commands, statements, output and results that contain a text, newest first')
    .option('--system <system>', 'only of this system')
    .option('--limit <n>', 'at most so many', '50')
    .action(
      act(async (session, [text], options) => {
        const answer = await session.call('history.search', { ...(await filterFrom(session, required(text), options)), limit: integerOption(options, 'limit', { min: 1, max: 500 }) });
        const events = answer.hits.map((hit) => ({ at: hit.at, operation: hit.operationId, target: hit.operation.target, kind: hit.kind, text: withoutMarks(hit.text) }));
        const lines = answer.hits.map((hit) => `${localTime(hit.at)}  ${hit.operation.title}: ${withoutMarks(hit.text).replaceAll(/\s+/g, ' ')}`);
        return { document: { events }, text: [...lines, `${answer.totalIsExact ? '' : 'more than '}${count(answer.total)} of ${count(answer.events)} events.`].join('\n') };
      }),
    );
  history
    .command('export [text]')
    .description('the same search as a document')
    .option('--system <system>', 'only of this system')
    .option('--format <format>', 'json or markdown', 'json')
    .option('--out <file>', 'write it into a new file, for you alone')
    .option('--cursor <cursor>', 'go on where an earlier document ended')
    .action(
      act(async (session, [text], options) => {
        const format = textOption(options, 'format');
        if (format !== 'json' && format !== 'markdown') throw new UsageError(`"${format}" is no format.`, 'One of: json, markdown.');
        const cursor = textOption(options, 'cursor');
        if (cursor !== undefined && !/^\d{1,15}$/.test(cursor)) throw new UsageError(`"${cursor}" is no cursor.`, 'Take the one that the earlier document names.');
        const answer = await session.call('history.export', { ...(await filterFrom(session, text ?? '', options)), format, ...(cursor === undefined ? {} : { cursor }) });
        const path = textOption(options, 'out') ?? null;
        if (path !== null) await writeNew(path, answer.content);
        const { fileName, mediaType, events, nextCursor } = answer;
        const written = [`${path}: ${count(events)} events.`, ...(nextCursor === null ? [] : [`That is not all: go on with --cursor ${nextCursor} and a new file.`])].join('\n');
        return { document: { export: { fileName, mediaType, events, nextCursor, path, content: path === null ? answer.content : null } }, text: path === null ? answer.content : written, verbatim: path === null };
      }),
    );
};

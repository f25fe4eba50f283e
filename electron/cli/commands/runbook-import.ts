import { mkdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Command } from 'commander';
import type { z } from 'zod';
import { draftFile } from '#engine/guides/draft-file.ts';
import { required, textOption, type Act } from '../command.ts';
import type { runbookImportDocument } from '../documents.ts';
import { UsageError } from '../failures.ts';
import { readGuideFile } from '../read-guide-file.ts';
import { table } from '../text.ts';
import { writeNew } from '../write-new.ts';

const linesText = (lines: readonly { from: number; to: number }[]): string => lines.map(({ from, to }) => (from === to ? String(from) : `${from}-${to}`)).join(', ');

/** Writes drafts beside the console: nothing is kept in it, and no draft can be started. */
export function registerRunbookImport(runbook: Command, act: Act): void {
  runbook
    .command('import <guide>')
    .description('make drafts of runbooks of a guide in Markdown; each says "draft: true" and which lines have to be looked at')
    .option('--out <folder>', 'write them there, into new files, for you alone')
    .action(
      act(async (session, [given], options) => {
        const path = required(given);
        const folder = textOption(options, 'out');
        if (folder === undefined) throw new UsageError('--out is missing.', 'Say --out FOLDER: where the drafts are written.');
        const read = await session.call('guide.read', { fileName: basename(path), text: await readGuideFile(path) });
        const made = read.items.filter(({ kind }) => kind === 'runbook').map((item) => ({ item, id: item.key.slice('runbook/'.length), ...draftFile(item) }));
        await mkdir(folder, { recursive: true, mode: 0o700 });
        const runbooks: z.infer<typeof runbookImportDocument>['runbooks'] = [];
        for (const { item, id, text, steps, manual, commands, blocked } of made) {
          const file = join(folder, `${id}.yaml`);
          await writeNew(file, text);
          runbooks.push({ id, title: item.title, file, steps, manual, commands, blocked });
        }
        const shown = ({ key, title, lines, text }: (typeof read.items)[number]) => ({ key: key.slice(key.indexOf('/') + 1), title, lines: linesText(lines), text });
        const ofKind = (kind: string): ReturnType<typeof shown>[] => read.items.filter((item) => item.kind === kind).map(shown);
        const named = new Set<string>(['runbook', 'calendar', 'threshold', 'contact']);
        const rest = read.items.filter(({ kind }) => !named.has(kind)).map((item) => ({ kind: item.kind, ...shown(item) }));
        const problems = [...read.problems.map(({ line, rule, message }) => ({ line, rule, message, item: null as string | null })), ...read.items.flatMap(({ key, flags }) => flags.map(({ line, rule, message }) => ({ line, rule, message, item: key })))].toSorted((a, b) => a.line - b.line);
        const document: z.infer<typeof runbookImportDocument> = { runbooks, calendar: ofKind('calendar'), thresholds: ofKind('threshold'), contacts: ofKind('contact'), rest, problems };
        const rows = runbooks.map(({ id, title, steps, blocked }) => [id, title, String(steps), blocked === 0 ? '' : `${blocked} to look at`]);
        return { document, text: [table(['RUNBOOK', 'TITLE', 'STEPS', ''], rows, 'No runbooks were found in it.'), `${document.calendar.length} entries of a calendar, ${document.thresholds.length} thresholds and ${document.contacts.length} contacts were found as well.`, ...(rest.length === 0 ? [] : [`So were ${rest.length} other pieces, as severities, people, cards and notes. Nothing of these is written here: guide import keeps all of it in the console, and --json shows it.`]), `The drafts are in ${folder}. None can be started before "draft: true" is taken out.`].join('\n') };
      }),
    );
}

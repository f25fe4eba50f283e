import { basename } from 'node:path';
import { required, textOption, type Register } from '../command.ts';
import { pick } from '../find.ts';
import { readGuideFile } from '../read-guide-file.ts';
import type { Session } from '../session.ts';
import { localTime, shortId, table } from '../text.ts';

async function findGuide(session: Session, wanted: string) {
  const { guides } = await session.call('guide.list', {});
  return pick('guide', wanted, guides, (guide) => ({ id: guide.id, names: [guide.id, guide.name, guide.title, guide.fileName] }));
}

const leftText = (left: number): string => (left === 0 ? 'Everything is decided.' : `${left} left to decide.`);

export const registerGuide: Register = (program, act) => {
  const guide = program.command('guide').description('guides in Markdown: read, looked at item by item, published as a pack');

  guide
    .command('import <file>')
    .description('read a guide, and keep what was made of it until somebody has looked at it; secrets in it are taken out')
    .option('--again <guide>', 'it is the newer text of a guide that was read: decisions stay for what is the same')
    .action(
      act(async (session, [given], options) => {
        const path = required(given);
        const again = textOption(options, 'again');
        if (again !== undefined) {
          const { id } = await findGuide(session, again);
          const { guide: read, changes } = await session.call('guide.reimport', { guideId: id, fileName: basename(path), text: await readGuideFile(path) });
          return { document: { guide: read, changes }, text: [`"${read.title}" was read again: ${changes.new.length} new, ${changes.changed.length} changed, ${changes.gone.length} gone, ${changes.same} as before with what was decided.`, ...read.problems.map(({ message }) => message), `${read.counts.openFlags} flags to look at. ${leftText(read.counts.undecided)}`].join('\n') };
        }
        const { guide: made } = await session.call('guide.import', { fileName: basename(path), text: await readGuideFile(path) });
        const { counts } = made;
        const kinds = Object.entries(counts.byKind).filter(([, count]) => count > 0).map(([kind, count]) => `${kind} ${count}`);
        return { document: { guide: made }, text: [`"${made.title}": ${counts.items} items (${kinds.join(', ')}), ${counts.openFlags} flags to look at.`, ...made.problems.map(({ message }) => message), `Id ${made.id}`].join('\n') };
      }),
    );

  guide
    .command('list')
    .description('guides that were read, with what is left to look at')
    .action(
      act(async (session) => {
        const answer = await session.call('guide.list', {});
        const rows = answer.guides.map(({ id, title, fileName, state, importedAt, counts }) => [shortId(id), title, fileName, localTime(importedAt), state === 'published' ? 'published' : `${counts.undecided} of ${counts.items} left`]);
        return { document: answer, text: table(['ID', 'TITLE', 'FILE', 'READ', 'STATE'], rows, 'No guide was read yet.') };
      }),
    );

  guide
    .command('show <guide>')
    .description('the items of a guide, with their lines and what has to be looked at')
    .action(
      act(async (session, [wanted]) => {
        const { id } = await findGuide(session, required(wanted));
        const answer = await session.call('guide.get', { guideId: id });
        const rows = answer.items.map(({ key, lines, decision, open, standing }) => [key, lines.map(({ from, to }) => (from === to ? String(from) : `${from}-${to}`)).join(', '), decision, open === 0 ? '' : `${open} flags`, standing === 'same' ? '' : standing]);
        const flags = answer.items.flatMap((item) => item.flags.filter(({ state }) => state === 'open').map(({ line, message }) => `line ${line}: ${message} (${item.key})`));
        return { document: answer, text: [table(['ITEM', 'LINES', 'DECISION', '', ''], rows, 'There is nothing in it.'), ...flags].join('\n') };
      }),
    );

  guide
    .command('accept <guide> [item]')
    .description('accept one item that has been looked at, or, without one, all that have no flag')
    .action(
      act(async (session, [wanted, key]) => {
        const { id } = await findGuide(session, required(wanted));
        if (key === undefined) {
          const answer = await session.call('guide.acceptPlain', { guideId: id });
          return { document: answer, text: `${answer.accepted} accepted. ${leftText(answer.left)}` };
        }
        const { items } = await session.call('guide.get', { guideId: id });
        const item = pick('item', key, items, (each) => ({ id: each.key, names: [each.key, each.title] }));
        const answer = await session.call('guide.decide', { guideId: id, key: item.key, decision: 'accept', expectedHash: item.hash });
        return { document: answer, text: `"${item.title}" is accepted. ${leftText(answer.left)}` };
      }),
    );

  guide
    .command('publish <guide>')
    .description('write what was accepted as a pack of your own')
    .option('--name <name>', 'of the pack: small letters, digits and dashes; without it that of the guide')
    .option('--title <title>', 'of the pack; without it that of the guide')
    .action(
      act(async (session, [wanted], options) => {
        const found = await findGuide(session, required(wanted));
        const answer = await session.call('guide.publish', { guideId: found.id, name: textOption(options, 'name') ?? found.name, title: textOption(options, 'title') ?? found.title });
        return { document: answer, text: `The pack ${answer.pack} has ${answer.runbooks} runbooks and ${answer.items} other items, in ${answer.folder}` };
      }),
    );
};

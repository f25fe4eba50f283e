import { statSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import type { ItemChange } from '#shared/contract/packs.ts';
import { fieldWords, valueWords } from '#shared/domain/pack/field-words.ts';
import { readPackFolder } from '#engine/packs/format/index.ts';
import { adoptPack, filledIn, findPack, openText, withAdoptOptions, withFormOptions } from '../adopt-pack.ts';
import { required, type Register } from '../command.ts';
import { UsageError } from '../failures.ts';
import { findSystem } from '../find.ts';
import { collect } from '../host-connection.ts';
import { pairs } from '../pairs.ts';
import { table } from '../text.ts';

const shown = (field: string, value: unknown): string => valueWords(field, value).slice(0, 60);

const changeWords: Readonly<Record<ItemChange['change'], string>> = { added: 'new', changed: 'changes', removed: 'goes', conflict: 'CONFLICT', kept: 'stays as your own', hidden: 'stays removed' };

/** A line for each item, and one for each field of it that is another. */
function changeText({ kind, key, title, change, fields }: ItemChange): string[] {
  return [`${changeWords[change]}: ${kind}/${key} (${title})`, ...fields.map(({ field, was, mine, theirs, conflict }) => `    ${fieldWords(field)}: was ${shown(field, was)}, here ${shown(field, mine)}, in the pack ${shown(field, theirs)}${conflict ? ` (--choose ${kind}/${key}=mine or =theirs)` : ''}`)];
}

/** @throws UsageError where a choice is neither */
function choicesIn(options: Record<string, unknown>, conflicts: readonly string[]): Record<string, 'mine' | 'theirs'> {
  const all = options['mine'] === true ? ('mine' as const) : options['theirs'] === true ? ('theirs' as const) : null;
  const choices: Record<string, 'mine' | 'theirs'> = all === null ? {} : Object.fromEntries(conflicts.map((name) => [name, all]));
  for (const [name, choice] of pairs(options, 'choose')) {
    if (choice !== 'mine' && choice !== 'theirs') throw new UsageError(`--choose takes KIND/KEY=mine or KIND/KEY=theirs, not "${name}=${choice}".`);
    if (!conflicts.includes(name)) throw new UsageError(`${name} is no conflict.`, `Conflicts: ${conflicts.join(', ') || 'none'}.`);
    choices[name] = choice;
  }
  return choices;
}

export const registerPack: Register = (program, act) => {
  const pack = program.command('pack').description('packs: ready-made systems, with runbooks, thresholds, calendar, severities and contacts');

  pack
    .command('list')
    .description('packs that can be adopted, and which systems have them')
    .action(
      act(async (session) => {
        const answer = await session.call('pack.list', {});
        const rows = answer.packs.map((card) => [card.name, card.title, card.version, `${Object.values(card.counts).reduce((sum, each) => sum + each, 0)} items`, `${card.runbooks} runbooks`, card.usedBy.map(({ systemName, version, isNewer }) => `${systemName}${isNewer ? ` (has ${version})` : ''}`).join(', ')]);
        return { document: answer, text: [table(['PACK', 'TITLE', 'VERSION', '', '', 'SYSTEMS'], rows, 'No packs.'), ...answer.refused.map(({ name, message }) => `${name} cannot be used. ${message}`), `Those that were imported are in ${answer.folder}`].join('\n') };
      }),
    );

  pack
    .command('show <pack>')
    .description('what is in a pack')
    .action(
      act(async (session, [wanted]) => {
        const answer = await session.call('pack.get', { pack: (await findPack(session, required(wanted))).name });
        const { card } = answer;
        const roles = [...answer.hosts.map((role) => ({ ...role, kind: 'host' })), ...answer.databases.map((role) => ({ ...role, kind: 'database' }))].map(({ name, kind, title, needed }) => [name, kind, title, needed ? 'needed' : '']);
        return { document: answer, text: [`${card.title} ${card.version}: ${card.summary}`, table(['ROLE', 'KIND', 'TITLE', ''], roles, 'No roles.'), table(['ITEM', 'TITLE'], answer.items.map(({ kind, key, title }) => [`${kind}/${key}`, title]), 'No items.'), table(['RUNBOOK', 'TITLE'], answer.runbooks.map(({ ref, title }) => [ref, title]), 'No runbooks.')].join('\n\n') };
      }),
    );

  pack
    .command('lint <folder>')
    .description('what is wrong in the folder of a pack, with file, line and column; exit status 1 on errors')
    .action(
      act(async (session, [given]) => {
        const folder = resolve(required(given));
        if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true) throw new UsageError(`${folder} is no folder.`, 'Name the folder of a pack, in which its pack.yaml lies.');
        const { name, texts, problems: found } = readPackFolder(folder, basename(folder));
        const { problems: checked } = await session.call('pack.check', { name, files: Object.fromEntries(texts) });
        // Of a pack.yaml that is there and cannot be read, both say that it is missing.
        const problems = [...found, ...checked.filter(({ rule, file }) => rule !== 'missing' || !found.some((other) => other.file === file))];
        const lines = problems.map(({ file, line, column, severity, message, fix }) => `${file}:${line}:${column}: ${severity}: ${message}${fix === null || message.includes(fix) ? '' : ` ${fix}`}`);
        const errors = problems.filter(({ severity }) => severity === 'error').length;
        return { document: { problems }, text: lines.length === 0 ? `${name}: nothing is wrong.` : lines.join('\n'), status: errors > 0 ? 1 : 0 };
      }),
    );

  withAdoptOptions(pack.command('adopt <pack>').description('make a system of a pack; what is proposed is taken unless something else is said')).action(act(adoptPack));

  withFormOptions(pack.command('answer <system>').description('answer what is open of the pack of a system, or give its roles to hosts and databases')).action(
    act(async (session, [wanted], options) => {
      const system = await findSystem(session, required(wanted));
      const form = await session.call('pack.reopen', { systemId: system.id });
      const answer = await session.call('pack.answer', { systemId: system.id, ...(await filledIn(session, form, { ...options, proposals: false })) });
      const open = openText(answer.open);
      return { document: answer, text: open.length === 0 ? `Nothing of ${form.card.title} is open for ${system.name}.` : open.join('\n') };
    }),
  );

  withFormOptions(
    pack
      .command('update <system>')
      .description('bring a system to what its pack says now; what was changed here stays. Without --apply it shows what would change')
      .option('--apply', 'do it')
      .option('--choose <item=side>', 'which side of a conflict stays: KIND/KEY=mine or KIND/KEY=theirs; may be given several times', collect)
      .option('--mine', 'of all other conflicts what is here')
      .option('--theirs', 'of all other conflicts what the pack says'),
  ).action(
    act(async (session, [wanted], options) => {
      const system = await findSystem(session, required(wanted));
      const preview = await session.call('pack.preview', { systemId: system.id });
      const choices = choicesIn(options, preview.items.filter(({ change }) => change === 'conflict').map(({ kind, key }) => `${kind}/${key}`));
      const changes = preview.items.flatMap(changeText);
      if (options['apply'] !== true) {
        const asked = preview.questions.map(({ key, ask }) => `Asked: ${ask} (--answer ${key}=…)`);
        return { document: { preview, updated: null }, text: [`${system.name}: from ${preview.from} to ${preview.to}`, ...(changes.length === 0 ? ['Nothing changes.'] : changes), ...asked].join('\n') };
      }
      const updated = await session.call('pack.update', { systemId: system.id, hash: preview.hash, choices, ...(await filledIn(session, preview, options)) });
      return { document: { preview, updated }, text: [`${system.name} is at ${preview.to}.`, ...changes, ...openText(updated.open)].join('\n') };
    }),
  );
};

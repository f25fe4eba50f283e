import { basename, resolve } from 'node:path';
import { statSync } from 'node:fs';
import { readPackFolder } from '#engine/packs/format/index.ts';
import { required, type Register } from '../command.ts';
import { UsageError } from '../failures.ts';

export const registerPack: Register = (program, act) => {
  const pack = program.command('pack').description('packs: ready-made systems, with runbooks, thresholds, calendar, severities and contacts');

  pack
    .command('lint <folder>')
    .description('what is wrong in the folder of a pack, with file, line and column; exit status 1 on errors')
    .action(
      act(async (session, [given]) => {
        const folder = resolve(required(given));
        if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true) throw new UsageError(`${folder} is no folder.`, 'Name the folder of a pack, in which its pack.yaml lies.');
        const { name, texts, problems: found } = readPackFolder(folder, basename(folder));
        const { problems: checked } = await session.call('pack.check', { name, files: Object.fromEntries(texts) });
        // Without a pack.yaml that is said by both.
        const problems = [...found, ...checked.filter(({ rule, file }) => rule !== 'missing' || !found.some((other) => other.file === file))];
        const lines = problems.map(({ file, line, column, severity, message, fix }) => `${file}:${line}:${column}: ${severity}: ${message}${fix === null ? '' : ` ${fix}`}`);
        const errors = problems.filter(({ severity }) => severity === 'error').length;
        return { document: { problems }, text: lines.length === 0 ? `${name}: nothing is wrong.` : lines.join('\n'), status: errors > 0 ? 1 : 0 };
      }),
    );
};

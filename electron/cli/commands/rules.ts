import { PilothouseError } from '#shared/domain/errors.ts';
import { required, type Register } from '../command.ts';
import { table } from '../text.ts';

export const registerRules: Register = (program, act) => {
  const rules = program.command('rules').description('the rule book: what is found wrong in guides, runbooks and documents');
  rules
    .command('list')
    .description('every rule')
    .action(
      act(async (session) => {
        const all = await session.call('rule.list', {});
        return { document: { rules: all }, text: table(['RULE', 'CLASS', 'TITLE'], all.map(({ id, class: ofClass, title }) => [id, ofClass, title]), 'There is no rule.') };
      }),
    );
  rules
    .command('show <rule>')
    .description('why something is wrong, and what is right')
    .action(
      act(async (session, [given]) => {
        const name = required(given);
        const found = (await session.call('rule.list', {})).find(({ id }) => id === name);
        if (found === undefined) throw new PilothouseError('store.not-found', `There is no rule called ${name}.`, { hint: 'rules list names them.' });
        const holds = found.versions === null ? [] : [`Holds for ${found.versions}.`];
        return { document: { rule: found }, text: [`${found.id} (${found.class}): ${found.title}`, found.explanation, ...holds, `Looks at ${found.languages.join(', ')}.`].join('\n') };
      }),
    );
};

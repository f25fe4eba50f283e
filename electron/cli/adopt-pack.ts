/** Packs from the command line: what was said becomes answers and roles, what was not said becomes what is proposed. */
import type { Command } from 'commander';
import type { z } from 'zod';
import type { PackCard, PackOpen, packQuestion, packRole, roleBinding } from '#shared/contract/packs.ts';
import { environments } from '#shared/domain/environment.ts';
import { required, textOption, type Action } from './command.ts';
import { UsageError } from './failures.ts';
import { findDatabase, findHost, findSystem, pick } from './find.ts';
import { collect } from './host-connection.ts';
import { pairs } from './pairs.ts';
import type { Session } from './session.ts';

type Binding = z.infer<typeof roleBinding>;
interface Form {
  roles: readonly z.infer<typeof packRole>[];
  questions: readonly z.infer<typeof packQuestion>[];
}

export async function findPack(session: Session, wanted: string): Promise<PackCard> {
  const { packs, refused } = await session.call('pack.list', {});
  const broken = refused.find(({ name }) => name === wanted);
  // What is there and cannot be used is asked for by its name, so that it is said what is wrong with it.
  if (broken !== undefined && !packs.some(({ name }) => name === wanted)) return (await session.call('pack.get', { pack: wanted })).card;
  return pick('pack', wanted, packs, (pack) => ({ id: pack.name, names: [pack.name, pack.title] }));
}

/** The options by which a form is filled in. */
export const withFormOptions = (command: Command): Command =>
  command
    .option('--host <role=host>', 'which host has a role; may be given several times', collect)
    .option('--database <role=database>', 'which database has a role; may be given several times', collect)
    .option('--answer <question=text>', 'the answer to a question; may be given several times', collect)
    .option('--no-proposals', 'take no proposal for what was not said: it stays open');

/** What was said, and what is proposed for the rest. @throws UsageError for a role or a question that there is not */
export async function filledIn(session: Session, { roles, questions }: Form, options: Record<string, unknown>): Promise<{ bindings: Record<string, Binding>; answers: Record<string, string> }> {
  const takesProposals = options['proposals'] !== false;
  const bindings: Record<string, Binding> = Object.fromEntries(roles.flatMap(({ name, proposed }) => (takesProposals && proposed !== null ? [[name, proposed] as const] : [])));
  const answers: Record<string, string> = Object.fromEntries(questions.flatMap(({ key, proposed }) => (takesProposals && proposed !== null ? [[key, proposed] as const] : [])));
  for (const kind of ['host', 'database'] as const) {
    for (const [name, wanted] of pairs(options, kind)) {
      const of = roles.filter((role) => role.kind === kind);
      if (!of.some((role) => role.name === name)) throw new UsageError(`There is no role ${name} for a ${kind}.`, `There are: ${of.map((role) => role.name).join(', ') || 'none'}.`);
      bindings[name] = kind === 'host' ? { hostId: (await findHost(session, wanted)).id } : { databaseId: (await findDatabase(session, wanted)).id };
    }
  }
  for (const [key, text] of pairs(options, 'answer')) {
    if (!questions.some((question) => question.key === key)) throw new UsageError(`There is no question ${key}.`, `There are: ${questions.map((question) => question.key).join(', ') || 'none'}.`);
    answers[key] = text;
  }
  return { bindings, answers };
}

/** What is still to be said, with the option that says it. */
export function openText({ questions, roles }: PackOpen): string[] {
  return [
    ...questions.map(({ key, ask, items }) => `Open: ${ask} (--answer ${key}=…)${items.length === 0 ? '' : ` Until then without ${items.map(({ title }) => title).join(', ')}.`}`),
    ...roles.map(({ name, kind, title }) => `Open: ${title} (--${kind} ${name}=…)`),
  ];
}

/** Makes a system of a pack: a new one, or one that is there. */
export const adoptPack: Action = async (session, [wanted], options) => {
  const { name } = await findPack(session, required(wanted));
  const existing = textOption(options, 'system');
  if (existing !== undefined && (textOption(options, 'name') !== undefined || textOption(options, 'environment') !== undefined)) throw new UsageError('--system names a system that is there, and --name and --environment are for a new one.', 'Give one or the other.');
  const systemId = existing === undefined ? null : (await findSystem(session, existing)).id;
  const form = await session.call('pack.prepare', { pack: name, systemId });
  const environment = environments.find((each) => each === (textOption(options, 'environment') ?? form.environment));
  if (environment === undefined) throw new UsageError(`"${textOption(options, 'environment')}" is no environment.`, `One of: ${environments.join(', ')}.`);
  const said = await filledIn(session, form, options);
  const answer = await session.call('pack.adopt', { pack: name, hash: form.hash, system: systemId === null ? { name: textOption(options, 'name') ?? form.name, environment } : { systemId }, ...said });
  const { system } = await session.call('system.get', { systemId: answer.systemId });
  const count = Object.values(answer.counts).reduce((sum, each) => sum + each, 0);
  return { document: { system: { id: system.id, name: system.name, environment: system.environment }, ...answer }, text: [`${system.name} has ${form.card.title} ${form.card.version}: ${count} items and ${form.card.runbooks} runbooks.`, ...openText(answer.open)].join('\n') };
};

/** The options of `adoptPack`. */
export const withAdoptOptions = (command: Command): Command =>
  withFormOptions(
    command
      .option('--system <system>', 'a system that is there; without it a new one is made')
      .option('--name <name>', 'what the new one is called; without it as the pack is')
      .option('--environment <which>', `of the new one: ${environments.join(', ')}`),
  );

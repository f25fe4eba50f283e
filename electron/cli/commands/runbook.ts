import { readFile } from 'node:fs/promises';
import type { z } from 'zod';
import type { BindingInput } from '#shared/contract/runbooks.ts';
import type { WalkthroughView } from '#shared/contract/walkthroughs.ts';
import { isPilothouseError, PilothouseError, type ErrorShape } from '#shared/domain/errors.ts';
import { required, textOption, type Register } from '../command.ts';
import type { lintDocument, walkedDocument } from '../documents.ts';
import { UsageError } from '../failures.ts';
import { findDatabase, findHost, findSystem, pick } from '../find.ts';
import { collect } from '../host-connection.ts';
import { pairs } from '../pairs.ts';
import { obtainSecret } from '../prompt.ts';
import { prepareHosts, prepareSecretsOf } from '../secrets.ts';
import type { Session } from '../session.ts';
import { duration, instantInWords, localTime, sentence, shortId, table } from '../text.ts';
import { walkOn, type Said, type Stopped } from '../walk-runbook.ts';
import { writeNew } from '../write-new.ts';
import { registerRunbookImport } from './runbook-import.ts';

const saidIn = (options: Record<string, unknown>): Said => ({ answers: pairs(options, 'answer'), skips: pairs(options, 'skip') });

async function findRunbook(session: Session, wanted: string) {
  const { runbooks } = await session.call('runbook.list', {});
  return pick('runbook', wanted, runbooks, (card) => ({ id: card.ref, names: [card.ref, card.id, card.title] }));
}

async function findRun(session: Session, wanted: string) {
  const { runs } = await session.call('walkthrough.list', { limit: 500 });
  return pick('walkthrough', wanted, runs, (run) => ({ id: run.id, names: [run.id] }));
}

export function documentOf(view: WalkthroughView): z.infer<typeof walkedDocument> {
  return { run: { id: view.run.id, state: view.run.state, steps: view.steps.map(({ key, state, verdicts }) => ({ id: key, state, verdicts })) } };
}

function textOf({ view, waitsFor }: Stopped): string {
  const rows = view.steps.map((step) => [String(step.number), step.state, step.title, step.outcome ?? '']);
  const end = waitsFor === null ? `${view.run.title}: ${view.run.stateText}` : `${sentence(waitsFor).replace(/\.$/, '')}. Go on with: runbook resume ${shortId(view.run.id)}`;
  return [table(['', 'STATE', 'STEP', ''], rows, 'No steps.'), end, `Id ${view.run.id}`].join('\n');
}

/** Only an end without failure is a success. */
const statusOf = ({ view }: Stopped): number => (view.run.state === 'succeeded' || view.run.state === 'succeeded-with-skips' ? 0 : 1);

/** What is wrong with a start, with the option that puts each right: a script knows names, and no labels. */
function withOptions(error: ErrorShape, form: { params: readonly { name: string; type: string }[]; targets: readonly { name: string }[] }): PilothouseError {
  const faults = (error.details as { faults?: readonly { name: string }[] }).faults ?? [];
  const ways = faults.flatMap(({ name }) => {
    if (form.targets.some((target) => target.name === name)) return [`--target ${name}=NAME`];
    const param = form.params.find((each) => each.name === name);
    return param === undefined ? [] : [param.type === 'secret' ? `--secret-file ${name}=FILE` : `--param ${name}=VALUE`];
  });
  return new PilothouseError(error.code, error.message, { ...(ways.length > 0 ? { hint: `Say ${ways.join(' ')}.` } : error.hint === undefined ? {} : { hint: error.hint }), details: error.details });
}

async function bindingFor(session: Session, kind: 'ssh' | 'postgres' | 'http', wanted: string): Promise<BindingInput> {
  if (kind === 'http') return { url: wanted };
  return kind === 'ssh' ? { hostId: (await findHost(session, wanted)).id } : { databaseId: (await findDatabase(session, wanted)).id };
}

/** Secret parameters: from a file, else asked. Nothing is sent on paper, so nothing is asked for it. */
async function secretsOf(session: Session, params: readonly { name: string; label: string; required: boolean }[], files: ReadonlyMap<string, string>, isLive: boolean): Promise<Record<string, string>> {
  const secrets: Record<string, string> = {};
  for (const { name, label, required: isRequired } of params) {
    const file = files.get(name);
    if (file === undefined && (!isLive || !isRequired)) continue;
    const secret = await obtainSecret(session.io, file, `${label}: `);
    if (secret !== null) secrets[name] = secret;
  }
  return secrets;
}

async function prepare(session: Session, view: Pick<WalkthroughView, 'targets' | 'run'>): Promise<void> {
  if (view.run.mode !== 'live') return;
  await prepareHosts(session, view.targets.flatMap(({ hostId }) => (hostId === null ? [] : [hostId])));
  for (const { databaseId } of view.targets) if (databaseId !== null) await prepareSecretsOf(session, databaseId);
}

export const registerRunbook: Register = (program, act) => {
  const runbook = program.command('runbook').description('runbooks: written down once, walked step by step, with or without a network');

  runbook
    .command('list')
    .description('the library, and how each was walked last')
    .option('--search <text>', 'only those with these words, in titles, steps or commands')
    .action(
      act(async (session, _positionals, options) => {
        const answer = await session.call('runbook.list', { text: textOption(options, 'search') ?? '' });
        const rows = answer.runbooks.map((card) => [card.ref, card.title, card.risk, card.errors > 0 ? `${card.errors} errors` : (card.inProgress[0]?.stateText ?? card.last?.stateText ?? 'never walked'), card.review === 'due' ? 'review due' : '']);
        const broken = answer.broken.map(({ message }) => message);
        return { document: answer, text: [table(['RUNBOOK', 'TITLE', 'RISK', 'LAST', ''], rows, 'No runbooks.'), ...broken, `Your own are in ${answer.folder}`].join('\n') };
      }),
    );

  runbook
    .command('lint <file>')
    .description('what is wrong in a runbook, with line and column; exit status 1 on errors')
    .action(
      act(async (session, [file]) => {
        const path = required(file);
        let text: string;
        try {
          text = await readFile(path, 'utf8');
        } catch (error) {
          throw new UsageError(`${path} cannot be read: ${error instanceof Error ? error.message : String(error)}.`, 'Name a runbook, a YAML file.');
        }
        const { problems } = await session.call('runbook.check', { text });
        const document: z.infer<typeof lintDocument> = { problems: problems.map(({ line, column, severity, rule, message, fix }) => ({ line, column, severity, rule, message, fix })) };
        const lines = problems.map(({ line, column, severity, message, fix }) => `${path}:${line}:${column}: ${severity}: ${message}${fix === null || message.includes(fix) ? '' : ` ${fix}`}`);
        const errors = problems.filter(({ severity }) => severity === 'error').length;
        return { document, text: lines.length === 0 ? `${path}: nothing is wrong.` : lines.join('\n'), status: errors > 0 ? 1 : 0 };
      }),
    );

  registerRunbookImport(runbook, act);

  runbook
    .command('run <runbook>')
    .description('begin a walkthrough, and go on until it is over or waits for a person; exit status 0 when it succeeded')
    .option('--mode <mode>', 'live, paper or rehearsal', 'live')
    .option('--system <system>', 'for this system')
    .option('--target <role=name>', 'what a role is given to: a host, a database or an address; may be given several times', collect)
    .option('--param <name=value>', 'a parameter; may be given several times', collect)
    .option('--secret-file <name=file>', 'a secret parameter: a file of yours alone whose first line it is; may be given several times', collect)
    .option('--answer <step=text>', 'what is answered to a manual step, or chosen at a decision; may be given several times', collect)
    .option('--skip <step=reason>', 'skip a step, and why; may be given several times', collect)
    .action(
      act(async (session, [name], options) => {
        const mode = textOption(options, 'mode');
        if (mode !== 'live' && mode !== 'paper' && mode !== 'rehearsal') throw new UsageError(`"${mode}" is no mode.`, 'One of: live, paper, rehearsal.');
        const said = saidIn(options);
        const card = await findRunbook(session, required(name));
        const systemName = textOption(options, 'system');
        const systemId = systemName === undefined ? null : (await findSystem(session, systemName)).id;
        const form = await session.call('runbook.prepare', { ref: card.ref, systemId });
        const wanted = pairs(options, 'target');
        for (const role of wanted.keys()) if (!form.targets.some((target) => target.name === role)) throw new UsageError(`"${card.title}" has no target ${role}.`, `It has: ${form.targets.map((target) => target.name).join(', ') || 'none'}.`);
        const bindings: Record<string, BindingInput> = {};
        for (const target of form.targets) {
          const given = wanted.get(target.name);
          const choice = given === undefined ? target.proposed : await bindingFor(session, target.kind, given);
          if (choice !== null) bindings[target.name] = choice;
        }
        const values: Record<string, string | number | boolean | string[]> = {};
        for (const param of form.params) if (param.proposed !== null && param.type !== 'secret') values[param.name] = param.proposed;
        for (const [param, text] of pairs(options, 'param')) values[param] = text;
        const secrets = await secretsOf(session, form.params.filter(({ type }) => type === 'secret'), pairs(options, 'secretFile'), mode === 'live');
        const { walkthroughId } = await session.call('walkthrough.start', { ref: card.ref, hash: card.hash, systemId, mode, bindings, values, secrets }).catch((error: unknown) => {
          throw isPilothouseError(error) && error.code === 'runbook.value-invalid' ? withOptions(error, form) : error;
        });
        session.keep({ run: { id: walkthroughId } }, `It is begun, and goes on with: runbook resume ${shortId(walkthroughId)}`);
        await prepare(session, await session.call('walkthrough.get', { walkthroughId }));
        const stopped = await walkOn(session, walkthroughId, said);
        return { document: documentOf(stopped.view), text: textOf(stopped), status: statusOf(stopped) };
      }),
    );

  runbook
    .command('resume <walkthrough>')
    .description('go on with a walkthrough')
    .option('--secret-file <name=file>', 'a secret parameter that has to be said again; may be given several times', collect)
    .option('--answer <step=text>', 'what is answered to a manual step, or chosen at a decision; may be given several times', collect)
    .option('--skip <step=reason>', 'skip a step, and why; may be given several times', collect)
    .action(
      act(async (session, [name], options) => {
        const said = saidIn(options);
        const { id } = await findRun(session, required(name));
        const view = await session.call('walkthrough.get', { walkthroughId: id });
        const secrets = await secretsOf(session, view.secretsNeeded.map((needed) => ({ ...needed, required: true })), pairs(options, 'secretFile'), true);
        if (Object.keys(secrets).length > 0) await session.call('walkthrough.giveSecrets', { walkthroughId: id, secrets });
        await prepare(session, view);
        const stopped = await walkOn(session, id, said);
        return { document: documentOf(stopped.view), text: textOf(stopped), status: statusOf(stopped) };
      }),
    );

  runbook
    .command('walked')
    .description('walkthroughs, newest first')
    .option('--active', 'only those that are not over')
    .action(
      act(async (session, _positionals, options) => {
        const { runs } = await session.call('walkthrough.list', { ...(options['active'] === true ? { active: true } : {}) });
        const rows = runs.map((run) => [shortId(run.id), localTime(run.startedAt), run.title, run.mode, run.stateText, run.durationMs === null ? '' : duration(run.durationMs)]);
        return { document: { runs }, text: table(['ID', 'BEGUN', 'RUNBOOK', 'MODE', 'STATE', 'TOOK'], rows, 'None was walked yet.') };
      }),
    );

  runbook
    .command('export <walkthrough>')
    .description('the report of a walkthrough: what happened, what was skipped and why, what nobody knows')
    .option('--format <format>', 'markdown, html or json', 'markdown')
    .option('--out <file>', 'write it into a new file, for you alone')
    .action(
      act(async (session, [name], options) => {
        const format = textOption(options, 'format');
        if (format !== 'markdown' && format !== 'html' && format !== 'json') throw new UsageError(`"${format}" is no format.`, 'One of: markdown, html, json.');
        const { id, startedAt } = await findRun(session, required(name));
        const answer = await session.call('walkthrough.export', { walkthroughId: id, format });
        const path = textOption(options, 'out') ?? null;
        if (path !== null) await writeNew(path, answer.content);
        const { fileName, mediaType } = answer;
        return { document: { export: { fileName, mediaType, path, content: path === null ? answer.content : null } }, text: path === null ? answer.content : `${path}: the walkthrough of ${instantInWords(startedAt)}.`, verbatim: path === null };
      }),
    );
};

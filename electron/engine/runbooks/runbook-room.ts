/** Runbooks and their walkthroughs: what the contract asks of them. */
import type { EngineClient } from '#shared/contract/index.ts';
import type { runbookMethods } from '#shared/contract/runbooks.ts';
import type { walkthroughMethods } from '#shared/contract/walkthroughs.ts';
import { PilothouseError } from '#shared/domain/errors.ts';
import { riskOf, type Action, type Runbook } from '#shared/domain/runbook/definition.ts';
import { isOver } from '#shared/domain/runbook/walkthrough.ts';
import type { Secret } from '#shared/domain/secret.ts';
import type { Handlers } from '../dispatch/handlers.ts';
import type { EngineContext } from '../engine-context.ts';
import { accountHere } from '../import/person.ts';
import type { HostRoom } from '../ssh/host-room.ts';
import { createHostRepository } from '../store/host-repository.ts';
import { createRunbookReviewRepository } from '../store/runbook-review-repository.ts';
import { createWalkthroughRepository } from '../store/walkthrough-repository.ts';
import { requireName } from '../systems/require-name.ts';
import { carryOutAct } from './desk/acts.ts';
import { readGiven, requireStartable, secretNamesOf, startedEvent, type Given } from './desk/beginning.ts';
import { createAdopted } from './desk/adopted.ts';
import { createBinder } from './desk/binding.ts';
import { createLookingAgain } from './desk/by-itself.ts';
import { createCalledDesk } from './desk/called-desk.ts';
import { cardOf } from './desk/cards.ts';
import { createChildren, fileById } from './desk/children.ts';
import { exportOf } from './desk/exporting.ts';
import { createLeftOpen } from './desk/left-open.ts';
import { planLook, runLook, type LookDetails } from './desk/look.ts';
import { noticeOf } from './desk/notices.ts';
import { optionsSource, readOptionsOf } from './desk/options.ts';
import { planStep, type StepInput } from './desk/plan-step.ts';
import { reachedIn } from './desk/by-hand.ts';
import { previewAll, type PreviewContext } from './desk/preview.ts';
import { recoverWalks, recoverStep } from './desk/recover.ts';
import { runStep, type StepDesk, type StepDetails } from './desk/run-step.ts';
import { sampleScope } from './desk/sample.ts';
import { createReviewGate } from './desk/reviewed.ts';
import { createWalkSecrets } from './desk/secrets.ts';
import { summaryOfRun } from './desk/summary.ts';
import { timelineOf } from './desk/timeline.ts';
import { createTimers } from './desk/timers.ts';
import { viewOf, type ViewContext } from './desk/view.ts';
import { createWalks } from './desk/walks.ts';
import { checklistPage } from './export/index.ts';
import { completionsAt, jsonSchema, readRunbook, readRunbookOnce, textHash } from './format/index.ts';
import { createLibrary, defaultPacksFolder, type LibraryFile } from './library/index.ts';
import { createStepRunner, type StepRunner } from './steps/index.ts';

/** What the calendar wants to know of a runbook. */
export interface RunbookFacts {
  title: string;
  estimateMs: number | null;
  /** Whether all of its steps only look: none changes anything, and none is done by hand or elsewhere. */
  reads: boolean;
  /** Whether it cannot be started. */
  broken: boolean;
}

/** What a step does that only looks, where its risk says that it does. */
const looks: ReadonlySet<Action['kind']> = new Set(['sh', 'sql', 'http', 'note', 'wait']);

export interface RunbookRoom {
  handlers: Handlers<keyof typeof runbookMethods | keyof typeof walkthroughMethods>;
  /** After a crash: what was under way becomes unknown, what was due is told. For the start, before anything else is asked. */
  start(): void;
  /** Reads the library in the background, so that whoever opens it does not wait. Never throws. */
  readAhead(signal: AbortSignal): Promise<void>;
  /** This computer woke up. */
  wake(): void;
  close(): void;
  /** Null: there is no such runbook. */
  facts(ref: string): RunbookFacts | null;
  /** Walkthroughs that wait for a person, newest first. */
  waiting(): ReturnType<typeof summaryOfRun>[];
}

/** Incidents that walkthroughs are begun for. */
export interface WalkedIncidents {
  /** @throws store.not-found */
  require(incidentId: string): void;
  /** A walkthrough that was begun for an incident becomes part of it. Never throws: it was begun, whatever becomes of this. */
  begun(incidentId: string, walkthroughId: string): void;
}

/** @param options.ask the engine itself, for the procedures that runbooks call @param options.appVersion of this program @param options.stepRunner sends steps; left out: to where they belong */
export function createRunbookRoom(context: EngineContext, options: { ask: () => EngineClient; hosts: Pick<HostRoom, 'sudoPassword'>; appVersion: string; incidents?: () => WalkedIncidents; packsFolder?: string; stepRunner?: StepRunner }): RunbookRoom {
  const { ports, runner, changes, systems } = context;
  const repository = createWalkthroughRepository(context.store);
  const hosts = createHostRepository(context.store);
  const library = createLibrary({ folder: context.home.runbooks, packsFolder: options.packsFolder ?? defaultPacksFolder(), importedFolder: context.home.packs, clock: ports.clock, reader: { readRunbook: readRunbookOnce, textHash } });
  const reviews = createRunbookReviewRepository(context.store);
  const gate = createReviewGate(reviews, library, options.packsFolder ?? defaultPacksFolder());
  const binder = createBinder(context);
  const adopted = createAdopted(context, binder);
  const secrets = createWalkSecrets(context.scrubber);
  const walks = createWalks(context, repository);
  const called = createCalledDesk({ context, walks, binder, ask: options.ask });
  const desk: StepDesk = { context, walks, secrets, binder, runner: options.stepRunner ?? createStepRunner(context, options.hosts), called };
  const { user, computer } = accountHere();
  const operator = `${user} on ${computer}`;
  const children = createChildren({ context, library, repository, walks, binder, secrets, gate, operator, appVersion: options.appVersion });
  const timers = createTimers(context, repository, walks);
  const leftOpen = createLeftOpen(context, repository, walks, children);

  const step = runner.register<StepInput, StepDetails>({
    kind: 'runbook.step',
    plan: (input) => planStep(desk, input),
    run: (details, operation) => runStep(desk, details, operation),
    recover: (details) => recoverStep(desk, details),
    place: ({ walkthroughId }) => `/walkthroughs/${walkthroughId}`,
  });
  const look = runner.register<{ walkthroughId: string; key: string }, LookDetails>({
    kind: 'runbook.look',
    plan: async (input) => planLook(desk, input),
    run: (details, operation) => runLook(desk, details, operation),
    recover: async () => 'The step is still unknown: find out again where the walkthrough offers it.',
    place: ({ walkthroughId }) => `/walkthroughs/${walkthroughId}`,
  });
  const lookingAgain = createLookingAgain(context, repository, walks, (at) => look.plan(at));

  walks.onChange((walk, events) => {
    const { walkthrough } = walk;
    const notice = noticeOf(walk, events);
    if (notice !== null) ports.notifier.notify(context.scrubber.scrub(notice));
    if (events.some(({ kind }) => kind === 'called')) children.settle(walkthrough.id);
    if (!isOver(walkthrough.state)) return;
    secrets.forget(walkthrough.id);
    if (walkthrough.parent !== null) children.settle(walkthrough.parent.walkthroughId);
  });

  /** What is in the library at this moment: looked at once for all steps of an answer. */
  let atThisMoment: { list(): LibraryFile[] } | null = null;
  const titleOfRunbook = (id: string): string | null => {
    if (atThisMoment === null) {
      const files = library.list();
      atThisMoment = { list: () => files };
      queueMicrotask(() => (atThisMoment = null));
    }
    return fileById(atThisMoment, id, null)?.runbook?.title ?? null;
  };
  const view: ViewContext = {
    context,
    repository,
    binder,
    adopted,
    secrets,
    fileOf: (runbookId, ref) => (ref === null ? null : library.find(ref)) ?? fileById(library, runbookId, ref),
    titleOfRunbook,
    innerOf: (operationId) => called.innerOf(operationId)?.id ?? null,
  };
  const card = (file: LibraryFile, systemId: string | null) => cardOf({ context, repository }, file, systemId);
  const previewFor = (runbook: Runbook, given: Given): { preview: PreviewContext; faults: { name: string; message: string }[] } => {
    const read = readGiven(context, binder, runbook, given, operator);
    return { preview: { scope: { values: read.values, secrets: new Map<string, Secret>(), secretNames: new Set(secretNamesOf(runbook)), bindings: read.bindings }, binder, titleOfRunbook }, faults: read.faults };
  };
  /** What was answered for a parameter of the pack that a system has. */
  const answeredFor = (runbook: Runbook, index: number, ref: string, systemId: string | null) => {
    const param = runbook.params[index];
    const answered = param === undefined ? null : adopted.param(param, ref, systemId);
    return answered === null ? null : valueOut(answered);
  };
  const rolesOf = (runbook: Runbook) => runbook.targets.map(({ name, kind, label, default: proposed }) => ({ name, kind, label, default: proposed }));
  const paramsOf = (runbook: Runbook, systemId: string | null = null) =>
    runbook.params.map(({ line: _line, ...param }) => {
      const source = optionsSource(param);
      const proposals = param.type === 'host' ? hosts.list(systemId ?? undefined).map(({ connection }) => connection.host) : param.choices;
      return { ...param, default: param.default === null ? null : valueOut(param.default), choices: [...new Set(proposals)], optionsFrom: source === null ? null : { target: source.target, text: source.text } };
    });

  return {
    start() {
      recoverWalks({ repository, walks, children, ports });
      timers.look();
    },
    readAhead: (signal) => library.readAhead(signal).catch((error: unknown) => ports.logger.warn({ error: String(error) }, 'The library of runbooks could not be read ahead.')),
    wake() {
      timers.look();
      leftOpen.look();
      lookingAgain.soon();
    },
    close() {
      timers.stop();
      leftOpen.stop();
      lookingAgain.stop();
    },
    facts(ref) {
      const file = library.find(ref);
      if (file === null) return null;
      const { runbook, problems } = file;
      return { title: runbook?.title ?? ref, estimateMs: runbook?.estimateMs ?? null, reads: runbook !== null && riskOf(runbook) === 'read' && [...runbook.prerequisites, ...runbook.steps].every(({ action }) => looks.has(action.kind)), broken: runbook === null || problems.some(({ severity }) => severity === 'error') };
    },
    waiting: () => repository.list({ active: true, limit: 500 }).map((row) => summaryOfRun(row, context)),
    handlers: {
      'runbook.list': ({ systemId, text }) => {
        const startedAt = performance.now();
        const { files, broken } = library.look();
        const wanted = text.trim() === '' ? files.map((file) => ({ file, hits: [] })) : library.search(text);
        return {
          runbooks: wanted.map(({ file, hits }) => cardOf({ context, repository }, file, systemId ?? null, [...hits])),
          broken: broken.map(({ ref, file, message }) => ({ ref, file, message })),
          folder: library.folder,
          tookMs: performance.now() - startedAt,
        };
      },
      'runbook.get': ({ ref }) => {
        const file = library.read(ref);
        const { runbook } = file;
        const runs = runbook === null ? [] : repository.list({ runbookId: runbook.id, limit: 50 }).map((row) => summaryOfRun(row, context));
        const steps = runbook === null ? [] : previewAll(runbook, sampleScope(runbook, binder, titleOfRunbook));
        return { card: card(file, null), text: file.text, problems: [...file.problems], targets: runbook === null ? [] : rolesOf(runbook), params: runbook === null ? [] : paramsOf(runbook), steps, stats: runbook === null ? [] : repository.stepStats(runbook.id), runs, contacts: [...(runbook?.contacts ?? [])] };
      },
      'runbook.check': ({ text, bindings, values }) => {
        const { runbook, problems } = readRunbook(text);
        if (runbook === null) return { problems, id: null, title: null, targets: [], params: [], steps: [] };
        const sample = sampleScope(runbook, binder, titleOfRunbook);
        const { preview } = previewFor(runbook, { systemId: null, bindings, values, secrets: new Set() });
        const scope = { ...sample, scope: { ...sample.scope, values: { ...sample.scope.values, ...preview.scope.values }, bindings: { ...sample.scope.bindings, ...preview.scope.bindings } } };
        return { problems, id: runbook.id, title: runbook.title, targets: rolesOf(runbook), params: paramsOf(runbook), steps: previewAll(runbook, scope) };
      },
      'runbook.complete': ({ text, offset }) => completionsAt(text, offset),
      'runbook.save': ({ ref, text, expectedHash }) => {
        const file = library.save(ref, text, expectedHash);
        changes.changed('runbooks');
        return { ref: file.ref, hash: file.hash, file: file.file, problems: [...file.problems] };
      },
      'runbook.copy': ({ ref }) => {
        // What is one's own is sent without that. What cannot be started is copied to be put right.
        const file = library.copy(ref, (read) => {
          if (read.runbook !== null && read.problems.every(({ severity }) => severity !== 'error')) gate.requireReviewed(read, 'it was not copied');
        });
        changes.changed('runbooks');
        return { ref: file.ref };
      },
      'runbook.remove': ({ ref, confirmName }) => {
        // One that cannot be read can be removed all the same.
        const name = library.find(ref)?.runbook?.title ?? ref;
        requireName(confirmName, name, `Removing the runbook ${name}`);
        const { movedTo } = library.remove(ref);
        changes.changed('runbooks');
        return { movedTo };
      },
      'runbook.markReviewed': ({ ref, hash }) => {
        const file = library.read(ref);
        if (file.hash !== hash) throw new PilothouseError('runbook.changed', `The file of "${file.runbook?.title ?? ref}" has changed since it was shown.`, { hint: 'Look at it as it is now, then mark it.', retryable: true });
        requireStartable(file);
        reviews.markReviewed(hash, file.ref, operator, ports.clock.now());
        changes.changed('runbooks');
        return {};
      },
      'runbook.schema': () => ({ schema: jsonSchema() }),
      'runbook.prepare': ({ ref, systemId }) => {
        const file = library.read(ref);
        if (systemId !== null) systems.get(systemId);
        const { runbook } = file;
        return {
          card: card(file, systemId),
          problems: [...file.problems],
          targets: (runbook?.targets ?? []).map((role) => ({ name: role.name, kind: role.kind, label: role.label, default: role.default, ...adopted.target(role, systemId) })),
          params: runbook === null ? [] : paramsOf(runbook, systemId).map((param, index) => ({ ...param, proposed: answeredFor(runbook, index, file.ref, systemId) ?? param.default })),
          contacts: adopted.contacts(runbook?.contacts ?? [], systemId),
        };
      },
      'runbook.options': ({ ref, param, bindings, values }, { signal }) => {
        const file = library.read(ref);
        const runbook = requireStartable(file);
        gate.requireReviewed(file);
        return readOptionsOf({ context, binder, runner: desk.runner }, { runbook, param, bindings, values, operator }, signal);
      },
      'runbook.preview': ({ ref, systemId, bindings, values, onPaper }) => {
        const { runbook } = library.read(ref);
        if (runbook === null) return { steps: [], faults: [] };
        const { preview, faults } = previewFor(runbook, { systemId, bindings, values, secrets: new Set(secretNamesOf(runbook)) });
        return { steps: previewAll(runbook, onPaper ? { ...preview, reachedBy: reachedIn(systems) } : preview), faults };
      },
      'runbook.checklist': ({ ref, systemId, bindings, values }) => {
        const file = library.read(ref);
        const runbook = requireStartable(file);
        const { preview } = previewFor(runbook, { systemId, bindings, values, secrets: new Set(secretNamesOf(runbook)) });
        const system = systemId === null ? null : systems.get(systemId);
        const content = checklistPage({ runbook: { ...runbook, contacts: adopted.contacts(runbook.contacts, systemId) }, steps: previewAll(runbook, { ...preview, reachedBy: reachedIn(systems) }), values: preview.scope.values, targets: runbook.targets.map((role) => ({ label: role.label, to: preview.scope.bindings[role.name] === undefined ? null : binder.words(preview.scope.bindings[role.name] as NonNullable<(typeof preview.scope.bindings)[string]>) })), system: system?.name ?? null, exportedAt: new Date(ports.clock.now()).toISOString() });
        return { fileName: `${runbook.id}-checklist.html`, mediaType: 'text/html', content: context.scrubber.scrub(content) };
      },
      'walkthrough.start': ({ ref, hash, systemId, mode, bindings, values, secrets: typed, continues, incidentId }) => {
        const file = library.read(ref);
        if (file.hash !== hash) throw new PilothouseError('runbook.changed', `The file of "${file.runbook?.title ?? ref}" has changed since it was shown.`, { hint: 'Look at it again, then begin.', retryable: true });
        const runbook = requireStartable(file);
        if (mode === 'live') gate.requireReviewed(file);
        if (systemId !== null) systems.get(systemId);
        if (continues !== undefined) walks.open(continues);
        if (incidentId !== undefined) options.incidents?.().require(incidentId);
        const id = ports.random.id();
        // Known before anything is said of what was typed.
        secrets.give(id, typed);
        try {
          // Where nothing is sent, none is needed: it is asked for where the walkthrough goes live.
          const read = readGiven(context, binder, runbook, { systemId, bindings, values, secrets: mode === 'live' ? new Set(Object.keys(typed)) : 'later' }, operator);
          const names = secretNamesOf(runbook);
          for (const name of Object.keys(typed)) if (!names.includes(name)) read.faults.push({ name, message: `There is no secret ${name} in this runbook.` });
          const started = startedEvent({ runbook, hash, read, mode, systemId, operator, secrets: names, parent: null, continues: continues ?? null, appVersion: options.appVersion });
          walks.begin(id, started, { text: file.text, runbook }, operator, file.ref);
        } catch (error) {
          secrets.forget(id);
          throw error;
        }
        if (incidentId !== undefined) options.incidents?.().begun(incidentId, id);
        return { walkthroughId: id };
      },
      'walkthrough.list': ({ systemId, runbookId, active, limit, before }) => ({ runs: repository.list({ systemId, runbookId, active, limit, before: before === undefined ? undefined : Date.parse(before), topLevel: true }).map((row) => summaryOfRun(row, context)) }),
      'walkthrough.get': ({ walkthroughId }) => viewOf(walks.open(walkthroughId), view),
      'walkthrough.act': ({ walkthroughId, expectedSeq, commandId, act }, { caller }) => {
        if (act.kind === 'go-live') {
          const { definitionHash, title } = walks.open(walkthroughId).walkthrough;
          gate.requireReviewedText(repository.row(walkthroughId).ref, definitionHash, title);
        }
        const done = carryOutAct({ context, walks, secrets, begin: children.begin, requireUsable: children.requireUsable }, { walkthroughId, expectedSeq, commandId, actor: caller, act });
        return { outcome: done.outcome, seq: walks.open(walkthroughId).walkthrough.seq, childId: done.childId };
      },
      'walkthrough.planStep': async ({ walkthroughId, key, expectedSeq, action }) => ({ plan: action === 'look' ? await look.plan({ walkthroughId, key }) : await step.plan({ walkthroughId, key, expectedSeq }) }),
      'walkthrough.giveSecrets': ({ walkthroughId, secrets: typed }) => {
        const { walkthrough } = walks.open(walkthroughId);
        if (isOver(walkthrough.state)) throw new PilothouseError('runbook.not-now', `"${walkthrough.title}" is over, and needs no secrets any more.`, { hint: 'Read it again.' });
        const unknown = Object.keys(typed).filter((name) => !walkthrough.secrets.includes(name));
        if (unknown.length > 0) throw new PilothouseError('runbook.value-invalid', `This walkthrough has no secret ${unknown.join(', ')}.`, { hint: 'Read it again.' });
        secrets.give(walkthroughId, typed);
        changes.changed('runbooks');
        return {};
      },
      'walkthrough.evidence': ({ walkthroughId, evidenceId }) => {
        const found = repository.evidence(walkthroughId, evidenceId);
        if (found === null) throw new PilothouseError('store.not-found', 'There is no such evidence in this walkthrough.', { hint: 'Read the walkthrough again.' });
        const isText = found.media.startsWith('text/');
        return { name: found.name, media: found.media, encoding: isText ? 'text' : 'base64', content: isText ? context.scrubber.scrub(found.data.toString('utf8')) : found.data.toString('base64'), sha256: found.sha256, at: new Date(found.at).toISOString() };
      },
      'walkthrough.timeline': ({ walkthroughId, afterSeq }) => ({ entries: timelineOf(repository, walks.open(walkthroughId), afterSeq) }),
      'walkthrough.export': ({ walkthroughId, format }) => exportOf({ context, repository, view, appVersion: options.appVersion }, walks.open(walkthroughId), format),
    },
  };
}

/** A list of a value that nobody may write to, as the contract has it. */
function valueOut(value: NonNullable<Runbook['params'][number]['default']>): string | number | boolean | string[] {
  return typeof value === 'object' ? [...value] : value;
}

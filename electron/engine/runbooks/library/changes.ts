/** What another version of a runbook says differently, in sentences. */
import type { ActionKind, Param, Runbook, Step, TargetRole } from '#shared/domain/runbook/definition.ts';

/** Whether they say the same. On which line they say it does not matter, nor in which order the names of a field stand. */
function alike(older: unknown, newer: unknown): boolean {
  const plain = (value: unknown): string =>
    JSON.stringify(value, (key, inner: unknown) => {
      if (key === 'line') return undefined;
      return typeof inner === 'object' && inner !== null && !Array.isArray(inner) ? Object.fromEntries(Object.entries(inner).toSorted(([a], [b]) => (a < b ? -1 : 1))) : inner;
    }) ?? '';
  return plain(older) === plain(newer);
}

type Part<Thing> = readonly [of: (thing: Thing) => unknown, words: (older: Thing, newer: Thing) => string];

const another = (what: string) => (): string => `${what} is another`;
/** "the risk is change, and was read". */
const told = <Thing>(what: string, of: (thing: Thing) => string | null): Part<Thing> => [of, (older, newer) => `${what} is ${of(newer) ?? 'not given'}, and was ${of(older) ?? 'not given'}`];

const actionWords: Readonly<Record<ActionKind, string>> = {
  manual: 'what is to be done by hand', note: 'the note', sh: 'the command', sql: 'the statement', http: 'the request', transfer: 'what is copied', wait: 'the wait', decide: 'the question', approve: 'the approval', runbook: 'the runbook that is called', procedure: 'what is called', 'undo-completed': 'what is undone',
};

const stepParts: readonly Part<Step>[] = [
  [({ title }) => title, (_older, { title }) => `it is called "${title}" now`],
  [({ action }) => action, (older, newer) => (older.action.kind === newer.action.kind ? `${actionWords[newer.action.kind]} is another` : `it is ${newer.action.kind} now, and was ${older.action.kind}`)],
  told('the target', ({ target }) => target),
  told('the database', ({ database }) => database),
  told('the folder', ({ cwd }) => cwd),
  told('the account', ({ sudo }) => (sudo === null ? 'the one that signs in' : sudo)),
  told('the shell', ({ shell }) => shell),
  [({ env }) => env, another('the environment')],
  [({ stdin }) => stdin, another('the input')],
  told('the risk', ({ risk }) => risk),
  [({ pause }) => pause, (_older, { pause }) => (pause ? 'it stops before it now' : 'it does not stop before it any more')],
  [({ when }) => when, another('when it applies')],
  [({ forEach, maxFailures }) => [forEach, maxFailures], another('what it is repeated for')],
  [({ expect }) => expect, another('what is expected')],
  [({ capture }) => capture, another('what is remembered')],
  [({ onFail }) => onFail, (older, newer) => `when it fails: ${newer.onFail}, and was ${older.onFail}`],
  [({ undo }) => undo, another('the way back')],
  [({ probe }) => probe, another('the probe')],
  [({ idempotent }) => idempotent, (_older, { idempotent }) => (idempotent ? 'it may be repeated now' : 'it may not be repeated any more')],
  [({ retry, waitUntil }) => [retry, waitUntil], another('how it is tried again')],
  [({ timeoutMs, stallWarnMs }) => [timeoutMs, stallWarnMs], another('how long it may take')],
  [({ detach }) => detach, another('whether it outlives the connection')],
  [({ confirm, choices }) => [confirm, choices], another('what is asked')],
  told('skipping', ({ skip }) => skip),
  [({ next, end }) => [next, end], another('what comes after it')],
  [({ evidence, redact }) => [evidence, redact], another('what is kept of it')],
  [({ why }) => why, another('the reason given')],
];

const paramParts: readonly Part<Param>[] = [
  told('the type', ({ type }) => type),
  [({ default: proposed }) => proposed, another('the default')],
  [({ choices }) => choices, another('the choice')],
  [({ required }) => required, (_older, { required }) => (required ? 'it is required now' : 'it is not required any more')],
  [({ pattern, min, max }) => [pattern, min, max], another('what it may be')],
  [({ when }) => when, another('when it is asked')],
  [({ of, optionsFrom }) => [of, optionsFrom], another('where its choices come from')],
  [({ label, help }) => [label, help], another('how it is explained')],
];

const targetParts: readonly Part<TargetRole>[] = [
  told('the kind', ({ kind }) => kind),
  told('the default', ({ default: proposed }) => proposed),
  [({ label }) => label, (_older, { label }) => `it is called "${label}" now`],
];

const topParts: readonly Part<Runbook>[] = [
  [({ version }) => version, (older, newer) => `The version is ${newer.version}, and was ${older.version}`],
  [({ title }) => title, (_older, { title }) => `It is called "${title}" now`],
  [({ summary }) => summary, another('The summary')],
  [({ owner }) => owner, another('The owner')],
  [({ reviewedOn, reviewEveryMs }) => [reviewedOn, reviewEveryMs], another('The date or the interval of its review')],
  [({ tags, source }) => [tags, source], another('How it is filed')],
  [({ estimateMs }) => estimateMs, another('The estimate')],
  [({ contacts }) => contacts, another('Who is to be told')],
  [({ schedule }) => schedule, another('The schedule')],
  [({ rollback }) => rollback?.trigger ?? null, another('When it is rolled back')],
];

const partsOf = <Thing>(parts: readonly Part<Thing>[], older: Thing, newer: Thing): string[] => parts.flatMap(([of, words]) => (alike(of(older), of(newer)) ? [] : [words(older, newer)]));

/** Changes of things that are told apart by name, whatever their order. */
function byName<Thing extends { name: string }>(what: string, parts: readonly Part<Thing>[], older: readonly Thing[], newer: readonly Thing[]): string[] {
  return [
    ...older.filter(({ name }) => !newer.some((each) => each.name === name)).map(({ name }) => `${what} ${name} is gone`),
    ...newer.flatMap((thing) => {
      const before = older.find(({ name }) => name === thing.name);
      if (before === undefined) return [`New ${what.toLowerCase()} ${thing.name}`];
      const changed = partsOf(parts, before, thing);
      return changed.length === 0 ? [] : [`${what} ${thing.name}: ${changed.join('; ')}`];
    }),
  ];
}

interface Placed {
  step: Step;
  /** "Step", "Prerequisite", "Rollback step". */
  word: string;
}

const placed = ({ prerequisites, steps, rollback }: Runbook): Placed[] => [
  ...prerequisites.map((step) => ({ step, word: 'Prerequisite' })),
  ...steps.map((step) => ({ step, word: 'Step' })),
  ...(rollback?.steps ?? []).map((step) => ({ step, word: 'Rollback step' })),
];

/** The ids that stand in the same order in both: the most of them. Whoever is not among them was moved. */
function unmoved(older: readonly string[], newer: readonly string[]): ReadonlySet<string> {
  // How many of both are alike from here on, filled from the end.
  const longest = Array.from({ length: older.length + 1 }, () => new Uint32Array(newer.length + 1));
  const at = (i: number, j: number): number => longest[i]?.[j] ?? 0;
  for (let i = older.length - 1; i >= 0; i--) {
    const row = longest[i];
    for (let j = newer.length - 1; j >= 0 && row !== undefined; j--) row[j] = older[i] === newer[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
  }
  const kept = new Set<string>();
  for (let i = 0, j = 0; i < older.length && j < newer.length; ) {
    const id = older[i];
    if (id !== undefined && id === newer[j]) {
      kept.add(id);
      i += 1;
      j += 1;
    } else if (at(i + 1, j) >= at(i, j + 1)) i += 1;
    else j += 1;
  }
  return kept;
}

function stepChanges(older: Runbook, newer: Runbook): string[] {
  const [before, after] = [placed(older), placed(newer)];
  const inBefore = new Map(before.map((each) => [each.step.id, each]));
  const ids = new Set(after.map(({ step }) => step.id));
  const inOrder = unmoved(before.flatMap(({ step }) => (ids.has(step.id) ? [step.id] : [])), after.flatMap(({ step }) => (inBefore.has(step.id) ? [step.id] : [])));
  const place = (index: number): string => {
    const previous = after[index - 1];
    return previous === undefined || previous.word !== after[index]?.word ? 'at the beginning' : `after ${previous.step.title}`;
  };
  return [
    ...before.filter(({ step }) => !ids.has(step.id)).map(({ step, word }) => `${word} ${step.title} is gone`),
    ...after.flatMap(({ step, word }, index) => {
      const was = inBefore.get(step.id);
      if (was === undefined) return [`New ${word.toLowerCase()} ${step.title} ${place(index)}`];
      const isMoved = was.word !== word || !inOrder.has(step.id);
      const changed = [...(was.word === word ? [] : [`it is a ${word.toLowerCase()} now`]), ...(isMoved ? [`it comes ${place(index)} now`] : []), ...partsOf(stepParts, was.step, step)];
      return changed.length === 0 ? [] : [`${was.word} ${was.step.title}: ${changed.join('; ')}`];
    }),
  ];
}

/** One sentence for each thing that is another, without its full stop: "Step Stop: the command is another". Empty where only the form of the file is. */
export function changesBetween(older: Runbook, newer: Runbook): string[] {
  return [...partsOf(topParts, older, newer), ...byName('Target', targetParts, older.targets, newer.targets), ...byName('Parameter', paramParts, older.params, newer.params), ...stepChanges(older, newer)];
}

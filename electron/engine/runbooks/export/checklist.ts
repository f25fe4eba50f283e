/** A runbook as a page to print and to write on, when there is neither a network nor a screen. */
import type { PreviewStep } from '#shared/contract/runbooks.ts';
import type { WalkedStep, WalkthroughView } from '#shared/contract/walkthroughs.ts';
import type { Contact, Runbook, Value } from '#shared/domain/runbook/definition.ts';
import type { Section } from '#shared/domain/runbook/walkthrough.ts';
import { escaped, htmlPage } from '../../documents/html.ts';
import { checklistStyle } from '../../documents/style.ts';
import { plural, span, timesIn, type Times } from '../../documents/times.ts';
import { hasFailed, modeWords, runWords, sectionWords, stepWords } from './words.ts';

export interface Checklist {
  runbook: Pick<Runbook, 'id' | 'title' | 'version' | 'summary' | 'owner' | 'reviewedOn' | 'estimateMs' | 'params' | 'contacts'>;
  steps: readonly PreviewStep[];
  values: Readonly<Record<string, Value>>;
  /** `to` null: nobody has said which it is. */
  targets: readonly { label: string; to: string | null }[];
  /** The name of the system; null where it is for none. */
  system: string | null;
  exportedAt: string;
  /** Of the zone data base; else that of this computer. */
  timeZone?: string | undefined;
}

/** A line to write on, for each of these. */
const blanks = (...labels: readonly string[]): string => `<p class="blank">${labels.map((label) => `<span>${escaped(label)}</span><i></i>`).join('')}</p>`;
const text = (words: string): string => `<bdi>${escaped(words)}</bdi>`;
const box = (mark: string, size = ''): string => `<span class="box${size}">${mark}</span>`;
const mono = (words: string): string => `<pre>${escaped(words.replaceAll(/\r\n?/g, '\n'))}</pre>`;
const row = (label: string, html: string): string => `<tr><th scope="row">${text(label)}</th><td>${html}</td></tr>`;
const table = (rows: readonly string[]): string => (rows.length === 0 ? '' : `<table class="facts"><tbody>${rows.join('')}</tbody></table>`);
const orBlank = (html: string | null): string => html ?? '<span class="blank"><i></i></span>';

/** Lines from which on a command may be broken between two pages. */
const longText = 25;

/** The mark of a step that was not done and will not be. */
const leftOut = '–';

const riskWords = { read: '', change: 'Changes something', destructive: 'Destroys something' } as const;

/** What is known of a step that was begun already. */
interface Walked {
  mark: string;
  words: string;
  verdicts: WalkedStep['verdicts'];
  /** Somebody has to see to it still, and to write down what came of it. */
  isOpen: boolean;
}

function expectationsHtml(expectations: readonly string[], walked: Walked | null): string {
  const items =
    walked !== null && walked.verdicts.length > 0
      ? walked.verdicts.map(({ ok, say, seen }) => `<li>${box(ok ? '✔' : '✘', ' small')}${text(say)} (${ok ? 'met' : 'not met'}, found: ${text(seen)})</li>`)
      : expectations.map((say) => `<li>${box('', ' small')}${text(say)}</li>`);
  return items.length === 0 ? '' : `<p class="label">Expected</p><ul>${items.join('')}</ul>`;
}

function askedHtml({ kind, confirm, choices, by }: PreviewStep): string {
  const picks = choices.length === 0 ? '' : `<ul>${choices.map(({ label, to }) => `<li>${box('', ' small')}${text(label)}${to === null ? '' : `, then ${text(to)}`}</li>`).join('')}</ul>`;
  if (kind === 'approve') return by.map((role) => `<p>${text(role)}: ${box('', ' small')}approved ${box('', ' small')}rejected</p>${blanks('Name', 'Time')}`).join('');
  if (confirm === 'text' || confirm === 'number') return `${picks}${blanks(confirm === 'text' ? 'Answer' : 'Number')}`;
  return picks;
}

function stepHtml(step: PreviewStep, number: number, walked: Walked | null): string {
  const { title, why, target, risk, text: command, language, missing, idempotent, probeText, undo, captures, pause, skip, kind } = step;
  const isCommand = language !== 'text';
  const isSettled = walked !== null && !walked.isOpen;
  const notes = [
    pause ? 'Stop here first, and read it again.' : '',
    riskWords[risk] === '' ? '' : `${riskWords[risk]}${idempotent ? '; it may be repeated' : '; it must not be repeated unless it is known that it did not happen'}.`,
    skip === 'never' ? 'It must not be skipped.' : '',
  ].filter((note) => note !== '');
  const parts = [
    why === null ? '' : `<p>${text(why)}</p>`,
    target === null ? '' : `<p>On ${text(target)}</p>`,
    notes.length === 0 ? '' : `<p class="risk">${notes.join(' ')}</p>`,
    command === '' ? '' : isCommand || kind === 'procedure' ? mono(command) : `<p>${text(command)}</p>`,
    missing.length === 0 ? '' : `<p>To be filled in: ${missing.map(text).join('; ')}</p>`,
    expectationsHtml(step.expectations, walked),
    walked === null ? askedHtml(step) : '',
    isSettled || captures.length === 0 ? '' : captures.map((name) => blanks(`Write down: ${name}`)).join(''),
    probeText === null || isSettled ? '' : `<p class="label">Whether it happened is seen by</p>${mono(probeText)}`,
    undo === null || undo.length === 0 ? '' : `<p class="label">Its way back</p>${undo.map(mono).join('')}`,
    walked === null ? '' : `<p>${text(walked.words)}</p>`,
    isSettled || kind === 'note' ? '' : blanks(...(isCommand ? ['Time', 'Exit status', 'By', 'Note'] : kind === 'approve' ? ['Note'] : ['Time', 'By', 'Note'])),
  ];
  const isLong = command.split('\n').length + (probeText ?? '').split('\n').length > longText;
  return `<section class="step${isLong ? ' long' : ''}">${box(walked?.mark ?? '')}<div><h3>${number}. ${text(title)}</h3>${parts.join('')}</div></section>`;
}

const orders: Readonly<Record<Section, string>> = {
  prerequisites: 'All of these before the first step. Where one is not so, write down why it goes on all the same.',
  steps: 'In this order.',
  rollback: 'Only where it has to be taken back. First undo what was done or begun, the newest first; then these, in this order.',
};

/** The undos of the steps, the newest first: what has to be done where nothing can be asked. */
function undoOrder(steps: readonly { step: PreviewStep; number: number }[], walkedOf: (step: PreviewStep) => Walked | null): string {
  const back = steps.filter(({ step }) => step.section !== 'rollback' && (step.undo ?? []).length > 0 && walkedOf(step)?.mark !== leftOut).toReversed();
  if (back.length === 0) return '';
  return `<p class="label">Ways back, the newest first. Only of steps that were done or begun.</p>${back.map(({ step, number }) => `<section class="step">${box('')}<div><h3>Undo of ${number}. ${text(step.title)}</h3>${step.target === null ? '' : `<p>On ${text(step.target)}</p>`}${(step.undo ?? []).map(mono).join('')}${blanks('Time', 'Exit status', 'By')}</div></section>`).join('')}`;
}

/** @param afterwards titles of what comes after the undos, where its steps are not among these yet */
function sectionsHtml(steps: readonly PreviewStep[], walkedOf: (step: PreviewStep) => Walked | null, hasRollbackBegun: boolean, afterwards: readonly string[]): string {
  const numbered = steps.map((step, index) => ({ step, number: index + 1 }));
  return (['prerequisites', 'steps', 'rollback'] as const)
    .map((section) => {
      const own = numbered.filter(({ step }) => step.section === section);
      const undos = section === 'rollback' && !hasRollbackBegun ? undoOrder(numbered, walkedOf) : '';
      const then = section === 'rollback' && own.length === 0 ? afterwards.map((title) => `<section class="step">${box('')}<div><h3>${text(title)}</h3>${blanks('Time', 'By', 'Note')}</div></section>`).join('') : '';
      if (own.length === 0 && undos === '' && then === '') return '';
      return `<h2>${sectionWords[section]}</h2><p>${orders[section]}</p>${undos}${then}${own.map(({ step, number }) => stepHtml(step, number, walkedOf(step))).join('')}`;
    })
    .join('');
}

function contactsHtml(contacts: readonly Contact[]): string {
  if (contacts.length === 0) return '';
  return `<h2>Who is to be told</h2>${table(contacts.map(({ role, name, email, phone, afterMs }) => row(role, orBlank([name, phone, email].filter((part) => part !== null).map(text).join(', ') || null) + (afterMs === null ? '' : `, after ${span(afterMs)}`))))}`;
}

const ends = `<h2>At the end</h2>${blanks('Ended at', 'By')}${blanks('What is still open')}${blanks('')}${blanks('')}`;

const valueText = (value: Value | undefined): string | null => (value === undefined || value === '' ? null : typeof value === 'object' ? value.join(', ') : String(value));

/** Before anything was begun: HTML on white, with a box for each step and each expectation, and lines to write on. */
export function checklistPage({ runbook, steps, values, targets, system, exportedAt, timeZone }: Checklist): string {
  const times = timesIn(timeZone);
  const { id, title, version, summary, owner, reviewedOn, estimateMs, params, contacts } = runbook;
  const facts = table([
    row('Runbook', `${text(id)}, version ${text(version)}${owner === null ? '' : `, of ${text(owner)}`}${reviewedOn === null ? ', never reviewed' : `, reviewed on ${text(reviewedOn)}`}`),
    row('System', orBlank(system === null ? null : text(system))),
    ...targets.map(({ label, to }) => row(label, orBlank(to === null ? null : text(to)))),
    ...params.map(({ name, label, type }) => {
      const value = valueText(values[name]);
      return row(label, type === 'secret' ? 'a secret: not printed, and not to be written here' : orBlank(value === null ? null : `<code>${escaped(value)}</code>`));
    }),
    row('Takes', estimateMs === null ? 'nobody has said how long' : `about ${span(estimateMs)}`),
    row('Printed', `${escaped(times.exact(exportedAt))}, ${plural(steps.length, 'step')}`),
  ]);
  return htmlPage(`${title}: checklist`, checklistStyle, `<h1>${text(title)}</h1>${summary === null ? '' : `<p>${text(summary)}</p>`}${facts}${blanks('Begun at', 'By', 'Why')}${sectionsHtml(steps, () => null, false, [])}${contactsHtml(contacts)}${ends}`);
}

/** What is known of a step of a walkthrough; null where it is still to be done. */
function seenOf(step: WalkedStep, times: Times): Walked | null {
  const { state, outcome, endedAt, doneAt, reason, verdicts, unknown } = step;
  const at = doneAt ?? endedAt;
  const when = at === null ? '' : ` at ${times.exact(at)}`;
  if (state === 'unknown') return { mark: '?', words: `Unknown${unknown === null ? '' : ` since ${times.exact(unknown.since)}`}: find out before anything else is done. ${unknown?.looks.at(-1)?.found ?? ''}`.trim(), verdicts, isOpen: true };
  if (state === 'succeeded' || state === 'undone') return { mark: '✔', words: `${stepWords[state].word}${when}. ${outcome ?? ''}`.trim(), verdicts, isOpen: false };
  if (state === 'skipped' || state === 'not-applicable') return { mark: leftOut, words: `${stepWords[state].word}${when}. ${reason ?? outcome ?? ''}`.trim(), verdicts, isOpen: false };
  if (hasFailed(step)) return { mark: '✘', words: `${stepWords[state].word}${when}${step.passed ? ', and left behind' : ''}. ${outcome ?? ''}`.trim(), verdicts, isOpen: !step.passed };
  return null;
}

/** Half-way: what is done is ticked with its time, and what is left has its box and its lines. */
export function walkedChecklistPage(view: WalkthroughView, { exportedAt, timeZone }: { exportedAt: string; timeZone?: string | undefined }): string {
  const times = timesIn(timeZone);
  const { run, targets, values, steps, contacts, rollback } = view;
  const byKey = new Map(steps.map((step) => [step.key, seenOf(step, times)]));
  const facts = table([
    row('Runbook', `${text(run.runbookId)}, version ${text(run.version)}`),
    ...(run.systemName === null ? [] : [row('System', text(run.systemName))]),
    row('Begun', `${escaped(times.exact(run.startedAt))}, by ${text(run.operator)}`),
    row('How', modeWords[run.mode]),
    row('How it stands', `${runWords[run.state].word}. ${text(run.stateText)}`),
    ...targets.map(({ label, to }) => row(label, text(to))),
    ...values.map(({ label, text: value, secret }) => row(label, secret ? 'a secret: not printed, and not to be written here' : `<code>${escaped(value)}</code>`)),
    row('Printed', escaped(times.exact(exportedAt))),
  ]);
  return htmlPage(`${run.title}: checklist`, checklistStyle, `<h1>${text(run.title)}</h1>${facts}${sectionsHtml(steps.map((step) => ({ ...step, by: step.roles })), ({ key }) => byKey.get(key) ?? null, rollback.started !== null, rollback.afterwards)}${contactsHtml(contacts)}${ends}`);
}

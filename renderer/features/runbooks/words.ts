/** The words for runbooks and what came of walking them. */
import type { RunbookCard, RunSummary } from '#shared/contract/runbooks.ts';
import { isOver, type Mode } from '#shared/domain/runbook/walkthrough.ts';
import { plural } from '../../components/format.ts';
import { minutes, runWords, type StateWords } from '../../components/run-words.ts';

export const modeWords: Record<Mode, { word: string; sentence: string }> = {
  live: { word: 'Live', sentence: 'Each step is sent when you press it, and what came of it is kept.' },
  paper: { word: 'On paper', sentence: 'Nothing is sent. Each command stands there to copy, and you record what came of it.' },
  rehearsal: { word: 'Rehearsal', sentence: 'Nothing is sent. It is walked to learn it, and no report counts it.' },
};

function doneWord({ mode, state, skipped }: RunSummary): string {
  const done = mode === 'rehearsal' ? 'Rehearsed' : mode === 'paper' ? 'Done on paper' : 'Done';
  return state === 'succeeded-with-skips' || skipped > 0 ? `${done}, ${plural(skipped, 'step')} skipped` : done;
}

/** How a walkthrough stands, or what came of it: never "done" alone where something was skipped. */
export function runLook(run: RunSummary): StateWords {
  const look = runWords[run.state];
  if (run.state === 'succeeded' || run.state === 'succeeded-with-skips') return { ...look, ...(run.skipped > 0 ? { glyph: 'skipped', tone: 'skipped' } : {}), word: doneWord(run) };
  const word = run.stateText === '' ? look.word : run.stateText;
  return run.state === 'aborted' && run.failed > 0 ? { ...runWords.failed, word } : { ...look, word };
}

/** "12 min", or of one that goes on, since when is said elsewhere. */
export function runTook({ durationMs, state }: RunSummary): string {
  return durationMs === null || !isOver(state) ? '–' : minutes(durationMs);
}

/** Walked for real at least once: a rehearsal is none. */
export function wasWalked(card: RunbookCard): boolean {
  return card.last !== null && card.last.mode !== 'rehearsal';
}

const day = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short' });
const dayAndYear = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', year: 'numeric' });

/** "31 Jan", with the year where it is another. @param at an instant, or a day as "2026-01-31" */
export function dayOf(at: string, now = new Date()): string {
  const date = /^\d{4}-\d{2}-\d{2}$/.test(at) ? new Date(`${at}T00:00:00`) : new Date(at);
  if (Number.isNaN(date.getTime())) return at;
  return (date.getFullYear() === now.getFullYear() ? day : dayAndYear).format(date);
}

/** The local day, as files write it: "2026-01-31". */
export function today(now = new Date()): string {
  return `${now.getFullYear()}-${String(now.getMonth() + 1).padStart(2, '0')}-${String(now.getDate()).padStart(2, '0')}`;
}

const small = ['no', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten', 'eleven', 'twelve'];

/** Small figures as words, as in a sentence. */
export function inWords(value: number): string {
  return small[value] ?? String(value);
}

export function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** "Ten can be started, one has errors. Three are due for review, two were never walked." */
export function librarySentence(cards: readonly RunbookCard[], broken: number): string {
  const faulty = cards.filter(({ errors }) => errors > 0).length + broken;
  const fit = cards.filter(({ errors }) => errors === 0).length;
  const due = cards.filter(isDue).length;
  const never = cards.filter((card) => !wasWalked(card)).length;
  const first = `${capitalised(fit === 0 ? 'none' : inWords(fit))} can be started${faulty === 0 ? '' : `, ${inWords(faulty)} ${faulty === 1 ? 'has' : 'have'} errors`}.`;
  const parts = [due === 0 ? '' : `${inWords(due)} ${due === 1 ? 'is' : 'are'} due for review`, never === 0 ? '' : `${inWords(never)} ${never === 1 ? 'was' : 'were'} never walked`].filter((part) => part !== '');
  return parts.length === 0 ? first : `${first} ${capitalised(parts.join(', '))}.`;
}

export function isDue(card: RunbookCard): boolean {
  return card.review === 'due' || card.review === 'never';
}

import { describe, expect, test } from 'vitest';
import { createScrubber } from '#shared/domain/scrub.ts';
import { Secret } from '#shared/domain/secret.ts';
import { silentNotifier, systemClock, systemRandom, type Notifier } from '#engine/ports.ts';
import { createQuestionDesk } from '#engine/ssh/questions.ts';

const scrubber = createScrubber();
const desk = (withinMs?: number, notifier: Notifier = silentNotifier) => createQuestionDesk({ clock: systemClock, random: systemRandom, notifier, changes: { changed() {} }, scrubber, ...(withinMs === undefined ? {} : { withinMs }) });
const asker = { hostId: 'h', host: 'web', hop: 'ann@web' };
const never = new AbortController().signal;
const code = { title: '', instructions: '', prompts: [{ text: 'Code:', shown: false }] };

describe('a question', () => {
  test('that nobody answers is over in time, and closed', async () => {
    const questions = desk(10);
    expect([await questions.ask(asker, code, never), questions.open()]).toEqual(['expired', []]);
  });
  test('stands open no longer than a server waits', async () => {
    const questions = desk();
    const leaving = new AbortController();
    const asked = questions.ask(asker, code, leaving.signal);
    const [{ askedAt, expiresAt } = { askedAt: '', expiresAt: '' }] = questions.open();
    leaving.abort(new Error('enough'));
    await expect(asked).rejects.toThrow('enough');
    expect([Date.parse(expiresAt) - Date.parse(askedAt), questions.open()]).toEqual([110_000, []]);
  });
  test('is told to whoever does not look, without what we know of secrets', () => {
    const notified: unknown[] = [];
    scrubber.register('canary-of-ann-4');
    void desk(undefined, { notify: (notification) => void notified.push(notification) }).ask(asker, { ...code, prompts: [{ text: 'Code for canary-of-ann-4:', shown: false }, { text: 'Once more:', shown: false }] }, never);
    expect(notified).toEqual([{ title: 'web asks before it lets you in', body: 'Code for [redacted]: · Once more: It does not wait longer than two minutes.', place: '/' }]);
  });
  test('of more prompts than a person reads is none', async () => {
    expect(await desk().ask(asker, { ...code, prompts: Array.from({ length: 21 }, () => ({ text: '?', shown: true })) }, never)).toBe('declined');
  });
  test('repeats no secret of ours', async () => {
    const questions = desk();
    scrubber.register('canary-of-ann-3');
    void questions.ask(asker, { ...code, title: 'You said canary-of-ann-3' }, never);
    expect(questions.open()[0]?.title).toBe('You said [redacted]');
  });
  test('makes a secret of an answer that is not shown, and of no other', async () => {
    const questions = desk();
    void questions.ask(asker, { title: '', instructions: '', prompts: [{ text: 'Way', shown: true }, { text: 'Code', shown: false }] }, never);
    questions.answer(questions.open()[0]?.id ?? '', [new Secret('push'), new Secret('hidden-code-9')]);
    expect(scrubber.scrub('push hidden-code-9')).toBe('push [redacted]');
  });
});

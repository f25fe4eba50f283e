import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { hashOfEvent } from '#engine/store/event-chain.ts';
import type { StoredEvent } from '#shared/domain/runbook/walkthrough.ts';
import { exportReport } from '#engine/runbooks/export/index.ts';
import type { WalkthroughReport } from '#engine/runbooks/export/index.ts';
import type { WalkedStep, WalkthroughView } from '#shared/contract/walkthroughs.ts';
import { anEntry, anEvent, aReport, aView, aWalkedStep } from '#test/walkthrough-fixture.ts';
import { outsideCode } from '#test/outside-code.ts';

const at = (minute: number): string => new Date(Date.UTC(2026, 10, 26, 2, minute)).toISOString();
const looks = [{ at: at(16), found: 'No exit file; its process is gone.' }, { at: at(20), found: 'web-1 was not reached' }];
const done = aWalkedStep({ key: 'done', number: 1, title: 'Stop', state: 'succeeded', by: 'live', startedAt: at(5), endedAt: at(6), durationMs: 61_000, exitStatus: 0, text: 'pm2 stop a', verdicts: [{ say: 'It ended', ok: true, seen: 'exit status 0' }] });
const skipped = aWalkedStep({ key: 'skipped', number: 2, title: 'Drain', state: 'skipped', reason: 'There is no queue.' });
const failed = aWalkedStep({ key: 'failed', number: 3, title: 'Health', state: 'failed', passed: true, reason: 'Known since Monday.', by: 'live', exitStatus: 22, startedAt: at(7), endedAt: at(7), verdicts: [{ say: 'It answers', ok: false, seen: 'exit status 22' }] });
const unknown = aWalkedStep({ key: 'unknown', number: 4, title: 'Swap', state: 'unknown', startedAt: at(14), unknown: { since: at(15), looks, ways: ['person'], mayRepeat: false } });
const left = aWalkedStep({ key: 'left', number: 5, title: 'Start', text: 'pm2 start a', expectations: ['It answers'] });
const all = [done, skipped, failed, unknown, left];

const markdown = (view: WalkthroughView, of: Partial<WalkthroughReport> = {}): string => exportReport(aReport(view, of), 'markdown').content;
const html = (view: WalkthroughView, of: Partial<WalkthroughReport> = {}): string => exportReport(aReport(view, of), 'html').content;
/** What stands under a heading. */
const under = (text: string, title: string): string => text.split(`\n## ${title}\n`)[1]?.split('\n## ')[0]?.trim() ?? '';
const stepOf = (text: string, title: string): string => text.split(/\n### /).find((part) => part.includes(`\`${title}\``) && part.startsWith('Step')) ?? '';

describe('a report', () => {
  test('begins with what it was, where, who, when, how, and how it ended', () => {
    expect(markdown(aView({ steps: [done] })).split('\n## ')[0]).toBe(
      [
        '# `System restart`: Succeeded',
        '',
        '- What: `System restart`, version `1.3.0`, `restart`',
        '- Where: `Shop` (production)',
        '- Target: `Web server` is `web-1`, known by `SHA256:abc`',
        '- Who: `mara`',
        '- When: 26 Nov 2026, 03:04:05 CET (02:04:05 UTC) to 26 Nov 2026, 03:44:05 CET (02:44:05 UTC); it took 40 min without pauses',
        '- How: Live',
        '- How it ended: Succeeded. `All 3 steps done`',
        '- Steps: 3 in all: 3 done, 0 skipped, 0 failed, 0 unknown',
        '- Text of the runbook: SHA-256 `not known`',
        '- Report: written by Pilothouse 0.1.0 at 26 Nov 2026, 09:00:00 CET (08:00:00 UTC); times are of Europe/Berlin',
        '',
      ].join('\n'),
    );
  });
  test('counts what did not apply apart from what was done', () => {
    expect(markdown(aView({ steps: [done, aWalkedStep({ key: 'over', number: 2, title: 'Drain', state: 'not-applicable', outcome: 'Passed over.' })], run: { steps: 2, done: 2 } }))).toContain('- Steps: 2 in all: 1 done, 1 did not apply, 0 skipped, 0 failed, 0 unknown');
  });
  test.each([
    ['rehearsal', 'This was a rehearsal: nothing of it was done to any system'],
    ['paper', 'This was walked on paper: Pilothouse sent nothing.'],
  ] as const)('of a %s says so before anything else', (mode, sentence) => {
    expect(markdown(aView({ run: { mode } })).split('\n\n')[1]).toContain(sentence);
    expect(html(aView({ run: { mode } }))).toMatch(new RegExp(`</h1>\\n<p class="banner warn">${sentence}`));
  });
  test('of a live one says how much of it was done by hand', () => {
    expect(markdown(aView({ steps: [{ ...done, by: 'paper' }] }))).toContain('**Of this, 1 step was carried out by hand');
  });
  test('says that it is not over, and what is next', () => {
    expect(markdown(aView({ steps: all, current: 'left', run: { state: 'waiting', endedAt: null } })).split('\n\n')[1]).toBe('**It is not over. Next is Step 5, `Start`.**');
  });
  test('tells what nobody knows, with every look', () => {
    expect(under(markdown(aView({ steps: all })), 'What nobody knows')).toBe('Step 4, `Swap` on `web-1`\n\nNobody knows since 26 Nov 2026, 03:15:00 CET (02:15:00 UTC). 2 looks:\n\n- 26 Nov 2026, 03:16:00 CET (02:16:00 UTC): `No exit file; its process is gone.`\n- 26 Nov 2026, 03:20:00 CET (02:20:00 UTC): `web-1 was not reached`');
  });
  test('says so where everything is known', () => {
    expect(under(markdown(aView({ steps: [done] })), 'What nobody knows')).toBe('Nothing: of every step that was begun it is known what came of it.');
  });
  test('does not conceal what was not known for a while', () => {
    const timeline = [anEntry({ seq: 1, kind: 'lost', key: 'done', text: 'Lost.' }), anEntry({ seq: 2, kind: 'looked', key: 'done', text: 'Its job ended with 0.' }), anEntry({ seq: 3, kind: 'looked', key: 'other', text: 'Not this.' })];
    expect(under(markdown(aView({ steps: [done] }), { timeline }), 'What nobody knows')).toMatch(/Of these it was not known for a while:\n\nStep 1, `Stop`\n\n- .*: `Lost\.`\n- .*: `Its job ended with 0\.`$/);
  });
  test('tells what was skipped and why, what failed and was left behind, and what was not done', () => {
    const text = markdown(aView({ steps: all }));
    expect([under(text, 'What was skipped, and why'), under(text, 'What failed'), under(text, 'What was not done')]).toEqual([
      '- Step 2, `Drain`: `There is no queue.`',
      '- Step 3, `Health`: Failed, exit status 22; not met: `It answers`, found `exit status 22`; it was left behind: `Known since Monday.`',
      '- Step 5, `Start`',
    ]);
  });
  test('says where no reason was given for a skip', () => {
    expect(markdown(aView({ steps: [{ ...skipped, reason: ' ' }] }))).toContain('- Step 2, `Drain`: no reason was given');
  });
  test('has of each step when it was, how it is known, what was sent and what was seen', () => {
    expect(stepOf(markdown(aView({ steps: all })), 'Stop')).toBe(
      'Step 1, `Stop`: Done\n\n- When: 26 Nov 2026, 03:05:00 CET (02:05:00 UTC) to 26 Nov 2026, 03:06:00 CET (02:06:00 UTC), took 1 min 1 s\n- How it is known: Seen by Pilothouse, which sent it and had its answer\n- Target: `web-1`\n- Exit status: 0\n\nSent: `pm2 stop a`\n\n- ✔ met: `It ended`, found: `exit status 0`\n',
    );
  });
  test.each<[string, Partial<WalkedStep>, string]>([
    ['was not begun', {}, 'Not sent: `pm2 start a`\n\n- ☐ not looked at: `It answers`'],
    ['was done by hand', { state: 'succeeded', by: 'paper', startedAt: at(1), endedAt: at(30), doneAt: at(2) }, 'Carried out by hand: `pm2 start a`'],
    ['was skipped', { state: 'skipped', startedAt: at(1) }, 'Not sent: `pm2 start a`'],
    ['is for a person', { kind: 'manual', language: 'text' }, 'What was to be done: `pm2 start a`'],
  ])('says of one that %s what its text is', (_what, of, words) => {
    expect(stepOf(markdown(aView({ steps: [{ ...left, ...of }] })), 'Start')).toContain(words);
  });
  test('of a rehearsal claims of no step that it was done', () => {
    const text = stepOf(markdown(aView({ run: { mode: 'rehearsal' }, steps: [{ ...left, state: 'succeeded', by: 'paper', endedAt: at(3) }] })), 'Start');
    expect([text.includes('Written down in the rehearsal, and not done'), text.includes('What would have been carried out: `pm2 start a`'), text.startsWith('Step 5, `Start`: Rehearsed\n'), /by hand/i.test(text)]).toEqual([true, true, true, false]);
  });
  test('says once why a step was skipped', () => {
    expect(stepOf(markdown(aView({ steps: [{ ...skipped, outcome: 'Skipped: There is no queue.' }] })), 'Drain').match(/There is no queue/g)).toHaveLength(1);
  });
  test('names what is still to be done where it is not over', () => {
    expect(under(markdown(aView({ steps: all, run: { state: 'waiting', endedAt: null } })), 'What is still to be done')).toBe('- Step 5, `Start`');
  });
  test('says of hosts and databases alone where nobody knew who they were', () => {
    const target = aView().targets[0];
    if (target === undefined) throw new Error('The view has a target.');
    const text = markdown(aView({ targets: [{ ...target, identity: null }, { ...target, kind: 'http', to: 'https://a.example', identity: null }] }));
    expect(text).toContain('- Target: `Web server` is `web-1`, whose identity was not known\n- Target: `Web server` is `https://a.example`\n');
  });
  test('tells of one on paper when it was done and when that was written down', () => {
    expect(stepOf(markdown(aView({ steps: [{ ...left, state: 'succeeded', by: 'paper', endedAt: at(30), doneAt: at(2) }] })), 'Start')).toContain('- Done by hand: 26 Nov 2026, 03:02:00 CET (02:02:00 UTC), written down at 26 Nov 2026, 03:30:00 CET (02:30:00 UTC)\n');
  });
  test('has the whole of what was answered where it was kept, else its end', () => {
    const output = { evidenceId: 'e-1', bytes: 9, truncated: false, sha256: 'ab', tail: 'the end' };
    const evidence = [{ id: 'e-1', name: 'output', media: 'text/plain', content: 'one\ntwo\n' }];
    expect(markdown(aView({ steps: [{ ...done, output }] }), { evidence })).toContain('What it answered (9 bytes, SHA-256 ab):\n\n```text\none\ntwo\n```');
    expect(markdown(aView({ steps: [{ ...done, output }] }))).toContain('The end of what it answered (9 bytes, SHA-256 ab): `the end`');
  });
  test('has what people said and signed, with what they had seen', () => {
    const signature = { role: 'dba', who: 'Mara', decision: 'approved' as const, note: 'As far as it goes', seenSeq: 11, at: at(40) };
    const text = markdown(aView({ steps: [{ ...done, approvals: [{ role: 'owner', who: 'Ole', decision: 'rejected', note: '', at: at(3) }] }], comments: [{ key: 'done', text: 'Slow today', at: at(6), actor: 'console' }], signatures: [{ key: 'done', ...signature }, { key: null, ...signature, who: 'Ida' }] }));
    expect(stepOf(text, 'Stop')).toContain('- `Ole`, as `owner`, rejected it at 26 Nov 2026, 03:03:00 CET (02:03:00 UTC)\n- Signed: `Mara`, as `dba`, approved it at 26 Nov 2026, 03:40:00 CET (02:40:00 UTC), having seen the log up to entry 11: `As far as it goes`\n- Comment of 26 Nov 2026, 03:06:00 CET (02:06:00 UTC) by `console`: `Slow today`');
    expect(under(text, 'About the whole')).toContain('`Ida`');
  });
  test('shows no value of a secret', () => {
    const values = [{ name: 'pw', label: 'Password', text: 'hunter2', secret: true, setBy: null }];
    expect([markdown(aView({ values })), html(aView({ values }))].filter((text) => text.includes('hunter2') || !text.includes('a secret, which is not shown'))).toEqual([]);
  });
  test('ends with the log and the text that was walked', () => {
    const text = markdown(aView(), { timeline: [anEntry({ seq: 1, text: 'It began.' })], definitionText: 'id: restart\ntitle: x\n' });
    expect([under(text, 'The log'), under(text, 'The runbook as it was walked')]).toEqual([expect.stringMatching(/- No\. 1, 26 Nov 2026, 03:05:00 CET \(02:05:00 UTC\), `console`: `It began\.` \(hash 111111111111\)$/), 'Its text:\n\n```text\nid: restart\ntitle: x\n```']);
  });
  test('names the day in UTC where that is another one', () => {
    expect(markdown(aView({ run: { startedAt: '2026-11-26T23:30:00.000Z' } }))).toContain('27 Nov 2026, 00:30:00 CET (26 Nov 2026, 23:30:00 UTC)');
  });
  test.each([['markdown', 'restart-20261126T020405.md', 'text/markdown'], ['html', 'restart-20261126T020405.html', 'text/html'], ['checklist', 'restart-20261126T020405.checklist.html', 'text/html'], ['json', 'restart-20261126T020405.json', 'application/json']] as const)('as %s is called by what it is', (format, fileName, mediaType) => {
    expect(exportReport(aReport(aView()), format)).toMatchObject({ fileName, mediaType });
  });
});

/** Everything that somebody or some server could have written. */
function said(text: string): WalkthroughReport {
  const step = aWalkedStep({ key: 'k', title: text, why: text, target: text, text, state: 'failed', passed: true, reason: text, outcome: text, answer: text, by: 'paper', childId: 'c', startedAt: at(1), endedAt: at(2), verdicts: [{ say: text, ok: false, seen: text }], approvals: [{ role: text, who: text, decision: 'approved', note: text, at: at(1) }], output: { evidenceId: 'e', bytes: 3, truncated: true, sha256: 'ab', tail: text } });
  const asUnknown = { ...step, key: 'u', state: 'unknown' as const, passed: false, verdicts: [], expectations: [text], unknown: { since: at(1), looks: [{ at: at(1), found: text }], ways: [], mayRepeat: false } };
  const signature = { role: text, who: text, decision: 'approved' as const, note: text, seenSeq: 1, at: at(1) };
  const view = aView({
    run: { title: text, version: text, runbookId: text, operator: text, systemName: text, stateText: text },
    targets: [{ role: text, label: text, kind: 'ssh', to: text, identity: text, hostId: null, databaseId: null, lostSince: null, trouble: text }],
    values: [{ name: text, label: text, text, secret: false, setBy: text }],
    steps: [step, asUnknown, { ...step, key: 's', state: 'skipped' }, { ...step, key: 'n', state: 'not-applicable' }, { ...step, key: 'p', state: 'pending', section: 'rollback' }],
    current: 'p',
    newer: { version: text, hash: '', changes: [text] },
    comments: [{ key: null, text, at: at(1), actor: text }, { key: 'k', text, at: at(1), actor: text }],
    evidence: [{ id: 'e2', key: 'k', name: text, media: 'image/png', bytes: 1, at: at(1) }, { id: 'e3', key: null, name: text, media: 'text/plain', bytes: 1, at: at(1) }, { id: 'gone', key: 'k', name: text, media: 'text/plain', bytes: 1, at: at(1) }],
    signatures: [{ key: null, ...signature }, { key: 'k', ...signature }],
    children: [{ ...aView().run, id: 'c', title: text, stateText: text }],
  });
  return aReport(view, { timeline: [anEntry({ seq: 1, kind: 'lost', key: 'k', text, actor: text })], evidence: [{ id: 'e', name: text, media: 'text/plain', content: text }, { id: 'e2', name: text, media: 'image/png', content: text }, { id: 'e3', name: text, media: 'text/plain', content: text }], definitionText: text });
}

const evil = ['<img src=http://evil.example/x.png onerror=alert(1)>', '"><script>evil()</script>', "' onmouseover='evil()", '![x](http://evil.example/y.png)', '` <b>evil</b> `', 'first\n```\n<i>evil</i>\n````\n[a](http://evil.example)', 'first\r<u>evil</u>', '[a link]: http://evil.example', '# evil', '</pre><h1>evil</h1>', '</style><b>evil</b>', '&lt;b&gt;'];

describe('a report of what others wrote', () => {
  test.each(evil)('makes nothing of %j in Markdown but code', (text) => {
    expect(outsideCode(exportReport(said(text), 'markdown').content)).not.toMatch(/evil|[<>[\]]|&lt;/);
  });
  test.each(evil)('makes nothing of %j in HTML but text', (text) => {
    const page = exportReport(said(text), 'html').content;
    const body = page.slice(page.indexOf('<body>'));
    // Of the tags and attributes that are there, all are ours.
    const tags = [...body.matchAll(/<[^>]*>/g)].map(([tag]) => tag).filter((tag) => !/^<(?:\/?(?:body|html|main|h1|h2|h3|p|ul|li|b|bdi|code|pre|table|tbody|thead|tr|td|span|time|th)|th scope="(?:row|col)"|(?:p|span|table|ul|b) class="[a-z ]+"|time datetime="[^"<>]+")>$/.test(tag));
    expect(tags).toEqual([]);
    expect(body.replaceAll(/<[^>]*>/g, '')).toContain(text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;').replaceAll("'", '&#39;').replaceAll('\r', '\n').slice(0, 5));
  });
  test('has no escapes of terminals in it', () => {
    const text = 'a\u001b[31mred\u001b[0m\u0007';
    expect([exportReport(said(text), 'markdown').content, exportReport(said(text), 'html').content].filter((content) => /[\u001b\u0007]/.test(content) || !content.includes('ared'))).toEqual([]);
  });
});

describe('a report as HTML', () => {
  test('is one file without scripts, that fetches nothing', () => {
    const page = html(aView({ steps: all }));
    expect(page).toContain(`content="default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"`);
    expect(page).not.toMatch(/<script|<link|<a |url\(|@import|href=/);
  });
  test('shows pictures that were kept in it, and nothing else as a picture', () => {
    const evidence = (media: string, content: string) => ({ id: 'p', name: 'shot.png', media, content });
    const view = aView({ steps: [done], evidence: [{ id: 'p', key: 'done', name: 'shot.png', media: 'image/png', bytes: 3, at: at(1) }] });
    expect(html(view, { evidence: [evidence('image/png', 'iVBORw==')] })).toContain('<img src="data:image/png;base64,iVBORw==" alt="shot.png">');
    for (const piece of [evidence('image/svg+xml', 'iVBORw=='), evidence('image/png', '"><script>')]) expect(html(view, { evidence: [piece] })).not.toContain('<img');
  });
});

/** What follows the note to the letter, with nothing of ours. */
function hashByTheNote(event: Record<string, unknown>): string {
  const ordered = (value: unknown): string => {
    if (typeof value !== 'object' || value === null) return JSON.stringify(value);
    if (Array.isArray(value)) return `[${value.map(ordered).join(',')}]`;
    return `{${Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([name, part]) => `${JSON.stringify(name)}:${ordered(part)}`).join(',')}}`;
  };
  const named = Object.fromEntries(['actor', 'at', 'commandId', 'event', 'monoMs', 'prevHash', 'seq'].map((name) => [name, event[name]]));
  return createHash('sha256').update(ordered(named)).digest('hex');
}

describe('a report as JSON', () => {
  test('can be followed by what it says of its chain', () => {
    const chained: StoredEvent[] = [];
    for (const event of [{ kind: 'paused', why: 'lunch ü' }, { kind: 'commented', key: null, commentId: 'c', text: 'x' }, { kind: 'resumed' }] as const) {
      const open = { ...anEvent(chained.length + 1, event), prevHash: chained.at(-1)?.hash ?? '0'.repeat(64) };
      chained.push({ ...open, hash: hashOfEvent(open) });
    }
    const { events } = JSON.parse(exportReport(aReport(aView(), { events: chained }), 'json').content) as { events: Record<string, unknown>[] };
    expect(events.map((event) => [event['hash'], event['prevHash']])).toEqual(events.map((event, index) => [hashByTheNote(event), events[index - 1]?.['hash'] ?? '0'.repeat(64)]));
  });
  test('has all of it, with the chain and how to follow it', () => {
    const events = [anEvent(1, { kind: 'resumed' }), anEvent(2, { kind: 'paused', why: 'x' })];
    const parsed = JSON.parse(exportReport(aReport(aView({ steps: all }), { events, evidence: [{ id: 'p', name: 'a', media: 'image/png', content: 'iVBORw==' }] }), 'json').content) as Record<string, unknown>;
    expect(parsed).toMatchObject({ kind: 'pilothouse-walkthrough', events, walkthrough: { steps: all.map(({ key }) => ({ key })) }, definition: { text: 'id: restart\n' }, evidence: [{ encoding: 'base64' }], verify: expect.stringContaining('"prevHash"') });
  });
});

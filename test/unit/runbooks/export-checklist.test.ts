import { describe, expect, test } from 'vitest';
import { checklistPage, exportReport } from '#engine/runbooks/export/index.ts';
import type { Checklist } from '#engine/runbooks/export/index.ts';
import type { PreviewStep } from '#shared/contract/runbooks.ts';
import type { Param } from '#shared/domain/runbook/definition.ts';
import type { WalkedStep } from '#shared/contract/walkthroughs.ts';
import { aRunbook } from '#test/runbook-fixture.ts';
import { aReport, aView, aWalkedStep } from '#test/walkthrough-fixture.ts';

const { by: _by, ...blank } = aWalkedStep({ key: 'blank' });
const aPreview = (of: Partial<PreviewStep> & { key: string }): PreviewStep => ({ ...blank, by: [], title: of.key, stepId: of.key, ...of });
const param = (name: string, type: Param['type']): Param => ({ name, type, label: name, help: null, required: true, default: null, choices: [], pattern: null, min: null, max: null, when: null, of: null, optionsFrom: null, line: 1 });

const page = (of: Partial<Checklist> = {}): string => checklistPage({ runbook: aRunbook(), steps: [], values: {}, targets: [], system: null, exportedAt: '2026-11-26T08:00:00.000Z', timeZone: 'Europe/Berlin', ...of });
const plain = (html: string): string => html.slice(html.indexOf('<body>')).replaceAll(/<[^>]*>/g, ' ').replaceAll(/\s+/g, ' ');
/** The part of the page about the step of this title. */
const about = (html: string, title: string): string => html.split('<section class="step').find((part) => part.includes(`. <bdi>${title}</bdi></h3>`) && !part.includes('Undo of'))?.split('</section>')[0] ?? '';
const boxes = (html: string): number => html.split('class="box').length - 1;

describe('the checklist to print', () => {
  test('has a box for each step and each of its expectations, and lines for time, exit status and name', () => {
    const step = about(page({ steps: [aPreview({ key: 'stop', text: 'pm2 stop a', expectations: ['It ended', 'It is quiet'] })] }), 'stop');
    expect([boxes(step), plain(`<body>${step}`)]).toEqual([3, expect.stringMatching(/1\. stop .*On web-1 .*pm2 stop a .*Expected .*It ended .*It is quiet .*Time .*Exit status .*By .*Note/)]);
  });
  test('has commands line by line, as they are to be typed', () => {
    expect(page({ steps: [aPreview({ key: 'stop', text: 'a && b\r\nc > "d"' })] })).toContain('<pre>a &amp;&amp; b\nc &gt; &quot;d&quot;</pre>');
  });
  test('has prerequisites first, and the rollback last with the ways back from the newest', () => {
    const html = page({ steps: [aPreview({ key: 'one', undo: ['undo one'] }), aPreview({ key: 'ask', section: 'prerequisites', kind: 'manual', language: 'text' }), aPreview({ key: 'two', undo: ['undo two'] }), aPreview({ key: 'none', undo: [] }), aPreview({ key: 'tell', section: 'rollback', kind: 'manual', language: 'text' })] });
    const order = ['Before it', '. ask', 'In this order', '. one', '. two', '. none', 'Rollback', 'Undo of 3. two', 'Undo of 1. one', '. tell'];
    const places = order.map((words) => plain(html).indexOf(words));
    expect(places).toEqual(places.toSorted((a, b) => a - b));
    expect([places.includes(-1), plain(html).includes('Undo of 4')]).toEqual([false, false]);
  });
  test('leaves room for what is not known yet, and names it', () => {
    const html = page({ runbook: aRunbook({ params: [param('ns', 'identifier'), param('why', 'string')] }), values: { ns: 'shop' }, targets: [{ label: 'Web', to: 'web-1' }, { label: 'API', to: null }], steps: [aPreview({ key: 'x', missing: ['replicas, set by step remember'], captures: ['started_at'] })] });
    expect(html).toMatch(/<bdi>ns<\/bdi><\/th><td><code>shop<\/code>/);
    expect(html.match(/<bdi>(?:why|API|System)<\/bdi><\/th><td><span class="blank">|System<\/bdi><\/th><td><span class="blank">/g)).toHaveLength(3);
    expect(plain(html)).toMatch(/To be filled in: replicas, set by step remember .*Write down: started_at/);
  });
  test('never prints a secret, and asks for none to be written', () => {
    const html = page({ runbook: aRunbook({ params: [param('pw', 'secret')] }), values: { pw: 'hunter2' } });
    expect([html.includes('hunter2'), plain(html).includes('a secret: not printed, and not to be written here')]).toEqual([false, true]);
  });
  test('warns of what changes something and must not be repeated', () => {
    const html = page({ steps: [aPreview({ key: 'drop', risk: 'destructive', pause: true, skip: 'never' }), aPreview({ key: 'start', risk: 'change', idempotent: true })] });
    expect([plain(`<body>${about(html, 'drop')}`), plain(`<body>${about(html, 'start')}`)]).toEqual([expect.stringContaining('Stop here first, and read it again. Destroys something; it must not be repeated unless it is known that it did not happen. It must not be skipped.'), expect.stringContaining('Changes something; it may be repeated.')]);
  });
  test('asks what a person is asked: an answer, a choice, an approval of each role', () => {
    const html = page({ steps: [aPreview({ key: 'link', kind: 'manual', language: 'text', confirm: 'text' }), aPreview({ key: 'way', kind: 'decide', language: 'text', choices: [{ label: 'yes', to: 'Restore' }] }), aPreview({ key: 'go', kind: 'approve', language: 'text', by: ['dba', 'owner'] })] });
    expect([plain(`<body>${about(html, 'link')}`), plain(`<body>${about(html, 'way')}`), plain(`<body>${about(html, 'go')}`)]).toEqual([expect.stringContaining('Answer'), expect.stringMatching(/yes , then Restore/), expect.stringMatching(/dba : approved rejected Name Time .*owner : approved rejected/)]);
  });
  test('names who is to be told, and when it escalates', () => {
    expect(plain(page({ runbook: aRunbook({ contacts: [{ role: 'escalation', name: 'Ida', email: 'a@b.example', phone: '+49 30 1', afterMs: 900_000 }] }) }))).toContain('escalation Ida , +49 30 1 , a@b.example , after 15 min');
  });
  test('leaves room for whoever nobody has named', () => {
    expect(page({ runbook: aRunbook({ contacts: [{ role: 'management', name: null, email: null, phone: null, afterMs: 3_600_000 }] }) })).toMatch(/management(?:<\/bdi>)?<\/th><td><span class="blank"><i><\/i><\/span>, after/);
  });
  test('is made for paper: black on white, with page numbers, and no step cut in two', () => {
    expect(page()).toMatch(/color-scheme:light;.*--text:#000[\s\S]*\.step\{[^}]*break-inside:avoid[\s\S]*counter\(page\)/);
  });
  test('lets a command be cut that is longer than a page may hold', () => {
    expect(page({ steps: [aPreview({ key: 'x', text: 'a\n'.repeat(40) })] })).toContain('<section class="step long">');
  });
  test.each(['<img src=x onerror=alert(1)>', '"><script>evil()</script>', "' onclick='x", '</pre><b>x</b>'])('makes nothing of %j but text', (text) => {
    const html = page({
      runbook: aRunbook({ id: text, title: text, version: text, summary: text, owner: text, reviewedOn: text, params: [{ ...param(text, 'string'), label: text }], contacts: [{ role: text, name: text, email: text, phone: text, afterMs: 1 }] }),
      steps: [aPreview({ key: text, title: text, why: text, target: text, text, missing: [text], expectations: [text], captures: [text], probeText: text, undo: [text], choices: [{ label: text, to: text }], by: [text], confirm: 'text' }), aPreview({ key: 'a', kind: 'approve', by: [text] })],
      values: { [text]: text },
      targets: [{ label: text, to: text }],
      system: text,
    });
    const tags = [...html.slice(html.indexOf('<body>')).matchAll(/<[^>]*>/g)].map(([tag]) => tag).filter((tag) => !/^<(?:\/?(?:body|html|main|h1|h2|h3|p|ul|li|b|bdi|code|pre|table|tbody|tr|td|span|th|i|div|section)|th scope="row"|(?:p|span|table|section) class="[a-z ]+")>$/.test(tag));
    expect(tags).toEqual([]);
  });
});

describe('the checklist of a walkthrough half-way', () => {
  const at = '2026-11-26T02:12:00.000Z';
  const walked = (of: Partial<WalkedStep>, view: Parameters<typeof aView>[0] = {}): string => exportReport(aReport(aView({ steps: [aWalkedStep({ key: 'k', title: 'Stop', probeText: 'look', undo: ['undo it'], expectations: ['It ended'], ...of })], ...view }), { exportedAt: at }), 'checklist').content;
  test.each<[string, Partial<WalkedStep>, string, RegExp]>([
    ['done', { state: 'succeeded', endedAt: at, outcome: 'It ended well', verdicts: [{ say: 'It ended', ok: true, seen: '0' }] }, '✔', /✔ It ended \(met, found: 0 \).*Done at 26 Nov 2026, 03:12:00 CET \(02:12:00 UTC\)\. It ended well/],
    ['done by hand', { state: 'succeeded', endedAt: at, doneAt: '2026-11-26T01:00:00.000Z' }, '✔', /Done at 26 Nov 2026, 02:00:00 CET/],
    ['skipped', { state: 'skipped', endedAt: at, reason: 'No need' }, '–', /Skipped at .*\. No need/],
    ['left behind', { state: 'failed', passed: true, endedAt: at, outcome: 'Exit status 1' }, '✘', /Failed at .*, and left behind\. Exit status 1/],
  ])('ticks what is %s, with its time, and asks nothing of it any more', (_what, of, mark, words) => {
    const step = about(walked(of), 'Stop');
    expect([step.includes(`<span class="box">${mark}</span>`), plain(`<body>${step}`), step.includes('class="blank"')]).toEqual([true, expect.stringMatching(words), false]);
  });
  test.each<[string, Partial<WalkedStep>, string, RegExp]>([
    ['unknown', { state: 'unknown', unknown: { since: at, looks: [{ at, found: 'Its process is gone' }], ways: [], mayRepeat: false } }, '?', /look .*Unknown since 26 Nov 2026, 03:12:00 CET.*find out before anything else is done\. Its process is gone .*Time/],
    ['failed', { state: 'failed', endedAt: at }, '✘', /Failed at .*Time/],
    ['to be done', { state: 'eligible' }, '', /It ended .*Time .*Exit status/],
  ])('leaves room for what is %s', (_what, of, mark, words) => {
    const step = about(walked(of), 'Stop');
    expect([step.includes(`<span class="box">${mark}</span>`), plain(`<body>${step}`)]).toEqual([true, expect.stringMatching(words)]);
  });
  test('has no way back of what was skipped, and has what comes after the ways back', () => {
    const rollback = { possible: true, undoes: [], afterwards: ['Tell the owner'], started: null };
    const [skipped, done] = [walked({ state: 'skipped' }, { rollback }), walked({ state: 'succeeded' }, { rollback })];
    expect([plain(skipped).includes('Undo of'), plain(done).includes('Undo of 1. Stop'), plain(skipped).includes('Tell the owner')]).toEqual([false, true, true]);
  });
  test('says in which mode it is, and how it stands', () => {
    expect(plain(walked({}, { run: { mode: 'rehearsal', state: 'waiting', stateText: 'Step 1 of 1 waits for you' } }))).toContain('How Rehearsal: nothing was done How it stands Waits for a person. Step 1 of 1 waits for you');
  });
});

import { parse } from 'yaml';
import { describe, expect, it } from 'vitest';
import { problemsOf } from '#engine/guides/check-item.ts';
import { draftFile } from '#engine/guides/draft-file.ts';
import { knownChecks } from '#engine/packs/known-checks.ts';
import { readRunbook } from '#engine/runbooks/format/index.ts';
import { fixtureNames, fixtureText, itemOf, readFixture, readText, uncoveredLines } from '#test/read-fixture-guide.ts';

const shop = readFixture('kubernetes-shop');
const german = readFixture('postgres-deutsch');
const prose = readFixture('prose-and-tables');
const hostile = readFixture('hostile');
const fieldsOf = (guide: typeof shop, key: string): Record<string, unknown> => parse(itemOf(guide, key).text) as Record<string, unknown>;
const runbookOf = (guide: typeof shop, key: string) => {
  const { runbook } = readRunbook(itemOf(guide, key).text);
  if (runbook === null) throw new Error(`${key} cannot be read`);
  return runbook;
};
const titles = (guide: typeof shop, key: string): string[] => runbookOf(guide, key).steps.map(({ title }) => title);

describe('a guide nobody here has seen', () => {
  it.each(fixtureNames)('%s: each line is in an item', (name) => {
    expect(uncoveredLines(readFixture(name))).toEqual([]);
  });

  it.each(fixtureNames)('%s: each draft can be read, and what keeps it from being walked is flagged', (name) => {
    const wrong = readFixture(name).items.flatMap((item) => {
      const errors = problemsOf(item.kind, item.key.split('/')[1] ?? '', item.text, knownChecks).filter(({ severity }) => severity === 'error');
      const unflagged = errors.filter(({ rule }) => !item.flags.some((flag) => flag.class === rule));
      const isRead = item.kind !== 'runbook' || readRunbook(item.text).runbook?.id === item.key.slice('runbook/'.length);
      return isRead && unflagged.length === 0 ? [] : [`${item.key}: ${unflagged.map(({ message }) => message).join(' ')}`];
    });
    expect(wrong).toEqual([]);
  });

  it('joins the parts of a procedure that have headings of their own', () => {
    const { prerequisites, steps, rollback } = runbookOf(shop, 'runbook/restart-the-checkout');
    expect([prerequisites.map(({ title }) => title), steps.map(({ title }) => title), rollback?.steps.map(({ title }) => title)]).toEqual([
      ['The release channel knows about it', 'The last backup is proven'],
      ['kubectl get pods -n shop', 'kubectl logs -n shop -l app=checkout --tail=200', 'Take it out of service', 'Bring it back', 'The site answers', 'A test order goes through'],
      ['Rollback'],
    ]);
  });

  it('strips prompts, keeps what the guide shows as a word, and ends what never ends', () => {
    const [pods, logs] = runbookOf(shop, 'runbook/restart-the-checkout').steps;
    expect([pods?.action, logs?.action, logs?.why]).toEqual([{ kind: 'sh', script: 'kubectl get pods -n shop' }, { kind: 'sh', script: 'kubectl logs -n shop -l app=checkout --tail=200' }, expect.stringContaining('checkout-7d9')]);
  });

  it('waits before what is destructive', () => {
    const step = runbookOf(shop, 'runbook/restart-the-checkout').steps.find(({ title }) => title === 'Take it out of service');
    expect([step?.risk, step?.pause]).toEqual(['destructive', true]);
  });

  it('makes parameters of placeholders', () => {
    const { params, steps } = runbookOf(shop, 'runbook/remove-a-stuck-pod');
    expect([params.map(({ name }) => name), steps.map(({ action, risk }) => [action.kind === 'sh' ? action.script : action.kind, risk])]).toEqual([['pod_name'], [['kubectl describe pod {{ pod_name }} -n shop', 'read'], ['kubectl delete pod {{ pod_name }} -n shop', 'destructive'], ['http', 'read']]]);
  });

  it('asks which of the solutions fits, and leads each to the same end', () => {
    const { steps } = runbookOf(shop, 'runbook/problem-orders-are-not-paid');
    const decide = steps.find(({ action }) => action.kind === 'decide');
    expect(decide?.action.kind === 'decide' && decide.action.choices.map(({ label }) => label)).toEqual(['Worker hangs', 'One order is stuck', 'The provider is down', 'None of these']);
    expect(steps.filter(({ next }) => next === 'looked-again').map(({ title }) => title)).toEqual(['Worker hangs', 'Put it back into the queue', 'Tell support']);
  });

  it('binds the values of statements', () => {
    const update = runbookOf(shop, 'runbook/problem-orders-are-not-paid').steps.find(({ title }) => title === 'Put it back into the queue');
    expect(update?.action).toEqual({ kind: 'sql', statement: "UPDATE orders SET state = 'queued' WHERE id = :order_id" });
  });

  it('reads severities with their clocks, and tells where the guide contradicts itself', () => {
    const critical = itemOf(shop, 'severity/critical');
    expect([fieldsOf(shop, 'severity/critical')['clocks'], critical.flags.map((flag) => [flag.class, flag.line])]).toEqual([{ respond: '15m', update: '30m', resolve: '4h' }, [['contradiction', 90]]]);
    expect(critical.flags[0]?.edit).toEqual({ title: 'Write 30m', find: 'respond: 15m', replace: 'respond: 30m' });
  });

  it('reads rules of alerts', () => {
    expect(fieldsOf(shop, 'threshold/checkout-errors')).toMatchObject({ critical: 2, unit: 'percent', for: '10m' });
  });

  it('reads lines of a crontab, and asks where two fields of them mean another thing than they say', () => {
    expect(fieldsOf(shop, 'calendar/opt-shop-backup-sh')).toMatchObject({ starts: '2026-11-27T01:30', rrule: 'FREQ=DAILY', tz: 'Europe/Berlin' });
    expect(itemOf(shop, 'calendar/opt-shop-prune-sh').flags.some(({ rule }) => rule === 'recurrence')).toBe(true);
  });

  it('dials no letters, and says so', () => {
    expect([fieldsOf(shop, 'contact/payments')['phone'], itemOf(shop, 'contact/payments').flags[0]?.message]).toEqual([undefined, expect.stringContaining('cannot be dialled')]);
  });

  it('keeps headings as tags and lines as source', () => {
    expect(runbookOf(shop, 'runbook/remove-a-stuck-pod')).toMatchObject({ tags: ['Operating the Lindenhof shop', 'Runbooks', 'Remove a stuck pod'], source: { file: 'kubernetes-shop.md', lines: '48, 50-54' } });
  });

  it('gives each flag the line and the column of the guide', () => {
    const flag = itemOf(shop, 'runbook/remove-a-stuck-pod').flags.find((each) => each.class === 'destructive');
    expect(fixtureText('kubernetes-shop').split('\n')[(flag?.line ?? 0) - 1]?.slice((flag?.column ?? 0) - 1)).toMatch(/^kubectl delete/);
  });
});

describe('a German guide', () => {
  it('has its schedule', () => {
    expect(german.items.filter(({ kind }) => kind === 'calendar').map(({ text }) => (parse(text) as { rrule: string }).rrule)).toEqual(['FREQ=WEEKLY;BYDAY=SU', 'FREQ=WEEKLY;BYDAY=WE', 'FREQ=MONTHLY;BYMONTHDAY=1', 'FREQ=MONTHLY;BYDAY=1SU']);
  });

  it('has its thresholds, which drive the checks that there are', () => {
    expect([fieldsOf(german, 'threshold/festplatte'), fieldsOf(german, 'threshold/abfragezeit')]).toMatchObject([{ drives: { check: 'disk' }, warn: 80, critical: 95, unit: 'percent' }, { drives: { people: true }, warn: 200, critical: 1000, unit: 'ms' }]);
  });

  it('has its procedures with what goes before and what leads back', () => {
    const { prerequisites, steps, rollback } = runbookOf(german, 'runbook/datenbank-aus-der-sicherung-wiederherstellen');
    expect([prerequisites.length, steps.map(({ action }) => action.kind), rollback?.steps.length]).toEqual([2, ['sh', 'sh', 'sql'], 1]);
  });

  it('has its severities and people', () => {
    expect([fieldsOf(german, 'severity/critical')['clocks'], fieldsOf(german, 'contact/bereitschaft')['phone']]).toEqual([{ respond: '15m' }, '+49 30 555 0199']);
  });
});

describe('a guide of prose and tables', () => {
  it('has entries of its list and its table', () => {
    expect(prose.items.filter(({ kind }) => kind === 'calendar').map(({ title }) => title)).toEqual(['the provider updates the catalogue', 'meeting with the provider', 'new readers are checked', "Look at the loan desk's printer", 'Count the shelves', 'Renew the licence']);
  });

  it('reads by when the next message is due, also in German', () => {
    const guide = readText('# Lager\n\n## Dringlichkeit\n\n| Stufe | Beschreibung | Reaktionszeit | Nächste Meldung | Lösung |\n| --- | --- | --- | --- | --- |\n| P1 Kritisch | Lager steht still | 15 Minuten | alle 30 Minuten | 4 Stunden |\n');
    expect(fieldsOf(guide, 'severity/critical')['clocks']).toEqual({ respond: '15m', update: '30m', resolve: '4h' });
  });
  it('takes the zone that stands once below a table for all times in it', () => {
    const guide = readText('# Lager\n\n## Wartungsplan\n\n| Aufgabe | Häufigkeit | Uhrzeit |\n| --- | --- | --- |\n| Systemprüfung | Täglich | 08:00 |\n\nAlle Zeiten in UTC.\n');
    expect(fieldsOf(guide, 'calendar/systemprufung')['tz']).toBe('UTC');
  });
  it('asks which zone EST is', () => {
    expect(itemOf(prose, 'calendar/meeting-with-the-provider').flags[0]).toMatchObject({ rule: 'zone', line: 13, edit: { find: 'tz: America/New_York', replace: 'tz: Etc/GMT+5' } });
  });

  it('has a manual procedure with a box for each part of a step', () => {
    expect(titles(prose, 'runbook/closing-the-reading-room')).toEqual(['Announce it: over the speakers', 'Announce it: at the entrance', 'Count the people', 'Switch off the terminals', 'Lock the door']);
  });

  it('has roles, a template and what is above and below it', () => {
    expect([fieldsOf(prose, 'role/desk-lead')['duties'], itemOf(prose, 'template/notice-to-readers').text.includes('From {{ from }} to {{ to }}'), fieldsOf(prose, 'threshold/uptime')['lower_is_worse']]).toEqual([['Loans and returns; keys'], true, true]);
  });
});

describe('a bad day', () => {
  it('keeps no secret in anything that was made', () => {
    const all = JSON.stringify(hostile);
    for (const secret of ['Winter-Sun-4711', 'ghp_0123456789', 'Tr0ub4dor', 'wJalrXUtnFEMI', 'abcdef0123456789ABCDEF', 'correct horse', 'S3cret-Pgpass', 'b3BlbnNzaC1rZXk']) expect(all).not.toContain(secret);
    expect(hostile.items.flatMap(({ flags }) => flags.filter((flag) => flag.class === 'secret')).length).toBe(8);
  });

  it('closes a fence that was left open, and says where', () => {
    expect([hostile.problems.filter(({ rule }) => rule === 'broken-fence').map(({ line }) => line), itemOf(hostile, 'runbook/console').path]).toEqual([[70], ['Hostile guide', 'After the broken fence', 'Console']]);
  });

  it('has 10 000 lines', () => {
    const long = Array.from({ length: 1250 }, (_, index) => `## Part ${index}\n\n1. Look\n2. Act\n\n\`\`\`bash\nls -l /srv/${index}\n\`\`\``).join('\n');
    const guide = readText(long);
    expect([guide.items.length, uncoveredLines(guide)]).toEqual([1250, []]);
  });

  it.each([['one line', 'Restart nginx with `systemctl restart nginx`.'], ['one command', '```sh\nuptime\n```'], ['only blanks between', '\n\n\n x \n'], ['a fence alone', '```'], ['a table without rows', '| a | b |\n|---|---|'], ['a line of 300 000 characters', 'word '.repeat(60_000)], ['a list of 40 levels', Array.from({ length: 40 }, (_, depth) => `${'  '.repeat(depth)}- x`).join('\n')], ['line ends of Windows', '# A\r\n\r\n- [ ] one\r\n']])('is %s', (_what, text) => {
    const guide = readText(text);
    expect([guide.items.length > 0, uncoveredLines(guide)]).toEqual([true, []]);
  });

  it('has braces and words that other readers of YAML take for something else', () => {
    expect(runbookOf(hostile, 'runbook/two-braces-and-traps').steps.slice(0, 5).map(({ title }) => title)).toEqual([`docker ps --format '{{ "{{" }}.Names}}'`, 'echo "yes" > /tmp/no', 'yes', '22:00', '~']);
  });
});

describe('a draft as a file', () => {
  it('says that it is a draft, and above which steps one has to look', () => {
    const { text, blocked } = draftFile(itemOf(shop, 'runbook/remove-a-stuck-pod'));
    expect([blocked, readRunbook(text).problems.filter(({ severity }) => severity === 'error').map(({ rule }) => rule)]).toEqual([1, ['draft']]);
    expect(text).toMatch(/# look: line 52 of the guide: .*\n(?: {2}# look: .*\n)* {2}- id: /);
  });
});

describe('what a guide means', () => {
  const kinds = (guide: typeof shop): string[] => guide.items.map(({ key }) => key);
  const flagsIn = (guide: typeof shop, key: string): string[] => itemOf(guide, key).flags.map(({ rule, line, column }) => `${rule} ${line}:${column}`);

  it('has no note that says nothing', () => {
    const empty = readText('# A\n\n1. one\n\n<br>\n').items.find(({ kind }) => kind === 'runbook');
    expect(readRunbook(empty?.text ?? '').problems.filter(({ severity }) => severity === 'error')).toEqual([]);
    const invisible = readText('# A\n\n```bash\nuptime\n```\n\n```nginx\n\u0001\n```\n').items.find(({ kind }) => kind === 'runbook');
    expect(invisible?.text).toContain('note: For reference');
  });

  it('flags dangerous commands in the words of a step, where they stand', () => {
    const guide = readText('# Clean up\n\n1. Look at the log with `tail -f /var/log/app.log`.\n2. End the session by `pg_terminate_backend(4711)`, then `rm -rf /srv/old`.\n3. See `df -h` and `pg_stat_activity`.\n');
    expect(flagsIn(guide, 'runbook/clean-up')).toEqual(['endless 3:26', 'destructive 4:24', 'destructive 4:59']);
  });

  it('makes one step of a numbered line and the commands right below it', () => {
    const guide = readText('# Restart\n\n1. Stop the service\n\n```bash\nsystemctl stop app\n```\n\n2. Start it again\n```bash\nsystemctl start app\n```\n\n3. Tell the desk\n');
    expect(runbookOf(guide, 'runbook/restart').steps.map(({ title, action }) => [title, action.kind])).toEqual([['Stop the service', 'sh'], ['Start it again', 'sh'], ['Tell the desk', 'manual']]);
  });

  it('leaves commands alone where the numbers begin anew', () => {
    const guide = readText('# Restart\n\n1. Read this\n\n```bash\nsystemctl stop app\n```\n\n1. And this\n');
    expect(runbookOf(guide, 'runbook/restart').steps.map(({ action }) => action.kind)).toEqual(['manual', 'sh', 'manual']);
  });

  it.each([
    ['P1-Störungen werden innerhalb von 30 Minuten beantwortet.', ['contradiction']],
    ['A P1 is picked up within 30 minutes.', ['contradiction']],
    ['A P1 is answered within 15 minutes.', []],
    ['After a P1 customers are informed within 30 minutes.', []],
    ['A P1 is answered within 15 minutes and looked at again after 30 minutes.', []],
  ])('holds "%s" against the list of severities', (sentence, wanted) => {
    const guide = readText(`# Support\n\n## Reaktionszeiten\n\n- P1: 15 Minuten\n- P2: 1 Stunde\n\n## Ablauf\n\n${sentence}\n`);
    expect(itemOf(guide, 'severity/critical').flags.map((flag) => flag.class)).toEqual(wanted);
  });

  it.each([
    ['two columns of two units', '| Metric | Warning | Critical |\n|---|---|---|\n| Query time | 500 ms | 2 s |'],
    ['one cell with both', '| Metric | Warning / critical |\n|---|---|\n| Query time | 500 ms / 2 s |'],
    ['one cell with a bar', '| Metric | Threshold |\n|---|---|\n| Query time | 500 ms \\| 2 s |'],
  ])('makes one threshold of %s', (_what, table) => {
    const guide = readText(`# Limits\n\n${table}\n`);
    expect([kinds(guide), fieldsOf(guide, 'threshold/query-time')]).toMatchObject([['threshold/query-time'], { warn: 500, critical: 2000, unit: 'ms' }]);
  });

  it('lets an entry be done by the one runbook that is called so', () => {
    const guide = readText('# Operations\n\n## Schedule\n\n| Time | Task |\n|---|---|\n| Sunday 02:00 UTC | Weekly maintenance |\n| Monday 02:00 UTC | Restore test |\n\n## Weekly Maintenance Procedure\n\n```bash\nuptime\n```\n\n## Restore test\n\n1. Look\n\n# More\n\n## Restore test\n\n1. Act\n');
    expect([fieldsOf(guide, 'calendar/weekly-maintenance')['work'], fieldsOf(guide, 'calendar/restore-test')['work']]).toEqual([{ runbook: 'weekly-maintenance-procedure' }, { tasks: ['Restore test'] }]);
  });

  it('asks once in which zone the times are', () => {
    const guide = readText('# Operations\n\n## Schedule\n\n| Time | Task |\n|---|---|\n| Sunday 02:00 | Vacuum tables |\n| Monday 03:00 | Copy files |\n| Tuesday 04:00 | Rotate logs |\n');
    expect([guide.items.flatMap(({ flags }) => flags.filter(({ rule }) => rule === 'zone').map(({ line }) => line)), fieldsOf(guide, 'calendar/rotate-logs')['text']]).toEqual([[7], expect.stringContaining('it is the one of "Vacuum tables"')]);
  });

  it('takes <DATUM> for a value, and not for where a shell reads from and writes to', () => {
    const guide = readText('# Prüfen\n\n```bash\nls -l /etc/kontor_<DATUM>.conf\n```\n');
    expect(itemOf(guide, 'runbook/prufen').flags.map((flag) => flag.class)).toEqual(['placeholder']);
  });

  it.each(['What is a replica', 'Why we do this', 'Overview', 'Was ist ein Replikat?'])('takes bullets below "%s" for something to read', (title) => {
    expect(kinds(readText(`# ${title}\n\n- Start with one server\n- Add another one\n- Copy the log over\n`)).map((key) => key.split('/')[0])).toEqual(['card']);
  });
});

/** Packs, guides and calendars that were made to stop or to mislead: refused with their place, or read in time, and never more than they are. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { writeNew } from '../../electron/cli/write-new.ts';
import { readGuideFile } from '../../electron/cli/read-guide-file.ts';
import { askEndpoint, type Seen } from '#engine/health/endpoints/ask-endpoint.ts';
import { judgeAnswer } from '#engine/health/endpoints/judge-endpoint.ts';
import { inTime } from '#engine/runbooks/desk/in-time.ts';
import { versionOfPack } from '#engine/guides/write-pack.ts';
import { readGuide } from '#engine/guides/read-guide.ts';
import { readPack, readPackFolder } from '#engine/packs/format/index.ts';
import { knownChecks } from '#engine/packs/known-checks.ts';
import { methods } from '#shared/contract/index.ts';
import { nextAfter, occurrencesOf, readTiming } from '#shared/domain/calendar/entry.ts';
import { readCalendar } from '#shared/domain/calendar/ics/read.ts';
import { noLines } from '#test/no-lines.ts';
import { swapped, yardTexts } from '#test/packs/yard.ts';
import { temporaryFolder } from '#test/temporary-folder.ts';

/** Milliseconds; each took minutes before there was a bound, and takes a few hundredths of a second now. */
const inTimeMs = 5000;
function timed<Result>(work: () => Result): Result {
  const startedAt = performance.now();
  const result = work();
  expect(performance.now() - startedAt).toBeLessThan(inTimeMs);
  return result;
}

const rulesOf = (texts: Readonly<Record<string, string | null>>): string[] => {
  const { pack, problems } = readPack({ name: 'yard', texts: new Map(Object.entries({ ...yardTexts, ...texts }).filter((entry): entry is [string, string] => entry[1] !== null)), problems: [] }, knownChecks);
  return pack === null ? [...new Set(problems.filter(({ severity }) => severity === 'error').map(({ rule }) => rule))] : [];
};
const inPack = (text: string) => swapped('pack.yaml', 'title: Timber yard', text);

describe('a pack', () => {
  test.each([
    ['an anchor', inPack('title: &a Timber yard'), 'yaml-anchor'],
    ['an alias', inPack('title: *a'), 'yaml-alias'],
    ['a tag', inPack('title: !!js/function Timber yard'), 'yaml-tag'],
    ['a merge key', inPack('title: Timber yard\n<<: { title: Other }'), 'yaml-merge'],
    ['what is nested without end', inPack(`title: ${'['.repeat(5000)}`), 'too-deep'],
    ['more than a mebibyte', inPack(`title: Timber yard\n#${'x'.repeat(1_048_576)}`), 'too-large'],
    ['a second document', inPack('title: Timber yard\n---\nschema: pack/1'), 'yaml-documents'],
    ['a mark of direction', inPack('title: Timber \u202eyard'), 'hidden-character'],
    ['an anchor above a text', { 'cards/evil.md': '---\ntitle: &a Evil\nsource: *a\n---\n\nText\n' }, 'yaml-anchor'],
    ['an address that is no page', swapped('pack.yaml', 'https://yard.example', 'file:///etc/passwd'), ''],
    ['a script as an address', swapped('pack.yaml', 'https://yard.example', 'javascript:alert(1)'), ''],
  ])('with %s is refused', (_what, texts, rule) => {
    const rules = timed(() => rulesOf(texts));
    expect([rules.length > 0, rule === '' || rules.includes(rule)]).toEqual([true, true]);
  });

  const folderOf = async (): Promise<string> => {
    const folder = join(await temporaryFolder('hostile'), 'yard');
    for (const [file, text] of Object.entries(yardTexts)) {
      mkdirSync(dirname(join(folder, file)), { recursive: true });
      writeFileSync(join(folder, file), text);
    }
    return folder;
  };
  test.each([
    ['a pipe', (path: string) => execFileSync('mkfifo', [path])],
    ['a link elsewhere', (path: string) => symlinkSync('/etc/hostname', path)],
    ['a device', (path: string) => symlinkSync('/dev/zero', path)],
    ['a file without end', (path: string) => writeFileSync(path, 'x'.repeat(1_048_577))],
  ])('with %s in it says so, and nobody waits for it', async (_what, put) => {
    const folder = await folderOf();
    put(join(folder, 'cards', 'evil.md'));
    const { texts, problems } = timed(() => readPackFolder(folder, 'yard'));
    expect([texts.has('cards/evil.md'), problems.map(({ file, rule }) => [file, rule])]).toEqual([false, [['cards/evil.md', 'unreadable']]]);
  });
  test('with a folder that is a link is read without it', async () => {
    const folder = await folderOf();
    const elsewhere = await temporaryFolder('elsewhere');
    writeFileSync(join(elsewhere, 'secret.md'), '---\ntitle: Secret\n---\n');
    symlinkSync(elsewhere, join(folder, 'templates-of-others'));
    expect([...readPackFolder(folder, 'yard').texts.keys()].filter((file) => file.includes('secret'))).toEqual([]);
  });
  test('with thousands of files is not read to its end', async () => {
    const folder = await folderOf();
    for (let at = 0; at < 600; at += 1) writeFileSync(join(folder, 'cards', `c${at}.md`), '---\ntitle: A\n---\n');
    const { texts, problems } = timed(() => readPackFolder(folder, 'yard'));
    expect([texts.size, problems.map(({ rule }) => rule)]).toEqual([500, ['too-many']]);
  });
  test('whose file is a pipe has a version all the same when one is published over it', async () => {
    const folder = await temporaryFolder('piped');
    execFileSync('mkfifo', [join(folder, 'pack.yaml')]);
    expect(versionOfPack(folder)).toBe('0.0.0');
  });
  test.each(['../evil', 'a/b', '.hidden', 'A', '', 'a'.repeat(80), 'own\u0000'])('cannot be named %j', (name) => {
    expect([methods['guide.publish'].input.safeParse({ guideId: 'g', name, title: 'T' }).success, methods['pack.get'].input.safeParse({ pack: name }).success && name.includes('/')]).toEqual([false, false]);
  });
});

describe('a guide', () => {
  test.each([
    ['lists in lists', Array.from({ length: 2000 }, (_, at) => `${' '.repeat(at * 2)}- a`).join('\n')],
    ['quotes in quotes', `${'>'.repeat(5000)} a`],
    ['brackets', '['.repeat(50_000)],
    ['emphasis', '*a '.repeat(50_000)],
    ['columns', `|${'a|'.repeat(5000)}\n|${'-|'.repeat(5000)}\n${`|${'b|'.repeat(20)}\n`.repeat(200)}`],
  ])('of %s is read in time', (_what, text) => {
    expect(timed(() => readGuide({ fileName: 'evil.md', text, timeZone: 'UTC', now: 0 })).text.length).toBe(text.length);
  });
  test.each([['a pipe', 'no plain file'], ['too large', 'a guide at most']] as const)('that is %s is not read by the command line', async (what, why) => {
    const file = join(await temporaryFolder('guide'), 'guide.md');
    if (what === 'a pipe') execFileSync('mkfifo', [file]);
    else execFileSync('truncate', ['-s', '3G', file]);
    await expect(readGuideFile(file)).rejects.toThrow(why);
  });
  test('becomes drafts that are written over nothing, through no link', async () => {
    const folder = await temporaryFolder('drafts');
    writeFileSync(join(folder, 'mine.yaml'), 'mine');
    symlinkSync(join(folder, 'elsewhere'), join(folder, 'linked.yaml'));
    for (const name of ['mine.yaml', 'linked.yaml']) await expect(writeNew(join(folder, name), 'theirs')).rejects.toThrow();
    expect([readFileSync(join(folder, 'mine.yaml'), 'utf8'), existsSync(join(folder, 'elsewhere'))]).toEqual(['mine', false]);
  });
});

const event = (lines: string, count = 1): string => `BEGIN:VCALENDAR\n${Array.from({ length: count }, (_, at) => `BEGIN:VEVENT\nUID:${at}\nSUMMARY:a\n${lines}\nEND:VEVENT`).join('\n')}\nEND:VCALENDAR\n`;

describe('a calendar', () => {
  test.each([
    ['parts within parts', `BEGIN:VCALENDAR\n${'BEGIN:A\n'.repeat(60_000)}${'END:B\n'.repeat(60_000)}`],
    ['one line', `BEGIN:VCALENDAR\nX${';A=b,c'.repeat(300_000)}`],
    ['times that are left out of a long series', event(`DTSTART:20260101T000000\nRRULE:FREQ=DAILY;COUNT=100000;BYMONTH=1\nEXDATE:${'20500101T000000,'.repeat(100_000)}20500101T000000`)],
    ['zones that it describes itself', `BEGIN:VCALENDAR\n${'BEGIN:VTIMEZONE\nTZID:a\nEND:VTIMEZONE\n'.repeat(20_000)}${'BEGIN:VEVENT\nDTSTART;TZID=zz/Europe/xx:20260101T000000\nEND:VEVENT\n'.repeat(2000)}END:VCALENDAR`],
    ['a zone without end', event(`DTSTART;TZID=${'a/'.repeat(30_000)}b:20260101T000000`)],
  ])('of %s is read in time', (_what, text) => {
    expect(timed(() => readCalendar(text, 'UTC'))).not.toBeNull();
  });
  test.each(['FREQ=SECONDLY', 'FREQ=MINUTELY', 'FREQ=DAILY;COUNT=1000000000', 'FREQ=DAILY;COUNT=200000', 'FREQ=DAILY;INTERVAL=100000', 'FREQ=DAILY;BYSECOND=1'])('with the rule %s keeps that out, and says why', (rrule) => {
    expect(readCalendar(event(`DTSTART:20260101T000000\nRRULE:${rrule}`), 'UTC')?.map(({ draft, problem }) => [draft, (problem ?? '').length > 20])).toEqual([[null, true]]);
  });
  test('that begins long ago is kept out: it would be counted from there every time', () => {
    expect(readCalendar(event('DTSTART:00010101T000000\nRRULE:FREQ=DAILY;COUNT=100000'), 'UTC')?.map(({ draft, problem }) => [draft, problem])).toEqual([[null, '0001-01-01T00:00 is too far away. A calendar here begins from 1970 to 2200.']]);
  });
  test.each(['FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30', 'FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30;BYDAY=MO', 'FREQ=YEARLY;COUNT=100000;BYDAY=MO,TU,WE,TH,FR,SA,SU;BYMONTHDAY=1,2,3,4,5,6,7,8,9,10,11,12,13,14,15', 'FREQ=YEARLY;BYDAY=MO,TU,WE,TH,FR,SA,SU;BYSETPOS=-366'])('of a hundred entries of the rule %s is looked at in time', (rrule) => {
    const { timing } = readTiming({ starts: '1970-01-01T00:00', rrule, tz: 'Europe/Berlin' }, () => null);
    const now = Date.parse('2026-11-27T00:00:00Z');
    if (timing === null) throw new Error('It cannot be read.');
    const most = timed(() => Array.from({ length: 100 }, () => (nextAfter(timing, null, now) === null ? 0 : 1) + occurrencesOf(timing, null, now, now + 400 * 86_400_000).length));
    expect(Math.max(...most)).toBeLessThanOrEqual(402);
  });
});

describe('a pattern of an endpoint', () => {
  const answer = { kind: 'answer' as const, status: 200, ms: 1, bytes: 40, location: null, body: 'a'.repeat(30_000), certificate: null };
  const judged = (bodyMatches: string) => timed(() => inTime(() => judgeAnswer({ status: [200], bodyMatches, json: null }, answer, { warn: null, critical: null }, 'here')));
  test.each(['^(a+)+$', '^(a|aa)+$', '(a*)*b', '([a-z]+)*!'])('that may take for ever is not taken: %s', (pattern) => {
    expect(judged(pattern)?.done.summary).toContain('cannot be read');
  });
  test.each(['a*a*a*a*a*b', '(?:a?){50}b'])('that takes too long on what a server says is given up: %s', (pattern) => {
    expect(judged(pattern)).toBeNull();
  });
});

describe('an endpoint', () => {
  const asked = async (answer: string, path = '/'): Promise<{ seen: Seen; request: string }> => {
    let request = '';
    const server = createServer((socket) => {
      socket.on('error', () => {});
      socket.on('data', (data) => {
        request += data.toString('latin1');
        socket.write(answer);
      });
    });
    await new Promise<void>((ready) => void server.listen(0, '127.0.0.1', ready));
    const { port } = server.address() as AddressInfo;
    try {
      return { seen: await askEndpoint({ url: `http://127.0.0.1:${port}${path}`, method: 'GET', bodyMatches: null, json: null }, { lines: noLines, hostId: null, signal: new AbortController().signal, limitMs: 500 }), request };
    } finally {
      server.close();
    }
  };
  test.each([
    ['goes on in another protocol', 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n', 'lost'],
    ['says for ever that it goes on', 'HTTP/1.1 100 Continue\r\n\r\n'.repeat(1000), 'slow'],
    ['has headers without end', `HTTP/1.1 200 OK\r\nX: ${'a'.repeat(100_000)}\r\n\r\n`, 'lost'],
    ['says two lengths', 'HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\nabc', 'lost'],
    ['is none of the web', 'hello\r\n\r\n', 'lost'],
  ])('that %s is done with in time', { timeout: 10_000 }, async (_what, answer, because) => {
    expect((await asked(answer)).seen).toMatchObject({ kind: 'none', because });
  });
  test('is sent no line that its address would add', async () => {
    const { request } = await asked('HTTP/1.1 204 None\r\n\r\n', '/a%0d%0aX-Evil:%201\r\nX-Evil: 2');
    expect(request.split('\r\n').map((line) => line.split(' ')[0])).toEqual(['GET', 'host:', 'user-agent:', 'accept:', 'connection:', '', '']);
  });
});

/** Guides that hold secrets: through everything that is done with one, then every place is searched where they must not be. */
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { createGuideRoom } from '#engine/guides/guide-room.ts';
import { createPackRoom } from '#engine/packs/pack-room.ts';
import { takeOutSecrets } from '#shared/domain/guide/secrets.ts';
import { createTestEngine } from '#test/engine-parts.ts';
import { makeTemporaryFolder } from '#test/temporary-folder.ts';

/** Each is found in what should not hold it by these letters, which no other text here has. */
const mark = /7Q9z/i;
const word = 'Canary-7Q9z-Word';
const token = 'tokenCanary7Q9zAbCdEf0123456789ab';

/** Where a secret may stand in a guide, with the lines that stand there. */
const places: readonly [string, string][] = [
  ['a heading', `## Password: ${word}`],
  ['a heading with code', `### The password \`${word}\``],
  ['a cell of a table', `| Password | ${word} |`],
  ['a column of passwords', `| User | Password | Note |\n|---|---|---|\n| admin | ${word} | of the shop |`],
  ['a link', `[Sign in](https://admin:${word}@shop.test/)`],
  ['a signed link', `[Report](https://files.shop.test/report?id=3&sig=${token})`],
  ['a link with a token', `[Hook](https://shop.test/hook?token=${token})`],
  ['bold text', `**Password**: **${word}**`],
  ['a quote', `> The root password is ${word}`],
  ['HTML', `<b>Password:</b> ${word}`],
  ['a comment', `<!-- password: ${word} -->`],
  ['the line below its name', `Admin password:\n\n    ${word}`],
  ['a sentence in German', `Das Passwort ist ${word}`],
  ['a fence of a shell', `\`\`\`bash\nPGPASSWORD='${word}' psql -c 'SELECT 1'\nmysql -u root -p${word} shop\ndocker login -u me -p ${word} registry.test\ncurl -u me:${word} https://shop.test\ntool --password ${word}\n\`\`\``],
  ['a fence of SQL', `\`\`\`sql\nALTER ROLE shop ENCRYPTED PASSWORD '${word}';\nCREATE USER a IDENTIFIED BY '${word}';\n\`\`\``],
  ['a fence of YAML', `\`\`\`yaml\nenv:\n  - name: DB_PASSWORD\n    value: "${word}"\nredis: redis://:${word}@redis:6379/0\n\`\`\``],
  ['a fence of JSON', `\`\`\`json\n{"password": "${word}", "api_key": "${token}"}\n\`\`\``],
  ['a fence of a configuration', `\`\`\`\nrequirepass ${word}\nsecret_key_base: ${token}${token}\nAccountKey=${token}${token}==\n\`\`\``],
  ['a line of .pgpass', `*:*:*:shop:${word}`],
  ['a hash', 'root:$6$7Q9zabcd$abcdefghijklmnopqrstuvwxyz0123456789'],
  ['a private key', '-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\nMIIE7Q9zabcdefghijklmnopqrstuvwxyz0123456789AB\n-----END RSA PRIVATE KEY-----'],
  ['a key of PGP in a quote', '> -----BEGIN PGP PRIVATE KEY BLOCK-----\n>\n> lQOY7Q9zabcdefghijklmnopqrstuvwxyz0123456789\n> -----END PGP PRIVATE KEY BLOCK-----'],
  ['tokens of makers', `AKIA7Q9ZABCDEFGHIJKL sk-proj-${token} whsec_${token} hvs.${token}`],
  ['a chat that is written to', `https://hooks.slack.com/services/T00/B00/7Q9zabcdefghijklmn and https://discord.com/api/webhooks/123456789012345678/7Q9z${token}`],
  ['a line without end', `${'word '.repeat(9000)} password: ${word} ${'word '.repeat(9000)}`],
];

describe('a secret', () => {
  test.each(places)('in %s is found', (_place, lines) => {
    const { text, taken } = takeOutSecrets(`before\n${lines}\nafter`);
    expect([mark.exec(text)?.[0], taken.length > 0, text.split('\n').length]).toEqual([undefined, true, lines.split('\n').length + 2]);
  });
  test.each(['| Password | Description |', '| Password policy | 12 characters |', 'Password → Settings', 'Password: see the vault', 'login: user/admin', '| password | varchar(255) |', 'docker login -u me --password-stdin', 'docker run -p 8080:80 nginx', 'name: API_TOKEN', 'host all all md5', '- Password resets: 3 of 5'])('is not seen in %s', (line) => {
    expect(takeOutSecrets(line)).toEqual({ text: line, taken: [] });
  });
  // A multiple of what honest text takes; without a bound each of these takes minutes.
  test.each([['without end', 'pass='], ['of commands', 'curl docker login mysql x user: a|'], ['of hashes', '$1$']])('is looked for in time in a line %s', (_what, piece) => {
    const startedAt = performance.now();
    takeOutSecrets(piece.repeat(Math.floor(1_000_000 / piece.length)));
    expect(performance.now() - startedAt).toBeLessThan(8000);
  });
});

const guide = `---\npassword: ${word}\n---\n\n# The shop\n\n${places.map(([place, lines], at) => `## Part ${at + 1}, ${place}\n\n${lines}\n\n1. Look at it\n\n\`\`\`bash\nuptime\n\`\`\`\n`).join('\n')}`;
const fileName = `shop password=${word}.md`;
const answers: { what: string; text: string }[] = [];
let root = '';

beforeAll(async () => {
  root = await makeTemporaryFolder('guide-secrets');
  const shipped = join(root, 'shipped');
  mkdirSync(shipped);
  const engine = createTestEngine({ root: join(root, 'home'), rooms: [(context) => createGuideRoom(context, { packsFolder: shipped }), (context) => createPackRoom(context, { packsFolder: shipped })] });
  type Call = typeof engine.call;
  const call: Call = async (method, input) => {
    try {
      const answer = await engine.call(method, input);
      answers.push({ what: method, text: JSON.stringify(answer) });
      return answer;
    } catch (error) {
      answers.push({ what: `${method}, refused`, text: JSON.stringify(error, Object.getOwnPropertyNames(error)) + String(error) });
      throw error;
    }
  };
  await call('guide.read', { fileName, text: guide });
  await call('guide.import', { fileName, text: `\u0001${guide}` }).catch(() => {});
  const { guide: made } = await call('guide.import', { fileName, text: guide, title: `The shop, password: ${word}` });
  const { items } = await call('guide.get', { guideId: made.id });
  const edited = items.find(({ kind }) => kind === 'note' || kind === 'card');
  for (const { key, hash, flags, text } of items) {
    for (const flag of flags.slice(0, 2)) await call('guide.acknowledge', { guideId: made.id, key, flagId: flag.id, how: 'keep', reason: `the password is ${word}`, expectedHash: hash });
    await call('guide.decide', { guideId: made.id, key, ...(key === edited?.key ? { decision: 'edit' as const, text: `${text}\npassword: ${word}\n` } : { decision: 'reject' as const }), expectedHash: hash });
  }
  const now = (await call('guide.get', { guideId: made.id })).items.find(({ key }) => key === edited?.key);
  for (const flag of now?.flags.filter(({ state }) => state === 'open') ?? []) await call('guide.acknowledge', { guideId: made.id, key: now?.key ?? '', flagId: flag.id, how: 'keep', reason: 'seen', expectedHash: now?.hash ?? '' });
  if (now !== undefined && now.decision === 'open') await call('guide.decide', { guideId: made.id, key: now.key, decision: 'accept', expectedHash: now.hash });
  await call('guide.publish', { guideId: made.id, name: 'met', title: `The shop, password: ${word}` });
  await call('pack.list', {});
  await call('guide.reimport', { guideId: made.id, text: `${guide}\n\nOne more password: ${word}\n`, fileName });
  for (const method of ['guide.source', 'guide.get'] as const) await call(method, { guideId: made.id });
  await engine.close();
});

const filesBelow = (folder: string): string[] => readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));

describe('what was in a guide', () => {
  test('was there to be found: the guide and the answers are not empty', () => {
    expect([mark.test(guide), answers.length > 10, filesBelow(join(root, 'home', 'packs', 'met')).length > 0]).toEqual([true, true, true]);
  });
  test('is in no file of the data folder, the published pack and what the store has yet to write among them', () => {
    expect(filesBelow(join(root, 'home')).filter((file) => mark.test(readFileSync(file, 'latin1')) || mark.test(file))).toEqual([]);
  });
  test('is in no answer and in no error', () => {
    expect(answers.filter(({ text }) => mark.test(text)).map(({ what, text }) => `${what}: ${text.slice(Math.max(0, text.search(mark) - 80), text.search(mark) + 20)}`)).toEqual([]);
  });
});

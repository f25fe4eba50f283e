/** Guides, packs, calendars, incidents and endpoints: files and addresses from elsewhere that become what a system consists of. */
import { proofsIn, type Statement } from '#test/security/statement.ts';

const imported = proofsIn('test/security/imported-runbooks.test.ts');

const guides = proofsIn('test/security/guide-secrets.test.ts');

const shown = proofsIn('test/security/shown-texts.test.ts');
const hostile = proofsIn('test/security/hostile-files.test.ts');
const incidents = proofsIn('test/integration/incidents/incidents.test.ts');

const secrets = 'shared/domain/guide/secrets.ts';
const guideRoom = 'electron/engine/guides/guide-room.ts';
const markdown = 'renderer/components/markdown.tsx';
const incidentLog = 'electron/engine/incidents/incidents.ts';
const room = 'electron/engine/runbooks/runbook-room.ts';
const packs = 'electron/engine/runbooks/library/packs.ts';

const ways = ['begun live', 'begun on paper and sent from there', 'called by one of one’s own', 'asked for choices', 'copied to one’s own'];

export const systems: readonly Statement[] = [
  {
    id: 'rest-imported-reviewed',
    says: 'Nothing of a runbook that was imported is sent before a person has looked at its very text, whichever way one begins: live, from paper, called by another, by its choices, or as a copy. From the calendar, an incident and the command line it is begun in no other way.',
    proofs: [...ways.flatMap((way) => [imported('a runbook that was imported > is not sent before somebody has looked at it: %s', way), imported('a runbook that was imported > is not sent when it was edited since: %s', way)]), imported('a runbook that was imported > is not called looked at by what it says now when it was shown as it was before')],
    mutations: [
      { file: room, find: "        if (mode === 'live') gate.requireReviewed(file);\n", replace: '' },
      { file: room, find: '          gate.requireReviewedText(repository.row(walkthroughId).ref, definitionHash, title);\n', replace: '          void [definitionHash, title];\n' },
      { file: 'electron/engine/runbooks/desk/children.ts', find: "      if (walkthrough.mode === 'live') gate.requireReviewed(file);\n", replace: '' },
      { file: room, find: '        gate.requireReviewed(file);\n        return readOptionsOf', replace: '        return readOptionsOf' },
      { file: room, find: ") gate.requireReviewed(read, 'it was not copied');", replace: ') return;' },
      { file: room, find: "        const file = library.read(ref);\n        if (file.hash !== hash) throw new PilothouseError('runbook.changed', `The file of \"${file.runbook?.title ?? ref}\" has changed since it was shown.`, { hint: 'Look at it as it is now, then mark it.'", replace: "        const file = library.read(ref);\n        if (file.ref !== ref) throw new PilothouseError('runbook.changed', `The file of \"${file.runbook?.title ?? ref}\" has changed since it was shown.`, { hint: 'Look at it as it is now, then mark it.'" },
      { file: 'electron/engine/store/runbook-review-repository.ts', find: 'isReviewed: (hash) => find.get(hash) !== undefined,', replace: 'isReviewed: (hash) => find.get(hash) !== undefined || hash.length > 0,' },
    ],
  },
  {
    id: 'rest-imported-same-text',
    says: 'What is sent and what is copied is the text that was looked at, whatever lies in its place a moment later.',
    proofs: [imported('a runbook that was imported > is sent when somebody has looked at it, as it was then'), imported('a runbook that was imported > is not begun when it was replaced after it was shown'), imported('what is copied is what was looked at, whatever lies there a moment later'), imported('a runbook that was imported > is, when somebody has: %s')],
    mutations: [
      { file: 'electron/engine/runbooks/library/library.ts', find: 'return make(freeName(split(ref).name, isTaken), file.text);', replace: 'return make(freeName(split(ref).name, isTaken), read(ref).text);' },
      { file: room, find: "        if (file.hash !== hash) throw new PilothouseError('runbook.changed', `The file of \"${file.runbook?.title ?? ref}\" has changed since it was shown.`, { hint: 'Look at it again, then begin.'", replace: "        if (file.ref !== ref) throw new PilothouseError('runbook.changed', `The file of \"${file.runbook?.title ?? ref}\" has changed since it was shown.`, { hint: 'Look at it again, then begin.'" },
    ],
  },
  {
    id: 'rest-imported-nothing-sent',
    says: 'On paper and as a rehearsal nothing is sent, and a draft cannot be begun at all.',
    proofs: [imported('a runbook that was imported > sends nothing as %s'), imported('a runbook that was imported > that says that it is a draft is none yet, in which way ever')],
    mutations: [
      { file: 'electron/engine/runbooks/desk/run-step.ts', find: "  if (walk.walkthrough.mode !== 'live') throw", replace: "  if (walk.walkthrough.id === '') throw" },
      { file: 'electron/engine/runbooks/format/lint/draft.ts', find: "if (!root.has('draft')) return;", replace: "if (!root.has('draft') || root.has('id')) return;" },
    ],
  },
  {
    id: 'rest-imported-folder',
    says: 'What a link in the folder of packs leads to is no part of a pack, and for what is no plain file nobody waits.',
    proofs: [imported('in the folder of packs > %s is not followed, and nobody waits for it'), imported('in the folder of packs > a pipe where a pack says what it is costs its title alone')],
    mutations: [
      { file: packs, find: " && !isLink(join(packsFolder, entry.name, 'runbooks'))", replace: '' },
      { file: 'electron/engine/runbooks/library/files.ts', find: 'return dirname(path) === realpathSync(dirname(file)) ? { path } :', replace: 'return dirname(path) !== file ? { path } :' },
    ],
  },
  {
    id: 'rest-guide-canaries',
    says: 'A secret that stands in a guide, its name, or what a person writes about it, is in no file of the data folder, no pack that is made of it, no answer and no error.',
    proofs: [guides('what was in a guide > was there to be found: the guide and the answers are not empty'), guides('what was in a guide > is in no file of the data folder, the published pack and what the store has yet to write among them'), guides('what was in a guide > is in no answer and in no error')],
    mutations: [
      { file: 'electron/engine/guides/read-guide.ts', find: "const { text, taken } = takeOutSecrets(given.replaceAll(", replace: "const { text, taken } = ((all: string) => ({ text: all, taken: takeOutSecrets('').taken }))(given.replaceAll(" },
      { file: guideRoom, find: 'title: withoutSecrets(title), fileName: withoutSecrets(fileName).slice(0, 200)', replace: 'title, fileName' },
      { file: guideRoom, find: '{ name, title: withoutSecrets(title), version }', replace: '{ name, title, version }' },
      { file: guideRoom, find: 'withoutSecrets(context.scrubber.scrub(reason))', replace: 'context.scrubber.scrub(reason)' },
      { file: guideRoom, find: 'takeOutSecrets(written).text', replace: 'written' },
    ],
  },
  {
    id: 'rest-guide-secrets-found',
    says: 'Secrets are found wherever they stand in a guide: in headings, tables and their columns, links, fences, front matter, on the line below their name and within a line of any length; words about passwords are left alone.',
    proofs: [guides('a secret > in %s is found'), guides('a secret > is not seen in %s'), guides('a secret > is looked for in time in a line %s')],
    mutations: [
      { file: secrets, find: 'at < line.length - overlap; at += longestPiece - overlap', replace: 'at < 0; at += longestPiece - overlap' },
      { file: secrets, find: 'lineWithout(line, number, above(line, all[index + 1] ?? \'\'))', replace: 'lineWithout(line, number, null)' },
      { file: secrets, find: 'keyEnds += end === -1 ?', replace: 'keyEnds += end !== 0 ?' },
      { file: secrets, find: 'if (what === apparent && !looksSecret(value)) continue;', replace: '' },
    ],
  },
  {
    id: 'rest-text-shown',
    says: 'What stands in texts of guides, packs, calendars and incidents is never markup and leads nowhere: no script, no picture, no address that is followed; signs that a terminal or an eye would obey are left out.',
    proofs: [shown('Markdown > with HTML in it is words: %s'), shown('Markdown > leads nowhere: %s'), shown('Markdown > begins a letter to one address, which is shown'), shown('Markdown > shows no text in another order than it is written'), shown('a title has no signs that a terminal or an eye would obey: %s'), incidents('the report > what others wrote is no markup in it')],
    mutations: [
      { file: markdown, find: '  if (mail !== undefined) return', replace: "  if (address !== '') return <a key={key} href={address}>{inside}</a>;\n  if (mail !== undefined) return" },
      { file: markdown, find: "    case 'image':\n", replace: "    case 'image':\n      return <img key={key} src={String(token.attrGet('src'))} />;\n    case 'no-image':\n" },
      { file: markdown, find: 'parser.parse(plainText(text), {})', replace: 'parser.parse(text, {})' },
      { file: 'renderer/components/format.ts', find: '\\u007f-\\u009f\\u202a-\\u202e\\u2066-\\u2069]/g', replace: '\\u007f-\\u009f]/g' },
      { file: 'shared/domain/plain-text.ts', find: '\\u007f-\\u009f\\u202a-\\u202e\\u2066-\\u2069]/g', replace: '\\u007f-\\u009f]/g' },
      { file: 'electron/engine/documents/html.ts', find: ".replaceAll('<', '&lt;')", replace: '' },
    ],
  },
  {
    id: 'rest-text-letters',
    says: 'A letter that is begun goes to the one address that is shown: neither an address nor a subject nor a text adds receivers or headers to it.',
    proofs: [shown('a letter > takes no %s from an address'), shown('a letter > takes no header from a subject or a text'), shown('Markdown > leads nowhere: %s')],
    mutations: [
      { file: 'renderer/components/format.ts', find: "`mailto:${address.split('@').map(encodeURIComponent).join('@')}`", replace: '`mailto:${address}`' },
      { file: 'renderer/features/incidents/words.ts', find: '&body=${encodeURIComponent(body)}', replace: '&body=${body}' },
      { file: markdown, find: '/^mailto:([^\\s@?#&,;%]+@[^\\s@?#&,;%]+)$/i', replace: '/^mailto:(.*)$/i' },
    ],
  },
  {
    id: 'rest-pack-strict',
    says: 'A pack is read strictly and within bounds: no anchors, aliases, tags, merge keys or second documents, above a text neither, nothing nested without end, no more files or bytes than a pack has, and no address but of a page.',
    proofs: [hostile('a pack > with %s is refused'), hostile('a pack > with %s in it says so, and nobody waits for it'), hostile('a pack > with a folder that is a link is read without it'), hostile('a pack > with thousands of files is not read to its end'), hostile('a pack > whose file is a pipe has a version all the same when one is published over it'), hostile('a pack > cannot be named %j')],
    mutations: [
      { file: 'electron/engine/packs/format/read-folder.ts', find: 'const mostFiles = 500;', replace: 'const mostFiles = 50_000;' },
      { file: 'electron/engine/runbooks/format/parse-yaml.ts', find: 'const refusal = isScalar ? undefined : refused[first];', replace: "const refusal = isScalar || first === '&' ? undefined : refused[first];" },
      { file: 'electron/engine/runbooks/library/files.ts', find: '    if (facts.size > largestRunbook) return tooLarge(facts.size);\n', replace: '    if (facts.size > largestRunbook) return { text: "", stamp: "" };\n' },
      { file: 'shared/contract/items.ts', find: "url: z.url({ protocol: /^https?$/ }).max(2000)", replace: 'url: z.string().max(2000)' },
    ],
  },
  {
    id: 'rest-guide-bounded',
    says: 'A guide is a plain file of a bounded size, is read in time however it is nested, and becomes drafts that are written over nothing.',
    proofs: [hostile('a guide > of %s is read in time'), hostile('a guide > that is %s is not read by the command line'), hostile('a guide > becomes drafts that are written over nothing, through no link')],
    mutations: [
      { file: 'electron/engine/guides/read-guide.ts', find: '(?<![^\\S\\n])[^\\S\\n]+$', replace: '[^\\S\\n]+$' },
      { file: 'electron/cli/read-guide-file.ts', find: '    if (facts.size > largestGuide) throw', replace: '    if (facts.size < 0) throw' },
      { file: 'electron/cli/write-new.ts', find: "flag: 'wx'", replace: "flag: 'w'" },
    ],
  },
  {
    id: 'rest-calendar-bounded',
    says: 'A calendar from elsewhere is read and looked at in time, whatever its rules, zones and parts are; what is beyond a bound is kept out, and it is said why.',
    proofs: [hostile('a calendar > of %s is read in time'), hostile('a calendar > with the rule %s keeps that out, and says why'), hostile('a calendar > that begins long ago is kept out: it would be counted from there every time'), hostile('a calendar > of a hundred entries of the rule %s is looked at in time')],
    mutations: [
      { file: 'shared/domain/calendar/rule.ts', find: 'const mostCount = 100_000;', replace: 'const mostCount = 10_000_000_000;' },
      { file: 'shared/domain/calendar/entry.ts', find: 'const firstYear = 1970;', replace: 'const firstYear = 0;' },
      { file: 'shared/domain/calendar/ics/lines.ts', find: 'const deepest = 20;', replace: 'const deepest = 4000;' },
      { file: 'shared/domain/calendar/rule.ts', find: 'const mostInterval = 1000;', replace: 'const mostInterval = 1_000_000;' },
    ],
  },
  {
    id: 'rest-pattern-endpoint',
    says: 'A pattern of an endpoint that may take for ever is not taken, and one that takes too long on what a server says is given up.',
    proofs: [hostile('a pattern of an endpoint > that may take for ever is not taken: %s'), hostile('a pattern of an endpoint > that takes too long on what a server says is given up: %s')],
    mutations: [
      { file: 'electron/engine/runbooks/desk/in-time.ts', find: 'const mostMs = 2000;', replace: 'const mostMs = 12_000;' },
      { file: 'shared/domain/runbook/patterns.ts', find: '  if (slow !== null) return { problem: slow };\n', replace: '' },
    ],
  },
  {
    id: 'rest-incident-once',
    says: 'Of two windows the second is told and nothing is done by it, a command that comes twice is done once, and an entry that was changed is found by its chain.',
    proofs: [incidents('two windows > what the second one does without knowing of the first is not done, and it is told'), incidents('two windows > the same command twice is done once'), incidents('declaring > the same command twice opens one'), incidents('what is kept > events do not change'), incidents('what is kept > a changed entry is found by its chain')],
    mutations: [
      { file: incidentLog, find: "      if (command.expectedSeq < incident.personSeq) return { outcome: 'stale', incident };\n", replace: '' },
      { file: incidentLog, find: "if (repository.hasCommand(incidentId, command.commandId)) return { outcome: 'duplicate', incident };", replace: '' },
      { file: incidentLog, find: '      if (known !== null) return get(known);\n', replace: '' },
      { file: 'electron/engine/store/incident-repository.ts', find: 'verifyChain: (incidentId) => breakIn(repository.load(incidentId)),', replace: 'verifyChain: (incidentId) => breakIn(repository.load(incidentId).slice(0, 0)),' },
    ],
  },
  {
    id: 'rest-endpoint-in-time',
    says: 'Whatever an endpoint answers is done with in time and within bounds, and its address adds nothing to what is sent.',
    proofs: [hostile('an endpoint > that %s is done with in time'), hostile('an endpoint > is sent no line that its address would add')],
    mutations: [
      { file: 'electron/engine/runbooks/steps/http-line.ts', find: "    asking.once('upgrade', (_answer, socket) => {", replace: "    asking.once('never', (_answer, socket) => {", fails: 'timed out' },
      { file: 'electron/engine/health/endpoints/ask-endpoint.ts', find: 'const limit = AbortSignal.timeout(limitMs);', replace: 'const limit = AbortSignal.timeout(limitMs * 1000);', fails: 'timed out' },
      { file: 'electron/engine/runbooks/steps/http-line.ts', find: 'path: `${url.pathname}${url.search}`', replace: 'path: `${url.pathname}${url.search}`, insecureHTTPParser: true' },
    ],
  },
];

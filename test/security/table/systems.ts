/** Guides, packs, calendars, incidents and endpoints: files and addresses from elsewhere that become what a system consists of. */
import { proofsIn, type Statement } from '#test/security/statement.ts';

const imported = proofsIn('test/security/imported-runbooks.test.ts');

const guides = proofsIn('test/security/guide-secrets.test.ts');

const secrets = 'shared/domain/guide/secrets.ts';
const guideRoom = 'electron/engine/guides/guide-room.ts';
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
      { file: guideRoom, find: 'const fileName = withoutSecrets(given);', replace: 'const fileName = given;' },
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
      { file: secrets, find: 'const near = spans.slice(-overlap).filter(({ to }) => to > at);', replace: 'const near = spans;' },
      { file: secrets, find: 'if (what === apparent && !looksSecret(value)) continue;', replace: '' },
    ],
  },
];

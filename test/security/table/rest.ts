/** The local file, what is imported, and what is installed. Statements about YAML are those of runbooks. */
import { proofsIn, type Statement } from '#test/security/statement.ts';

const store = proofsIn('test/integration/core/store.test.ts');
const attach = proofsIn('test/integration/attach.test.ts');
const localFile = proofsIn('test/security/local-file.test.ts');
const imports = proofsIn('test/security/import-files.test.ts');
const preview = proofsIn('test/unit/import/hosts-preview.test.ts');
const guides = proofsIn('test/integration/guides/guides.test.ts');
const archives = proofsIn('test/security/files-archive.test.ts');
const backups = proofsIn('test/unit/backup/folder.test.ts');
const packages = proofsIn('test/security/packages.test.ts');
const exploits = proofsIn('test/security/contract-exploits.test.ts');

const database = 'electron/engine/store/database.ts';
const extract = 'electron/engine/files/extract.ts';

export const rest: readonly Statement[] = [
  {
    id: 'rest-store-wrong',
    says: 'A local file that is another program’s, or none at all, is refused and stays as it was.',
    proofs: [store('a file that must not be touched > one of another program is refused and stays as it was'), store('a file that must not be touched > one that is no database is refused and stays as it was')],
    mutations: [
      { file: database, find: "if (application !== applicationId) throw damaged(path, 'it belongs to another program');", replace: '' },
    ],
  },
  {
    id: 'rest-store-newer',
    says: 'One of a newer version is refused and stays as it was.',
    proofs: [store('a file that must not be touched > one of a newer version is refused and stays as it was')],
    mutations: [{ file: database, find: 'if (version > latest) {', replace: 'if (version > latest + 1000) {' }],
  },
  {
    id: 'rest-store-damaged',
    says: 'One that is damaged is refused and stays as it was.',
    proofs: [store('a file that must not be touched > one that was cut is refused and stays as it was'), store('a file that must not be touched > one with a page overwritten is refused and stays as it was')],
    mutations: [{ file: database, find: "if (findings[0]?.quick_check !== 'ok') throw", replace: "if (findings[0]?.quick_check === 'never') throw" }],
  },
  {
    id: 'rest-store-locked',
    says: 'One that another program holds is named with what holds it, and stays as it was.',
    proofs: [localFile('a local file that another program holds is told as that, and stays as it was'), attach('several processes on one data folder > are told when an engine holds the folder and cannot be attached to')],
    mutations: [{ file: database, find: "if (code.startsWith('SQLITE_BUSY') || code.startsWith('SQLITE_LOCKED')) {", replace: "if (code === 'never') {" }],
  },
  {
    id: 'rest-store-copy',
    says: 'Each of these messages names the file and a way to a copy, and a copy is made before a file is changed.',
    proofs: [store('a file that must not be touched > the message names the file and a way to a copy'), store('a migration > copies the file before it changes it'), localFile('whatever is wrong with a local file, the message names it and says what to do next: one that %s')],
    mutations: [
      { file: database, find: "or put a copy in its place: ${join(path, '..', 'copies')} holds", replace: 'or put another in its place: one holds' },
      { file: database, find: '  if (existsSync(copy)) return;\n', replace: '  return;\n', fails: 'SqliteError' },
    ],
  },
  {
    id: 'rest-guide-secrets',
    says: 'A secret in a guide is taken out before anything of it is kept or made, and so is one that is typed into an item later.',
    proofs: [guides('no secret of a guide is on the disk')],
    mutations: [
      { file: 'electron/engine/guides/read-guide.ts', find: "takeOutSecrets(given.replaceAll('\\0', ' ').replaceAll(/\\r\\n?/g, '\\n'))", replace: "{ text: given, taken: [] as TakenOut[] }" },
      { file: 'electron/engine/guides/guide-room.ts', find: 'takeOutSecrets(written).text', replace: 'written' },
    ],
  },
  {
    id: 'rest-guide-reviewed',
    says: 'Nothing of a guide or of an imported pack is sent before a person has looked at its very text: not when it changes later, and not by way of paper.',
    proofs: [guides('nothing is published before everything is decided, and it says how much is left'), guides('what has a flag is not accepted before somebody has looked at it'), guides('what changes in a pack of a guide is not sent before somebody has looked at it again'), guides('a runbook that was looked at begins no other that was not')],
    mutations: [
      { file: 'electron/engine/guides/guide-room.ts', find: '        requireReviewed(items);\n', replace: '' },
      { file: 'electron/engine/guides/decide.ts', find: '  if (open > 0) throw', replace: '  if (open > 1000) throw' },
      { file: 'electron/engine/runbooks/runbook-room.ts', find: "        if (mode === 'live') gate.requireReviewed(file);\n", replace: '' },
      { file: 'electron/engine/runbooks/desk/children.ts', find: "      if (walkthrough.mode === 'live') gate.requireReviewed(file);\n", replace: '' },
      { file: 'electron/engine/runbooks/runbook-room.ts', find: "        if (act.kind === 'go-live') {", replace: "        if (act.kind === ('never' as string)) {" },
    ],
  },
  {
    id: 'rest-import-size',
    says: 'What is imported is limited in size, and is a plain file that nobody waits for.',
    proofs: [preview('what is chosen > is read whole, or it is said that it is too large'), preview('what is chosen > is a file, and no device or folder'), imports('what is no file is not waited for, and not read > %s'), imports('what is no file is not waited for, and not read > a relative path is refused'), backups('a manifest > that is larger than any is not read'), backups('a manifest > that is a pipe is refused, and nobody waits for what comes out of it')],
    mutations: [
      { file: 'shared/contract/imports.ts', find: 'export const largestImport = 1_048_576;', replace: 'export const largestImport = 1_048_576_000;' },
      { file: 'electron/engine/import/read-file.ts', find: "    if (!facts.isFile()) return { state: 'unusable', reason: 'it is no plain file' };\n", replace: '' },
    ],
  },
  {
    id: 'rest-import-strict',
    says: 'What stands in a file that is none of the kind does not come back, and neither does what stands in the environment.',
    proofs: [imports('what stands in a file that is none of the kind does not come back > of %s'), imports('what stands in a file that is none of the kind does not come back > of a private key, whichever field it is named in'), imports('what stands in the environment does not come back, but for paths that are there')],
    mutations: [{ file: 'electron/engine/import/service-file.ts', find: "reason: 'it stands before the first [service]'", replace: 'reason: `${trimmed} stands before the first [service]`' }],
  },
  {
    id: 'rest-archive-folder',
    says: 'An archive writes nothing outside its folder: by no name, through no link, and over nothing that stands.',
    proofs: [archives('bringing out refuses > %s'), archives('bringing out refuses > devices and pipes, which are not made'), archives('a link stays a link, is never followed, and is made when nothing more is written'), archives('entries are judged together, before a host is sent any of them')],
    mutations: [
      { file: 'electron/engine/files/tar-names.ts', find: "part === '..' || part === '.'", replace: "part === '.'" },
      { file: 'electron/engine/files/tar-names.ts', find: "if (keyOf(name).split('/').some(", replace: "if (name.length > 9999 && keyOf(name).split('/').some(" },
      { file: extract, find: "if (kind !== undefined) throw unsafe(name, 'something that is no folder stands above it');", replace: '' },
    ],
  },
  {
    id: 'rest-archive-manifest',
    says: 'A manifest that leads elsewhere, or is not what was written, is refused.',
    proofs: [archives('a manifest is refused > with %s'), archives('a manifest is refused > and a sound one is not'), backups('a manifest > that %s is refused'), backups('a manifest > that is a link is refused'), backups('a manifest > has no path %j')],
    mutations: [
      { file: 'electron/engine/backup/read-manifest.ts', find: "part === '' || part === '.' || part === '..'", replace: "part === ''" },
      { file: 'electron/engine/files/manifest.ts', find: '    if (reason !== null) throw invalid(folder, `the entry', replace: '    if (reason === folder) throw invalid(folder, `the entry' },
      { file: 'electron/engine/files/manifest.ts', find: 'if (!paths.has(archiveName)) throw', replace: 'if (paths.size > 99) throw' },
    ],
  },
  {
    id: 'rest-no-program',
    says: 'A page that was taken over cannot choose a program, its arguments or its environment: nothing that can be asked takes one.',
    proofs: ['no method takes a program, its arguments or its environment', 'no method takes anything of any form', 'lists of texts are names of things, paths of a host, values of a runbook, and answers: never words of a command', 'no method runs what it was not shown as a plan: what runs an operation takes a plan and its token alone', 'what the page may ask of its window is a few words, and none of them a program', 'what the engine may ask of its window is a few words, and none of them a program'].map((test) => exploits(test)),
    mutations: [
      { file: 'shared/contract/app.ts', find: "'store.backup': command('Writes a consistent copy of the local file into the data folder.', nothing,", replace: "'store.backup': command('Writes a consistent copy of the local file into the data folder.', z.strictObject({ command: z.string(), args: z.array(z.string()), env: z.record(z.string(), z.string()) }).partial()," },
      { file: 'shared/contract/desktop.ts', find: "z.strictObject({ what: z.enum(['file', 'folder']), title:", replace: "z.strictObject({ what: z.enum(['file', 'folder']), command: z.string().optional(), title:" },
    ],
  },
  {
    id: 'rest-no-generic-read',
    says: 'Nothing that can be asked answers with what stands in a file that the asker names.',
    proofs: [exploits('no method answers with what stands in a file that its caller names, whichever field it is named in'), exploits('a path of this computer is taken only as one of a few kinds of files')],
    mutations: [
      { file: 'shared/contract/app.ts', find: "'store.backup': command('Writes a consistent copy of the local file into the data folder.', nothing,", replace: "'store.backup': command('Writes a consistent copy of the local file into the data folder.', z.strictObject({ filePath: z.string().optional() })," },
      { file: 'electron/engine/import/databases.ts', find: "reason: 'a line is host:port:database:user:password'", replace: 'reason: `this is no line: ${JSON.stringify(readText(passfile))}`' },
    ],
  },
  {
    id: 'rest-lockfile',
    says: 'Every package is bound to its bytes by the lockfile.',
    proofs: [packages('every package is bound to its bytes'), packages('the lockfile is that of package.json, version by version')],
    mutations: [{ file: 'package.json', find: '"ws": "8.23.0"', replace: '"ws": "8.22.0"' }],
  },
  {
    id: 'rest-install-scripts',
    says: 'No package runs anything when it is installed but those that somebody decided about.',
    proofs: [packages('every package that would run something when it is installed was decided about, by its real name')],
    mutations: [{ file: 'package.json', find: '    "electron-winstaller": false,\n', replace: '' }],
  },
  {
    id: 'rest-audit',
    says: 'Findings of npm audit are looked at by whoever changes a version and before each release (CONTRIBUTING.md, "Shipping"): it needs a network, so what stands here is that versions change on purpose alone.',
    proofs: [packages('every package that is asked for is asked for in one exact version')],
    mutations: [{ file: 'package.json', find: '"ssh2": "1.17.0"', replace: '"ssh2": "^1.17.0"' }],
  },
  {
    id: 'rest-electron-major',
    says: 'Electron is pinned to one exact version; whether its major is among the three that are supported is looked at by whoever releases.',
    proofs: [packages('Electron is one exact version, the same in package.json and in the lockfile')],
    mutations: [{ file: 'package.json', find: '"electron": "45.5.0"', replace: '"electron": ">=45"' }],
  },
];

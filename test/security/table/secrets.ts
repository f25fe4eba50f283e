/** Passwords, passphrases and keys: where they are, and where they never are. */
import { proofsIn, type Statement } from '#test/security/statement.ts';

const vault = proofsIn('test/unit/vault.test.ts');
const keychain = proofsIn('test/unit/vault-keychain.test.ts');
const bits = proofsIn('test/property/vault.property.test.ts');
const killed = proofsIn('test/integration/vault-killed.test.ts');
const secret = proofsIn('test/unit/secret.test.ts');
const scrub = proofsIn('test/unit/scrub.test.ts');
const scrubbed = proofsIn('test/property/scrub.property.test.ts');
const logFile = proofsIn('test/unit/file-logger.test.ts');
const operations = proofsIn('test/integration/core/operations.test.ts');
const plan = proofsIn('test/security/plan-canary.test.ts');
const contract = proofsIn('test/contract/transports.test.ts');
const canaries = proofsIn('test/security/canaries.test.ts');
const ofHosts = proofsIn('test/security/ssh-canaries.test.ts');
const passwords = proofsIn('test/security/password-canary.test.ts');
const far = proofsIn('test/security/far-canary.test.ts');
const conninfo = proofsIn('test/integration/postgres-conninfo.test.ts');
const passfiles = proofsIn('test/unit/passfile.test.ts');
const line = proofsIn('test/property/passfile.property.test.ts');
const practice = proofsIn('test/integration/practice/practice.test.ts');
const windows = proofsIn('test/unit/platform/private-files.test.ts');
const children = proofsIn('test/integration/run-child.test.ts');

const index = 'electron/engine/vault/index.ts';
const format = 'electron/engine/vault/format.ts';
const sealing = 'electron/engine/vault/sealing.ts';
const file = 'electron/engine/vault/vault-file.ts';
const conninfoFile = 'electron/engine/postgres/conninfo.ts';

export const secrets: readonly Statement[] = [
  {
    id: 'secrets-keychain-backend',
    says: 'The name of the keychain is stored beside what it wrapped; where it is another one, the passphrase is asked for and nothing is made anew.',
    proofs: [keychain('a vault with a keychain > keeps the name of the keychain beside what that wrapped'), keychain('a vault with a keychain > asks for the passphrase when the keychain is another one, and is not made anew'), keychain('a vault with a keychain > writes nothing when the keychain %s, nor while the passphrase is wrong')],
    mutations: [
      { file: index, find: "return { backend: to.backend, wrapped: wrapped.toString('base64') };", replace: "return { backend: 'keychain', wrapped: wrapped.toString('base64') };" },
      { file: index, find: 'if (kept.backend !== backend) throw', replace: 'if (kept.backend === backend && backend === null) throw' },
    ],
  },
  {
    id: 'secrets-keychain-fails',
    says: 'Where the keychain fails, hangs or gives a wrong key, the passphrase is asked for and what the keychain has stays as it was.',
    proofs: [keychain('a vault with a keychain > opens by the passphrase where the keychain fails, leaves what that has as it was, and says why'), keychain('a vault with a keychain > trusts no keychain that does not give back what it was given'), keychain('a vault with a keychain > that hangs > does not keep the passphrase from opening it'), keychain('a vault with a keychain > that hangs > opens nothing that somebody locked before it answered')],
    mutations: [
      { file: index, find: 'if (!isSame) throw keychainFailed(', replace: 'if (back === null) throw keychainFailed(' },
      { file: index, find: 'if (opened === null && locks === before) open(key, file);', replace: 'if (opened === null) open(key, file);' },
    ],
  },
  {
    id: 'secrets-scrypt',
    says: 'A new vault costs who guesses: scrypt with N=2^17, r=8, p=1, a salt of 16 bytes.',
    proofs: [vault('a vault > costs whoever guesses what it should, where nothing else is said')],
    mutations: [
      { file: sealing, find: '{ N: 2 ** 17, r: 8, p: 1 }', replace: '{ N: 2 ** 14, r: 8, p: 1 }' },
      { file: sealing, find: 'const scryptMemoryBytes = 256 * 1024 * 1024;', replace: 'const scryptMemoryBytes = 128 * 1024 * 1024;', fails: 'Invalid scrypt params' },
      { file: index, find: "salt: random.bytes(16).toString('base64')", replace: "salt: random.bytes(12).toString('base64')", fails: 'vault' },
    ],
  },
  {
    id: 'secrets-scrypt-bounds',
    says: 'Nothing is computed from a file that asks for more than it may, or for nothing.',
    proofs: [vault('a vault > computes nothing from a file that asks for %s'), proofsIn('test/security/vault-binding.test.ts')('a cost that was lowered is refused before anything is computed, though its checksum fits')],
    mutations: [
      { file: format, find: 'max(2 ** 17)', replace: 'max(2 ** 40)' },
      { file: format, find: 'min(2 ** 14)', replace: 'min(2)' },
      { file: format, find: 'r: z.number().int().min(1).max(8)', replace: 'r: z.number().int().min(1)' },
    ],
  },
  {
    id: 'secrets-nonce',
    says: 'Whatever is sealed has a nonce of 12 bytes of its own, each time it is written.',
    proofs: [vault('a vault > draws a nonce anew each time it writes'), vault('a vault > costs whoever guesses what it should, where nothing else is said')],
    mutations: [{ file: sealing, find: 'const nonce = random.bytes(12);', replace: 'const nonce = Buffer.alloc(12);' }],
  },
  {
    id: 'secrets-authenticated',
    says: 'A bit that was flipped anywhere is noticed: it is no wrong passphrase, gives no other secret, and nothing is written over it.',
    proofs: [bits('a flipped bit anywhere is never taken for a wrong passphrase, gives no other secret, and changes nothing in the file'), vault('a vault > notices that a record was taken out of its file')],
    mutations: [
      { file: index, find: "if (headerSumOf(file) !== file.headerSum) throw damaged(storage.path, 'its key is not what was written');", replace: '' },
      { file: index, find: 'if (!what.isWhole) throw damaged(', replace: 'if (what === null) throw damaged(' },
    ],
  },
  {
    id: 'secrets-associated-data',
    says: 'What is sealed is bound to the version, the parameters and which record it is.',
    proofs: [vault('a vault > notices that one record was put in the place of another'), proofsIn('test/security/vault-binding.test.ts')('what is sealed is bound to %s'), proofsIn('test/security/vault-binding.test.ts')('what is sealed is bound to the version of the format')],
    mutations: [
      { file: format, find: "'record', recordId]", replace: "'record']" },
      { file: format, find: "return JSON.stringify([formatName, formatVersion, 'aes-256-gcm', vaultId, 'key', 'scrypt', passphrase.N, passphrase.r, passphrase.p, passphrase.salt]);", replace: "return JSON.stringify([formatName, vaultId, 'key', passphrase.salt === '']);" },
    ],
  },
  {
    id: 'secrets-told-apart',
    says: 'A wrong passphrase, a damaged vault and none at all are three different answers, and none of them changes the file.',
    proofs: [vault('a vault > refuses a wrong passphrase, and stays as it is'), vault('a vault > is damaged, not absent, when its file holds %s'), vault('a vault > gives nothing while it is absent'), vault('a vault > is not made over another one')],
    mutations: [
      { file: index, find: "if (storage.exists()) throw new PilothouseError('vault.exists', 'There is a vault already.', { hint: 'Unlock it, or change its passphrase.' });", replace: '' },
      { file, find: "throw damaged(file, 'it is not JSON any more');", replace: "throw new PilothouseError('vault.absent', 'There is no vault yet.');" },
    ],
  },
  {
    id: 'secrets-vault-file',
    says: 'The vault is a file for its owner alone, with no secret in the clear.',
    proofs: [vault('a vault > is a file for its owner alone, and leaves no other'), vault('a vault > never holds a secret in the clear')],
    mutations: [{ file, find: "open(beside, 'wx', 0o600)", replace: "open(beside, 'wx', 0o644)" }],
  },
  {
    id: 'secrets-vault-atomic',
    says: 'It is replaced in one step: whenever its writer is killed, the old one or the new one is there, whole.',
    proofs: [killed('a vault whose writer is killed at any moment holds what was last kept, or the one after'), proofsIn('test/security/vault-binding.test.ts')('a vault that is written anew is another file: who has the old one open reads all of it')],
    mutations: [{ file, find: '        await rename(beside, file);\n', replace: "        await (await import('node:fs/promises')).writeFile(file, '');\n        await (await import('node:fs/promises')).writeFile(file, JSON.stringify(content));\n        await rm(beside);\n" }],
  },
  {
    id: 'secrets-auto-lock',
    says: 'A vault that nobody uses locks itself, whether or not anybody asks, and a clock that is set back does not keep it open.',
    proofs: [vault('a vault > locks after its minutes without use, and says until when it is open'), vault('a vault > locks although nobody asks it anything'), vault('a vault > does not stay open for longer because the clock was set back'), vault('a vault > is not kept open by what the engine looks up unasked')],
    mutations: [
      { file: index, find: 'if (now - opened.lastUsedAt >= autoLockMs) lock();', replace: '' },
      { file: index, find: '    watch = setInterval(lockWhenUnused, lookEveryMs).unref();\n', replace: '' },
      { file: index, find: '    opened.lastUsedAt = Math.min(opened.lastUsedAt, now);\n', replace: '' },
      { file: index, find: 'if (!unasked) opened.lastUsedAt = clock.now();', replace: 'opened.lastUsedAt = clock.now();' },
    ],
  },
  {
    id: 'secrets-passphrase-length',
    says: 'A passphrase that is soon guessed is not taken for a new vault.',
    proofs: [secret('%s takes no passphrase that is soon guessed')],
    mutations: [{ file: 'shared/domain/secret.ts', find: 'export const shortestPassphrase = 8;', replace: 'export const shortestPassphrase = 1;' }],
  },
  {
    id: 'secrets-type',
    says: 'A secret is `[redacted]` wherever it is written or looked at.',
    proofs: [secret('a secret is not in %s'), secret('a secret says what it is where it is written')],
    mutations: [
      { file: 'shared/domain/secret.ts', find: "  toJSON(): string {\n    return '[redacted]';", replace: '  toJSON(): string {\n    return this.#value;' },
      { file: 'shared/domain/secret.ts', find: "  toString(): string {\n    return '[redacted]';", replace: '  toString(): string {\n    return this.#value;' },
      { file: 'shared/domain/secret.ts', find: "  [Symbol.for('nodejs.util.inspect.custom')](): string {\n    return '[redacted]';", replace: "  [Symbol.for('nodejs.util.inspect.custom')](): string {\n    return this.#value;" },
    ],
  },
  {
    id: 'secrets-scrubber',
    says: 'A secret that is known is taken out of any text, in every form that it is written in; others where they stand as passwords.',
    proofs: [scrub('a scrubber > takes out a known secret written %s'), scrub('a scrubber > knows a secret by where it stands: %s'), scrub('a scrubber > goes into objects, arrays, maps, keys and errors with their causes'), scrubbed('no registered secret is left in any text, however it was written into it'), scrubbed('no part of a password that nobody registered is left of a conninfo string, whatever text it stands in')],
    mutations: [
      { file: 'shared/domain/scrub.ts', find: "    value.replaceAll(\"'\", \"''\"),\n", replace: '' },
      { file: 'shared/domain/scrub.ts', find: 'clean = scrubPasswords(scrubUrls(clean, redacted), redacted);', replace: '' },
      { file: 'shared/domain/scrub.ts', find: 'return [scrubText(key), scrubValue(item, inside)];', replace: 'return [scrubText(key), item];' },
    ],
  },
  {
    id: 'secrets-log',
    says: 'No secret is in the log: neither those that the engine knows nor what looks like one.',
    proofs: [logFile('the log file > takes out what looks like a secret'), logFile('the log file > takes out the secrets that the engine knows')],
    mutations: [
      { file: 'electron/engine/logging/file-logger.ts', find: 'return { ...scrubbingLogger(logger, scrubber), close', replace: 'void scrubber;\n  return { ...logger, info: logger.info.bind(logger), warn: logger.warn.bind(logger), error: logger.error.bind(logger), close' },
      { file: 'electron/engine/logging/file-logger.ts', find: 'info: (fields, message) => logger.info(scrubber.scrub(fields), scrubber.scrub(message)),', replace: 'info: (fields, message) => logger.info(fields, scrubber.scrub(message)),' },
    ],
  },
  {
    id: 'secrets-history',
    says: 'No secret is in the history: in no event, no result and no error of an operation.',
    proofs: [operations('a secret > is in no event, result or error')],
    mutations: [
      { file: 'electron/engine/operations/event-log.ts', find: '=> scrubber.scrub({ operationId, seq: nextSeq(operationId), at: new Date(clock.now()).toISOString(), ...body });', replace: '=> ({ operationId, seq: nextSeq(operationId), at: new Date(clock.now()).toISOString(), ...body });' },
      { file: 'electron/engine/operations/operation-runner.ts', find: 'error: scrubber.scrub(end.error)', replace: 'error: end.error' },
    ],
  },
  {
    id: 'secrets-plans',
    says: 'No plan says or keeps a secret, though a server said one.',
    proofs: [plan('a plan and its operation say and keep no secret, though a server said one, and what is run by is as it was')],
    mutations: [{ file: 'electron/engine/operations/plan-desk.ts', find: '...scrubber.scrub({ title: draft.title,', replace: '...({ title: draft.title,' }],
  },
  {
    id: 'secrets-errors',
    says: 'No error brings a secret to whoever asked.',
    proofs: [contract('the contract $title > lets no secret through, whatever a method says of it')],
    mutations: [{ file: 'electron/engine/dispatch/dispatcher.ts', find: 'const shape = scrubber.scrub(toErrorShape(explainStoreError(error), correlationId));', replace: 'const shape = toErrorShape(explainStoreError(error), correlationId);' }],
  },
  {
    id: 'secrets-canaries',
    says: 'After everything that can be done no secret is in a file of the data folder, on the wire, on a command line, in an environment, or in what the server wrote down.',
    proofs: ['no secret is in any file of the data folder, the local file and its log included', 'no secret crossed the wire towards the window', 'no secret was on a command line or in an environment at any time', 'no secret is in what the server wrote down of us', 'no secret is in the memory file system, where passfiles live while they are needed', 'nothing that was said to people holds a secret, but the address that was printed', 'all of it had been done', 'passwords had come from everywhere they may come from', 'processes were looked at while the tools ran', 'whoever searches for the canaries finds them where they are'].map((test) => canaries(`after everything that can be done > ${test}`)),
    mutations: [
      { file: conninfoFile, find: 'return await use(conninfo, { folder: null, files: [] });', replace: "return await use(`${conninfo} fallback_application_name=${Buffer.from(password?.reveal() ?? '').toString('hex')}`, { folder: null, files: [] });" },
      { file: index, find: '        scrubber.register(passphrase);\n        const key = random.bytes(32);', replace: "        (await import('node:fs')).writeFileSync(`${options.folder}/note.txt`, passphrase.reveal());\n        const key = random.bytes(32);" },
    ],
  },
  {
    id: 'secrets-canaries-hosts',
    says: 'The same holds for everything that is done over SSH, here and on the server.',
    proofs: ['are in no file of the data folder: not in SQLite, its journal, the logs, the vault, a copy or an export', 'come back over no wire', 'are on no command line and in no environment, here and on the server', 'are in nothing that the engine or the server said', 'open what they are for'].map((test) => ofHosts(`secrets of hosts > ${test}`)),
    mutations: [{ file: 'electron/engine/ssh/questions.ts', find: 'answers.forEach((answer, index) => prompts[index]?.shown === false && scrubber.register(answer));', replace: '' }],
  },
  {
    id: 'secrets-no-argument',
    says: 'A password of a database is on no command line and in no environment, while its programs run.',
    proofs: [passwords('a password > is on no command line, in no environment and in no record of what was sent, while it is used'), passwords('a password > is in no error of a server that refuses it'), conninfo("libpq's programs > get no password by their arguments or their environment")],
    mutations: [{ file: conninfoFile, find: 'return await use(conninfo, { folder: null, files: [] });', replace: "return await use(`${conninfo} password='${password?.reveal() ?? ''}'`, { folder: null, files: [] });" }],
  },
  {
    id: 'secrets-passfile',
    says: 'It is in a file for its owner alone, in memory where there is such a place, and only meanwhile.',
    proofs: [conninfo("libpq's programs > find it in a file for its owner alone, in memory where there is such a place, and only meanwhile"), conninfo("libpq's programs > leave no file behind when their work fails"), conninfo('what a killed engine left behind > is removed at the next start'), conninfo('what a killed engine left behind > finds another place when the first is open to others')],
    mutations: [
      { file: conninfoFile, find: '    for (const file of files) await runFolder.remove(file);\n', replace: '' },
      { file: 'electron/engine/platform/private-files.ts', find: '  chmodSync(path, 0o600);\n  return { isPrivate: true };', replace: '  chmodSync(path, 0o640);\n  return { isPrivate: true };' },
    ],
  },
  {
    id: 'secrets-passfile-line',
    says: 'Its line holds exactly that password, for exactly that host, port and account.',
    proofs: [line('the line we write for libpq holds exactly the password, for exactly its host, port and user'), conninfo("libpq's programs > are not given a password that no passfile can hold")],
    mutations: [
      { file: 'electron/engine/postgres/passfile.ts', find: String.raw`const escape = (text: string): string => text.replace(/[:\\]/g, '\\$&');`, replace: 'const escape = (text: string): string => text;' },
      { file: conninfoFile, find: String.raw`if (password !== null && /[\r\n\0]/.test(password.reveal())) {`, replace: 'if (password === undefined) {' },
    ],
  },
  {
    id: 'secrets-passfile-open',
    says: 'A password file of the person that others may read is refused, in words.',
    proofs: [passfiles('a passfile > that others may read is refused, and says so: mode %o')],
    mutations: [{ file: 'electron/engine/postgres/passfile.ts', find: 'if (isOpenToOthers(facts.mode)) throw refuse(', replace: 'if (isOpenToOthers(facts.mode & 0o007)) throw refuse(' }],
  },
  {
    id: 'secrets-far',
    says: 'On a host the password of a database is in a file of its account alone while the work goes on, and nowhere else.',
    proofs: [far('the password of a far database is in a file of its account alone while the dump works there, and nowhere else')],
    mutations: [{ file: 'electron/engine/ssh/program.ts', find: 'mkdir -m 700 "$dir"', replace: 'mkdir -m 755 "$dir"' }],
  },
  {
    id: 'secrets-windows-closed',
    says: 'On Windows, where a mode means nothing, a file for a secret has an access list for its owner alone, seen to be so before anything stands in it.',
    proofs: [windows('a passfile on Windows > is seen to be closed while it is still empty, in a folder that is closed'), windows('a passfile on Windows > is refused where icacls %s, and nothing of it is written'), windows('the data folder on Windows > is closed with all that will be made in it, and looked at again'), windows('the data folder on Windows > that icacls says to have closed, and has not, is open')],
    mutations: [
      { file: 'electron/engine/platform/access-list.ts', find: "  if (others.length > 0) return { isPrivate: false, why: `its access list also names ${others.join(', ')}` };\n", replace: '' },
      { file: 'electron/engine/postgres/run-folder.ts', find: '          requireClosed(closeFile(file, platform), file);\n          await handle.writeFile(text);', replace: '          await handle.writeFile(text);\n          requireClosed(closeFile(file, platform), file);' },
    ],
  },
  {
    id: 'secrets-windows-refused',
    says: 'Where such a list cannot be set, no secret is written, and Pilothouse says that it cannot.',
    proofs: [windows('a passfile on Windows > is refused where icacls %s, and nothing of it is written'), windows('a passfile on Windows > is refused and taken away where its folder could be closed and the file could not'), windows('the data folder on Windows > that cannot be closed says why in what there is to know about this installation'), windows('the data folder on Windows > is open where there is no icacls')],
    mutations: [{ file: 'electron/engine/postgres/run-folder.ts', find: '  if (seen.isPrivate) return;\n', replace: "  if (seen.isPrivate || place !== '') return;\n" }],
  },
  {
    id: 'secrets-practice',
    says: 'The practice system needs no vault: its passwords are drawn here, stand in one file for its owner alone, and are shown to nobody.',
    proofs: [practice('a practice system that was built > keeps its passwords to one file that others cannot read'), practice('a practice system that was built > shows none of its passwords in history, in the local file, or to those who list processes')],
    mutations: [{ file: 'electron/engine/practice/passfile.ts', find: "join(''), { mode: 0o600 });", replace: "join(''), { mode: 0o644 });", fails: 'ENOENT' }],
  },
  {
    id: 'secrets-no-uri',
    says: 'Programs get no address with a password in it, and no PGPASSWORD: neither ours nor one that was there.',
    proofs: [conninfo("libpq's programs > get no password by their arguments or their environment"), children('a child > gets a small environment of its own, in English'), proofsIn('test/security/no-uri.test.ts')('no source of ours sets PGPASSWORD, or gives a program the address of a database'), proofsIn('test/security/no-uri.test.ts')('a PGPASSWORD of the account goes to no program of ours')],
    mutations: [
      { file: 'electron/engine/children/environment.ts', find: "    PATH: process.env['PATH']", replace: "    ...(process.env as Record<string, string>),\n    PATH: process.env['PATH']" },
      { file: 'electron/engine/backup/run-tool.ts', find: "'PGHOSTADDR', 'PGPASSWORD', ", replace: "'PGHOSTADDR', " },
    ],
  },
];

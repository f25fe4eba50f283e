/** Hosts over SSH: whom one talks to, and what is run there. */
import { proofsIn, type Statement } from '#test/security/statement.ts';

const exploits = proofsIn('test/security/ssh.test.ts');
const connects = proofsIn('test/integration/ssh/connect.test.ts');
const hosts = proofsIn('test/integration/ssh/hosts.test.ts');
const keys = proofsIn('test/integration/ssh/host-keys.test.ts');
const screens = proofsIn('test/web/hosts.test.ts');
const questions = proofsIn('test/web/host-questions.test.ts');
const house = proofsIn('test/unit/house-rules.test.ts');
const knownHosts = proofsIn('test/property/known-hosts.property.test.ts');
const imports = proofsIn('test/integration/import/hosts.test.ts');
const preview = proofsIn('test/unit/import/hosts-preview.test.ts');
const meanwhile = proofsIn('test/unit/import/trusted-meanwhile.test.ts');
const quoting = proofsIn('test/property/ssh-quoting.property.test.ts');
const commands = proofsIn('test/security/remote-commands.test.ts');
const programs = proofsIn('test/integration/ssh/program.test.ts');
const sudo = proofsIn('test/integration/ssh/sudo.test.ts');
const hops = proofsIn('test/security/ssh-hops.test.ts');
const way = proofsIn('test/security/plan-way.test.ts');
const store = proofsIn('test/unit/ssh/host-store.test.ts');
const secretsOnTheWay = proofsIn('test/unit/ssh/secrets-on-the-way.test.ts');

const dial = 'electron/engine/ssh/dial.ts';
const trust = 'electron/engine/ssh/host-keys.ts';
const judge = 'shared/domain/host-trust.ts';
const known = 'electron/engine/ssh/known-hosts.ts';
const taken = 'electron/engine/import/known-keys.ts';
const as = 'electron/engine/ssh/sudo.ts';

export const ssh: readonly Statement[] = [
  {
    id: 'ssh-verifier',
    says: 'Nobody is connected to whose key is not looked at: the library would take any.',
    proofs: [connects('the key of a host > that is not known is shown with its fingerprint, and nobody signs in'), exploits('a server whose key is not the one that is known > is told no password and not even asked how one signs in: %s')],
    mutations: [
      { file: dial, find: "        return progress.trust.verdict === 'trusted';", replace: '        return true;' },
      { file: dial, find: "        return progress.trust.verdict === 'trusted';", replace: "        return progress.trust.verdict === 'trusted' || progress.trust.verdict === 'unknown';" },
    ],
  },
  {
    id: 'ssh-one-site',
    says: 'There is one place that connects, and it names a verifier: lint refuses any other.',
    proofs: [house('the rules of the house > %s', 'SSH is connected by in one place alone'), house('the rules of the house > %s', 'SSH is connected by in one place alone, by the name of the class'), house('the rules of the house > %s', 'SSH is connected by in one place alone, by any name of the library'), house('the rules of the house > %s', 'SSH connects nobody whose key is not looked at')],
    mutations: [
      { file: '.oxlintrc.json', find: '"house/ssh-clients": "error"', replace: '"house/ssh-clients": "off"' },
      { file: 'scripts/house/rules.ts', find: "property.key.name === 'hostVerifier'", replace: "property.key.name !== 'hostVerifier'" },
    ],
  },
  {
    id: 'ssh-unknown-shown',
    says: 'A key that is not known is shown by its SHA-256 fingerprint, with how to compare it.',
    proofs: [connects('the key of a host > that is not known is shown with its fingerprint, and nobody signs in'), screens('a key that nobody has decided about > is shown with the whole fingerprint and how to compare it'), keys('trust > is given to no key whose fingerprint is another')],
    mutations: [
      { file: 'electron/engine/ssh/host-key.ts', find: "createHash('sha256')", replace: "createHash('md5')" },
      { file: trust, find: "    const key = read(shown);\n      const name = knownHostsName(place.host, place.port);\n      const { verdict } = judgeHostKey(repository.known(place), key);\n      if (verdict === 'revoked') throw refuseRevoked(name, shown.fingerprint);\n      if (verdict === 'changed'", replace: "    const key = { type: shown.keyType, key: shown.key };\n      const name = knownHostsName(place.host, place.port);\n      const { verdict } = judgeHostKey(repository.known(place), key);\n      if (verdict === 'revoked') throw refuseRevoked(name, shown.fingerprint);\n      if (verdict === 'changed'" },
    ],
  },
  {
    id: 'ssh-unknown-explicit',
    says: 'Trust in it is an act of its own: a tick and a press of a button that is nobody’s default.',
    proofs: [screens('a key that nobody has decided about > is trusted by a tick and a press, and by nothing that comes of itself')],
    mutations: [{ file: 'renderer/components/connect/trust-key.tsx', find: '<Button needsEngine disabled={!compared || trust.isPending} onClick', replace: '<Button primary needsEngine disabled={trust.isPending} onClick' }],
  },
  {
    id: 'ssh-changed-refused',
    says: 'A key that changed, or is of another type while one is known, is refused.',
    proofs: [connects('the key of a host > that changed is refused, with both fingerprints'), connects('the key of a host > that is of another type than those that are known is refused'), exploits('a server whose key is not the one that is known > is told no password and not even asked how one signs in: %s')],
    mutations: [
      { file: judge, find: "return sameType.length > 0 ? { verdict: 'changed', known: sameType } : { verdict: 'other-type', known: valid };", replace: "return sameType.length > 0 ? { verdict: 'changed', known: sameType } : { verdict: 'trusted' };" },
      { file: judge, find: "return sameType.length > 0 ? { verdict: 'changed', known: sameType } : { verdict: 'other-type', known: valid };", replace: "return sameType.length > 0 ? { verdict: 'trusted' } : { verdict: 'other-type', known: valid };" },
    ],
  },
  {
    id: 'ssh-revoked-refused',
    says: 'A key that was revoked is refused by every way and of every machine, and is never trusted again.',
    proofs: [connects('the key of a host > that was revoked is refused, though it is known'), exploits('a server whose key is not the one that is known > is told none though its key was trusted, when it was revoked since'), keys('a key is revoked > for every host, by whatever way it is reached'), keys('trust > is not given to a key that was revoked'), store('the key of a machine > that was revoked is so by every way and of every machine, and trusted nowhere')],
    mutations: [{ file: judge, find: "  if (known.some(({ revoked, key }) => revoked && key === offered.key)) return { verdict: 'revoked' };\n", replace: '' }],
  },
  {
    id: 'ssh-no-one-click',
    says: 'A changed key is not taken by a click: not by trusting it, by adding the host again, by leading it another way or by any field.',
    proofs: ['not by trusting it %s', 'not by adding the host again', 'not by leading it the way of another host to which it was shown first', 'not by leading it another way and trusting it there', 'not by any field that the contract does not know'].map((test) => exploits(`a key that changed is not taken by a click: > ${test}`)).concat(screens('a key that is another one than is known > can be accepted nowhere beside the connection')),
    mutations: [
      { file: trust, find: "      if (verdict === 'changed' || verdict === 'other-type') {\n        throw", replace: "      if (verdict === 'changed' && place.port === 0) {\n        throw" },
      { file: trust, find: '      if (was?.length && is?.length && !was.some(({ key }) => is.some((other) => other.key === key))) {', replace: '      if (was?.length === -1) {' },
      { file: 'shared/contract/hosts.ts', find: "as it was shown and compared.', z.strictObject(shownKey)", replace: "as it was shown and compared.', z.object(shownKey)" },
    ],
  },
  {
    id: 'ssh-replace-by-name',
    says: 'It is replaced in the settings of its host alone, by the typed name, and that is on record.',
    proofs: [exploits('a key that changed is not taken by a click: > not by replacing it with the name "%s"'), keys('a key is replaced > not by "%s"'), keys('a key is replaced > by the typed name of the host, and the log says which was which'), screens('a key that is another one than is known > is replaced in the settings, where both stand side by side and Cancel has the focus')],
    mutations: [
      { file: trust, find: '      requireName(confirm.typed, confirm.name, `Replacing the key of ${confirm.name}`);\n', replace: '' },
      { file: trust, find: "      logger.warn({ host: name, was: before.map((each) => each.fingerprint), is: shown.fingerprint, by }, 'A person replaced the key of a host.');\n", replace: '' },
    ],
  },
  {
    id: 'ssh-revoke-by-name',
    says: 'A key is revoked by the typed name alone, on record.',
    proofs: [keys('a key is revoked > by no other name'), keys('a key is revoked > by the typed name of the host, on record, and is refused from then on')],
    mutations: [{ file: trust, find: '      requireName(confirm.typed, confirm.name, `Revoking a key of ${confirm.name}`);\n', replace: '' }],
  },
  {
    id: 'ssh-each-hop',
    says: 'Each machine on the way is verified by its own key.',
    proofs: [connects('through other machines > a host key that is swapped is found where it is (hop %d)'), hosts('the key of each machine on the way > that is %s (%s, machine %d) is refused there'), hosts('the key of each machine on the way > that was revoked is refused there, though it is trusted too (machine %d)'), keys('machines with one address behind different hosts > have a key each'), hops('a machine that shows the key of the one before it is not taken for the one that is known')],
    mutations: [{ file: 'electron/engine/ssh/chain.ts', find: 'signInOver(line, hop, label,', replace: 'signInOver(line, { ...hop, knownKeys: way.flatMap((each) => each.knownKeys) }, label,' }],
  },
  {
    id: 'ssh-secrets-meanwhile',
    says: 'Where a key was revoked or replaced, or a way led elsewhere, since it was looked at, no secret is sent there.',
    proofs: ['sudo of a program there gets no password', 'sudo that reads files there gets no password', 'sudo that is tried out gets no password', 'a server whose password was typed for a test gets none', '%s there gets no passfile', 'a server that asks for the password of a session gets none', 'a program of this computer is let through to nobody'].map((test) => secretsOnTheWay(`where meanwhile %s > ${test}`)),
    mutations: [
      { file: 'electron/engine/ssh/lines.ts', find: '            ofSudo?.();\n', replace: '', fails: 'Test timed out' },
      { file: 'electron/engine/ssh/lines.ts', find: '            pin?.();\n', replace: '', fails: 'Test timed out' },
    ],
  },
  {
    id: 'ssh-plan-way',
    says: 'A plan is for the machine that it was made with: its address, its account, its way and every key on it.',
    proofs: [way('a plan of files is refused as changed when, since then, > %s'), way('a machine that shows another key than when it was planned, though it is trusted, is not read'), way('a host is neither led elsewhere nor forgotten while its files are read'), way('what a folder that was brought here says of where it is from takes no protection from a host of production')],
    mutations: [{ file: 'electron/engine/operations/plan-desk.ts', find: 'if (JSON.stringify(waysTo(body.targets)) !== JSON.stringify(details.ways)) throw', replace: 'if (details.ways === undefined) throw' }],
  },
  {
    id: 'ssh-known-hosts',
    says: 'Lines of known_hosts are about the hosts that OpenSSH finds in them: hashed, with patterns, with exceptions.',
    proofs: [knownHosts('a known_hosts > is about the hosts that OpenSSH finds in it, hashed or not'), knownHosts('a known_hosts > never fails, and says of each line that it cannot use what is wrong')],
    mutations: [
      { file: known, find: "return fitting.length > 0 && fitting.every((pattern) => !pattern.startsWith('!'));", replace: 'return fitting.length > 0;' },
      { file: known, find: "return entry.hosts.startsWith('|') ? fitsHash(entry.hosts, name) : ", replace: 'return ' },
      { file: known, find: "  while (pattern[place] === '*') place += 1;\n  return place === pattern.length;", replace: '  return true;' },
    ],
  },
  {
    id: 'ssh-known-hosts-revoked',
    says: 'What is revoked there is revoked here, whatever else the file says of it.',
    proofs: [imports('a key > that is revoked there is revoked here'), preview('keys of hosts > that are revoked here are not trusted again'), meanwhile('a key that was revoked meanwhile is not trusted')],
    mutations: [
      { file: taken, find: "else if (revoked.has(key)) found('revoked', 'It is revoked there, and is refused from now on.');", replace: '' },
      { file: taken, find: "if (here.some((each) => each.revoked && each.key === key)) found('known-revoked', 'It was revoked here, and is not trusted again.');\n    else if", replace: 'if' },
    ],
  },
  {
    id: 'ssh-known-hosts-authority',
    says: 'Authorities (@cert-authority) are said to be not supported, and their keys are nobody’s.',
    proofs: [imports('a key > of a type that cannot be checked is left out')],
    mutations: [{ file: taken, find: "if (marker === 'cert-authority' || keys.has(key)) continue;", replace: 'if (keys.has(key)) continue;' }],
  },
  {
    id: 'ssh-known-hosts-conflict',
    says: 'An import takes no key where another one is trusted here.',
    proofs: [imports('a key > is not taken over where another one is trusted here, and that is said'), imports('a key > stays a conflict where the way to the host changes with it')],
    mutations: [{ file: taken, find: "else if (trustedHere.length > 0) found('conflict', 'Another key is trusted here. It is replaced only by a person who has compared both.');", replace: '' }],
  },
  {
    id: 'ssh-quoting',
    says: 'An argument of a remote command arrives in its shell exactly as it is.',
    proofs: [quoting('an argument on a command line for %s > arrives as it is'), quoting('a word on a command line > is refused where it holds NUL'), quoting('a word on a command line > in front is never an assignment')],
    mutations: [
      { file: 'electron/engine/ssh/quote.ts', find: "  return `'${text.replaceAll(\"'\", `'\\\\''`)}'`;", replace: "  return `\"${text.replaceAll('\"', '\\\\\"')}\"`;" },
      { file: 'electron/engine/ssh/quote.ts', find: "  if (text.includes('\\0')) throw", replace: "  if (text === '\\0') throw" },
    ],
  },
  {
    id: 'ssh-one-quoting',
    says: 'Remote commands leave by one place, as quoted argument vectors or texts of ours.',
    proofs: [commands('a command for a server > leaves by one place'), commands('a command for a server > is a quoted argument vector or a text of ours, wherever it is made')],
    mutations: [
      { file: 'electron/engine/backup/space.ts', find: "quoteCommand(['df', '-P', '-k', '--', folder", replace: "((words: string[]) => words.join(' '))(['df', '-P', '-k', '--', folder" },
      { file: 'electron/engine/ssh/program.ts', find: '.map(quoteWord).join(', replace: '.map(String).join(' },
    ],
  },
  {
    id: 'ssh-scripts-stdin',
    says: 'Scripts go over standard input, with their values: nothing of them is in a list of processes there.',
    proofs: [programs('a secret is in no list of processes'), programs('a program under %s > has its secret in a private folder, which goes with it')],
    mutations: [{ file: 'electron/engine/ssh/program.ts', find: 'const shell = [\'/bin/sh\', \'-c\', `eval "$(dd bs=1 count=${text.length} 2>/dev/null)"`] as const;', replace: "const shell = ['/bin/sh', '-c', String(text)] as const;" }],
  },
  {
    id: 'ssh-no-html',
    says: 'What a server sends is rendered as text, never as markup.',
    proofs: [questions('what a server asks > is shown as text, whatever it is'), house('the rules of the house > %s', 'the page takes no markup'), house('the rules of the house > %s', 'the page writes no markup')],
    mutations: [
      { file: '.oxlintrc.json', find: '"house/no-markup": "error"', replace: '"house/no-markup": "off"' },
    ],
  },
  {
    id: 'ssh-not-run',
    says: 'Nothing that a server sends is run here.',
    proofs: [commands('nothing that a server sends is run here: no text becomes code'), commands('a shell of this computer is given no text: children are argument vectors')],
    mutations: [
      { file: 'electron/engine/ssh/server-text.ts', find: "  const clean = plain(", replace: "  if (text.startsWith('=')) eval(text.slice(1));\n  const clean = plain(" },
      { file: 'electron/engine/children/open-address.ts', find: "stdio: 'ignore', env:", replace: "stdio: 'ignore', shell: true, env:" },
    ],
  },
  {
    id: 'ssh-terminal',
    says: 'Nothing that a terminal would obey, and nothing that deceives a reader, comes through from a server.',
    proofs: [exploits('what a server says is nothing that a terminal obeys, wherever it is said')],
    mutations: [
      { file: 'electron/engine/ssh/server-text.ts', find: ".replace(deceptive, '')", replace: '' },
      { file: 'electron/engine/ssh/server-text.ts', find: "const clean = plain(text.slice(0, longest * 4).replaceAll('\\r\\n', '\\n'))", replace: "const clean = text.slice(0, longest * 4).replaceAll('\\r\\n', '\\n')" },
    ],
  },
  {
    id: 'ssh-sudo-first-without',
    says: 'sudo is tried without a password first, and one that is not needed is not sent.',
    proofs: [sudo('where sudo asks for no password > the password that is known is not sent')],
    mutations: [{ file: as, find: "    if (plain.result !== null) return { ...plain.result, withPassword: false };\n    if (!needsPassword(plain)) throw explain(label, who, plain);", replace: "    if (plain.result !== null) options = { ...options, input: `${options.password?.reveal() ?? ''}${String(options.input ?? '')}` };" }],
  },
  {
    id: 'ssh-sudo-stdin',
    says: 'A password for sudo goes over standard input of its own channel, is asked for by a prompt that nobody can guess, and is on no command line and in no environment.',
    proofs: [sudo('where sudo wants a password > it stands on no command line and in no environment'), sudo('where sudo wants a password > a wrong one is told as wrong, once, and the command is sent nothing'), sudo('where sudo wants a password > and its errors are without the prompt'), hops('the prompt of sudo and the word that it has let us in are drawn anew for every command')],
    mutations: [
      { file: as, find: "quoteCommand(sudoCommand(who, mark, prompt)), {", replace: "quoteCommand(sudoCommand({ ...who, argv: [...who.argv, password?.reveal() ?? ''] }, mark, prompt)), {" },
      { file: as, find: "const word = (): string => random.bytes(16).toString('hex');", replace: "const word = (): string => 'known';" },
    ],
  },
  {
    id: 'ssh-sudo-words',
    says: 'No account and no argument becomes an option of sudo or a command of its own.',
    proofs: [sudo('no account and no argument becomes an option or a command of its own'), sudo('where sudo asks for no password > its words are those that were meant, whatever is in them')],
    mutations: [{ file: as, find: "'-u', asUser, '--', '/bin/sh'", replace: "'-u', asUser, '/bin/sh'" }],
  },
];

/** Which ways of signing in are tried, in which order, and what came of each. */
import ssh2, { type AnyAuthMethod, type AuthHandlerMiddleware, type ParsedKey } from 'ssh2';
import { Secret } from '#shared/domain/secret.ts';
import { openAgent } from './agent.ts';
import { fromPkcs8 } from './private-key.ts';
import { serverText } from './server-text.ts';
import { sentence, whereSecretsAreTyped } from './words.ts';
import type { SshAccount, SshKey, SshMethod, SshQuestion, SshUnanswered } from './types.ts';

/** The order in which OpenSSH tries them too. */
const usualOrder: readonly SshMethod[] = ['publickey', 'keyboard-interactive', 'password'];
/** Questions in a row, so that a server that asks for ever ends. */
const mostQuestions = 12;

/** What was tried and what it came to, in words and in order. */
export interface SignInReport {
  /** What the server said it takes, last. Null: it never said. */
  offered: string[] | null;
  readonly tried: string[];
  /** How many keys that were, those of an agent one by one. */
  readonly keysTried: number;
  /** Keys that could not be used, and why. */
  unusable: string[];
  /** A first method was accepted and another one is asked for on top. */
  partly: boolean;
  /** What the server asked and nobody answered, and why not: nobody could be asked, somebody did not want to, or nobody came. */
  unanswered: { asked: string; why: 'nobody' | SshUnanswered } | null;
  /** It wants the password, which nobody has typed yet. */
  wantsPassword: boolean;
}

interface Attempt {
  method: SshMethod;
  name: string;
  begin(): AnyAuthMethod;
}

/** Why a private key cannot be used; null where it can. */
export function readKey({ name, text, passphrase }: SshKey): ParsedKey | string {
  let parsed: ReturnType<typeof ssh2.utils.parseKey>;
  try {
    const changed = fromPkcs8(text.reveal(), passphrase?.reveal());
    parsed = changed === null ? ssh2.utils.parseKey(text.reveal(), passphrase?.reveal()) : ssh2.utils.parseKey(changed);
  } catch (error) {
    parsed = error instanceof Error ? error : new Error(String(error));
  }
  if (parsed instanceof Error) {
    if (/no passphrase given/i.test(parsed.message)) return `${name} is encrypted, and its passphrase is not known`;
    if (/bad passphrase|integrity check|OpenSSH key data malformed|bad decrypt/i.test(parsed.message) && passphrase !== null) return `${name} does not open with this passphrase`;
    return `${name} is no private key that can be read (${parsed.message})`;
  }
  const key = Array.isArray(parsed) ? parsed[0] : parsed;
  if (key === undefined || !key.isPrivateKey()) return `${name} is a public key; the private one has the same name without .pub`;
  return key;
}

const theAgent = 'the keys of the agent';

function inWordsOf(keys: readonly string[] | null): string {
  if (keys === null) return theAgent;
  return keys.length === 0 ? 'the agent, which holds no key that is to be offered' : `${theAgent} (${sentence(keys)})`;
}

export interface SignIn {
  handler: AuthHandlerMiddleware;
  report: SignInReport;
  /** Whether a person is being asked just now: then nobody's time runs out. */
  readonly asking: boolean;
}

export interface SignInWatch {
  /** Told when a person begins or ends to be asked. */
  onAsking(): void;
  /** Told when a person was asked in vain: nothing else is tried then. */
  onGivenUp(): void;
  /** Aborts when the server is gone, and with it what it asked. */
  signal: AbortSignal;
}

/** "One-time code" and "Where from?" (The gate): the words of the server. A colon would make what follows it look like what was answered. */
function inWords({ title, prompts }: SshQuestion): string {
  const what = sentence(prompts.slice(0, 4).map(({ text }) => `"${serverText(text, 200).trim().replace(/:$/, '')}"`));
  const who = serverText(title, 100).trim();
  return who === '' ? what : `${what} (${who})`;
}

export function createSignIn(account: SshAccount, { onAsking, onGivenUp, signal }: SignInWatch): SignIn {
  const { user: username, password, passwordIsMissing = false, ask } = account;
  const tried: string[] = [];
  const report: SignInReport = {
    /** The agent says only when it is asked what it holds. */
    get tried() {
      return tried.map((name) => (name === theAgent ? inWordsOf(agentKeys()) : name));
    },
    get keysTried() {
      return tried.filter((name) => name.startsWith('the key ')).length + (agentKeys()?.length ?? 0);
    },
    offered: null, unusable: [], partly: false, unanswered: null, wantsPassword: false,
  };
  let asking = false;
  let questions = 0;
  let passwordUsed = false;
  let agentKeys: () => readonly string[] | null = () => null;

  const answer = async (title: string, instructions: string, prompts: { prompt: string; echo?: boolean }[]): Promise<string[]> => {
    if (prompts.length === 0) return [];
    if ((questions += 1) > mostQuestions) return [];
    const [only] = prompts;
    if (prompts.length === 1 && only !== undefined && only.echo !== true && !passwordUsed && /pass(?:word|wort|code)?|mot de passe|contraseña/i.test(only.prompt) && !/one.?time|otp|verification|token|new password/i.test(only.prompt)) {
      if (password !== null) {
        passwordUsed = true;
        return [password.reveal()];
      }
      if (passwordIsMissing) {
        report.wantsPassword = true;
        onGivenUp();
        return [];
      }
    }
    const question: SshQuestion = { title, instructions, prompts: prompts.map(({ prompt, echo }) => ({ text: prompt, shown: echo === true })) };
    if (ask === null) {
      report.unanswered = { asked: inWords(question), why: 'nobody' };
      return [];
    }
    asking = true;
    onAsking();
    try {
      const answers = await ask(question, signal);
      if (typeof answers === 'string') {
        report.unanswered = { asked: inWords(question), why: answers };
        onGivenUp();
        return [];
      }
      return answers.map((each) => each.reveal());
    } finally {
      asking = false;
      onAsking();
    }
  };

  const attempts: Attempt[] = [];
  for (const method of account.methods ?? usualOrder) {
    if (method === 'publickey') {
      for (const source of account.keys) {
        const key = readKey(source);
        if (typeof key === 'string') report.unusable.push(key);
        else attempts.push({ method, name: `the key ${source.name}`, begin: () => ({ type: 'publickey', username, key }) });
      }
      if (account.agent !== null) {
        const opened = openAgent(account.agent, account.agentKeys ?? null, (why) => report.unusable.push(`the agent does not answer (${why})`));
        agentKeys = () => opened.offered;
        attempts.push({ method, name: theAgent, begin: () => ({ type: 'agent', username, agent: opened.agent }) });
      }
    } else if (method === 'keyboard-interactive' && (ask !== null || password !== null)) {
      attempts.push({
        method,
        name: 'questions of the server',
        begin: () => ({
          type: 'keyboard-interactive',
          username,
          prompt: (name, instructions, _language, prompts, finish) => {
            // No answers where nobody answers: the server then refuses, which ends this attempt and no other.
            answer(name, instructions, prompts).then(finish, () => finish([]));
          },
        }),
      });
    } else if (method === 'password' && password !== null) {
      attempts.push({ method, name: 'the password', begin: () => ({ type: 'password', username, password: password.reveal() }) });
    }
  }

  const used = new Set<Attempt>();
  const handler: AuthHandlerMiddleware = (left, partly, next) => {
    const methods = left as readonly string[] | null;
    if (methods === null) {
      // Asked for nothing, a server says what it takes.
      next({ type: 'none', username });
      return;
    }
    report.offered = methods.slice(0, 20).map((method) => serverText(method, 60));
    if (partly) report.partly = true;
    const attempt = attempts.find((each) => !used.has(each) && methods.includes(each.method));
    if (attempt === undefined) {
      // Whose answers were refused has another trouble than a password.
      if (passwordIsMissing && (questions === 0 || partly)) report.wantsPassword = methods.some((method) => method === 'password' || (method === 'keyboard-interactive' && ask === null));
      // ssh2 takes false for the end; its types do not know it.
      (next as unknown as (end: false) => void)(false);
      return;
    }
    used.add(attempt);
    tried.push(attempt.name);
    next(attempt.begin());
  };
  return {
    handler,
    report,
    get asking() {
      return asking;
    },
  };
}

const whyUnanswered = { nobody: 'there is nobody here who could be asked', declined: 'it was not answered', expired: 'nobody answered in time' } as const;

/** As the settings of a host call them. */
const wayWords: ReadonlyMap<string, string> = new Map([['publickey', 'a key or the agent'], ['password', 'a password'], ['keyboard-interactive', 'its questions, as for one-time codes']]);

/** Why nobody was let in, and what to do, from what was tried. */
export function explainRefusal(user: string, { offered, tried, unusable, partly, unanswered, wantsPassword }: SignInReport): { code: 'ssh.authentication' | 'ssh.question-unanswered' | 'ssh.password-needed'; what: string; hint: string } {
  if (wantsPassword) return { code: 'ssh.password-needed', what: `the password of ${user} is needed.`, hint: whereSecretsAreTyped };
  const code = unanswered === null ? 'ssh.authentication' : 'ssh.question-unanswered';
  const takes = offered === null || offered.length === 0 ? 'it did not say how one signs in' : `it takes ${sentence(offered)}`;
  const was = tried.length === 0 ? 'nothing was tried' : `${unanswered === null ? 'refused' : 'tried'}: ${sentence(tried)}`;
  const keys = unusable.length === 0 ? '' : ` Not tried: ${unusable.join('; ')}.`;
  const asked = unanswered === null ? '' : ` It asked ${unanswered.asked}, and ${whyUnanswered[unanswered.why]}.`;
  const what = `${user} was not let in. ${partly ? 'A first step was accepted, and another one is asked for: ' : ''}${takes[0]?.toUpperCase()}${takes.slice(1)}; ${was}.${keys}${asked}`;
  if (unanswered !== null) return { code, what, hint: 'Test this host where somebody can answer: at the console, or at a terminal. A server waits about two minutes.' };
  if (offered !== null && tried.length === 0 && unusable.length === 0) return { code, what, hint: `Name a way that it takes, in the settings of this host: ${sentence(offered.map((method) => wayWords.get(method) ?? method))}.` };
  if (unusable.length > 0 && tried.length === 0) return { code, what, hint: 'Give the passphrase of the key, or name another key.' };
  return { code, what, hint: `Check the user name, and that one of these keys is in ~${user}/.ssh/authorized_keys there (readable for ${user} alone). The log of its sshd says more.` };
}

/** For tests and for callers that read a file. */
export const keyOf = (name: string, text: string, passphrase: string | null = null): SshKey => ({ name, text: new Secret(text), passphrase: passphrase === null ? null : new Secret(passphrase) });

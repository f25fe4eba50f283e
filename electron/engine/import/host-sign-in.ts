/** What one signs in to a host with, by what its configuration says and by what is there. */
import type { HostSignIn } from '#shared/contract/hosts.ts';
import type { ImportKeyState } from '#shared/contract/imports.ts';
import type { ConfigOwner, ResolvedHost } from '../ssh/config/resolve.ts';
import { keysInAgent, lookAtKey, publicFile } from './key-files.ts';

const mostKeys = 10;
/** As OpenSSH tries them by itself, as far as they are supported. */
const defaultKeys = ['id_rsa', 'id_ecdsa', 'id_ed25519'];
const usable: ReadonlySet<ImportKeyState> = new Set(['ready', 'encrypted', 'in-agent']);

/** What is seen of the person's keys, each looked at once. */
export interface KeyLook {
  /** The public halves of what the agent at a socket holds. */
  inAgent(socket: string | null): Promise<ReadonlySet<string>>;
  stateOf(path: string, socket: string | null): Promise<ImportKeyState>;
}

export function createKeyLook(): KeyLook {
  const agents = new Map<string | null, Promise<ReadonlySet<string>>>();
  const states = new Map<string, ImportKeyState>();
  const look: KeyLook = {
    inAgent(socket) {
      const known = agents.get(socket) ?? keysInAgent(socket);
      agents.set(socket, known);
      return known;
    },
    async stateOf(path, socket) {
      const name = JSON.stringify([path, socket]);
      const known = states.get(name) ?? lookAtKey(path, await look.inAgent(socket));
      states.set(name, known);
      return known;
    },
  };
  return look;
}

/** What one signs in with, and what of it is otherwise than in OpenSSH. */
export interface SigningIn {
  signIn: HostSignIn;
  keys: { path: string; state: ImportKeyState }[];
  cautions: string[];
  /** Why nobody could sign in; null where somebody can. */
  problem: string | null;
}

export async function signInOf(stop: ResolvedHost, look: KeyLook, { person, agent: usual }: { person: Pick<ConfigOwner, 'homeFolder'>; agent: string | null }): Promise<SigningIn> {
  const cautions: string[] = [];
  const allows = (method: string): boolean => stop.methods === null || stop.methods.includes(method);
  const named = stop.identityFiles;
  const agent = !allows('publickey') || stop.identityAgent === 'none' ? null : stop.identityAgent === 'default' ? usual : stop.identityAgent.path;
  const inAgent = (await look.inAgent(agent)).size;
  const looked: SigningIn['keys'] = [];
  for (const path of named ?? defaultKeys.map((name) => `${person.homeFolder}/.ssh/${name}`)) looked.push({ path, state: await look.stateOf(path, agent) });
  // Of those that OpenSSH tries by itself only what is there is worth a word.
  const keys = allows('publickey') ? looked.filter(({ state }) => named !== null || usable.has(state)) : [];

  const needsAgent = keys.some(({ state }) => state === 'in-agent');
  const usesAgent = agent !== null && (needsAgent || !stop.identitiesOnly);
  // Which of its keys the agent may offer is told by files: the public halves are enough.
  const isChosen = usesAgent && stop.identitiesOnly;
  // A passphrase is asked for before anything is tried: not for a key that nobody chose, where another one is at hand.
  const isSpare = (state: ImportKeyState): boolean => state === 'encrypted' && named === null && (needsAgent || keys.some((key) => key.state === 'ready') || (usesAgent && inAgent > 0));
  const files = keys.filter(({ state }) => (state === 'ready' || state === 'encrypted' || (state === 'in-agent' && isChosen)) && !isSpare(state));
  if (files.length > mostKeys) cautions.push(`Only the first ${mostKeys} of its ${files.length} key files are tried.`);
  for (const { path, state } of keys) {
    if (isSpare(state)) cautions.push(`${path} is left out: it wants a passphrase, and there are other keys.`);
    else if (state === 'encrypted') cautions.push(`The passphrase of ${path} is asked for at each start.`);
  }
  if (usesAgent && inAgent === 0 && (files.length === 0 || agent !== usual)) cautions.push(`The agent${agent === usual ? '' : ` at ${agent}`} holds no key just now.`);
  const isTyped = files.length === 0 && !usesAgent;
  const usesPassword = isTyped && allows('password');
  const usesQuestions = isTyped && !usesPassword && allows('keyboard-interactive');
  const signIn: HostSignIn = {
    keys: files.slice(0, mostKeys).map(({ path, state }) => ({ path: state === 'in-agent' ? publicFile(path) : path, passphrase: { source: state === 'encrypted' ? 'ask' : 'none' } })),
    agent: usesAgent,
    ...(usesAgent && agent !== null && agent !== usual ? { agentSocket: agent } : {}),
    ...(isChosen ? { identitiesOnly: true } : {}),
    password: { source: usesPassword ? 'ask' : 'none' },
    ...(usesQuestions ? { questions: true } : allows('keyboard-interactive') ? {} : { questions: false }),
  };
  const missing = named === null ? 'there is no key in ~/.ssh and no agent' : 'none of its key files can be used and no agent is asked';
  if (usesPassword) cautions.push(`Its password is asked for${allows('keyboard-interactive') ? ', or whatever else it asks, as a one-time code' : ''}: ${missing}.`);
  if (usesQuestions) cautions.push(`What it asks has to be answered: ${missing}.`);
  return { signIn, keys, cautions, problem: isTyped && !usesPassword && !usesQuestions ? `Nobody could sign in: ${missing}, and it is set to take no password.` : null };
}

/** The agent of this computer, which signs with keys that it shows nobody. */
import ssh2, { type BaseAgent, type ParsedKey } from 'ssh2';
import { serverText } from './server-text.ts';

export interface AgentKeys {
  agent: BaseAgent;
  /** What it held and was offered, by the comments of the keys. Null: it was not asked, or does not answer. */
  readonly offered: readonly string[] | null;
}

/**
 * An agent that offers what it is allowed to, and says what that was.
 * @param only keys in base64 of the wire format; null: all that it holds
 * @param onFailure told why it does not answer; other ways of signing in go on
 */
export function openAgent(socket: string, only: readonly string[] | null, onFailure: (why: string) => void): AgentKeys {
  const agent = ssh2.createAgent(socket);
  const ask = agent.getIdentities.bind(agent);
  let offered: string[] | null = null;
  agent.getIdentities = (done) => {
    ask((error, found) => {
      if (error) {
        onFailure(error.message);
        done(null, []);
        return;
      }
      const keys = (found ?? []).map((key) => ssh2.utils.parseKey(key as Buffer)).filter((key): key is ParsedKey => !(key instanceof Error) && !Array.isArray(key));
      const allowed = keys.filter((key) => only === null || only.includes(key.getPublicSSH().toString('base64')));
      offered = allowed.map(({ comment, type }) => serverText(comment, 80) || type);
      done(null, allowed);
    });
  };
  return {
    agent,
    get offered() {
      return offered;
    },
  };
}

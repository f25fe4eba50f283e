/** A server on 127.0.0.1 that asks by keyboard-interactive, or takes a password, with ssh2's own server; its commands are run by /bin/sh. */
import { spawn } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import ssh2, { type KeyboardAuthContext, type Prompt } from 'ssh2';
import type { KnownHostKey } from '#shared/domain/host-trust.ts';

/** One question with what is to be answered. */
export interface Round {
  title?: string;
  instructions?: string;
  prompts: { text: string; shown: boolean; answer: string }[];
}

export interface AskingServer {
  port: number;
  key: KnownHostKey;
  /** Answers that came, round by round. */
  answered: string[][];
  /** Passwords that came. */
  passwords: string[];
  close(): void;
}

/** @param password which it takes; left out: it takes none. Without rounds it asks nothing. */
export async function startAskingServer(rounds: readonly Round[], { password }: { password?: string } = {}): Promise<AskingServer> {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048, privateKeyEncoding: { type: 'pkcs1', format: 'pem' }, publicKeyEncoding: { type: 'pkcs1', format: 'pem' } });
  const parsed = ssh2.utils.parseKey(privateKey);
  if (parsed instanceof Error) throw parsed;
  const answered: string[][] = [];
  const passwords: string[] = [];
  const takes: ('keyboard-interactive' | 'password')[] = [...(rounds.length === 0 ? [] : ['keyboard-interactive' as const]), ...(password === undefined ? [] : ['password' as const])];
  const askFrom = (context: KeyboardAuthContext, index: number): void => {
    const round = rounds[index];
    if (round === undefined) {
      context.accept();
      return;
    }
    context.prompt(round.prompts.map(({ text, shown }): Prompt => ({ prompt: text, echo: shown })), round.title ?? '', round.instructions ?? '', (answers) => {
      answered.push(answers);
      if (answers.join('\0') === round.prompts.map(({ answer }) => answer).join('\0')) askFrom(context, index + 1);
      else context.reject(takes);
    });
  };
  const server = new ssh2.Server({ hostKeys: [privateKey] }, (client) => {
    client.on('error', () => {});
    client.on('authentication', (context) => {
      if (context.method === 'keyboard-interactive' && rounds.length > 0) return askFrom(context, 0);
      if (context.method !== 'password') return context.reject(takes);
      passwords.push(context.password);
      if (context.password === password) context.accept();
      else context.reject(takes);
    });
    client.on('session', (accept) => {
      accept().on('exec', (acceptExec, _reject, { command }) => {
        const channel = acceptExec();
        const child = spawn('/bin/sh', ['-c', command]);
        child.stdout.pipe(channel, { end: false });
        child.stderr.pipe(channel.stderr, { end: false });
        channel.pipe(child.stdin);
        child.on('close', (status) => {
          channel.exit(status ?? 1);
          channel.end();
        });
      });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const key = Array.isArray(parsed) ? parsed[0] : parsed;
  return { port: (server.address() as { port: number }).port, key: { type: 'ssh-rsa', key: key?.getPublicSSH().toString('base64') ?? '', revoked: false }, answered, passwords, close: () => void server.close() };
}

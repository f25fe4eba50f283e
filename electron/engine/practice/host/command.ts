/** One command on the practice host: a process group of its own, which ends when nobody listens to it any more. */
import type { Duplex, Readable, Writable } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import type { ServerChannel } from 'ssh2';
import { graceMs, spawnOnLifeline } from '../../children/lifeline.ts';
import { registerChild } from '../../children/registry.ts';
import { signalGroup } from '../../platform/children.ts';

/** Milliseconds that a job has to move to a session of its own, once the command that began it has ended. */
const moveMs = 500;

/** Signals that a client may send. */
const signals: Record<string, NodeJS.Signals> = { TERM: 'SIGTERM', KILL: 'SIGKILL', INT: 'SIGINT', HUP: 'SIGHUP', QUIT: 'SIGQUIT' };

export interface RunningCommand {
  /** Sends a signal, by its name in SSH, to the whole group. @returns whether it is one that may be sent */
  signal(name: string): boolean;
  /** Nobody listens any more: ends the group. */
  end(): void;
  /** When nothing of its group is left but what ends just now. */
  ended: Promise<void>;
}

/**
 * ssh2 keeps the last chunk of a channel that had to wait for room, and sends it once more when one of standard error
 * has to wait. It was sent: what is written here is written one after the other.
 */
function forgetSentChunk(channel: ServerChannel): void {
  Object.assign(channel, { _chunk: undefined, _chunkcb: undefined });
}

/** Runs a command of `/bin/sh`, and tells the channel what it says and how it ends. */
export function runCommand(channel: ServerChannel, command: string, { home, environment }: { home: string; environment: Record<string, string> }): RunningCommand {
  const child = spawnOnLifeline({ command: '/bin/sh', args: ['-c', command], cwd: home, env: environment, user: undefined, stdin: 'pipe' });
  const { stdin, stdout, stderr } = child.process as { stdin: Writable; stdout: Readable; stderr: Readable };
  let isOver = false;
  let isAbandoned = false;

  // What a command does not read is thrown away, so that the end of the channel is seen behind it.
  stdin.on('error', () => {});
  stdin.once('close', () => channel.unpipe(stdin).resume());
  channel.pipe(stdin);
  channel.on('error', () => {});

  let turn: Promise<void> = Promise.resolve();
  const send = (target: Writable, chunk: Buffer): Promise<void> => {
    turn = turn.then(
      () =>
        new Promise((resolve) => {
          if (target === channel.stderr) forgetSentChunk(channel);
          target.write(chunk, () => resolve());
        }),
    );
    return turn;
  };
  const carry = async (from: Readable, to: Writable): Promise<void> => {
    for await (const chunk of from) await send(to, chunk as Buffer);
  };

  const exited = new Promise<number | string>((resolve) => {
    // As a shell says that it could not start something.
    child.process.once('error', () => resolve(127));
    child.process.once('exit', (status, signal) => resolve(status ?? (signal ?? '').replace(/^SIG/, '')));
  });
  const lifeline = child.process.stdio[3] as Duplex;
  let isWatched = true;
  lifeline.once('close', () => (isWatched = false)).resume();
  const ended = exited.then(async () => {
    isOver = true;
    if (!isAbandoned) await pause(moveMs);
    // What it left in its group has lost its purpose. As long as the watcher is there, the group has its number.
    if (isWatched) child.signalGroup('SIGKILL');
    lifeline.destroy();
  });
  void Promise.all([exited, carry(stdout, channel), carry(stderr, channel.stderr)]).then(
    ([how]) => {
      channel.exit(how as number);
      channel.end();
    },
    // Its streams were destroyed because nobody listens any more.
    () => channel.close(),
  );

  const end = (): void => {
    if (isAbandoned || isOver) return;
    isAbandoned = true;
    stdout.destroy();
    stderr.destroy();
    child.signalGroup('SIGTERM');
    const timer = setTimeout(() => child.signalGroup('SIGKILL'), graceMs);
    void exited.then(() => clearTimeout(timer));
  };
  registerChild(end, ended);
  return {
    signal(name) {
      const signal = signals[name];
      if (signal === undefined || isOver || child.process.pid === undefined) return false;
      return signalGroup(child.process.pid, signal);
    },
    end,
    ended,
  };
}

/** `utilityProcess`: a real process, whose end of the line is in utility-shim.ts. */
import { fork, type ChildProcess } from 'node:child_process';
import { constants } from 'node:os';
import { fileURLToPath } from 'node:url';
import { app } from './app.ts';
import { asReal, createEvent, Emitter, faithful, type Events } from './faithful.ts';
import { takeEnds } from './main-ports.ts';
import { createRemotePorts, isPortMessage, type PortMessage } from './remote-ports.ts';

interface UtilityEvents {
  spawn: [];
  message: [message: unknown];
  error: [type: 'FatalError', location: string, report: string];
  exit: [code: number];
}
const utilityEvents: Events<Electron.UtilityProcess['on'], UtilityEvents> = { spawn: true, message: true, error: true, exit: true };

export type ToUtility = { told: unknown; ports: number[] } | PortMessage;
export type FromUtility = { said: unknown } | PortMessage;

const mostPatienceMs = 2000;
const shim = fileURLToPath(new URL('utility-shim.ts', import.meta.url));
const running = new Set<UtilityProcessDouble>();

class UtilityProcessDouble extends Emitter<UtilityEvents> implements Pick<Electron.UtilityProcess, 'postMessage' | 'kill' | 'pid' | 'stdout' | 'stderr'> {
  readonly child: ChildProcess;
  readonly name: string;
  pid: number | undefined;
  stdout: NodeJS.ReadableStream | null;
  stderr: NodeJS.ReadableStream | null;
  private isKilled = false;
  private readonly ports = createRemotePorts((message) => this.send(message), 0);

  constructor(modulePath: string, args: string[], options: Electron.ForkOptions) {
    super('UtilityProcess', utilityEvents);
    this.name = options.serviceName ?? 'Node Utility Process';
    this.child = fork(modulePath, args, {
      execArgv: ['--import', shim, ...(options.execArgv ?? [])],
      env: (options.env as NodeJS.ProcessEnv | undefined) ?? process.env,
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
      serialization: 'advanced',
      stdio: ['ignore', options.stdio === 'pipe' || options.stdio === 'ignore' ? options.stdio : 'inherit', options.stdio === 'pipe' || options.stdio === 'ignore' ? options.stdio : 'inherit', 'ipc'],
    });
    this.stdout = this.child.stdout;
    this.stderr = this.child.stderr;
    running.add(this);
    this.child.once('spawn', () => {
      this.pid = this.child.pid;
      this.tell('spawn');
    });
    this.child.on('message', (message: FromUtility) => {
      if (isPortMessage(message)) this.ports.receive(message);
      else this.tell('message', message.said);
    });
    this.child.once('exit', (code, signal) => this.ended(code ?? constants.signals[signal ?? 'SIGKILL'], signal));
  }

  private ended(code: number, signal: NodeJS.Signals | null): void {
    running.delete(this);
    this.ports.closeAll();
    const reason = signal === 'SIGTERM' || signal === 'SIGKILL' ? 'killed' : signal === null ? (code === 0 ? 'clean-exit' : 'abnormal-exit') : 'crashed';
    // Whoever killed it itself is told that it ended in order.
    this.tell('exit', this.isKilled && (signal === 'SIGTERM' || signal === 'SIGKILL') ? 0 : code);
    this.pid = undefined;
    this.stdout = null;
    this.stderr = null;
    if (reason !== 'clean-exit') app.tell('child-process-gone', createEvent({}), { type: 'Utility', reason, exitCode: code, serviceName: 'node.mojom.NodeService', name: this.name });
  }
  private send(message: ToUtility): void {
    if (this.child.connected) this.child.send(message, () => {}); // One that ends meanwhile hears nothing, as with Electron.
  }
  /** What V8 cannot go on after. Whoever does not listen has it thrown at them. */
  meetFatalError(): void {
    setImmediate(() => {
      try {
        this.tell('error', 'FatalError', 'v8::ToLocalChecked', JSON.stringify({ environmentVariables: process.env }));
      } finally {
        this.child.kill('SIGABRT');
      }
    });
  }
  postMessage(message: unknown, transfer: Electron.MessagePortMain[] = []): void {
    const ports = takeEnds(transfer).map((end) => this.ports.give(end));
    this.send({ told: structuredClone(message), ports });
  }
  /** In order; by force where it takes longer than Chromium waits. */
  kill(): boolean {
    if (this.pid === undefined) return false;
    this.isKilled = this.child.kill('SIGTERM');
    setTimeout(() => this.child.kill('SIGKILL'), mostPatienceMs).unref();
    return this.isKilled;
  }
}

export const utilityProcess = faithful('utilityProcess', {
  fork(modulePath: string, args: string[] = [], options: Electron.ForkOptions = {}): Electron.UtilityProcess {
    if (!app.isReady()) throw new Error('utilityProcess cannot be created before app is ready.');
    return asReal(new UtilityProcessDouble(modulePath, args, options));
  },
} satisfies Pick<typeof Electron.UtilityProcess, 'fork'>);

export const utilityHands = {
  meetFatalError: () => running.forEach((utility) => utility.meetFatalError()),
  utilities: () => [...running].flatMap(({ pid, name }) => (pid === undefined ? [] : [{ pid, name }])),
};

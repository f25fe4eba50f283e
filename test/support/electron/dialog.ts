/** `dialog`: each stands until the test answers it. */
import { app } from './app.ts';
import { asReal, faithful } from './faithful.ts';
import { screenSide } from './to-screen.ts';
import { BrowserWindowDouble } from './windows.ts';

export type DialogKind = 'open' | 'save' | 'message';

export interface ShownDialog {
  kind: DialogKind;
  /** The window that it belongs to, or null. */
  window: number | null;
  options: Record<string, unknown>;
}

interface Waiting extends ShownDialog {
  answer(value: object): void;
}

const waiting: Waiting[] = [];

/** Stands until somebody answers, the window that it belongs to goes, or its signal aborts. */
function stand<Answer extends object>(kind: DialogKind, args: readonly unknown[], cancelled: (options: Record<string, unknown>) => Answer): Promise<Answer> {
  if (!app.isReady()) throw new Error('dialog module can only be used after app is ready');
  const [first, second] = args;
  const window = first instanceof BrowserWindowDouble ? first : null;
  const options = ((window === null ? first : second) ?? {}) as Record<string, unknown>;
  return new Promise((resolve) => {
    const entry: Waiting = { kind, window: window?.id ?? null, options: withoutSignal(options), answer: (value) => finish(asReal(value)) };
    const finish = (answer: Answer): void => {
      const at = waiting.indexOf(entry);
      if (at === -1) return;
      waiting.splice(at, 1);
      window?.off('closed', cancel);
      resolve(answer);
    };
    const cancel = (): void => finish(cancelled(options));
    waiting.push(entry);
    window?.once('closed', cancel);
    (options['signal'] as AbortSignal | undefined)?.addEventListener('abort', cancel, { once: true });
  });
}

function withoutSignal({ signal: _signal, ...options }: Record<string, unknown>): Record<string, unknown> {
  return options;
}

export const dialog = faithful('dialog', {
  showOpenDialog: ((...args: unknown[]) => stand('open', args, () => ({ canceled: true, filePaths: [] }))) as Electron.Dialog['showOpenDialog'],
  showSaveDialog: ((...args: unknown[]) => stand('save', args, () => ({ canceled: true, filePath: '' }))) as Electron.Dialog['showSaveDialog'],
  showMessageBox: ((...args: unknown[]) => stand('message', args, (options) => ({ response: (options['cancelId'] as number | undefined) ?? 0, checkboxChecked: false }))) as Electron.Dialog['showMessageBox'],
  showErrorBox(title: string, content: string) {
    // Before it is ready Electron can only print it.
    if (app.isReady()) void screenSide.errorBox({ title, content });
    else process.stderr.write(`${title}\n${content}\n`);
  },
} satisfies Pick<Electron.Dialog, 'showOpenDialog' | 'showSaveDialog' | 'showMessageBox' | 'showErrorBox'>);

export const dialogHands = {
  dialogs: (): ShownDialog[] => waiting.map(({ kind, window, options }) => ({ kind, window, options })),
  /** Answers the one that has stood longest. @returns what was asked */
  answerDialog(answer: object): ShownDialog {
    const [first] = waiting;
    if (first === undefined) throw new Error('No dialog is shown.');
    const { kind, window, options } = first;
    first.answer(answer);
    return { kind, window, options };
  },
};

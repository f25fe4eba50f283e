/** What a page may ask of the main process. Nothing is looked at before it is known who asks. */
import { clipboard, dialog, ipcMain, type BrowserWindow, type IpcMainEvent, type IpcMainInvokeEvent, type MessagePortMain } from 'electron';
import type { z } from 'zod';
import { appOrigin, copyRequest, ipc, pickRequest, type EngineState } from '#shared/contract/desktop.ts';

interface Answers {
  /** Null: it is closed. */
  window(): BrowserWindow | null;
  engineState(): EngineState;
  startEngine(): void;
  /** A line of the page to the engine. */
  line(port: MessagePortMain): void;
  refused(what: string): void;
}

/** Whether it is the page itself that asks: the main frame of our window, at our origin, still there. */
function isFromPage({ sender, senderFrame }: Pick<IpcMainEvent, 'sender' | 'senderFrame'>, window: BrowserWindow | null): boolean {
  return window !== null && !window.isDestroyed() && sender === window.webContents && senderFrame !== null && senderFrame.parent === null && senderFrame.origin === appOrigin;
}

export function answerPage(answers: Answers): void {
  const { window, refused } = answers;
  const handle = <Input>(channel: string, schema: z.ZodType<Input> | null, work: (input: Input) => unknown): void => {
    ipcMain.handle(channel, (event: IpcMainInvokeEvent, ...said: unknown[]) => {
      if (!isFromPage(event, window())) {
        refused(channel);
        throw new Error('Refused: this is not the page of Pilothouse.');
      }
      if (schema === null) {
        if (said.length > 0) throw new Error(`Refused: ${channel} is asked with nothing.`);
        return work(undefined as Input);
      }
      const parsed = schema.safeParse(said[0]);
      if (!parsed.success || said.length !== 1) throw new Error(`Refused: ${channel} was asked with something that it does not take.`);
      return work(parsed.data);
    });
  };

  handle(ipc.pickPath, pickRequest, async ({ what, title }) => {
    const current = window();
    if (current === null) return null;
    const { canceled, filePaths } = await dialog.showOpenDialog(current, { title, properties: what === 'folder' ? ['openDirectory', 'createDirectory'] : ['openFile', 'showHiddenFiles'] });
    return canceled ? null : (filePaths[0] ?? null);
  });
  handle(ipc.copyText, copyRequest, (text) => clipboard.writeText(text));
  handle(ipc.engineState, null, () => answers.engineState());
  handle(ipc.startEngine, null, () => answers.startEngine());

  ipcMain.on(ipc.connect, (event) => {
    const [port, ...more] = event.ports;
    if (port === undefined) return;
    if (isFromPage(event, window()) && more.length === 0) return answers.line(port);
    refused(ipc.connect);
    for (const each of event.ports) each.close();
  });
}

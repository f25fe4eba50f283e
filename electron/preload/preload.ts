/** What the page is given of the window around it: these named functions, frozen, and nothing that they are made of. */
import { contextBridge, ipcRenderer } from 'electron';
// Types, and names without zod: a preload script is parsed before every page.
import type { DesktopBridge, EngineState, WindowWish } from '#shared/contract/desktop.ts';
import { ipc, lineGreeting } from '#shared/domain/desktop-channels.ts';

const bridge: DesktopBridge = {
  platform: process.platform as DesktopBridge['platform'],

  connect: ({ message, close }) =>
    new Promise((resolve, reject) => {
      const { port1: here, port2: there } = new MessageChannel();
      let stands = false;
      here.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
        if (stands) return message(String(data));
        if (data !== lineGreeting) return;
        stands = true;
        resolve({ send: (text) => here.postMessage(text), close: () => here.close() });
      });
      here.addEventListener('close', () => {
        if (stands) close();
        else reject(new Error('The engine does not answer.'));
      });
      here.start();
      ipcRenderer.postMessage(ipc.connect, null, [there]);
    }),

  pickPath: (request) => ipcRenderer.invoke(ipc.pickPath, request) as Promise<string | null>,
  copyText: (text) => ipcRenderer.invoke(ipc.copyText, text) as Promise<void>,
  onEngineState: (listener) => {
    ipcRenderer.on(ipc.engineStateChanged, (_event, state: EngineState) => listener(state));
    void (ipcRenderer.invoke(ipc.engineState) as Promise<EngineState>).then(listener);
  },
  startEngine: () => ipcRenderer.invoke(ipc.startEngine) as Promise<void>,
  onWish: (listener) => void ipcRenderer.on(ipc.wish, (_event, wish: WindowWish) => listener(wish)),
};

contextBridge.exposeInMainWorld('pilothouse', bridge);

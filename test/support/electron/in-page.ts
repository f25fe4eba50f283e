/** What stands in the page's own world before any script of its: what its preload script exposed, by calls that wait. */
import { createCrossing, type Crossed, type CrossingMessage } from './crossing.ts';

/** Where calls of the page go that wait for their answer, on its own origin. */
export const callPath = '/__double_of_electron/';
export const pullBinding = '__doubleOfElectronPull';
export const titleBinding = '__doubleOfElectronTitle';

interface Names {
  callPath: string;
  pullBinding: string;
  titleBinding: string;
}

/** Runs in the page, from its source: it may use nothing from outside of itself. */
function install(makeCrossing: typeof createCrossing, names: Names): void {
  // A preload script runs in the main frame alone, as long as nodeIntegrationInSubFrames is off.
  if (!/^https:\/\/.*\.invalid$/.test(window.location.origin) || window !== window.top) return;
  const bindings = window as unknown as Record<string, (...args: unknown[]) => Promise<CrossingMessage[]>>;
  const { [names.pullBinding]: pull, [names.titleBinding]: tellTitle } = bindings;
  if (pull === undefined || tellTitle === undefined) return;
  delete bindings[names.pullBinding];
  delete bindings[names.titleBinding];
  const id = crypto.randomUUID();
  const ask = (what: string, said: object): unknown => {
    const request = new XMLHttpRequest();
    request.open('POST', names.callPath + what, false);
    request.send(JSON.stringify({ document: id, ...said }));
    const answer = JSON.parse(request.responseText) as { value: unknown } | { message: string };
    if ('message' in answer) throw new Error(answer.message);
    return answer.value;
  };
  const crossing = makeCrossing((fn, args) => ask('call', { fn, args }) as Crossed, null);
  for (const { key, value } of ask('begin', { url: window.location.href }) as { key: string; value: Crossed }[]) {
    Object.defineProperty(window, key, { value: crossing.in(value, true), enumerable: true, writable: false, configurable: false });
  }
  window.open = (url = '', name = '', features = '') => {
    ask('open', { url: url === '' ? 'about:blank' : new URL(String(url), document.baseURI).href, name, features });
    return null;
  };
  document.addEventListener('DOMContentLoaded', () => {
    let told = '';
    const tell = (): void => {
      if (document.title !== told) void tellTitle((told = document.title));
    };
    new MutationObserver(tell).observe(document.documentElement, { subtree: true, childList: true, characterData: true });
    tell();
  });
  const listen = async (): Promise<void> => {
    for (;;) {
      const messages = await pull(id);
      for (const message of messages) {
        try {
          crossing.receive(message);
        } catch (error) {
          reportError(error);
        }
      }
    }
  };
  // Ends when the main process does.
  listen().catch(() => {});
}

export function pageScript(): string {
  return `(${install.toString()})(${createCrossing.toString()}, ${JSON.stringify({ callPath, pullBinding, titleBinding } satisfies Names)})`;
}

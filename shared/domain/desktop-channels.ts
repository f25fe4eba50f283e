/** Names that the desktop's page, its preload script and the main process share. */

/** The messages between a page's preload script and the main process. */
export const ipc = {
  /** From the page, with one port: a line to the engine. */
  connect: 'pilothouse:connect',
  /** Asked by the page, answered by the main process. */
  pickPath: 'pilothouse:pick-path',
  copyText: 'pilothouse:copy-text',
  engineState: 'pilothouse:engine-state',
  startEngine: 'pilothouse:start-engine',
  /** To the page. */
  engineStateChanged: 'pilothouse:engine-state-changed',
  wish: 'pilothouse:wish',
} as const;

/** What the engine posts on a new line before any frame: somebody serves it. */
export const lineGreeting = 'ready';

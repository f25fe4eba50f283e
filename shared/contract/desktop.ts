/**
 * What the desktop adds to the contract: what the page may ask of the window around it (the bridge), and what the main
 * process and the engine's process say to each other. Frames of the contract itself travel over a port of their own,
 * from the page to the engine's process; the main process hands its two ends out and reads none of it.
 */
import { z } from 'zod';
import { errorShape, id } from './common.ts';

export { ipc, lineGreeting } from '../domain/desktop-channels.ts';

/** The one origin of the window. Its scheme is ours, registered as standard and secure. */
export const appScheme = 'app';
export const appOrigin = 'app://pilothouse';

/** Places of the console that menus and notifications lead to, and two of its own overlays. */
const place = z.string().startsWith('/').max(500);

/** How the engine's process is doing, as the window tells it. */
export const engineState = z.discriminatedUnion('state', [
  z.object({ state: z.literal('starting') }),
  z.object({
    state: z.literal('running'),
    /** When it broke down and was started anew, of the life of this window; null where it never did. */
    restartedAt: z.number().nullable(),
    /** Whether the engine is another process's (a command line, the console in a browser), which this window attached to. */
    attached: z.boolean(),
  }),
  /** It could not be started, or broke down again: nothing happens until somebody asks for it. */
  z.object({ state: z.literal('failed'), error: errorShape }),
]);
export type EngineState = z.infer<typeof engineState>;

/** What a menu or a notification asks the page for. */
export const windowWish = z.discriminatedUnion('wish', [z.object({ wish: z.literal('go'), place }), z.object({ wish: z.literal('palette') }), z.object({ wish: z.literal('shortcuts') })]);
export type WindowWish = z.infer<typeof windowWish>;

export const pickRequest = z.strictObject({ what: z.enum(['file', 'folder']), title: z.string().min(1).max(200) });
export type PickRequest = z.infer<typeof pickRequest>;

/** Text for the clipboard, in characters at most: an operation's whole log fits. */
export const copyRequest = z.string().max(8 * 1024 * 1024);

/** One line to the engine, as the page holds it. */
export interface BridgeLine {
  send(text: string): void;
  close(): void;
}

/**
 * What the preload script puts into the page as `window.pilothouse`: named functions and nothing else. The page has no
 * other way out of its sandbox.
 */
export interface DesktopBridge {
  readonly platform: 'darwin' | 'linux' | 'win32';
  /** Opens a line to the engine. Resolves when the engine answers on it; rejects when it was closed before that. */
  connect(listeners: { message: (text: string) => void; close: () => void }): Promise<BridgeLine>;
  /** The operating system's own dialog. Null: it was cancelled. */
  pickPath(request: PickRequest): Promise<string | null>;
  copyText(text: string): Promise<void>;
  /** Calls at once with how the engine is doing, and whenever that changes. */
  onEngineState(listener: (state: EngineState) => void): void;
  /** Starts the engine that failed. */
  startEngine(): Promise<void>;
  onWish(listener: (wish: WindowWish) => void): void;
}

/** From the main process to the engine's. */
export const toEngine = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('start'),
    /** The data folder. */
    home: z.string().min(1),
    /** Names the keychain of this computer; null where there is none that counts. */
    keychain: z.string().min(1).nullable(),
    /** What a person should know about what this window cannot do here, in words. */
    notices: z.array(z.string().max(1000)),
    /** How a script of ours is run: the command, and what comes before the script's name and its arguments. */
    scripts: z.strictObject({ command: z.string().min(1), args: z.array(z.string()) }),
  }),
  /** With one port: a window's line. */
  z.strictObject({ type: z.literal('line') }),
  /** What the keychain made of an `ask`, in base64; or why it could not. */
  z.strictObject({ type: z.literal('answer'), id, value: z.string().nullable(), problem: z.string().nullable() }),
  z.strictObject({ type: z.literal('power'), event: z.enum(['suspend', 'resume']) }),
  /** Cancels what runs, cleans up, says `closed`. */
  z.strictObject({ type: z.literal('close') }),
]);
export type ToEngine = z.infer<typeof toEngine>;

/** From the engine's process to the main process. */
export const fromEngine = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('ready'), attached: z.boolean() }),
  z.strictObject({ type: z.literal('failed'), error: errorShape }),
  /** Bytes for the keychain, in base64. */
  z.strictObject({ type: z.literal('ask'), id, what: z.enum(['wrap', 'unwrap']), value: z.string().max(10_000) }),
  z.strictObject({ type: z.literal('notify'), title: z.string().max(500), body: z.string().max(2000), place }),
  /** What is under way, by title: the computer is kept awake meanwhile, and whoever quits is told. */
  z.strictObject({ type: z.literal('working'), titles: z.array(z.string()) }),
  /** How many things need a person now, and the worst of them in words. */
  z.strictObject({ type: z.literal('attention'), count: z.number().int().nonnegative(), worst: z.string().nullable() }),
  z.strictObject({ type: z.literal('theme'), theme: z.enum(['system', 'light', 'dark']) }),
  z.strictObject({ type: z.literal('closed') }),
]);
export type FromEngine = z.infer<typeof fromEngine>;

/** The computer that the application finds itself on, as a test wants it. */

export interface DisplayOfTest {
  id: number;
  bounds: { x: number; y: number; width: number; height: number };
  workArea: { x: number; y: number; width: number; height: number };
}

export type LinuxKeychain = 'basic_text' | 'gnome_libsecret' | 'kwallet' | 'kwallet5' | 'kwallet6' | 'unknown';

export interface Surroundings {
  /** What the main process takes its system for: its menus and what becomes of windows. Files and processes stay as they are here. */
  platform: 'darwin' | 'linux' | 'win32';
  packaged: boolean;
  version: string;
  theme: 'light' | 'dark';
  /** Whether the desktop shows notifications at all. */
  notifications: boolean;
  displays: DisplayOfTest[];
  /** Whether a window paints only once it is shown, as under Wayland. */
  paintsShownAlone: boolean;
  keychain: {
    backend: LinuxKeychain;
    /** What the keychain keeps for this application: with another one nothing of before can be read. */
    secret: string;
    /** `locked` refuses, `silent` never answers; `plain` encrypts under the password that everybody knows, whatever was selected. */
    answers: 'yes' | 'plain' | 'locked' | 'silent';
  };
}

/** By which the screen hands the surroundings to the browser process, as JSON; taken out before anything else runs. */
export const surroundingsVariable = 'PILOTHOUSE_ELECTRON_DOUBLE';

export function usualSurroundings(): Surroundings {
  return {
    platform: 'linux',
    packaged: false,
    version: '0.1.0',
    theme: 'light',
    notifications: true,
    displays: [{ id: 1, bounds: { x: 0, y: 0, width: 1920, height: 1080 }, workArea: { x: 0, y: 0, width: 1920, height: 1040 } }],
    paintsShownAlone: false,
    keychain: { backend: 'gnome_libsecret', secret: 'of this computer', answers: 'yes' },
  };
}

const handed = process.env[surroundingsVariable];
delete process.env[surroundingsVariable];

/** Of this process. What a test changes later (a theme, a display) is changed here. */
export const surroundings: Surroundings = handed === undefined ? usualSurroundings() : (JSON.parse(handed) as Surroundings);
/** Whether a screen is on the other end of this process's channel; elsewhere windows stay in the dark. */
export const hasScreen: boolean = handed !== undefined;

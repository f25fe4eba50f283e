/** `nativeTheme`: light or dark, by the desktop or by the application. */
import { Emitter, faithful, type Events } from './faithful.ts';
import { surroundings, type Surroundings } from './surroundings.ts';

interface ThemeEvents {
  updated: [];
}
const themeEvents: Events<Electron.NativeTheme['on'], ThemeEvents> = { updated: true };

class NativeThemeDouble extends Emitter<ThemeEvents> implements Pick<Electron.NativeTheme, 'themeSource' | 'shouldUseDarkColors' | 'shouldUseHighContrastColors' | 'inForcedColorsMode'> {
  readonly shouldUseHighContrastColors = false;
  readonly inForcedColorsMode = false;
  private source: Electron.NativeTheme['themeSource'] = 'system';

  constructor() {
    super('nativeTheme', themeEvents);
  }
  get themeSource(): Electron.NativeTheme['themeSource'] {
    return this.source;
  }
  set themeSource(source: Electron.NativeTheme['themeSource']) {
    if (!['system', 'light', 'dark'].includes(source)) throw new TypeError(`Error processing argument: ${source}`);
    const before = this.shouldUseDarkColors;
    this.source = source;
    if (this.shouldUseDarkColors !== before) this.tell('updated');
  }
  get shouldUseDarkColors(): boolean {
    return (this.source === 'system' ? surroundings.theme : this.source) === 'dark';
  }
  /** The desktop changes its own. */
  desktopBecomes(theme: Surroundings['theme']): void {
    surroundings.theme = theme;
    this.tell('updated');
  }
}

export const nativeTheme = faithful('nativeTheme', new NativeThemeDouble());

export const themeHands = {
  setTheme: (theme: Surroundings['theme']) => nativeTheme.desktopBecomes(theme),
  themeState: () => ({ source: nativeTheme.themeSource, dark: nativeTheme.shouldUseDarkColors }),
};

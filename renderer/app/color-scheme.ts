import { localStorageColorSchemeManager, useMantineColorScheme } from '@mantine/core';
import { useEffect } from 'react';
import type { Settings } from '#shared/contract/app.ts';
import { useMethod } from '../transport/use-method.ts';

/** Kept beside the page too, so that it opens in the right theme before the engine has answered. */
export const colorSchemes = localStorageColorSchemeManager({ key: 'pilothouse.theme' });

const schemes = { system: 'auto', light: 'light', dark: 'dark' } as const satisfies Record<Settings['theme'], string>;

/** Shows the theme that the settings name. */
export function useSettingsTheme(): void {
  const settings = useMethod('settings.get', {});
  const { setColorScheme } = useMantineColorScheme();
  const theme = settings.data?.settings.theme;
  useEffect(() => {
    if (theme !== undefined) setColorScheme(schemes[theme]);
  }, [theme, setColorScheme]);
}

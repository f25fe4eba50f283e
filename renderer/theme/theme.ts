/** Mantine bound to the tokens. The tuples serve what computes colours; text and fills come from tokens.css. */
import { createTheme, Modal, Tooltip } from '@mantine/core';
import type { CSSVariablesResolver } from '@mantine/core';

export const theme = createTheme({
  primaryColor: 'accent',
  primaryShade: { light: 6, dark: 5 },
  defaultRadius: 'sm',
  cursorType: 'pointer',
  respectReducedMotion: true,
  colors: {
    accent: ['#e9effc', '#d3defa', '#b7c8f1', '#8fb0fa', '#6d94ee', '#4269db', '#2856c4', '#2049aa', '#1e449f', '#182440'],
    gray: ['#f7f8f9', '#f3f4f6', '#eef0f2', '#e5e7eb', '#d3d7dd', '#aeb4bd', '#808893', '#5a626d', '#414851', '#15181c'],
    dark: ['#eceef1', '#bcc2ca', '#98a0ab', '#737b86', '#32383f', '#24282d', '#1b1e22', '#16181b', '#0f1113', '#0b0c0e'],
  },
  fontFamily: 'var(--font-ui)',
  fontFamilyMonospace: 'var(--font-mono)',
  fontWeights: { regular: '400', medium: '500', bold: '600' },
  fontSizes: { xs: '0.75rem', sm: '0.8125rem', md: '0.9375rem', lg: '1.25rem', xl: '1.75rem' },
  spacing: { xs: '4px', sm: '8px', md: '12px', lg: '16px', xl: '24px' },
  radius: { xs: '3px', sm: '5px', md: '8px', lg: '8px', xl: '8px' },
  components: {
    Modal: Modal.extend({ defaultProps: { withCloseButton: false, padding: 0, overlayProps: { color: 'transparent', backgroundOpacity: 1, blur: 0 }, transitionProps: { duration: 120 } } }),
    Tooltip: Tooltip.extend({ defaultProps: { withArrow: false, openDelay: 300, events: { hover: true, focus: true, touch: true }, multiline: true } }),
  },
});

const bound = {
  '--mantine-color-body': 'var(--panel)',
  '--mantine-color-text': 'var(--text-1)',
  '--mantine-color-dimmed': 'var(--text-3)',
  '--mantine-color-placeholder': 'var(--text-3)',
  '--mantine-color-anchor': 'var(--accent-text)',
  '--mantine-color-error': 'var(--critical-text)',
  '--mantine-color-default': 'var(--panel)',
  '--mantine-color-default-hover': 'var(--hover)',
  '--mantine-color-default-color': 'var(--text-1)',
  '--mantine-color-default-border': 'var(--line-2)',
  '--mantine-color-disabled': 'var(--inset)',
  '--mantine-color-disabled-color': 'var(--text-disabled)',
};

export const cssVariablesResolver: CSSVariablesResolver = () => ({ variables: bound, light: {}, dark: {} });

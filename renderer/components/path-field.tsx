import { useState, type ComponentProps } from 'react';
import type { PickRequest } from '#shared/contract/desktop.ts';
import { toErrorShape } from '#shared/domain/errors.ts';
import { desktop } from '../transport/desktop.ts';
import { Button } from './button.tsx';
import { TextField } from './field.tsx';

interface Props extends Omit<ComponentProps<typeof TextField>, 'label' | 'mono' | 'beside' | 'value' | 'onChange'> {
  label: string;
  what?: PickRequest['what'];
  value: string;
  onChange: (path: string) => void;
}

/** A path of this computer: typed, or, where there is a window around the page, chosen in the operating system's own dialog. */
export function PathField({ label, what = 'file', value, error, onChange, ...rest }: Props) {
  const [refused, setRefused] = useState<string | null>(null);
  const set = (path: string) => {
    setRefused(null);
    onChange(path);
  };
  const choose = () => {
    // What is cancelled leaves what was typed.
    desktop?.pickPath({ what, title: label }).then((path) => path === null || set(path), (reason: unknown) => setRefused(`No dialog opened: ${toErrorShape(reason, '').message} Type the path.`));
  };
  return (
    <TextField
      label={label} mono value={value} onChange={(event) => set(event.target.value)} error={refused ?? error} {...rest}
      beside={desktop === null ? undefined : <Button aria-label={`Choose… ${label}`} onClick={choose}>Choose…</Button>}
    />
  );
}

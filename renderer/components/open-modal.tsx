import { Modal, type ModalProps } from '@mantine/core';
import { useEffect, useState } from 'react';
import { useOpenDialog } from './dialog-stack.ts';

/** The second click of a double click comes within this time, and falls beside what the first has opened. */
const doubleClickMs = 500;

/** A modal that is open for as long as it is mounted. Escape closes the topmost, and the focus goes back to where it came from. */
export function OpenModal({ onClose, ...rest }: Omit<ModalProps, 'opened' | 'returnFocus' | 'closeOnEscape'>) {
  const isTopmost = useOpenDialog();
  const [openedAt] = useState(() => performance.now());
  const onClickOutside = () => {
    if (performance.now() - openedAt > doubleClickMs) onClose();
  };
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent): void => {
      if (event.key !== 'Escape' || event.isComposing || event.defaultPrevented || !isTopmost()) return;
      // Every open dialog hears of it, and the one below is the topmost as soon as this one is gone: one press closes one.
      event.preventDefault();
      onClose();
    };
    window.addEventListener('keydown', onKeyDown, { capture: true });
    return () => window.removeEventListener('keydown', onKeyDown, { capture: true });
  }, [isTopmost, onClose]);
  // Mantine closes all of them at once, and gives the focus back only where `opened` changes, which it never does here.
  return <Modal {...rest} opened onClose={onClickOutside} closeOnEscape={false} returnFocus={false} />;
}

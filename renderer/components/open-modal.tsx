import { Modal, type ModalProps } from '@mantine/core';
import { useEffect } from 'react';
import { useOpenDialog } from './dialog-stack.ts';

/** A modal that is open for as long as it is mounted. Escape closes the topmost, and the focus goes back to where it came from. */
export function OpenModal({ onClose, ...rest }: Omit<ModalProps, 'opened' | 'returnFocus' | 'closeOnEscape'>) {
  const isTopmost = useOpenDialog();
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
  return <Modal {...rest} opened onClose={onClose} closeOnEscape={false} returnFocus={false} />;
}

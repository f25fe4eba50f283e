import { Modal } from '@mantine/core';
import type { ReactNode } from 'react';
import type { Environment } from '#shared/domain/environment.ts';
import { CloseButton } from './button.tsx';
import { EnvironmentTag } from './environment-tag.tsx';
import { OpenModal } from './open-modal.tsx';

interface Props {
  title: ReactNode;
  environment?: Environment | null;
  /** Beside the environment: what it acts on. */
  target?: ReactNode;
  onClose: () => void;
  size?: number;
  children: ReactNode;
}

/** A dialog with the environment's colour on its edge. */
export function Dialog({ title, environment, target, onClose, size = 520, children }: Props) {
  return (
    <OpenModal onClose={onClose} size={size} centered>
      <div className="dlg" {...(environment ? { 'data-env': environment } : {})}>
        <div className="dlg-head">
          <Modal.Title className="break">{title}</Modal.Title>
          {environment ? <EnvironmentTag environment={environment} /> : null}
          {target === undefined ? null : <span className="t3 clip">{target}</span>}
          <CloseButton onClick={onClose} />
        </div>
        {children}
      </div>
    </OpenModal>
  );
}

import { Dialog } from '../components/dialog.tsx';
import { modifierName } from './keyboard.ts';

const shortcuts: readonly [string, string][] = [
  [`${modifierName} K`, 'Find a screen, a system or an action'],
  [`${modifierName} Enter`, 'Press the primary button of the screen or dialog'],
  ['?', 'Show these shortcuts'],
  ['Esc', 'Close a dialog'],
  ['Tab', 'Next thing one can operate; Shift Tab goes back'],
  ['↑ ↓', 'In the palette and in a log: one line up or down'],
  ['Home End', 'In a log: first and latest line'],
  ['Enter', 'In a log: open or close the line'],
];

export function Shortcuts({ onClose }: { onClose: () => void }) {
  return (
    <Dialog title="Keyboard shortcuts" onClose={onClose} size={440}>
      <dl className="kv">
        {shortcuts.map(([keys, what]) => [
          <dt key={`${keys}-k`}><kbd>{keys}</kbd></dt>,
          <dd key={keys}>{what}</dd>,
        ])}
      </dl>
    </Dialog>
  );
}

import { Dialog } from '../components/dialog.tsx';
import { desktop } from '../transport/desktop.ts';
import { modifierName } from './keyboard.ts';

/** What the menu of the window does by keys; where it hides, one has to know how it is shown. */
const ofWindow: readonly [string, string][] = [
  [`${modifierName} ,`, 'Settings'],
  [`${modifierName} + -`, 'Larger and smaller; with 0 as it was'],
  ...(desktop === null || desktop.platform === 'darwin' ? [] : [['Alt', 'Show the menu'] satisfies [string, string]]),
];

const shortcuts: readonly [string, string][] = [
  [`${modifierName} K`, 'Find a screen, a system or an action'],
  [`${modifierName} Enter`, 'Press the primary button of the screen or dialog'],
  ['?', 'Show these shortcuts'],
  ['Esc', 'Close a dialog'],
  ['Tab', 'Next thing one can operate; Shift Tab goes back'],
  ['↑ ↓', 'In the palette and in a log: one line up or down'],
  ['Home End', 'In a log: first and latest line'],
  ['Enter', 'In a log: open or close the line'],
  ['j k', 'In a walkthrough: next and previous step; Enter opens it'],
  ['1 2 3', 'Of a step that nobody knows about: it happened, it did not, stop'],
  ...(desktop === null ? [] : ofWindow),
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

import { spawn } from 'node:child_process';
import { Socket } from 'node:net';
import { treeKiller } from '../platform/children.ts';

/**
 * Runs between us and a command on Windows, where process groups do not exist: when the lifeline (descriptor 3) ends,
 * the command and all that it started are ended by `taskkill`. Ends this process with the command's own status; 127
 * where it could not be started.
 * @param words the command, and its arguments
 */
export function superviseOnWindows([command = '', ...args]: readonly string[]): void {
  const child = spawn(command, args, { stdio: ['inherit', 'inherit', 'inherit'], windowsHide: true });

  const lifeline = new Socket({ fd: 3, readable: true, writable: false });
  const endTree = (): void => {
    if (child.pid === undefined) process.exit(1);
    const { command: killer, args: whom } = treeKiller(child.pid);
    spawn(killer, whom, { stdio: 'ignore', windowsHide: true });
  };
  lifeline.on('end', endTree);
  lifeline.on('error', endTree);
  lifeline.resume();

  child.on('error', (error) => {
    process.stderr.write(`${error.message}\n`);
    process.exit(127);
  });
  child.on('exit', (status) => process.exit(status ?? 1));
}

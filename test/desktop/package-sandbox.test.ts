import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { builtEntry, useDesktop } from '#test/desktop/use-desktop.ts';
import { demandSandbox } from '../../electron/main/sandbox.ts';

const sentence = 'Pilothouse shows nothing outside of the sandbox of Chromium, which was switched off or cannot be had here.';

describe('an AppImage on a system without a sandbox for it', () => {
  const at = useDesktop();

  it('shows no window: it says why, and what to do', async () => {
    const screen = at().start({ args: ['--no-sandbox', '--home', at().home], surroundings: { packaged: true } });
    expect(await screen.process.ended).toEqual({ status: 1, signal: null });
    expect(screen.errorBoxes).toEqual([{ title: 'Pilothouse cannot start', content: expect.stringContaining(sentence) }]);
    expect(screen.requests).toEqual([]);
  });

  it('is the command line all the same', async () => {
    const { stdout } = await promisify(execFile)(process.execPath, ['--import', 'data:text/javascript,process.defaultApp=true', builtEntry, '--no-sandbox', 'cli', '--', '--home', at().home, 'system', 'list', '--json']);
    expect(stdout).toBe('{"systems":[]}\n');
  });
});

describe('the executable', () => {
  it.each(['--help', '-h', '--version'])('answers %s in the terminal, and opens no window', async (asked) => {
    const { stdout } = await promisify(execFile)(process.execPath, ['--import', 'data:text/javascript,process.defaultApp=true', builtEntry, asked]);
    expect(stdout).toMatch(asked === '--version' ? /^\d+\.\d+\.\d+\n$/ : /^Usage: /);
  });
});

describe('the window', () => {
  it.each([[['pilothouse', '--no-sandbox'], {}], [['pilothouse', '--home', '/x', '-no-sandbox'], {}], [['pilothouse', '--no-sandbox=1'], {}], [['pilothouse'], { ELECTRON_DISABLE_SANDBOX: '1' }]] as const)('is not opened without the sandbox, by %j and %j', (args, environment) => {
    expect(() => demandSandbox(args, environment)).toThrow(sentence);
  });

  it('is opened with it', () => {
    expect(() => demandSandbox(['pilothouse', '--home', '/no-sandbox'], {})).not.toThrow();
  });
});

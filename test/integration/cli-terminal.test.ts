import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { startCommand, type CommandResult, type StartedCommand, type Terminal } from '#test/command-line.ts';
import { temporaryFolder } from '#test/temporary-folder.ts';
import { waitFor } from '#test/wait-for.ts';

interface Person {
  started: StartedCommand;
  /** Waits for a question and answers it. */
  answer(question: string, text: string): Promise<void>;
  result(): Promise<CommandResult>;
}

/** Sits down at a terminal and starts a command. */
function atTerminal(...args: string[]): Person {
  const terminal: Terminal = { stdin: new PassThrough(), columns: 80 };
  const started = startCommand(args, '', terminal);
  return {
    started,
    async answer(question, text) {
      await waitFor(`the question "${question}"`, () => started.said().includes(question));
      terminal.stdin.write(`${text}\r`);
    },
    result: () => started.result,
  };
}

const passphrase = 'typed-Passphrase-42';

async function makeVault(home: string): Promise<CommandResult> {
  const person = atTerminal('--home', home, 'vault', 'create');
  await person.answer('New passphrase: ', passphrase);
  await person.answer('Again: ', passphrase);
  return person.result();
}

describe('a passphrase', () => {
  test('is asked for twice when the vault is made', async () => {
    expect((await makeVault(await temporaryFolder('terminal'))).status).toBe(0);
  });
  test('is never echoed', async () => {
    const { stdout, stderr } = await makeVault(await temporaryFolder('terminal'));
    expect(stdout + stderr).not.toContain(passphrase);
  });
  test('is refused when the second differs from the first', async () => {
    const home = await temporaryFolder('terminal');
    const person = atTerminal('--home', home, 'vault', 'create');
    await person.answer('New passphrase: ', passphrase);
    await person.answer('Again: ', `${passphrase}x`);
    expect((await person.result()).status).toBe(64);
  });
  test('opens the vault when it is right, and not when it is wrong', async () => {
    const home = await temporaryFolder('terminal');
    await makeVault(home);
    const statuses: number[] = [];
    for (const typed of [passphrase, 'wrong']) {
      const person = atTerminal('--home', home, 'vault', 'unlock');
      await person.answer('Passphrase of the vault: ', typed);
      statuses.push((await person.result()).status);
    }
    expect(statuses).toEqual([0, 1]);
  });
  test('is in no file afterwards', async () => {
    const home = await temporaryFolder('terminal');
    await makeVault(home);
    expect(['vault.json', 'pilothouse.db'].filter((name) => readFileSync(join(home, name)).includes(passphrase))).toEqual([]);
  });
});

describe('Ctrl-C at a question', () => {
  test('ends the command with the status that shells expect', async () => {
    const person = atTerminal('--home', await temporaryFolder('terminal'), 'vault', 'create');
    await waitFor('the question', () => person.started.said().includes('New passphrase: '));
    person.started.interrupt();
    expect((await person.result()).status).toBe(130);
  });
  test('is heard in the terminal\'s raw mode, where no signal comes', async () => {
    const person = atTerminal('--home', await temporaryFolder('terminal'), 'vault', 'create');
    await person.answer('New passphrase: ', '\u0003');
    expect((await person.result()).status).toBe(130);
  });
  test('and the end of input are the same', async () => {
    const person = atTerminal('--home', await temporaryFolder('terminal'), 'vault', 'create');
    await person.answer('New passphrase: ', '\u0004');
    expect((await person.result()).status).toBe(130);
  });
});

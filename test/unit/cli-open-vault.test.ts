import { PassThrough, Readable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { PilothouseError } from '#shared/domain/errors.ts';
import { openVault } from '../../electron/cli/open-vault.ts';
import type { Session } from '../../electron/cli/session.ts';

const status = (state: string, opens: boolean | null) => ({ state, records: null, locksAt: null, keychain: opens === null ? null : { backend: 'kwallet6', opens, problem: null } });

/** A session without a terminal and without a file, so that the passphrase cannot be had. */
function fakeSession(answers: { opens: boolean | null; byKeychain?: Error }): { session: Session; asked: string[] } {
  const asked: string[] = [];
  const session: Partial<Session> = {
    io: { stdin: Object.assign(Readable.from([]), { isTTY: false }), stdout: new PassThrough(), stderr: Object.assign(new PassThrough(), { isTTY: false }), onInterrupt: () => () => {}, endNow: () => {} },
    options: {},
    call: (async (method: string) => {
      asked.push(method);
      if (method === 'vault.unlockByKeychain' && answers.byKeychain !== undefined) throw answers.byKeychain;
      return status(method === 'vault.status' ? 'locked' : 'unlocked', answers.opens);
    }) as Session['call'],
  };
  return { session: session as Session, asked };
}

describe('a vault that is locked, at the command line', () => {
  test('is opened by the keychain of the window that is attached to', async () => {
    const { session, asked } = fakeSession({ opens: true });
    await openVault(session);
    expect(asked).toEqual(['vault.status', 'vault.unlockByKeychain']);
  });
  test('wants the passphrase where the keychain fails', async () => {
    const { session } = fakeSession({ opens: true, byKeychain: new PilothouseError('vault.keychain-failed', 'The keychain gave no answer.') });
    await expect(openVault(session)).rejects.toMatchObject({ code: 'vault.locked' });
  });
  test('says what else went wrong as it is', async () => {
    const { session } = fakeSession({ opens: true, byKeychain: new PilothouseError('vault.damaged', 'The vault is damaged.') });
    await expect(openVault(session)).rejects.toMatchObject({ code: 'vault.damaged' });
  });
  test.each([null, false])('asks no keychain that does not open it (%s)', async (opens) => {
    const { session, asked } = fakeSession({ opens });
    await expect(openVault(session)).rejects.toMatchObject({ code: 'vault.locked' });
    expect(asked).toEqual(['vault.status']);
  });
});

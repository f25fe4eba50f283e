import { describe, expect, it } from 'vitest';
import { fromHere, type DatabaseConnection } from '#shared/contract/systems.ts';
import { PilothouseError } from '#shared/domain/errors.ts';
import { createScrubber } from '#shared/domain/scrub.ts';
import { Secret } from '#shared/domain/secret.ts';
import { createPasswords } from '#engine/postgres/passwords.ts';
import type { PostgresTarget } from '#engine/postgres/types.ts';

const scrubber = createScrubber();
const passwords = createPasswords({
  scrubber,
  typed: (id) => (id === 'typed' ? new Secret('typed-one') : null),
  fromVault: async (id) => {
    if (id !== 'kept') throw new PilothouseError('vault.locked', 'The vault is locked.');
    return new Secret('kept-one');
  },
});
const target = (databaseId: string | null, source: 'vault' | 'ask' | 'none', password?: Secret): PostgresTarget => {
  const connection: DatabaseConnection = { host: 'db', port: 5432, database: 'shop', user: 'ann', tls: { mode: 'prefer', ca: null }, password: { source }, ...fromHere };
  return { databaseId, label: 'shop', connection, systemIdentifier: null, ...(password === undefined ? {} : { password }) };
};

describe('the password of a database', () => {
  it('comes from where its connection says', async () => {
    expect((await passwords.passwordFor(target('kept', 'vault')))?.reveal()).toBe('kept-one');
    expect((await passwords.passwordFor(target('typed', 'ask')))?.reveal()).toBe('typed-one');
    expect(await passwords.passwordFor(target('kept', 'none'))).toBeNull();
  });

  it('is the one that was just typed, whatever the connection says', async () => {
    expect((await passwords.passwordFor(target('kept', 'vault', new Secret('fresh-one'))))?.reveal()).toBe('fresh-one');
  });

  it('is asked for where nobody typed it yet', async () => {
    await expect(passwords.passwordFor(target('other', 'ask'))).rejects.toMatchObject({ code: 'postgres.password-needed', message: expect.stringContaining('ann') });
    await expect(passwords.passwordFor(target(null, 'vault'))).rejects.toMatchObject({ code: 'postgres.password-needed' });
  });

  it('is out of reach while the vault is locked, and the error says so', async () => {
    await expect(passwords.passwordFor(target('other', 'vault'))).rejects.toMatchObject({ code: 'vault.locked' });
  });

  it('is known to the scrubber once it was given out', async () => {
    await passwords.passwordFor(target('typed', 'ask'));
    expect(scrubber.scrub('typed-one')).toBe('[redacted]');
  });
});

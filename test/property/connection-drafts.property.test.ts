/** Opening a connection in its dialog and saving it changes nothing of it. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hostConnection, type HostConnection } from '#shared/contract/hosts.ts';
import { databaseConnection, type DatabaseConnection, type DatabaseTools } from '#shared/contract/systems.ts';
import { tlsModes } from '#shared/domain/tls-mode.ts';
import { changed, connectionOf, draftOf, problemsOf } from '../../renderer/components/connect/draft.ts';
import { hostConnectionOf, hostDraftOf, hostProblemsOf, isSound } from '../../renderer/components/connect/host-draft.ts';

const name = fc.stringMatching(/^[a-z][a-z0-9_.]{0,20}$/);
const port = fc.integer({ min: 1, max: 65_535 });
const source = fc.constantFrom('vault' as const, 'ask' as const, 'none' as const).map((each) => ({ source: each }));

const tools: fc.Arbitrary<DatabaseTools> = fc.oneof(
  fc.constant({ where: 'here' as const }),
  fc.record({
    where: fc.constant('host' as const),
    access: fc.oneof(
      fc.constant({ kind: 'plain' as const }),
      fc.record({ kind: fc.constant('sudo' as const), user: name }),
      fc.record({ kind: fc.constant('docker' as const), container: name }),
      fc.record({ kind: fc.constant('kubectl' as const), namespace: fc.option(name), pod: name, container: fc.option(name) }),
    ),
    connect: fc.option(fc.record({ host: fc.oneof(name, fc.constant('/var/run/postgresql')), port, user: name })),
  }),
);
const database: fc.Arbitrary<DatabaseConnection> = fc.record({
  host: fc.oneof(name, fc.constantFrom('/var/run/postgresql', '127.0.0.1', '::1')), port, database: name, user: name,
  tls: fc.record({ mode: fc.constantFrom(...tlsModes), ca: fc.option(fc.constant('-----BEGIN CERTIFICATE-----')) }),
  password: fc.oneof(fc.constantFrom({ source: 'vault' as const }, { source: 'ask' as const }, { source: 'none' as const }), name.map((path) => ({ source: 'passfile' as const, path: `/home/${path}` }))),
  viaId: fc.constant('host-1'), tools,
});
const host: fc.Arbitrary<HostConnection> = fc.record({
  host: fc.oneof(name, fc.constant('2001:db8::7')), port, user: name, viaId: fc.option(name),
  signIn: fc.record(
    {
      keys: fc.array(fc.record({ path: name.map((path) => `~/.ssh/${path}`), passphrase: source }), { minLength: 1, maxLength: 3 }), agent: fc.boolean(), password: source,
      agentSocket: fc.constant('/run/agent'), identitiesOnly: fc.constant(true), questions: fc.constant(false), sudo: fc.constantFrom('vault' as const, 'ask' as const, 'sign-in' as const).map((each) => ({ source: each })),
    },
    { requiredKeys: ['keys', 'agent', 'password'] },
  ),
});

describe('a connection that is opened and saved again', () => {
  test('is the same, of a database', () => {
    fc.assert(fc.property(database, (connection) => {
      expect([databaseConnection.parse(connectionOf(draftOf(connection, 'shop'))), problemsOf(draftOf(connection, 'shop'))]).toEqual([connection, {}]);
    }));
  });
  test('is the same, of a host', () => {
    fc.assert(fc.property(host, (connection) => {
      const draft = hostDraftOf({ label: 'web-1', connection });
      expect([hostConnection.parse(hostConnectionOf(draft)), isSound(hostProblemsOf(draft))]).toEqual([connection, true]);
    }));
  });
  test('has no programs of a host any more, once it is reached without one', () => {
    fc.assert(fc.property(database, (connection) => {
      expect(databaseConnection.parse(connectionOf(changed(draftOf(connection, 'shop'), { viaId: null }))).tools).toEqual({ where: 'here' });
    }));
  });
});

import { expect, test } from 'vitest';
import type { DatabaseConnection } from '#shared/contract/systems.ts';
import { overALine } from '#engine/backup/plan-backup.ts';

const here: DatabaseConnection['tools'] = { where: 'here' };
const there: DatabaseConnection['tools'] = { where: 'host', access: { kind: 'plain' }, connect: null };
const inside: DatabaseConnection['tools'] = { where: 'host', access: { kind: 'docker', container: 'pg' }, connect: null };

const told = (format: 'custom' | 'directory', tools: DatabaseConnection['tools'], viaId: string | null = 'db-1') => overALine({ connection: { viaId, tools } as DatabaseConnection, through: viaId }, { format }).join(' ');

const lost = 'Its dump comes here over the line to db-1: should that be lost, the backup ends, and is to be begun anew.';

test.each([
  ['is not spoken of where there is none', 'custom', here, null, ''],
  ['is not spoken of where the host makes the dump by itself', 'directory', there, 'db-1', ''],
  ['ends a backup in one file, where the host would make a folder by itself', 'custom', there, 'db-1', `${lost} As a folder (directory) it is made on db-1, and goes on there without a line.`],
  ['ends one that the programs of this computer make, whatever its form', 'directory', here, 'db-1', `${lost} As a folder (directory), with the programs of db-1 chosen under Advanced in its connection, it is made on db-1, and goes on there without a line.`],
  ['ends one that a container makes, and no choice would help', 'custom', inside, 'db-1', lost],
] as const)('a line %s', (_what, format, tools, viaId, words) => {
  expect(told(format, tools, viaId)).toBe(words);
});

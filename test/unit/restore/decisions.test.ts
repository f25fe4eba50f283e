import { describe, expect, it } from 'vitest';
import { parseArchiveList } from '#engine/restore/archive-list.ts';
import { decideRestore, type ServerCapabilities } from '#engine/restore/decisions.ts';

const list = parseArchiveList(`
2; 3079 1 EXTENSION - hstore 
3; 3079 2 EXTENSION - pg_stat_statements 
4; 0 0 COMMENT - EXTENSION pg_stat_statements 
10; 1259 3 TABLE public orders shop_owner
11; 0 0 ACL public TABLE orders shop_owner
12; 6100 4 SUBSCRIPTION - feed postgres
13; 3466 5 EVENT TRIGGER - audit postgres
`);
const manifest = { roles: ['shop_owner', 'reader'], tablespaces: ['fast'] };
const all: ServerCapabilities = { user: 'dba', superuser: true, roles: new Set(manifest.roles), owners: new Set(manifest.roles), extensions: new Set(['hstore', 'pg_stat_statements']), creatable: new Set(['hstore', 'pg_stat_statements']), elsewhere: new Map(), tablespaces: new Set(['fast']) };
const decide = (changes: Partial<ServerCapabilities>, purpose: 'proof' | 'restore' = 'restore') => decideRestore({ manifest, list, server: { ...all, ...changes }, purpose, naming: () => new Set([11]) });

describe('what of an archive is restored', () => {
  it('is all but the subscriptions where the server has everything', () => {
    expect(decide({})).toEqual({ flags: ['--no-subscriptions'], leftOut: new Set(), obstacles: [], omissions: [expect.stringContaining('feed')] });
  });
  it('is stopped by an extension that data depends on', () => {
    expect(decide({ extensions: new Set(), creatable: new Set(['pg_stat_statements']) }).obstacles).toEqual([expect.objectContaining({ title: 'Extension hstore cannot be created there', detail: expect.stringContaining('not installed') })]);
  });
  it('is stopped by an extension that another database of the server has for itself, also in a proof', () => {
    const obstacle = { title: 'Extension hstore can be in the database postgres only', detail: expect.stringContaining('says nothing about the backup'), fix: expect.stringContaining('L2') };
    const elsewhere = new Map([['hstore', 'postgres']]);
    expect([decide({ elsewhere }).obstacles, decide({ elsewhere }, 'proof').obstacles]).toEqual([[obstacle], [obstacle]]);
  });
  it('goes without an extension that only watches, and its comment', () => {
    const { leftOut, omissions } = decide({ creatable: new Set(['hstore']) });
    expect({ leftOut, said: omissions.some((text) => text.includes('pg_stat_statements')) }).toEqual({ leftOut: new Set([3, 4]), said: true });
  });
  it('belongs to the restoring user where an owner is missing', () => {
    const { flags, omissions } = decide({ roles: new Set(['reader']), owners: new Set(['reader']) });
    expect([flags.includes('--no-owner'), omissions.some((text) => text.includes('there is no role shop_owner'))]).toEqual([true, true]);
  });
  it('belongs to the restoring user where it may not act for the owner', () => {
    const { flags, leftOut } = decide({ owners: new Set(['reader']) });
    expect({ owner: flags.includes('--no-owner'), leftOut }).toEqual({ owner: true, leftOut: new Set() });
  });
  it('goes without the grants of a role that is missing, and keeps owners', () => {
    const { flags, leftOut } = decide({ roles: new Set(['shop_owner']), owners: new Set(['shop_owner']) });
    expect({ owner: flags.includes('--no-owner'), leftOut }).toEqual({ owner: false, leftOut: new Set([11]) });
  });
  it('goes to the default tablespace where one is missing', () => {
    expect(decide({ tablespaces: new Set() }).flags).toContain('--no-tablespaces');
  });
  it('goes without event triggers where the user is no superuser', () => {
    expect(decide({ superuser: false }).leftOut).toEqual(new Set([13]));
  });
  it('acts on nothing outside when it is only a proof, and says nothing of it', () => {
    expect(decide({}, 'proof')).toMatchObject({ flags: expect.arrayContaining(['--no-subscriptions', '--no-publications', '--no-tablespaces']), leftOut: new Set([13]), omissions: [] });
  });
});

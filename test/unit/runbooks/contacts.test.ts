/** Whom a runbook names by a role, as the system knows them. */
import { describe, expect, test } from 'vitest';
import { contactsIn, type KnownPeople } from '#shared/domain/runbook/contacts.ts';

const named = { role: 'System admin', name: 'Ida', email: 'ida@guide.example', phone: '+1 555 0100', afterMs: 900_000 };
const who = (title: string, more: Partial<KnownPeople['contacts'][number]> = {}) => ({ key: 'one', title, email: null, phone: null, ...more });
const shown = (people: Partial<KnownPeople>) => contactsIn({ contacts: [], roles: [], ...people }, [named])[0];

describe('a contact of a runbook', () => {
  test('stays as the runbook says where the system knows nobody of that title', () => {
    expect(shown({ contacts: [who('Database admin', { email: 'a@b.example' })], roles: [{ title: 'DBA', contact: 'one' }] })).toEqual(named);
  });
  test.each(['System admin', ' system  ADMIN '])('is reached as the system\'s contact "%s" is, after as long as the runbook says', (title) => {
    expect(shown({ contacts: [who(title, { email: 'now@shop.example' })] })).toEqual({ role: 'System admin', name: null, email: 'now@shop.example', phone: null, afterMs: 900_000 });
  });
  test('is who holds the role of that title in the system, by name', () => {
    expect(shown({ contacts: [who('Anna', { phone: '+49 30 1000' })], roles: [{ title: 'system admin', contact: 'one' }] })).toEqual({ role: 'System admin', name: 'Anna', email: null, phone: '+49 30 1000', afterMs: 900_000 });
  });
  test('is who holds the role before a contact of the same title', () => {
    expect(shown({ contacts: [who('System admin', { email: 'old@shop.example' }), who('Anna', { key: 'anna' })], roles: [{ title: 'System admin', contact: 'anna' }] })).toMatchObject({ name: 'Anna', email: null });
  });
  test.each([null, 'gone'])('is a contact of that title where the role is held by nobody (%s)', (contact) => {
    expect(shown({ contacts: [who('System admin', { email: 'now@shop.example' })], roles: [{ title: 'System admin', contact }] })).toMatchObject({ name: null, email: 'now@shop.example' });
  });
  test('keeps its address where the system names the title alone', () => {
    expect(shown({ contacts: [who('System admin')], roles: [{ title: 'System admin', contact: 'one' }] })).toEqual(named);
  });
});

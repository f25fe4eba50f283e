/** Whom a runbook names by a role, as a system knows them. Pure. */
import type { Contact } from './definition.ts';

/** What a system says of its people, in its order. */
export interface KnownPeople {
  contacts: readonly { key: string; title: string; email: string | null; phone: string | null }[];
  /** `contact`: the key of who holds it now; null: nobody. */
  roles: readonly { title: string; contact: string | null }[];
}

/** Case and blanks aside. */
const plain = (title: string): string => title.trim().replaceAll(/\s+/g, ' ').toLowerCase();

/**
 * Name, address and telephone are taken whole from one of the system: who holds the role of that title, else a contact
 * of that title. One that says nothing but the role itself leaves what the runbook says; `afterMs` is always the runbook's.
 */
export function contactsIn({ contacts, roles }: KnownPeople, named: readonly Contact[]): Contact[] {
  return named.map((contact) => {
    const role = plain(contact.role);
    const holders = roles.filter(({ title }) => plain(title) === role).flatMap(({ contact: key }) => contacts.filter((each) => each.key === key));
    const said = [...holders, ...contacts.filter(({ title }) => plain(title) === role)]
      .map(({ title, email, phone }) => ({ name: plain(title) === role ? null : title, email, phone }))
      .find(({ name, email, phone }) => name !== null || email !== null || phone !== null);
    return { ...contact, ...said };
  });
}

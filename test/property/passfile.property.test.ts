import fc from 'fast-check';
import { expect, it } from 'vitest';
import { findInPassfile, passfileLine } from '#engine/postgres/passfile.ts';

it('the line we write for libpq holds exactly the password, for exactly its host, port and user', () => {
  const text = fc.string({ unit: fc.oneof(fc.constantFrom(':', '\\', '*', '#', ' '), fc.string({ minLength: 1, maxLength: 1 })), minLength: 1 }).filter((value) => !/[\r\n\0]/.test(value));
  const host = text.filter((value) => !value.startsWith('/') && !value.startsWith('#') && value !== '*');
  fc.assert(
    fc.property(host, text.filter((value) => value !== '*'), text, text, (name, user, password, other) => {
      const line = passfileLine(name, 5432, user, password);
      expect(findInPassfile(line, [name, '5432', 'any', user])).toBe(password);
      if (other !== user) expect(findInPassfile(line, [name, '5432', 'any', other])).toBeNull();
    }),
  );
});

import fc from 'fast-check';
import { expect, it } from 'vitest';
import { writeKeyValue } from '#shared/domain/key-value-text.ts';
import { createScrubber } from '#shared/domain/scrub.ts';

it('no registered secret is left in any text, however it was written into it', () => {
  const written: ((secret: string) => string)[] = [(text) => text, (text) => encodeURIComponent(text), (text) => Buffer.from(text).toString('base64'), (text) => JSON.stringify(text), (text) => text.replaceAll("'", "''"), (text) => text.replace(/[:\\]/g, '\\$&')];
  // Digits and signs that no replacement text of ours contains, so that what is found afterwards was left there.
  const secretText = fc.string({ unit: fc.constantFrom('7', '8', '9', "'", '"', '\\', ':', '@', '/', '%', ' ', 'é', '€', '+', '='), minLength: 8, maxLength: 30 });
  fc.assert(
    fc.property(fc.array(secretText, { minLength: 1, maxLength: 5 }), fc.nat(), fc.constantFrom(...written), fc.string(), fc.string(), (secrets, pick, write, before, after) => {
      const scrubber = createScrubber();
      for (const secret of secrets) scrubber.register(secret);
      const secret = secrets[pick % secrets.length] ?? '';
      const clean = scrubber.scrub({ text: before + write(secret) + after }).text;
      for (const each of secrets) expect(clean.includes(each)).toBe(false);
    }),
    { numRuns: 500 },
  );
});

it('no part of a password that nobody registered is left of a conninfo string, whatever text it stands in', () => {
  // Words that are looked for afterwards, with every sign between them that any of the texts around treats as special.
  const password = fc.array(fc.tuple(fc.constantFrom('', "'", '"', '\\', ' ', ',', ';', '&', ')', '=', '$', "'' ", "\\' "), fc.integer({ min: 100, max: 999 }).map((count) => `Qx${count}`), fc.constantFrom('', "'", '"', '\\', ';')), { minLength: 1, maxLength: 4 }).map((parts) => parts.flat().join(''));
  const conninfo = fc.constantFrom<(value: string) => string>(
    (value) => writeKeyValue('password', value),
    (value) => `password=${value.replace(/[\s'\\]/g, '\\$&')}`,
    (value) => `sslpassword = ${writeKeyValue('x', value).slice(2)}`,
  );
  const literal = (text: string) => `'${text.replaceAll("'", "''")}'`;
  const around = fc.constantFrom<(text: string) => string>(
    (text) => text,
    literal,
    (text) => literal(literal(text)),
    (text) => `E${literal(text.replaceAll('\\', '\\\\'))}`,
    (text) => `E'${text.replace(/['\\]/g, '\\$&')}'`,
    (text) => JSON.stringify(text),
    (text) => JSON.stringify(literal(text)),
    (text) => literal(text).slice(0, -1),
  );
  fc.assert(
    fc.property(password, conninfo, around, fc.constantFrom('', ' user=ann', " application_name='x'"), (value, write, surround, rest) => {
      const clean = createScrubber().scrub(`CREATE SUBSCRIPTION s CONNECTION ${surround(`host=h ${write(value)}${rest}`)}`);
      expect(clean).toContain('host=h ');
      expect(clean).not.toContain('Qx');
    }),
    { numRuns: 3000 },
  );
});

it('no part of a password is left of a role that is created with it', () => {
  const password = fc.array(fc.tuple(fc.constantFrom('', "'", '"', '\\', ' ', ';', '$'), fc.integer({ min: 100, max: 999 }).map((count) => `Qx${count}`)), { minLength: 1, maxLength: 4 }).map((parts) => parts.flat().join(''));
  const literal = (text: string) => `'${text.replaceAll("'", "''")}'`;
  const written = fc.constantFrom<(text: string) => string>(literal, (text) => `E'${text.replace(/['\\]/g, '\\$&')}'`, (text) => `E${literal(text.replaceAll('\\', '\\\\'))}`, (text) => `$pw$${text}$pw$`);
  const around = fc.constantFrom<(text: string) => string>((text) => text, literal, (text) => literal(literal(text)), (text) => text.slice(0, -1));
  fc.assert(
    fc.property(password, written, around, (value, write, surround) => {
      expect(createScrubber().scrub(surround(`CREATE ROLE ann LOGIN PASSWORD ${write(value)}`))).not.toContain('Qx');
    }),
    { numRuns: 2000 },
  );
});

import fc from 'fast-check';
import { expect, it } from 'vitest';
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

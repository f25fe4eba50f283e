/** The passwords of the practice server: random, in one 0600 file of libpq's format, readable by who runs the engine. */
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { Secret } from '#shared/domain/secret.ts';
import type { Scrubber } from '#shared/domain/scrub.ts';
import type { Random } from '../ports.ts';
import { consoleRole } from './configuration.ts';
import type { PracticePlace } from './place.ts';

/** Owns the shop; what the web shop connects as; what makes reports, with a password from long ago. */
export const ownerRole = 'shop_owner';
export const applicationRole = 'shop_app';
export const reportingRole = 'reporting';
const roles = [consoleRole, ownerRole, applicationRole, reportingRole];

export type Passwords = Record<string, Secret>;

/** Any port, for it may change from start to start, and any database. What follows is the password, in letters that need no escape. */
const lineStart = (role: string): string => `127.0.0.1:*:*:${role}:`;

/** The password of a role as the file's text has it, or null. */
export function passwordIn(text: string, role: string): string | null {
  const line = text.split('\n').find((candidate) => candidate.startsWith(lineStart(role)));
  return line === undefined ? null : line.slice(lineStart(role).length);
}

/** Reads the passwords, or draws them once: a cluster that is built anew keeps the old ones. */
export function keepPasswords(place: PracticePlace, random: Random, scrubber: Scrubber): Passwords {
  if (!existsSync(place.passfile)) {
    const unfinished = `${place.passfile}.partial`;
    writeFileSync(unfinished, roles.map((role) => `${lineStart(role)}${random.bytes(18).toString('base64url')}\n`).join(''), { mode: 0o600 });
    renameSync(unfinished, place.passfile);
  }
  const text = readFileSync(place.passfile, 'utf8');
  return Object.fromEntries(
    roles.map((role) => {
      const secret = new Secret(passwordIn(text, role) ?? '');
      scrubber.register(secret);
      return [role, secret];
    }),
  );
}

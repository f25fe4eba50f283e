import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface SkippedTest {
  /** "integration > test/integration/x.test.ts > suite > test" */
  name: string;
  /** What the test itself says (`context.skip(reason)`); null where it says nothing. */
  reason: string | null;
}

/** A skip that continuous integration accepts: every test whose name begins like this. */
export interface AllowedSkip {
  test: string;
  because: string;
}

/** Services write `CI` in many ways: `true`, `1`, their own name. Only these mean that it is none. */
export function isContinuousIntegration(value: string | undefined): boolean {
  return !['', '0', 'false', 'no', 'off'].includes((value ?? '').trim().toLowerCase());
}

/** The committed list; empty where there is none. */
export function readAllowedSkips(project: string): AllowedSkip[] {
  const file = join(project, 'test', 'allowed-skips.json');
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as AllowedSkip[]) : [];
}

/**
 * Lists what was skipped and why.
 *
 * @param strict in continuous integration a skip outside the list is a failure, because nobody would notice it there
 */
export function judgeSkips(skipped: readonly SkippedTest[], allowed: readonly AllowedSkip[], strict: boolean): { lines: string[]; failures: string[] } {
  const lines: string[] = [];
  const failures: string[] = [];
  for (const { name, reason } of skipped) {
    const entry = allowed.find(({ test }) => name.startsWith(test));
    if (strict && entry === undefined) failures.push(`${name}: skipped, which test/allowed-skips.json does not allow (${reason ?? 'it gives no reason'})`);
    else lines.push(`skipped  ${name}: ${reason ?? entry?.because ?? 'it gives no reason'}`);
  }
  return { lines, failures };
}

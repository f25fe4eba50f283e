import type { PostgresCheck } from '../check.ts';
import { evidence, numberOf, text, unknown } from '../findings.ts';
import { postgresReleases, releasesAsOf } from '../postgres-releases.ts';

const dayMs = 86_400_000;
/** Ahead of the end of life by which an upgrade should be planned. */
const endsSoonDays = 180;
/** An older list knows nothing of the present: four rounds of minor releases are missing in it. */
const listTooOldDays = 365;

export const version: PostgresCheck = {
  about: {
    id: 'version',
    title: 'Postgres version',
    group: 'configuration',
    unit: 'version',
    warn: null,
    critical: null,
    source: `postgresql.org/support/versioning, as of ${releasesAsOf}`,
    question: 'Is the server past its end of life, or behind with minor releases?',
    meaning: 'Minor releases mend data loss and security holes, without changing how anything works. Past its end of life a major version gets none.',
    causes: ['Nobody planned the update', 'Packages are held back', 'The operating system is itself past its end of life'],
    needs: 'any role',
  },
  scope: 'cluster',
  notOnStandby: null,
  eyes: [],
  statement: () => "SELECT current_setting('server_version_num')::int AS version_num, current_setting('server_version') AS version",
  judge(rows, look) {
    const row = rows[0];
    const number = numberOf(row?.version_num);
    if (row === undefined || number === null || number <= 0) return unknown('The server did not tell its version');
    const major = Math.floor(number / 10_000);
    const minor = number % 10_000;
    const release = postgresReleases.find((known) => known.major === major);
    const value = number;
    const shown = evidence([row], { 'server says': () => text(row.version), 'newest known': () => (release === undefined ? null : `${major}.${release.minor}`), 'end of life': () => release?.endOfLife ?? null, 'list as of': () => releasesAsOf });
    if (release === undefined) {
      if (major < (postgresReleases[0]?.major ?? 0)) return { status: 'critical', value, summary: `${major}.${minor} is long past its end of life`, evidence: shown };
      return { ...unknown(`${major}.${minor} is newer than the list of releases in this Pilothouse, which is of ${releasesAsOf}`, 'Update Pilothouse.'), value, evidence: shown };
    }
    const daysLeft = Math.ceil((Date.parse(release.endOfLife) - look.now) / dayMs);
    const behind = Math.max(0, release.minor - minor);
    const update = { where: 'shell' as const, do: `apt-get update && apt-get install --only-upgrade postgresql-${major}`, undo: null, note: `On Debian and Ubuntu; elsewhere the package manager's own words. Ends every session for the restart. A minor release changes no files' format: installing the previous packages takes it back.` };
    const upgrade = { where: 'shell' as const, do: `pg_upgrade --check --old-bindir /usr/lib/postgresql/${major}/bin --new-bindir /usr/lib/postgresql/18/bin --old-datadir OLD --new-datadir NEW`, undo: null, harmless: true as const, note: 'Checks only, changes nothing. The upgrade itself is planned with a proven backup and a rehearsal on a copy.' };
    if (daysLeft <= 0) {
      return { status: 'critical', value, summary: `${major}.${minor} is past its end of life since ${release.endOfLife}${behind > 0 ? `, and ${behind} minor releases behind its last` : ''}`, meaning: 'No hole that is found from now on is mended in it.', evidence: shown, fix: upgrade };
    }
    if (behind > 0) {
      return { status: 'warn', value, summary: `${major}.${minor} is ${behind} minor ${behind === 1 ? 'release' : 'releases'} behind ${major}.${release.minor}`, evidence: shown, fix: update };
    }
    if (daysLeft <= endsSoonDays) return { status: 'warn', value, summary: `${major}.${minor} has ${daysLeft} days until its end of life on ${release.endOfLife}`, evidence: shown, fix: upgrade };
    if (look.now - Date.parse(releasesAsOf) > listTooOldDays * dayMs) {
      return { ...unknown(`${major}.${minor} was current on ${releasesAsOf}, when the list in this Pilothouse was made; nobody knows what came since`, 'Update Pilothouse.'), value, evidence: shown };
    }
    return { status: 'ok', value, summary: `${major}.${minor} is current, as far as known on ${releasesAsOf}; looked after until ${release.endOfLife}`, meaning: 'It gets fixes.', evidence: shown };
  },
};

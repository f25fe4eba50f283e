/**
 * Which releases of Postgres there are, and how long each is looked after.
 * Source: postgresql.org/support/versioning for the ends of life, its release announcements for the minor releases.
 */
export interface MajorRelease {
  major: number;
  /** The newest minor release that was known. */
  minor: number;
  /** The day of its last release. */
  endOfLife: string;
}

/** The day up to which minor releases were looked up. Later ones are not known to this list. */
export const releasesAsOf = '2026-08-13';

export const postgresReleases: readonly MajorRelease[] = [
  { major: 12, minor: 22, endOfLife: '2024-11-21' },
  { major: 13, minor: 23, endOfLife: '2025-11-13' },
  { major: 14, minor: 24, endOfLife: '2026-11-12' },
  { major: 15, minor: 19, endOfLife: '2027-11-11' },
  { major: 16, minor: 15, endOfLife: '2028-11-09' },
  { major: 17, minor: 11, endOfLife: '2029-11-08' },
  { major: 18, minor: 6, endOfLife: '2030-11-14' },
];

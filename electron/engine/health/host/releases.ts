/**
 * How long releases of operating systems get security fixes without being paid for, as far as was known on a day.
 * Sources: wiki.debian.org/LTS, ubuntu.com/about/release-cycle, alpinelinux.org/releases, access.redhat.com/support/policy.
 */
export interface SystemRelease {
  /** ID of os-release. */
  id: string;
  /** How VERSION_ID begins. */
  version: string;
  endOfLife: string;
}

export const systemReleasesAsOf = '2025-09-01';

const redHats = ['rhel', 'rocky', 'almalinux', 'ol'];
const redHat = (version: string, endOfLife: string): SystemRelease[] => redHats.map((id) => ({ id, version, endOfLife }));

export const systemReleases: readonly SystemRelease[] = [
  { id: 'debian', version: '9', endOfLife: '2022-06-30' },
  { id: 'debian', version: '10', endOfLife: '2024-06-30' },
  { id: 'debian', version: '11', endOfLife: '2026-08-31' },
  { id: 'debian', version: '12', endOfLife: '2028-06-30' },
  { id: 'debian', version: '13', endOfLife: '2030-06-30' },
  { id: 'ubuntu', version: '18.04', endOfLife: '2023-05-31' },
  { id: 'ubuntu', version: '20.04', endOfLife: '2025-05-31' },
  { id: 'ubuntu', version: '22.04', endOfLife: '2027-04-30' },
  { id: 'ubuntu', version: '24.04', endOfLife: '2029-05-31' },
  { id: 'alpine', version: '3.18', endOfLife: '2025-05-09' },
  { id: 'alpine', version: '3.19', endOfLife: '2025-11-01' },
  { id: 'alpine', version: '3.20', endOfLife: '2026-04-01' },
  { id: 'alpine', version: '3.21', endOfLife: '2026-11-01' },
  { id: 'alpine', version: '3.22', endOfLife: '2027-05-01' },
  { id: 'centos', version: '7', endOfLife: '2024-06-30' },
  { id: 'centos', version: '8', endOfLife: '2021-12-31' },
  ...redHat('7', '2024-06-30'),
  ...redHat('8', '2029-05-31'),
  ...redHat('9', '2032-05-31'),
  ...redHat('10', '2035-05-31'),
];

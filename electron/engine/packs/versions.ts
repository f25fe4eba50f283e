/** Versions of packs: three figures, as in "1.2.0". */

/** Whether one is newer than another. */
export function isNewer(version: string, than: string): boolean {
  const [one, other] = [version, than].map((each) => each.split('.').map(Number));
  for (let index = 0; index < 3; index++) {
    const step = (one?.[index] ?? 0) - (other?.[index] ?? 0);
    if (step !== 0) return step > 0;
  }
  return false;
}

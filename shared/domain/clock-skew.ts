/** What another computer's clock says, beside our own. */

/** By how much the clocks of two computers may differ while both count as right; Kerberos allows as much (RFC 4120, 8.2). */
const skewMs = 5 * 60_000;

/** Whether a time that is past lies ahead of this clock by more than skew, so that nobody knows how long ago it was. */
export const isAhead = (at: string, now: number): boolean => Date.parse(at) - now > skewMs;

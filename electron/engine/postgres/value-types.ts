import { types } from 'pg';

type Parse = (text: string) => unknown;

/**
 * Types that come as text although `pg` would make something else of them: numbers that do not fit a double, and
 * points in time, which a Date would cut to milliseconds and shift by the zone of this computer. Object identifiers
 * from pg_type.dat: date, timestamp, timestamptz, interval, and the geometric ones nobody here computes with.
 */
const keptAsText = new Set([20, 1700, 1082, 1083, 1114, 1184, 1266, 1186, 600, 718]);
/** Arrays of those (and of names), which come as arrays of text. */
const keptAsTextArray = new Set([1003, 1016, 1231, 1182, 1115, 1185, 1187, 1183, 1270]);
/** text[] in pg_type.dat. */
const textArray = 1009;

const asText: Parse = (text) => text;

/** The readings of values for our sessions: nothing loses digits on the way. */
export const valueTypes = {
  getTypeParser(oid: number, format?: 'text' | 'binary'): Parse {
    if (format === 'binary') return types.getTypeParser(oid, 'binary');
    if (keptAsText.has(oid)) return asText;
    return types.getTypeParser(keptAsTextArray.has(oid) ? textArray : oid, 'text');
  },
};

/** An error of the five guides, and how it is known that none of it is left: a rule finds it there, or it stands in no pack. */

/** By the letter that errors.md calls them. */
export const guides = { E: 'ecommerce-cod', H: 'hydraulic', N: 'neff-paving', R: 'reconciliation', Z: 'zbinnovation' } as const;
export type Guide = keyof typeof guides;

export interface Seen {
  rule: string;
  guide: Guide;
  line: number;
}

export interface ErrorRow {
  /** Its section, and its number in it from 1: "postgres-3". */
  id: string;
  /** As errors.md names the place, or as that begins. */
  where: string;
  what: string;
  seen: readonly Seen[];
  /** What would be found in a pack that had it; null where a rule sees it. */
  absent: RegExp | null;
}

/** "E 542 lost-status" */
const seenBy = (text: string): Seen => {
  const [guide = '', line = '', rule = ''] = text.split(' ');
  return { rule, guide: guide as Guide, line: Number(line) };
};

/** Rows of a section, in its order; `seen` as in "E 542 lost-status, H 307 lost-status". */
export const section = (name: string, rows: readonly (readonly [where: string, what: string, seen: string | RegExp])[]): ErrorRow[] =>
  rows.map(([where, what, how], at) => ({ id: `${name}-${at + 1}`, where, what, seen: typeof how === 'string' ? how.split(', ').map(seenBy) : [], absent: typeof how === 'string' ? null : how }));

/** The script that looks at a host: one for all checks, sent over standard input, reading only. */
import { firstReading, identity, kernel, secondReading } from './kernel.ts';
import { packages } from './packages.ts';
import type { Piece } from './piece.ts';
import { records } from './records.ts';
import { services } from './services.ts';
import { storage } from './storage.ts';

export { kernelTrouble } from './records.ts';

const counted = [...identity, ...firstReading];
const rest = [...secondReading, ...kernel, ...storage, ...services, ...records, ...packages];
export const pieces = [...counted, ...rest] as const;
export type PieceId = (typeof pieces)[number]['id'];

/** Seconds between the two readings of what the kernel counts. Nothing else runs meanwhile: it would be measured, too. */
export const secondsBetween = 1;

/** In a shell of its own each: what one sets or leaves concerns no other. */
function written({ id, when, run }: Piece): string {
  const whole = `begin ${id}\n(\n${run}\n)\nend $?`;
  return when === undefined ? whole : `if { ${when}; } >/dev/null; then\n${whole}\nfi`;
}

/** `jobs` lets the schedule and the first word of each command through: the rest of a line may hold a password. */
const tools = `begin() { printf '\\n%s+%s\\n' "$mark" "$1"; }
end() { printf '\\n%s-%s\\n' "$mark" "$1"; }
readable() { for one in "$@"; do [ -r "$one" ] && return 0; done; return 1; }
jobs() { awk '/^[ \\t]*[0-9*@]/ { sub(/^[ \\t]+/, ""); last = ($1 ~ /^@/) ? 3 : 7; line = $1; for (i = 2; i <= last && i <= NF; i++) { word = $i; sub(/=.*/, "=", word); line = line " " word } print line }'; }
if timeout -s KILL 5 true; then limit() { timeout -s KILL "$@"; }
elif timeout -t 5 -s KILL true; then limit() { seconds=$1; shift; timeout -t "$seconds" -s KILL "$@"; }
else limit() { shift; "$@"; }; fi`;

/**
 * Read to its end before any of it runs, since it is one command: a script that was cut off does nothing at all. Its
 * commands have no input: they would eat the script.
 * @param mark a word that nobody prints by chance: letters and digits
 * @param wanted what is to be looked at; the rest of the pieces is not sent
 */
export function scriptOf(mark: string, wanted: ReadonlySet<PieceId> = new Set(pieces.map(({ id }) => id))): string {
  if (!/^[A-Za-z0-9]+$/.test(mark)) throw new Error('The mark of a script is letters and digits: it stands in it as it is.');
  const chosen = (list: readonly { id: PieceId }[]) => (list as readonly (Piece & { id: PieceId })[]).filter(({ id }) => wanted.has(id)).map(written).join('\n');
  const isCounted = secondReading.some(({ id }) => wanted.has(id));
  return `{
mark=${mark}
PATH="$PATH:/usr/local/sbin:/usr/sbin:/sbin:/usr/local/bin:/usr/bin:/bin"; LC_ALL=C; export PATH LC_ALL; unset LANGUAGE GREP_OPTIONS
umask 077
${tools}
${chosen(counted)}
${isCounted ? `sleep ${secondsBetween}` : ''}
${chosen(rest)}
printf '\\n%s=\\n' "$mark"
} </dev/null 2>/dev/null
`;
}

/** What is sent for some of the pieces, for those who want to read it. */
export function textOf(ids: readonly PieceId[]): string {
  return pieces.filter(({ id }) => ids.includes(id)).map((piece: Piece) => `# ${piece.id}${piece.when === undefined ? '' : `, where ${piece.when}`}\n${piece.run}`).join('\n');
}

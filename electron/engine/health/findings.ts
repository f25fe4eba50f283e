/** How checks say what they found. */
import { judge, type HealthState } from '#shared/domain/health-state.ts';
import type { HealthResult } from '#shared/contract/health.ts';
import type { Cell, Finding, Look, Row } from './check.ts';
import { eyes, openerOf, type EyeId } from './eyes.ts';

/** Rows of evidence that are kept of a result. */
export const evidenceLimit = 50;
/** Characters that are kept of one cell. */
const cellLimit = 300;

export const noEvidence: HealthResult['evidence'] = { columns: [], rows: [], truncated: 0 };

/** A number out of a column, whether it came as text (bigint, numeric) or as a number. Null stays null. */
export function numberOf(value: unknown): number | null {
  if (value === null || value === undefined) return null;
  const number = Number(value);
  return Number.isFinite(number) ? number : null;
}

/** As `numberOf`, with 0 for null. */
export const amount = (value: unknown) => numberOf(value) ?? 0;

/** A column as text; null is empty. */
export function text(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'string') return value;
  return typeof value === 'number' || typeof value === 'boolean' || typeof value === 'bigint' ? String(value) : JSON.stringify(value);
}

export const yes = (value: unknown) => value === true || value === 't' || value === 'true';

/** An array column, whether the driver parsed it or not. */
export function list(value: unknown): string[] {
  if (Array.isArray(value)) return value.map(String);
  if (typeof value !== 'string' || value === '{}' || !value.startsWith('{')) return [];
  return [...value.slice(1, -1).matchAll(/"((?:[^"\\]|\\.)*)"|([^,]+)/g)].map((match) => (match[1] === undefined ? (match[2] ?? '') : match[1].replaceAll(/\\(.)/g, '$1')));
}

function cell(value: Cell): Cell {
  return typeof value === 'string' && value.length > cellLimit ? `${value.slice(0, cellLimit - 1)}…` : value;
}

/**
 * Evidence out of rows: bounded, with the number of those left out.
 * @param total how many there are on the server where the statement itself was limited
 */
export function evidence<Source>(rows: readonly Source[], columns: Record<string, (row: Source) => Cell>, total = rows.length): HealthResult['evidence'] {
  const shown = rows.slice(0, evidenceLimit);
  return {
    columns: Object.keys(columns),
    rows: shown.map((row) => Object.values(columns).map((read) => cell(read(row)))),
    truncated: Math.max(0, Math.max(total, rows.length) - shown.length),
  };
}

/** Not for this server, and why. */
export const skipped = (why: string): Finding => ({ status: 'skipped', value: null, summary: why });

/** Could not look, why, and what would open the eyes. */
export const unknown = (why: string, opener: string | null = null): Finding => ({
  status: 'unknown',
  value: null,
  summary: why,
  meaning: 'Nobody knows how this stands: it is neither healthy nor ill.',
  causes: [],
  opener,
});

/** Unknown because these eyes are shut. */
export function blind(shut: readonly EyeId[], look: Pick<Look, 'server'>): Finding {
  const hidden = [...new Set(shut.map((eye) => eyes[eye].hidden))].join('; ');
  return unknown(`Role ${look.server.user} cannot look: ${hidden}`, openerOf(shut, look.server));
}

const sentence = (words: string) => words.charAt(0).toUpperCase() + words.slice(1);

/**
 * An answer about what was seen, where part was hidden: an ok becomes unknown, since nobody knows how the rest stands;
 * a warning stays and says that it is not the whole.
 * @param hidden in words: "3 sequences"
 */
export function partly(finding: Finding, hidden: string, opener: string): Finding {
  if (finding.status === 'warn' || finding.status === 'critical') return { ...finding, summary: `${finding.summary}; ${hidden} could not be seen`, opener };
  return { ...finding, ...unknown(`${sentence(hidden)} could not be seen; of what was seen: ${finding.summary}`, opener), evidence: finding.evidence ?? noEvidence };
}

/** Where a value stands against the limits of this look. */
export const against = (value: number, look: Pick<Look, 'limits'>): HealthState => judge(value, look.limits);

/** The total that a limited statement counted with `count(*) OVER ()`. */
export const totalOf = (rows: readonly Row[]) => (rows.length === 0 ? 0 : Math.max(rows.length, amount(rows[0]?.total)));

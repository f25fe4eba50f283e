/** Figures as people type them, read the way the console itself writes them. */

const plain = /^-?\d+(?:\.\d+)?$/;
/** "200,000", "1,440.5": groups of three. A leading zero begins none, so "0,500" is a half. */
const grouped = /^-?[1-9]\d{0,2}(?:,\d{3})+(?:\.\d+)?$/;
const withDecimalComma = /^-?\d+,\d+$/;

/** The figure, or null where it is none: empty, in another notation, or grouped in a way that could be read as two figures. */
export function typedFigure(text: string): number | null {
  const typed = text.trim();
  if (plain.test(typed)) return Number(typed);
  if (grouped.test(typed)) return Number(typed.replaceAll(',', ''));
  return withDecimalComma.test(typed) ? Number(typed.replace(',', '.')) : null;
}

const shown = new Intl.NumberFormat('en-US', { maximumFractionDigits: 2 });

/** "Between 0.01 and 93.13": the limits of a figure to two digits, rounded inwards, so that what is shown is accepted. */
export function betweenLimits(min: number, max: number): string {
  return `Between ${shown.format(Math.ceil(min * 100) / 100)} and ${shown.format(Math.floor(max * 100) / 100)}`;
}

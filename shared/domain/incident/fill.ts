/** Texts that are prepared: names between two braces stand for what is known. Nothing else is understood in them. */

export interface Filled {
  text: string;
  /** Names that stand for nothing here; they stay as they are written, to be filled in by hand. */
  unknown: string[];
}

const name = /\{\{\s*([a-z][a-z0-9_]*)\s*\}\}/gi;

export function fill(text: string, values: Readonly<Record<string, string>>): Filled {
  const unknown = new Set<string>();
  const filled = text.replaceAll(name, (whole, wanted: string) => {
    const key = wanted.toLowerCase();
    if (Object.hasOwn(values, key)) return values[key] as string;
    unknown.add(wanted);
    return whole;
  });
  return { text: filled, unknown: [...unknown] };
}

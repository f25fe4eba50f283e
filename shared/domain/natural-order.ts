/** The order in which people look for a name: web-2 before web-10, whatever its capitals. */
const collator = new Intl.Collator('en', { numeric: true, sensitivity: 'base' });

export const compareNames = (a: string, b: string): number => collator.compare(a, b);

/** By what each is called; those that are called alike stay as they were. */
export const sortedByName = <T>(items: readonly T[], nameOf: (item: T) => string): T[] => items.toSorted((a, b) => compareNames(nameOf(a), nameOf(b)));

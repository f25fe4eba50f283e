/**
 * What stands in the shop when it has been loaded: exact rows by table (a partitioned table as a whole). They follow
 * from the dice, so they are the same on every day and every machine.
 */
export const expectedRows = {
  categories: 24,
  products: 600,
  '"PriceList"': 1200,
  stock: 1200,
  documents: 3,
  customers: 5000,
  addresses: 6000,
  carts: 8000,
  sessions: 9000,
  staff_notes: 240,
  orders: 14_000,
  order_items: 35_078,
  payments: 13_429,
  shipments: 13_315,
  reviews: 3500,
  'audit.audit_log': 6000,
} as const;

export const expectedTotal = Object.values(expectedRows).reduce((sum, rows) => sum + rows, 0);

/** One row: each table's exact count, under its own name. */
export const countSql = `SELECT ${Object.keys(expectedRows)
  .map((table) => `(SELECT count(*) FROM ${table})::integer AS "${table.replaceAll('"', '')}"`)
  .join(', ')}`;

/** What differs, in words: "reviews has 3 rows instead of 3500". Nothing where all is as it should be. */
export function differences(counted: Record<string, unknown>): string[] {
  return Object.entries(expectedRows).flatMap(([table, rows]) => {
    const found = counted[table.replaceAll('"', '')];
    return found === rows ? [] : [`${table} has ${String(found)} rows instead of ${rows}`];
  });
}

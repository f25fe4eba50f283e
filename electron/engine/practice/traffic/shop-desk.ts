/** Two at one desk: the first began to change a price and went to lunch, the second waits for the same price. */
import type { Client } from 'pg';

/** A row that nothing else of the shop touches or refers to. Only rows are locked, so no dump ever waits. */
const price = `"ProductId" = 600 AND "Currency" = 'CHF'`;

/** After this long the two give up and begin again, so that what VACUUM has to keep for them stays little. Milliseconds. */
export const lunchMs = 20 * 60_000;

/** The first opens a transaction, takes the row, and falls silent. */
export async function goToLunch(first: Client): Promise<void> {
  await first.query('BEGIN');
  await first.query(`SELECT "Amount" FROM "PriceList" WHERE ${price} FOR UPDATE`);
}

/** The second waits, until the first lets go. Nothing is changed in the end. */
export async function waitForPrice(second: Client): Promise<void> {
  await second.query('SET lock_timeout = 0');
  await second.query('BEGIN');
  await second.query(`UPDATE "PriceList" SET "Amount" = "Amount" WHERE ${price}`);
  await second.query('ROLLBACK');
}

/** Lets go of the row; the second goes on by itself. */
export async function comeBack(first: Client): Promise<void> {
  await first.query('ROLLBACK');
}

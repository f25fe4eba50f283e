import type { ShopStep } from './step.ts';

/**
 * What is wrong with the shop on purpose. Nothing of it is in the way of a backup, a restore or a swap: no prepared
 * transaction, no logical slot, and no lock on a whole table.
 */
export const planted: readonly { check: string; what: string }[] = [
  { check: 'sequence-exhaustion', what: 'shipments.id is an integer, and an import burnt most of its numbers: its sequence stands at 1,913,000,111 of 2,147,483,647' },
  { check: 'dead-tuples', what: 'carts is full of deleted rows, because autovacuum was switched off for it' },
  { check: 'stale-statistics', what: 'carts has changed more than 100,000 times and was never analysed' },
  { check: 'autovacuum-lag', what: 'nothing vacuums carts any more' },
  { check: 'invalid-indexes', what: 'customers_phone_key: a unique index that was to be built alongside the work and met two equal numbers' },
  { check: 'duplicate-indexes', what: 'reviews_by_product is the same as reviews_product_id_idx' },
  { check: 'unused-indexes', what: 'order_items_price_idx is kept up to date and never read; 35 days of statistics are needed to be sure, so for now the check says that it cannot know' },
  { check: 'unindexed-foreign-keys', what: 'sessions.customer_id points to customers without an index' },
  { check: 'public-create', what: 'every role may create tables in the schema public, as in databases that came from Postgres 14' },
  { check: 'password-hash', what: 'the role reporting still has an md5 password' },
  { check: 'hba-rules', what: 'one line of pg_hba.conf asks the role reporting for md5' },
  { check: 'replication-slots', what: 'old_standby: a slot for a standby that never came back' },
  { check: 'settings', what: 'max_connections was raised to 60, and the server was not restarted since' },
  { check: 'idle-in-transaction', what: 'somebody at the desk began to change a price and went to lunch' },
  { check: 'blocked-sessions', what: 'somebody else at the desk waits for that same price' },
];

/** Limits for the two at the desk, lower than elsewhere so that they are seen within a tour of five minutes. Seconds. */
export const thresholds = {
  'idle-in-transaction': { warn: 5, critical: 3600 },
  'blocked-sessions': { warn: 5, critical: 3600 },
};

/** Sent one by one, outside of a transaction, as the shop's owner. */
export const faults: readonly ShopStep[] = [
  { title: 'A sequence near its column\'s end', sql: `SELECT setval('shipments_id_seq', 1913000111)`, rows: 0 },
  { title: 'An index twice', sql: 'CREATE INDEX reviews_by_product ON reviews (product_id)', rows: 0 },
  { title: 'An index that nobody reads', sql: 'CREATE INDEX order_items_price_idx ON order_items (unit_price, ordered_at, quantity)', rows: 0 },
];

/** Fails with 23505, and leaves an index that is not valid. As the shop's owner. */
export const invalidIndexSql = 'CREATE UNIQUE INDEX CONCURRENTLY customers_phone_key ON customers (phone)';
export const invalidIndexFoundSql = `SELECT 1 FROM pg_index WHERE indexrelid = to_regclass('public.customers_phone_key') AND NOT indisvalid`;

/** As the console's role. A physical slot: it belongs to no database, so databases can be renamed and dropped. */
export const clusterFaults: readonly ShopStep[] = [
  { title: 'A schema where everybody may create', sql: 'GRANT CREATE ON SCHEMA public TO PUBLIC', rows: 0 },
  { title: 'A slot for a standby that is gone', sql: `SELECT pg_create_physical_replication_slot('old_standby', true) WHERE NOT EXISTS (SELECT 1 FROM pg_replication_slots WHERE slot_name = 'old_standby')`, rows: 0 },
];

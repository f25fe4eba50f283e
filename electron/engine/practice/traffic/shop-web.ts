/** What a small web shop does all day: it sells, sends, counts and tidies up. */
import type { Client } from 'pg';

const placeOrder = `
  WITH bought AS (
    SELECT products.id AS product_id, 1 + floor(random() * 3)::integer AS quantity, "Amount" AS price, row_number() OVER () AS line
    FROM (SELECT DISTINCT 1 + floor(random() * 600)::integer AS id FROM generate_series(1, 3)) AS wanted
    JOIN products USING (id)
    JOIN "PriceList" ON "ProductId" = products.id AND "Currency" = 'EUR'
  ), placed AS (
    INSERT INTO orders (ordered_at, customer_id, state, channel, currency, total)
    SELECT now(), 1 + floor(random() * 5000)::bigint, 'paid', 'live', 'EUR', sum(quantity * price) FROM bought
    RETURNING id, ordered_at, total
  ), items AS (
    INSERT INTO order_items (order_id, ordered_at, line, product_id, quantity, unit_price)
    SELECT placed.id, placed.ordered_at, line, product_id, quantity, price FROM placed, bought
  )
  INSERT INTO payments (order_id, ordered_at, method, amount, paid_at)
  SELECT id, ordered_at, 'card', total, now() FROM placed RETURNING order_id`;

const takeFromStock = `
  UPDATE stock SET quantity = CASE WHEN quantity > 8 THEN quantity - 1 ELSE 150 END, counted_at = now()
  WHERE product_id = (SELECT 1 + floor(random() * 600)::integer) AND warehouse = 'Nord'`;

const sendOldest = `
  WITH chosen AS (
    SELECT id, ordered_at FROM orders WHERE channel = 'live' AND state = 'paid' ORDER BY ordered_at LIMIT 1 FOR UPDATE SKIP LOCKED
  ), sent AS (
    UPDATE orders SET state = 'shipped' FROM chosen WHERE orders.id = chosen.id AND orders.ordered_at = chosen.ordered_at RETURNING orders.id, orders.ordered_at
  )
  INSERT INTO shipments (order_id, ordered_at, carrier, tracking_codes, sent_at)
  SELECT id, ordered_at, 'Post', ARRAY[upper(substr(md5(id::text), 1, 12))], now() FROM sent`;

const visit = `UPDATE sessions SET seen_at = now() WHERE id = (SELECT md5('session ' || (1 + floor(random() * 9000))::integer)::uuid)`;

/** What the shop sold here is forgotten again, but for the newest thousand orders: it must not grow for ever. */
const forgetOldOrders = `DELETE FROM orders WHERE channel = 'live' AND id < (SELECT max(id) FROM orders) - 1000`;
const forgetOldAudit = 'SELECT audit.forget(2000)';

const tidyEvery = 100;

/** Sends the statements of one customer. `turn` counts them from 1. */
export async function serveCustomer(client: Client, turn: number): Promise<void> {
  await client.query('BEGIN');
  await client.query(placeOrder);
  await client.query(takeFromStock);
  await client.query('COMMIT');
  await client.query(visit);
  if (turn % 2 === 0) await client.query(sendOldest);
  if (turn % tidyEvery === 0) {
    await client.query(forgetOldOrders);
    await client.query(forgetOldAudit);
  }
}

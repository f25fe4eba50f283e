import type { ShopStep } from './step.ts';

/** Brought in and deleted again: with those who stay, more changes than the 100,000 from which statistics count as stale. */
const forgottenCarts = 52_000;

/**
 * The same rows for the same day, on every machine: each value is a hash of its row's number and of a salt that names
 * the column, so nothing depends on the order in which a plan visits the rows.
 */
const dice = `
  CREATE FUNCTION pg_temp.chance(salt bigint, n bigint) RETURNS double precision IMMUTABLE LANGUAGE sql
    AS 'SELECT (hashint8extended(n, salt) & 9007199254740991)::double precision / 9007199254740992.0';
  CREATE FUNCTION pg_temp.pick(salt bigint, n bigint, choices integer) RETURNS integer IMMUTABLE LANGUAGE sql
    AS 'SELECT floor(pg_temp.chance(salt, n) * choices)::integer';
  CREATE FUNCTION pg_temp.one_of(salt bigint, n bigint, choices text[]) RETURNS text IMMUTABLE LANGUAGE sql
    AS 'SELECT choices[1 + pg_temp.pick(salt, n, cardinality(choices))]';
  CREATE FUNCTION pg_temp.anchor() RETURNS timestamptz STABLE LANGUAGE sql
    AS $$SELECT current_setting('shop.anchor')::timestamptz$$;`;

const firstNames = `ARRAY['Zoë','Łukasz','さくら','Björn','Hạnh','José','Ирина','Ayşe','Saoirse','Müge','Chloé','Αλέξης','Søren','Đorđe','Anna','Tom','Ngozi','Élodie','Jürgen','María','Ali','Ida','Omar','Kateřina']`;
const lastNames = `ARRAY['Müller','Żak','田中','Åkesson','Nguyễn','Peña','Соколова','Yılmaz','Ó Briain','Öztürk','Lefèvre','Παπαδάκης','Kjær','Petrović','Smith','Weiß','Okonkwo','Gauthier','Groß','Núñez','Haddad','Lindqvist','O''Connor','Dvořák']`;
const cities = `ARRAY['Zürich','Kraków','京都市','Malmö','Đà Nẵng','Cádiz','Мурманск','İzmir','Gaillimh','Besançon','Αθήνα','Århus','Niš','Leeds','Köln','Lagos','Málaga','Brno']`;

export const rows: readonly ShopStep[] = [
  { title: 'Dice that always fall the same way', rows: 0, sql: dice },
  {
    title: '24 categories',
    rows: 24,
    sql: `
      INSERT INTO categories (parent_id, name, icon)
      SELECT NULL, name, decode(md5(name), 'hex')
      FROM unnest(ARRAY['Kitchen', 'Garden', 'Books', 'Toys', 'Office', 'Travel']) AS name;
      INSERT INTO categories (parent_id, name, icon)
      SELECT 1 + (n - 1) % 6, name, decode(md5(name) || md5(name || n), 'hex')
      FROM unnest(ARRAY['Pans', 'Seeds', 'Novels', 'Puzzles', 'Paper', 'Bags', 'Knives', 'Tools', 'Cookery', 'Trains', 'Pens', 'Maps', 'Crockery', 'Pots & planters', 'Poésie', 'Kites', 'Lamps', 'Adapters']) WITH ORDINALITY AS given (name, n);`,
  },
  {
    title: '600 products',
    rows: 600,
    sql: `
      INSERT INTO products (category_id, sku, name, description, tags, attributes, weight_grams, created_at)
      SELECT 7 + pg_temp.pick(1, n, 18),
             'SKU-' || lpad(n::text, 5, '0'),
             pg_temp.one_of(2, n, ARRAY['Small', 'Large', 'Blue', 'Copper', 'Folding', 'Petit', 'Größer', 'Classic', '軽い']) || ' ' || pg_temp.one_of(3, n, ARRAY['kettle', 'crêpe pan', 'notebook', 'puzzle', 'lantern', 'rucksack', 'atlas', 'trowel', 'kite', 'teapot', 'fountain pen', 'jigsaw']) || ' ' || n,
             repeat(pg_temp.one_of(4, n, ARRAY['Made to last. ', 'A gift that is used. ', 'Fits every shelf – even small ones. ', 'Für jeden Tag. ']), 2 + pg_temp.pick(5, n, 6)),
             ARRAY[pg_temp.one_of(6, n, ARRAY['new', 'sale', 'classic']), pg_temp.one_of(7, n, ARRAY['wood', 'steel', 'paper', 'linen'])],
             jsonb_build_object('colour', pg_temp.one_of(8, n, ARRAY['red', 'blue', 'grün', 'черный']), 'size', jsonb_build_array(pg_temp.pick(9, n, 90) + 5, pg_temp.pick(10, n, 60) + 3), 'fragile', pg_temp.chance(11, n) < 0.2),
             80 + pg_temp.pick(12, n, 4000),
             pg_temp.anchor() - make_interval(days => 300 + pg_temp.pick(13, n, 600))
      FROM generate_series(1, 600) AS n;`,
  },
  {
    title: '1,200 prices and 1,200 counts of stock',
    rows: 2400,
    sql: `
      INSERT INTO "PriceList" ("ProductId", "Currency", "Amount", "ValidFrom")
      SELECT n, currency, round((4 + pg_temp.chance(20, n) * 180)::numeric * rate, 2), (pg_temp.anchor() - interval '200 days')::date
      FROM generate_series(1, 600) AS n, (VALUES ('EUR', 1.0), ('CHF', 0.94)) AS money (currency, rate)
      ORDER BY n, currency;
      INSERT INTO stock (product_id, warehouse, quantity, counted_at)
      SELECT n, warehouse, 20 + pg_temp.pick(21 + length(warehouse), n, 300), pg_temp.anchor() - interval '9 hours'
      FROM generate_series(1, 600) AS n, (VALUES ('Nord'), ('Süd-West')) AS house (warehouse)
      ORDER BY n, warehouse;`,
  },
  {
    title: '5,000 customers with 6,000 addresses',
    rows: 11_000,
    sql: `
      INSERT INTO customers (name, email, phone, language, preferences, registered_at)
      SELECT pg_temp.one_of(30, n, ${firstNames}) || ' ' || pg_temp.one_of(31, n, ${lastNames}),
             'customer' || n || '@' || pg_temp.one_of(32, n, ARRAY['example.org', 'example.com', 'example.net']),
             '+00 555 ' || lpad(pg_temp.pick(33, n, 900000)::text, 6, '0'),
             pg_temp.one_of(34, n, ARRAY['de', 'en', 'fr', 'pl', 'ja', 'es']),
             jsonb_build_object('newsletter', pg_temp.chance(35, n) < 0.4, 'theme', pg_temp.one_of(36, n, ARRAY['light', 'dark'])),
             pg_temp.anchor() - make_interval(hours => 24 + pg_temp.pick(37, n, 17000))
      FROM generate_series(1, 5000) AS n;
      INSERT INTO addresses (customer_id, street, postcode, city, country)
      SELECT 1 + (n - 1) % 5000,
             pg_temp.one_of(40, n, ARRAY['Hauptstraße', 'Rue de l''Église', 'Rynek', 'Långgatan', 'High Street', 'Calle Peñón', 'Улица Мира']) || ' ' || (1 + pg_temp.pick(41, n, 180)),
             lpad(pg_temp.pick(42, n, 99999)::text, 5, '0'),
             pg_temp.one_of(43, n, ${cities}),
             pg_temp.one_of(44, n, ARRAY['CH', 'PL', 'JP', 'SE', 'VN', 'ES', 'DE', 'FR', 'IE'])
      FROM generate_series(1, 6000) AS n;`,
  },
  {
    title: '8,000 carts, and 52,000 that are long forgotten',
    rows: 8000,
    sql: `
      INSERT INTO carts (customer_id, items, touched_at)
      SELECT 1 + pg_temp.pick(50, n, 5000),
             jsonb_build_array(jsonb_build_object('product', 1 + pg_temp.pick(51, n, 600), 'quantity', 1 + pg_temp.pick(52, n, 3))),
             pg_temp.anchor() - make_interval(mins => pg_temp.pick(53, n, 40000))
      FROM generate_series(1, 8000) AS n;
      INSERT INTO carts (customer_id, items, touched_at)
      SELECT 1 + n % 5000, '[{"product": 1, "quantity": 1}]', pg_temp.anchor() - interval '1 year' FROM generate_series(1, ${forgottenCarts}) AS n;`,
  },
  {
    title: '9,000 sessions',
    rows: 9000,
    sql: `
      INSERT INTO sessions (id, customer_id, started_at, seen_at, pages)
      SELECT md5('session ' || n)::uuid, 1 + pg_temp.pick(60, n, 5000), started_at, started_at + make_interval(mins => pg_temp.pick(62, n, 90)),
             to_jsonb(repeat('/p/' || md5(n::text) || ' ', 34))
      FROM (SELECT n, pg_temp.anchor() - make_interval(mins => pg_temp.pick(61, n, 80000)) AS started_at FROM generate_series(1, 9000) AS n) AS visits;`,
  },
  {
    title: '14,000 orders with some 35,000 items',
    rows: 49_000,
    sql: `
      CREATE TEMPORARY TABLE bought AS
      SELECT n AS order_id, line,
             1 + pg_temp.pick(70, n * 8 + line, 600) AS product_id,
             1 + pg_temp.pick(71, n * 8 + line, 3) AS quantity
      FROM generate_series(1, 14000) AS n, generate_series(1, 4) AS line
      WHERE line <= 1 + pg_temp.pick(72, n, 4);
      CREATE TEMPORARY TABLE placed AS
      SELECT n AS order_id,
             pg_temp.anchor() - make_interval(secs => (14000 - n) * 1440 + pg_temp.pick(73, n, 1400)) AS ordered_at,
             pg_temp.one_of(74, n, ARRAY['EUR', 'EUR', 'CHF'])::character(3) AS currency
      FROM generate_series(1, 14000) AS n;
      ANALYZE bought, placed, "PriceList";
      INSERT INTO orders (id, ordered_at, customer_id, state, channel, currency, total)
      SELECT placed.order_id, ordered_at, 1 + pg_temp.pick(75, placed.order_id, 5000),
             (CASE
               WHEN pg_temp.chance(76, placed.order_id) < 0.04 THEN 'cancelled'
               WHEN ordered_at > pg_temp.anchor() - interval '2 days' THEN 'paid'
               WHEN ordered_at > pg_temp.anchor() - interval '6 days' THEN 'shipped'
               WHEN pg_temp.chance(77, placed.order_id) < 0.05 THEN 'returned'
               ELSE 'delivered' END)::order_state,
             pg_temp.one_of(78, placed.order_id, ARRAY['web', 'web', 'web', 'phone', 'marketplace']), placed.currency, sum(quantity * "Amount")
      FROM placed
      JOIN bought USING (order_id)
      JOIN "PriceList" ON "ProductId" = product_id AND "Currency" = placed.currency
      GROUP BY placed.order_id, ordered_at, placed.currency
      ORDER BY placed.order_id;
      INSERT INTO order_items (order_id, ordered_at, line, product_id, quantity, unit_price)
      SELECT order_id, ordered_at, line, product_id, quantity, "Amount"
      FROM bought
      JOIN placed USING (order_id)
      JOIN "PriceList" ON "ProductId" = product_id AND "Currency" = placed.currency
      ORDER BY order_id, line;
      SELECT setval('orders_id_seq', 14000);
      DROP TABLE bought, placed;`,
  },
  {
    title: 'Some 13,400 payments and 12,800 shipments',
    rows: 26_000,
    sql: `
      INSERT INTO payments (order_id, ordered_at, method, amount, paid_at)
      SELECT id, ordered_at, pg_temp.one_of(80, id, ARRAY['card', 'card', 'transfer', 'wallet', 'on delivery'])::payment_method, total, ordered_at + make_interval(mins => 1 + pg_temp.pick(81, id, 600))
      FROM orders WHERE state <> 'cancelled' ORDER BY id;
      INSERT INTO shipments (order_id, ordered_at, carrier, tracking_codes, sent_at)
      SELECT id, ordered_at, pg_temp.one_of(82, id, ARRAY['Post', 'Kurier Łódź', 'Vélo Express']),
             ARRAY(SELECT upper(substr(md5(id || ':' || part), 1, 12)) FROM generate_series(1, 1 + pg_temp.pick(83, id, 2)) AS part),
             ordered_at + make_interval(hours => 5 + pg_temp.pick(84, id, 40))
      FROM orders WHERE state IN ('shipped', 'delivered', 'returned') ORDER BY id;`,
  },
  {
    title: '3,500 reviews, 240 notes of the staff, 6,000 lines of audit log',
    rows: 9740,
    sql: `
      INSERT INTO reviews (product_id, customer_id, stars, body, written_at)
      SELECT 1 + pg_temp.pick(90, n, 600), 1 + pg_temp.pick(91, n, 5000), 1 + greatest(pg_temp.pick(92, n, 5), pg_temp.pick(93, n, 5)),
             pg_temp.one_of(94, n, ARRAY['Very good.', 'Tut, was es soll – mehr nicht.', 'C''est parfait 👍', 'とても良いです。', 'Broke after a week…', 'Отлично!']) || ' ' || pg_temp.one_of(95, n, ARRAY['', 'Delivery was slow.', 'Wróciłabym po drugą sztukę.', '¿Por qué no hay en azul?']),
             pg_temp.anchor() - make_interval(hours => pg_temp.pick(96, n, 5600))
      FROM generate_series(1, 3500) AS n;
      INSERT INTO staff_notes (customer_id, confidential, note)
      SELECT 1 + pg_temp.pick(97, n, 5000), n % 3 = 0, pg_temp.one_of(98, n, ARRAY['Prefers a call in the afternoon', 'Asked for an invoice twice', 'Kulant behandeln', 'Moved; new address follows'])
      FROM generate_series(1, 240) AS n;
      INSERT INTO audit.audit_log (at, actor, subject, action, before, after)
      SELECT ordered_at + interval '1 hour', 'shop_app', 'orders ' || id, 'UPDATE', jsonb_build_object('state', 'new'), jsonb_build_object('state', state)
      FROM orders WHERE id > 8000 ORDER BY id;`,
  },
  {
    title: 'The catalogue and two other files, as large objects',
    rows: 3,
    sql: `
      INSERT INTO documents (title, media_type, content)
      SELECT title, 'application/pdf',
             lo_from_bytea(number, convert_to('%PDF-1.4' || chr(10) || '% ' || title || chr(10) || (SELECT string_agg(md5(title || part), chr(10)) FROM generate_series(1, lines) AS part) || chr(10) || '%%EOF' || chr(10), 'UTF8'))
      FROM (VALUES (70001::oid, 'Catalogue', 9000), (70002::oid, 'Allgemeine Geschäftsbedingungen', 700), (70003::oid, 'Price list for resellers', 1800)) AS files (number, title, lines)
      ORDER BY number;`,
  },
];

import { expectedRows } from './expected.ts';
import type { ShopStep } from './step.ts';

/** What is quicker made after the rows: indexes, foreign keys of the big tables, views, triggers, rights. */
export const finish: readonly ShopStep[] = [
  {
    title: 'Indexes and foreign keys',
    rows: 0,
    sql: `
      CREATE INDEX products_category_id_idx ON products (category_id);
      CREATE INDEX products_tags_idx ON products USING gin (tags);
      CREATE INDEX addresses_customer_id_idx ON addresses (customer_id);
      CREATE INDEX carts_customer_id_idx ON carts (customer_id);
      CREATE INDEX carts_touched_at_idx ON carts (touched_at);
      CREATE INDEX staff_notes_customer_id_idx ON staff_notes (customer_id);
      CREATE INDEX orders_customer_id_idx ON orders (customer_id);
      CREATE INDEX orders_waiting_idx ON orders (ordered_at) WHERE state IN ('new', 'paid', 'packed');
      CREATE INDEX order_items_product_id_idx ON order_items (product_id);
      CREATE INDEX payments_order_id_idx ON payments (order_id);
      CREATE INDEX shipments_order_id_idx ON shipments (order_id);
      CREATE INDEX reviews_product_id_idx ON reviews (product_id);
      CREATE INDEX reviews_customer_id_idx ON reviews (customer_id);
      ALTER TABLE carts ADD FOREIGN KEY (customer_id) REFERENCES customers ON DELETE CASCADE;
      ALTER TABLE order_items ADD FOREIGN KEY (order_id, ordered_at) REFERENCES orders (id, ordered_at) ON DELETE CASCADE;
      ALTER TABLE payments ADD FOREIGN KEY (order_id, ordered_at) REFERENCES orders (id, ordered_at) ON DELETE CASCADE;
      ALTER TABLE shipments ADD FOREIGN KEY (order_id, ordered_at) REFERENCES orders (id, ordered_at) ON DELETE CASCADE;`,
  },
  { title: 'The forgotten carts go, and leave their place behind', rows: 0, sql: 'DELETE FROM carts WHERE id > 8000' },
  {
    title: 'Functions and the trigger that writes the audit log',
    rows: 0,
    sql: `
      CREATE FUNCTION order_total(wanted bigint) RETURNS numeric STABLE LANGUAGE plpgsql AS $$
      BEGIN
        RETURN coalesce((SELECT sum(line_total) FROM public.order_items WHERE order_id = wanted), 0);
      END
      $$;
      COMMENT ON FUNCTION order_total(bigint) IS 'What the items of an order add up to';
      CREATE FUNCTION audit.write_entry() RETURNS trigger SECURITY DEFINER SET search_path = pg_catalog LANGUAGE plpgsql AS $$
      BEGIN
        INSERT INTO audit.audit_log (at, actor, subject, action, before, after)
        VALUES (clock_timestamp(), session_user, 'orders ' || NEW.id, TG_OP,
                CASE WHEN TG_OP = 'UPDATE' THEN jsonb_build_object('state', OLD.state) END, jsonb_build_object('state', NEW.state));
        RETURN NULL;
      END
      $$;
      CREATE TRIGGER orders_audit AFTER INSERT OR UPDATE OF state ON orders FOR EACH ROW EXECUTE FUNCTION audit.write_entry();
      CREATE FUNCTION audit.forget(keep bigint) RETURNS void SECURITY DEFINER SET search_path = pg_catalog LANGUAGE sql AS $$
        DELETE FROM audit.audit_log WHERE id > 6000 AND id <= (SELECT max(id) FROM audit.audit_log) - keep;
      $$;
      COMMENT ON FUNCTION audit.forget(bigint) IS 'Keeps what the shop began with, and that many of the newest lines';`,
  },
  {
    title: 'Views',
    rows: 0,
    sql: `
      CREATE VIEW open_orders AS
        SELECT orders.id, orders.ordered_at, customers.name, orders.total, orders.currency
        FROM orders JOIN customers ON customers.id = orders.customer_id
        WHERE orders.state IN ('new', 'paid', 'packed');
      COMMENT ON VIEW open_orders IS 'What still has to be sent';
      CREATE MATERIALIZED VIEW revenue_by_month AS
        SELECT date_trunc('month', ordered_at AT TIME ZONE 'UTC')::date AS month, currency, count(*) AS orders, sum(total) AS revenue
        FROM orders WHERE state <> 'cancelled' GROUP BY 1, 2;
      CREATE UNIQUE INDEX revenue_by_month_key ON revenue_by_month (month, currency);`,
  },
  {
    title: 'Rights, and rows that only some may see',
    rows: 0,
    sql: `
      GRANT USAGE ON SCHEMA audit TO shop_app, reporting;
      GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO shop_app;
      GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO shop_app;
      GRANT EXECUTE ON FUNCTION audit.forget(bigint) TO shop_app;
      GRANT SELECT ON open_orders, revenue_by_month, products, categories TO reporting;
      GRANT SELECT ON LARGE OBJECT 70001, 70002, 70003 TO shop_app;
      ALTER TABLE staff_notes ENABLE ROW LEVEL SECURITY;
      CREATE POLICY not_confidential ON staff_notes FOR ALL TO shop_app USING (NOT confidential);
      COMMENT ON POLICY not_confidential ON staff_notes IS 'The web shop never sees what is confidential';`,
  },
];

/** Statistics for all tables but carts, which nobody looks after. Cannot run in a transaction. */
export const vacuumSql = `VACUUM (ANALYZE) ${Object.keys(expectedRows)
  .filter((table) => table !== 'carts')
  .join(', ')}, revenue_by_month`;

-- Tells the gates that a SKU was stopped or started: they ask the database again.
CREATE OR REPLACE FUNCTION stock_tell_sku() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('stock_back', NEW.id::text);
    RETURN NULL;
END $$;

CREATE TRIGGER sku_is_changed AFTER UPDATE ON stock_allocation
    FOR EACH ROW WHEN (OLD.state <> NEW.state) EXECUTE FUNCTION stock_tell_sku();

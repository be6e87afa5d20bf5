-- Tells the gates that a SKU which had nothing left has something again, or that a gate
-- changed: what they remember as sold out is forgotten. At the end of the transaction,
-- so that units which come back and go again within it are not told; only there, because
-- commits that notify wait for each other.
CREATE OR REPLACE FUNCTION stock_tell_back() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (SELECT sellable FROM stock_allocation WHERE id = NEW.id) > 0 THEN
        PERFORM pg_notify('stock_back', NEW.id::text);
    END IF;
    RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER allocation_is_back AFTER UPDATE ON stock_allocation
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (OLD.sellable = 0 AND NEW.sellable > 0) EXECUTE FUNCTION stock_tell_back();

CREATE OR REPLACE FUNCTION stock_tell_gate() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('stock_back', 'gate ' || NEW.campaign);
    RETURN NULL;
END $$;

CREATE TRIGGER gate_is_changed AFTER UPDATE ON stock_salegate
    FOR EACH ROW EXECUTE FUNCTION stock_tell_gate();

-- The ledger is written once: no entry is ever changed or removed.
CREATE FUNCTION stock_movement_is_final() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'movement_is_final: the ledger only grows'
        USING ERRCODE = 'restrict_violation', CONSTRAINT = 'movement_is_final';
END $$;

CREATE TRIGGER movement_is_final BEFORE UPDATE OR DELETE ON stock_movement
    FOR EACH ROW EXECUTE FUNCTION stock_movement_is_final();

CREATE TRIGGER movement_is_final_whole BEFORE TRUNCATE ON stock_movement
    FOR EACH STATEMENT EXECUTE FUNCTION stock_movement_is_final();

-- A reservation rewrites these rows all day: leave room for the new version beside
-- the old one, so that no index has to be touched.
ALTER TABLE stock_allocation SET (fillfactor = 50);
ALTER TABLE stock_sold SET (fillfactor = 50);

-- Writes down which SKUs need their buffer policies applied again: whose stock on hand
-- changed, whoever changed it, and which moved to another category. Entries are only
-- added, so nobody waits for anybody; who applies them takes them away.
CREATE OR REPLACE FUNCTION stock_buffer_due() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO stock_bufferdue (sku_id)
        SELECT DISTINCT n.sku_id FROM news n WHERE n.on_hand > 0;
    ELSE
        INSERT INTO stock_bufferdue (sku_id)
        SELECT DISTINCT n.sku_id FROM news n JOIN olds o ON o.id = n.id
        WHERE n.on_hand <> o.on_hand OR n.buffer <> o.buffer;
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER level_is_new AFTER INSERT ON stock_level
    REFERENCING NEW TABLE AS news
    FOR EACH STATEMENT EXECUTE FUNCTION stock_buffer_due();

CREATE TRIGGER level_is_counted AFTER UPDATE ON stock_level
    REFERENCING OLD TABLE AS olds NEW TABLE AS news
    FOR EACH STATEMENT EXECUTE FUNCTION stock_buffer_due();

CREATE OR REPLACE FUNCTION stock_buffer_moved() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO stock_bufferdue (sku_id) VALUES (NEW.id);
    RETURN NULL;
END $$;

CREATE TRIGGER sku_is_of_another_category AFTER UPDATE OF category ON stock_sku
    FOR EACH ROW WHEN (OLD.category IS DISTINCT FROM NEW.category)
    EXECUTE FUNCTION stock_buffer_moved();

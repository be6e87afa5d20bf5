-- Makes the ledger's table of a month (UTC), unless it is there: null then, else how many
-- entries of that month had to move out of the table of the rest.
--
-- It is made alone and then attached, so that nobody who writes other months waits. What
-- is attached must not be in the rest: that table is held for the moment, and entries of
-- the month are moved. They stay the same entries; nobody can change one meanwhile.
CREATE FUNCTION stock_movement_month(p_month date) RETURNS integer
LANGUAGE plpgsql
SET lock_timeout = '5s'
AS $$
DECLARE
    since timestamptz := date_trunc('month', p_month::timestamp) AT TIME ZONE 'UTC';
    until timestamptz := (date_trunc('month', p_month::timestamp) + interval '1 month')
                         AT TIME ZONE 'UTC';
    part text := 'stock_movement_' || to_char(p_month, 'YYYY_MM');
    moved integer := 0;
BEGIN
    PERFORM pg_advisory_xact_lock(5706, 0);
    IF EXISTS (SELECT FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
               WHERE i.inhparent = 'stock_movement'::regclass AND c.relname = part) THEN
        RETURN NULL;
    END IF;
    EXECUTE format(
        'CREATE TABLE %I (LIKE stock_movement INCLUDING CONSTRAINTS INCLUDING INDEXES,'
        ' CONSTRAINT movement_of_its_month CHECK (at >= %L AND at < %L))',
        part, since, until);
    LOCK TABLE ONLY stock_movement_rest IN ACCESS EXCLUSIVE MODE;
    IF EXISTS (SELECT FROM stock_movement_rest WHERE at >= since AND at < until) THEN
        ALTER TABLE stock_movement_rest DISABLE TRIGGER movement_is_final;
        EXECUTE format(
            'WITH gone AS (DELETE FROM stock_movement_rest'
            ' WHERE at >= %L AND at < %L RETURNING *) INSERT INTO %I SELECT * FROM gone',
            since, until, part);
        GET DIAGNOSTICS moved = ROW_COUNT;
        ALTER TABLE stock_movement_rest ENABLE TRIGGER movement_is_final;
    END IF;
    EXECUTE format(
        'ALTER TABLE stock_movement ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)',
        part, since, until);
    EXECUTE format('ALTER TABLE %I DROP CONSTRAINT movement_of_its_month', part);
    EXECUTE format(
        'CREATE TRIGGER movement_is_final_whole BEFORE TRUNCATE ON %I'
        ' FOR EACH STATEMENT EXECUTE FUNCTION stock_movement_is_final()', part);
    RETURN moved;
END $$;

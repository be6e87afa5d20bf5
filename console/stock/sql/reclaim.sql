-- Gives back the units of expired holds on these allocations, the oldest first.
--
-- p_need: units needed of each, so that one sale's backlog never delays another's buyer;
-- null asks for all. A line holds at least one unit, so never more lines than that are
-- taken, and never more than 20,000 at once: who waits for the rest asks again.
-- Rows that are locked keep their place, so they are found by it: a join would be planned
-- by whatever the tables held when they were last analyzed, which may be nothing.
-- The caller holds the row locks of the allocations. Lines that somebody is confirming
-- at this moment are skipped, so nobody waits for a line while holding an allocation.
CREATE OR REPLACE FUNCTION stock_reclaim(p_allocations bigint[], p_need int[], p_now timestamptz)
RETURNS integer LANGUAGE plpgsql
SET enable_seqscan = off
AS $$
DECLARE
    late tid[]; gone_lines int; gone_ids uuid[]; marked tid[];
BEGIN
    SELECT array_agg(l.place) INTO late
    FROM unnest(p_allocations, p_need) AS w (id, units)
    CROSS JOIN LATERAL (
        SELECT o.ctid AS place FROM stock_reservationline o
        WHERE o.held AND o.expires_at <= p_now AND o.allocation_id = w.id
        ORDER BY o.expires_at LIMIT least(w.units, 20000) FOR UPDATE SKIP LOCKED
    ) l;

    WITH gone AS (
        UPDATE stock_reservationline l SET held = false WHERE l.ctid = ANY (late)
        RETURNING l.reservation_id, l.allocation_id, l.units
    ), back AS (
        UPDATE stock_allocation a SET taken = a.taken - g.units
        FROM (SELECT allocation_id, sum(units)::int AS units FROM gone GROUP BY 1) g
        WHERE a.id = g.allocation_id
        RETURNING a.id, a.sku_id
    ), told AS (
        INSERT INTO stock_movement
            (at, sku_id, allocation_id, source, target, units, reservation, reason)
        SELECT p_now, b.sku_id, b.id, 'reserved', 'pool', g.units, g.reservation_id,
               'expired'
        FROM gone g JOIN back b ON b.id = g.allocation_id
    )
    SELECT count(*)::int, array_agg(g.reservation_id) INTO gone_lines, gone_ids FROM gone g;

    -- Whoever is paying or releasing one of them at this moment writes its end.
    SELECT array_agg(x.place) INTO marked FROM (
        SELECT r.ctid AS place FROM stock_reservation r
        WHERE r.id = ANY (gone_ids) AND r.state = 'held' FOR UPDATE SKIP LOCKED) x;
    UPDATE stock_reservation SET state = 'expired', ended_at = expires_at
    WHERE ctid = ANY (marked);
    RETURN gone_lines;
END $$;

-- How many units a buyer bought or holds unpaid in a campaign.
CREATE OR REPLACE FUNCTION stock_used(p_campaign text, p_buyer text, p_now timestamptz)
RETURNS integer LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN coalesce((
        SELECT sum(CASE WHEN r.state = 'confirmed' THEN l.sold ELSE l.units END)::int
        FROM (
            -- By the buyer, then line by line, whatever the tables held when they were
            -- last analyzed: by the campaign it would be all of a sale.
            SELECT o.id, o.state FROM stock_reservation o
            WHERE o.buyer = p_buyer AND o.campaign || '' = p_campaign AND (
                o.state = 'confirmed' OR (o.state = 'held' AND o.expires_at > p_now))
            OFFSET 0
        ) r CROSS JOIN LATERAL (
            SELECT x.units, x.sold FROM stock_reservationline x
            WHERE x.reservation_id = r.id OFFSET 0
        ) l
    ), 0);
END $$;

-- Tidies holds that expired, a part at a time, so that no allocation is kept long from
-- its buyers; nothing depends on it. Answers how many lines it ended: 0 is all, and null
-- that somebody else has the allocations whose holds are left.
CREATE OR REPLACE FUNCTION stock_sweep(p_now timestamptz, p_most int) RETURNS integer
LANGUAGE plpgsql
SET enable_seqscan = off
AS $$
#variable_conflict use_column
DECLARE
    t timestamptz := coalesce(p_now, clock_timestamp());
    late bigint[];
BEGIN
    SELECT array_agg(x.id) INTO late FROM (
        SELECT a.id FROM stock_allocation a
        WHERE a.returned_at IS NULL AND a.taken > 0
          AND EXISTS (SELECT FROM stock_reservationline l
                      WHERE l.allocation_id = a.id AND l.held AND l.expires_at <= t)
        ORDER BY random() LIMIT 20 FOR NO KEY UPDATE SKIP LOCKED) x;
    IF late IS NULL THEN
        RETURN CASE WHEN EXISTS (
            SELECT FROM stock_allocation a
            JOIN stock_reservationline l ON l.allocation_id = a.id
            WHERE a.returned_at IS NULL AND a.taken > 0 AND l.held AND l.expires_at <= t
        ) THEN NULL ELSE 0 END;
    END IF;
    RETURN stock_reclaim(
        late, array_fill(p_most / cardinality(late), ARRAY[cardinality(late)]), t);
END $$;

-- Locks the reservations, then what else is needed: reservation before allocation here,
-- while a reserving batch never waits for a reservation; so the two cannot deadlock.

-- Turns holds into sales; asked again, it answers the same. Paying after expiry takes
-- what is still counted or still there, and writes a shortfall for the rest; of a SKU that
-- was stopped nothing is there to take. Units that
-- are not there yet are sold late only to those who were told so in time.
CREATE FUNCTION stock_confirm(
    p_id uuid[], p_client text[], p_order text[], p_now timestamptz
) RETURNS TABLE (place int, outcome text, short int, state text, "order" text)
LANGUAGE plpgsql
SET enable_seqscan = off
AS $$
#variable_conflict use_column
DECLARE
    t timestamptz := coalesce(p_now, clock_timestamp());
    todo uuid[]; late uuid[]; line record; remaining int; taking int; there int; told int;
BEGIN
    PERFORM 1 FROM stock_reservation WHERE id = ANY (p_id) ORDER BY id FOR UPDATE;

    SELECT array_agg(r.id) INTO todo
    FROM stock_reservation r
    JOIN unnest(p_id, p_client) AS w (id, client) ON w.id = r.id
    WHERE r.state <> 'confirmed' AND r.client = coalesce(w.client, r.client);

    -- Lines still counted for their hold, late or not: the units are there.
    WITH paid AS (
        UPDATE stock_reservationline l SET held = false, sold = units
        WHERE l.reservation_id = ANY (todo) AND l.held
        RETURNING l.reservation_id, l.allocation_id, l.units
    )
    INSERT INTO stock_movement
        (at, sku_id, allocation_id, source, target, units, reservation, reason)
    SELECT t, a.sku_id, a.id, 'reserved', 'sold', p.units, p.reservation_id, ''
    FROM paid p JOIN stock_allocation a ON a.id = p.allocation_id;

    -- Lines whose units went back: take them again if they are there.
    FOR line IN
        SELECT l.reservation_id, l.allocation_id, l.units
        FROM stock_reservationline l
        WHERE l.reservation_id = ANY (todo) AND l.sold = 0 AND l.short = 0
        ORDER BY l.allocation_id, l.reservation_id
    LOOP
        PERFORM 1 FROM stock_allocation WHERE id = line.allocation_id FOR NO KEY UPDATE;
        PERFORM stock_reclaim(ARRAY[line.allocation_id], ARRAY[line.units], t);
        SELECT a.sellable, a.backorder INTO remaining, told FROM stock_allocation a
        WHERE a.id = line.allocation_id AND a.returned_at IS NULL AND a.state = 'open';
        remaining := coalesce(remaining, 0);
        told := coalesce(told, 0);
        there := least(greatest(remaining - told, 0), line.units);
        taking := there;
        IF told > 0 THEN
            UPDATE stock_backorder b
            SET units = least(b.units, line.units - there, remaining - there)
            WHERE b.reservation_id = line.reservation_id
              AND b.allocation_id = line.allocation_id RETURNING b.units INTO told;
            taking := there + coalesce(told, 0);
        END IF;
        UPDATE stock_allocation SET taken = taken + taking
        WHERE id = line.allocation_id AND taking > 0;
        UPDATE stock_reservationline SET sold = taking, short = line.units - taking
        WHERE reservation_id = line.reservation_id AND allocation_id = line.allocation_id;
        INSERT INTO stock_movement
            (at, sku_id, allocation_id, source, target, units, reservation, reason)
        SELECT t, a.sku_id, a.id, 'pool', 'sold', taking, line.reservation_id, 'paid late'
        FROM stock_allocation a WHERE a.id = line.allocation_id AND taking > 0;
        INSERT INTO stock_shortfall (reservation_id, allocation_id, "order", units, at, resolution)
        SELECT line.reservation_id, line.allocation_id, w."order", line.units - taking, t, ''
        FROM unnest(p_id, p_order) AS w (id, "order")
        WHERE w.id = line.reservation_id AND line.units > taking
        LIMIT 1;
    END LOOP;

    INSERT INTO stock_sold AS kept (allocation_id, slot, units)
    SELECT l.allocation_id, pg_backend_pid() % 16, sum(l.sold)::int
    FROM stock_reservationline l WHERE l.reservation_id = ANY (todo) AND l.sold > 0
    GROUP BY l.allocation_id ORDER BY l.allocation_id
    ON CONFLICT (allocation_id, slot) DO UPDATE SET units = kept.units + excluded.units;

    UPDATE stock_reservation r SET state = 'confirmed', "order" = w."order", ended_at = t
    FROM (SELECT DISTINCT ON (id) id, "order"
          FROM unnest(p_id, p_order) WITH ORDINALITY AS u (id, "order", place)
          ORDER BY id, place) w
    WHERE r.id = w.id AND r.id = ANY (todo);

    -- Paying late is never refused, so it can take a buyer over their limit: told.
    SELECT array_agg(r.id) INTO late
    FROM stock_reservation r JOIN stock_salegate g ON g.campaign = r.campaign
    WHERE r.id = ANY (todo) AND r.expires_at <= t AND g.buyer_limit IS NOT NULL;
    IF late IS NOT NULL THEN
        PERFORM pg_advisory_xact_lock(5703, u.lock)
        FROM (SELECT DISTINCT hashtext(campaign || chr(10) || buyer) AS lock
              FROM stock_reservation WHERE id = ANY (late) ORDER BY 1) u;
        INSERT INTO stock_limitbreach AS kept
            (campaign, buyer, rule, times, units, first_at, last_at)
        SELECT r.campaign, r.buyer, 'paid_over', count(*), x.used, t, t
        FROM stock_reservation r JOIN stock_salegate g ON g.campaign = r.campaign
        CROSS JOIN LATERAL stock_used(r.campaign, r.buyer, t) x (used)
        WHERE r.id = ANY (late) AND x.used > g.buyer_limit
        GROUP BY r.campaign, r.buyer, x.used ORDER BY 1, 2
        ON CONFLICT (campaign, buyer, rule) DO UPDATE
        SET times = kept.times + excluded.times, last_at = excluded.last_at,
            units = greatest(kept.units, excluded.units);
    END IF;

    RETURN QUERY
    SELECT w.place::int,
           CASE WHEN r.id IS NULL OR r.client <> coalesce(w.client, r.client)
                    THEN 'unknown_reservation'
                WHEN r."order" <> w."order" THEN 'confirmed_for_another_order'
                ELSE 'confirmed' END,
           (SELECT sum(l.short)::int FROM stock_reservationline l WHERE l.reservation_id = r.id),
           r.state::text, r."order"::text
    FROM unnest(p_id, p_client, p_order)
         WITH ORDINALITY AS w (id, client, "order", place)
    LEFT JOIN stock_reservation r ON r.id = w.id
    ORDER BY w.place;
END $$;

-- Ends holds unsold; asked again, it answers the same. A paid one is refused.
CREATE FUNCTION stock_release(p_id uuid[], p_client text[], p_now timestamptz)
RETURNS TABLE (place int, outcome text, state text)
LANGUAGE plpgsql
SET enable_seqscan = off
AS $$
#variable_conflict use_column
DECLARE
    t timestamptz := coalesce(p_now, clock_timestamp());
    todo uuid[];
BEGIN
    PERFORM 1 FROM stock_reservation WHERE id = ANY (p_id) ORDER BY id FOR UPDATE;

    SELECT array_agg(r.id) INTO todo
    FROM stock_reservation r
    JOIN unnest(p_id, p_client) AS w (id, client) ON w.id = r.id
    WHERE r.state = 'held' AND r.client = coalesce(w.client, r.client);

    PERFORM 1 FROM stock_allocation WHERE id IN (
        SELECT allocation_id FROM stock_reservationline
        WHERE reservation_id = ANY (todo) AND held)
    ORDER BY id FOR NO KEY UPDATE;

    WITH gone AS (
        UPDATE stock_reservationline l SET held = false
        WHERE l.reservation_id = ANY (todo) AND l.held
        RETURNING l.reservation_id, l.allocation_id, l.units
    ), back AS (
        UPDATE stock_allocation a SET taken = a.taken - g.units
        FROM (SELECT allocation_id, sum(units)::int AS units FROM gone GROUP BY 1) g
        WHERE a.id = g.allocation_id
        RETURNING a.id, a.sku_id
    )
    INSERT INTO stock_movement
        (at, sku_id, allocation_id, source, target, units, reservation, reason)
    SELECT t, b.sku_id, b.id, 'reserved', 'pool', g.units, g.reservation_id, 'released'
    FROM gone g JOIN back b ON b.id = g.allocation_id;

    UPDATE stock_reservation
    SET state = CASE WHEN expires_at <= t THEN 'expired' ELSE 'released' END,
        ended_at = least(t, expires_at)
    WHERE id = ANY (todo);

    RETURN QUERY
    SELECT w.place::int,
           CASE WHEN r.id IS NULL OR r.client <> coalesce(w.client, r.client)
                    THEN 'unknown_reservation'
                WHEN r.state = 'confirmed' THEN 'already_confirmed'
                ELSE 'released' END,
           r.state::text
    FROM unnest(p_id, p_client) WITH ORDINALITY AS w (id, client, place)
    LEFT JOIN stock_reservation r ON r.id = w.id
    ORDER BY w.place;
END $$;

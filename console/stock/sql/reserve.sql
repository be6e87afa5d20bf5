-- Gives back the units of expired holds on these allocations.
-- The caller holds the row locks of the allocations. Lines that somebody is confirming
-- at this moment are skipped, so nobody waits for a line while holding an allocation.
CREATE FUNCTION stock_reclaim(p_allocations bigint[], p_now timestamptz)
RETURNS integer LANGUAGE sql
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off
AS $$
    WITH late AS MATERIALIZED (
        SELECT reservation_id, allocation_id FROM stock_reservationline
        WHERE held AND expires_at <= p_now AND allocation_id = ANY (p_allocations)
        LIMIT 20000 FOR UPDATE SKIP LOCKED
    ), gone AS (
        UPDATE stock_reservationline l SET held = false FROM late
        WHERE l.reservation_id = late.reservation_id
          AND l.allocation_id = late.allocation_id
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
    SELECT count(*)::int FROM gone
$$;

-- Decides a batch of reservations in the order given and answers each: the only place
-- where units are promised. All lines of a request or none; lines of one SKU summed;
-- a refused request never touches its neighbours; a known id answers as it did.
--
-- Locks in this order: gates (shared, so that a pause waits for the batch in flight
-- and the next batch waits for the pause), allocations by id, buyers by hash. What is
-- decided is read after the locks, in statements that see everything committed.
--
-- p_ttl: seconds, 0 for the gate's own. p_now: null for the database's clock.
-- A unique violation means that a twin with another body got in between: try again.
CREATE FUNCTION stock_reserve(
    p_id uuid[], p_client text[], p_key text[], p_hash bytea[], p_campaign text[],
    p_buyer text[], p_ttl int[], p_line_of int[], p_sku text[], p_units int[],
    p_now timestamptz
) RETURNS TABLE (
    place int, outcome text, expires timestamptz, sku text, remaining int
) LANGUAGE plpgsql
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off
SET plan_cache_mode = force_generic_plan SET jit = off
AS $$
#variable_conflict use_column
DECLARE
    t timestamptz := coalesce(p_now, clock_timestamp());
    n int := cardinality(p_id);
    -- lines, sorted by request; slot is the place of the allocation in slot_id, or 0
    l_of int[]; l_slot int[]; l_units int[]; l_sku text[];
    slot_id bigint[]; slot_sku bigint[]; slot_left int[]; slot_given int[]; short bigint[];
    g_campaign text[]; g_state text[]; g_ttl int[]; g_limit int[]; g int;
    seen_id uuid[]; seen_hash bytea[]; seen_expires timestamptz[];
    b_key text[]; b_used int[]; b int; wanted int;
    o_outcome text[] := array_fill(NULL::text, ARRAY[n]);
    o_expires timestamptz[] := array_fill(NULL::timestamptz, ARRAY[n]);
    o_sku text[] := array_fill(NULL::text, ARRAY[n]);
    o_left int[] := array_fill(NULL::int, ARRAY[n]);
    granted boolean := false;
    i int; j int := 1; k int; s int; answer text;
BEGIN
    PERFORM pg_advisory_xact_lock_shared(5702, gate.id::int)
    FROM (SELECT id FROM stock_salegate WHERE campaign = ANY (p_campaign) ORDER BY id) gate;

    SELECT array_agg(x.line_of ORDER BY x.line_of, x.slot),
           array_agg(x.slot ORDER BY x.line_of, x.slot),
           array_agg(x.units ORDER BY x.line_of, x.slot),
           array_agg(x.code ORDER BY x.line_of, x.slot),
           array_agg(DISTINCT x.allocation) FILTER (WHERE x.allocation IS NOT NULL)
    INTO l_of, l_slot, l_units, l_sku, slot_id
    FROM (
        SELECT w.line_of, w.code, sum(w.units)::int AS units, a.id AS allocation,
               CASE WHEN a.id IS NULL THEN 0
                    ELSE dense_rank() OVER (ORDER BY a.id NULLS LAST) END::int AS slot
        FROM unnest(p_line_of, p_sku, p_units) AS w (line_of, code, units)
        LEFT JOIN stock_sku k ON k.code = w.code
        LEFT JOIN stock_allocation a
               ON a.sku_id = k.id AND a.campaign = p_campaign[w.line_of]
        GROUP BY w.line_of, w.code, a.id
    ) x;

    PERFORM 1 FROM stock_allocation WHERE id = ANY (slot_id)
    ORDER BY id FOR NO KEY UPDATE;

    SELECT array_agg(campaign), array_agg(state), array_agg(hold_ttl_s), array_agg(buyer_limit)
    INTO g_campaign, g_state, g_ttl, g_limit
    FROM stock_salegate WHERE campaign = ANY (p_campaign);

    SELECT array_agg(id), array_agg(body_hash), array_agg(expires_at)
    INTO seen_id, seen_hash, seen_expires
    FROM stock_reservation WHERE id = ANY (p_id);

    -- Expired holds are reclaimed only where the units are needed.
    SELECT array_agg(a.id) INTO short
    FROM (SELECT slot_id[u.slot] AS id, sum(u.units) AS units
          FROM unnest(l_slot, l_units) AS u (slot, units) WHERE u.slot > 0 GROUP BY 1) d
    JOIN stock_allocation a ON a.id = d.id
    WHERE a.sellable < d.units;
    IF short IS NOT NULL THEN
        PERFORM stock_reclaim(short, t);
    END IF;

    SELECT array_agg(sku_id ORDER BY id),
           array_agg(CASE WHEN returned_at IS NULL THEN sellable ELSE 0 END ORDER BY id)
    INTO slot_sku, slot_left
    FROM stock_allocation WHERE id = ANY (slot_id);
    slot_given := array_fill(0, ARRAY[coalesce(cardinality(slot_id), 0)]);

    IF EXISTS (SELECT FROM unnest(g_limit) AS x (units) WHERE x.units IS NOT NULL) THEN
        SELECT array_agg(x.buyer ORDER BY x.lock) INTO b_key FROM (
            SELECT DISTINCT u.campaign || chr(10) || u.buyer AS buyer,
                   hashtext(u.campaign || chr(10) || u.buyer) AS lock
            FROM unnest(p_campaign, p_buyer) AS u (campaign, buyer)) x;
        PERFORM pg_advisory_xact_lock(5703, hashtext(u.buyer))
        FROM unnest(b_key) AS u (buyer);
        SELECT array_agg(coalesce(x.used, 0) ORDER BY u.place) INTO b_used
        FROM unnest(b_key) WITH ORDINALITY AS u (buyer, place)
        LEFT JOIN LATERAL (
            SELECT sum(CASE WHEN r.state = 'confirmed' THEN l.sold ELSE l.units END)::int AS used
            FROM stock_reservation r JOIN stock_reservationline l ON l.reservation_id = r.id
            WHERE r.campaign = split_part(u.buyer, chr(10), 1)
              AND r.buyer = split_part(u.buyer, chr(10), 2)
              AND (r.state = 'confirmed' OR (r.state = 'held' AND r.expires_at > t))
        ) x ON true;
    END IF;

    FOR i IN 1..n LOOP
        answer := NULL;
        k := j;
        WHILE l_of[j] = i LOOP j := j + 1; END LOOP;
        g := array_position(g_campaign, p_campaign[i]);
        s := array_position(seen_id, p_id[i]);
        IF s IS NOT NULL THEN
            IF seen_hash[s] = p_hash[i] THEN
                answer := 'replayed';
                o_expires[i] := seen_expires[s];
            ELSE
                answer := 'idempotency_mismatch';
            END IF;
        ELSIF g IS NULL THEN
            answer := 'unknown_campaign';
        ELSIF g_state[g] <> 'open' THEN
            answer := 'gate_' || g_state[g];
        ELSE
            wanted := 0;
            FOR s IN k..j - 1 LOOP
                wanted := wanted + l_units[s];
                IF l_slot[s] = 0 THEN
                    answer := 'unknown_sku';
                    o_sku[i] := l_sku[s];
                    EXIT;
                ELSIF slot_left[l_slot[s]] < l_units[s] THEN
                    answer := 'not_enough_stock';
                    o_sku[i] := l_sku[s];
                    o_left[i] := slot_left[l_slot[s]];
                    EXIT;
                END IF;
            END LOOP;
            IF answer IS NULL AND g_limit[g] IS NOT NULL THEN
                b := array_position(b_key, p_campaign[i] || chr(10) || p_buyer[i]);
                IF b_used[b] + wanted > g_limit[g] THEN
                    answer := 'buyer_limit';
                    o_left[i] := greatest(g_limit[g] - b_used[b], 0);
                ELSE
                    b_used[b] := b_used[b] + wanted;
                END IF;
            END IF;
            IF answer IS NULL THEN
                answer := 'held';
                granted := true;
                o_expires[i] := t + make_interval(
                    secs => CASE WHEN p_ttl[i] > 0 THEN p_ttl[i] ELSE g_ttl[g] END);
                FOR s IN k..j - 1 LOOP
                    slot_left[l_slot[s]] := slot_left[l_slot[s]] - l_units[s];
                    slot_given[l_slot[s]] := slot_given[l_slot[s]] + l_units[s];
                END LOOP;
            END IF;
        END IF;
        o_outcome[i] := answer;
    END LOOP;

    IF granted THEN
        UPDATE stock_allocation a SET taken = a.taken + w.units
        FROM unnest(slot_id, slot_given) AS w (id, units)
        WHERE a.id = w.id AND w.units > 0;

        INSERT INTO stock_reservation
            (id, client, key, body_hash, campaign, buyer, state, made_at, expires_at, "order")
        SELECT w.id, w.client, w.key, w.hash, w.campaign, w.buyer, 'held', t, w.expires, ''
        FROM unnest(p_id, p_client, p_key, p_hash, p_campaign, p_buyer, o_outcome, o_expires)
             AS w (id, client, key, hash, campaign, buyer, outcome, expires)
        WHERE w.outcome = 'held' ORDER BY w.id;

        INSERT INTO stock_reservationline
            (reservation_id, allocation_id, units, held, expires_at, sold, short)
        SELECT p_id[w.line_of], slot_id[w.slot], w.units, true, o_expires[w.line_of], 0, 0
        FROM unnest(l_of, l_slot, l_units) AS w (line_of, slot, units)
        WHERE o_outcome[w.line_of] = 'held';

        INSERT INTO stock_movement
            (at, sku_id, allocation_id, source, target, units, reservation, reason)
        SELECT t, slot_sku[w.slot], slot_id[w.slot], 'pool', 'reserved', w.units,
               p_id[w.line_of], ''
        FROM unnest(l_of, l_slot, l_units) AS w (line_of, slot, units)
        WHERE o_outcome[w.line_of] = 'held';
    END IF;

    RETURN QUERY SELECT w.place::int, w.outcome, w.expires, w.sku, w.remaining
    FROM unnest(o_outcome, o_expires, o_sku, o_left)
         WITH ORDINALITY AS w (outcome, expires, sku, remaining, place);
END $$;

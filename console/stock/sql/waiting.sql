-- Who waits for a SKU that is sold out. The line of a SKU is changed only under the row
-- lock of its allocation, whose `waiting` is the sum of the units of those in it.
CREATE SEQUENCE IF NOT EXISTS stock_waiter_position;

-- What became of waiters, as of now: an offer that was paid for is taken, whatever was
-- written down, and one whose hold ended has passed. ahead: so many came before and wait,
-- 1,000 for that or more.
CREATE OR REPLACE FUNCTION stock_waiter_now(p_id uuid[], p_now timestamptz)
RETURNS TABLE (id uuid, state text, ahead int, offered int, expires timestamptz)
LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    SELECT w.id,
           CASE WHEN r.state = 'confirmed' THEN 'taken'
                WHEN w.state = 'offered' AND (r.state <> 'held' OR r.expires_at <= p_now)
                    THEN 'passed'
                ELSE w.state::text END,
           CASE WHEN w.state = 'waiting' THEN (
               SELECT count(*)::int FROM (
                   SELECT FROM stock_waiter o
                   WHERE o.allocation_id = w.allocation_id AND o.state = 'waiting'
                     AND o.position < w.position
                   ORDER BY o.position DESC LIMIT 1000) x) ELSE 0 END,
           w.offered, r.expires_at
    FROM stock_waiter w LEFT JOIN stock_reservation r ON r.id = w.id
    WHERE w.id = ANY (p_id);
END $$;

-- Lets buyers join the line; a known id answers what became of it. Nobody waits for more
-- than they may have, so units are kept only for those who could take them. Who asks for
-- a sale that is over, or was never open, is told before anything is locked, so nobody who
-- buys or pays elsewhere waits for them.
CREATE OR REPLACE FUNCTION stock_wait(
    p_id uuid[], p_client text[], p_key text[], p_hash bytea[],
    p_campaign text[], p_sku text[], p_buyer text[], p_units int[], p_now timestamptz
) RETURNS TABLE (
    place int, outcome text, state text, ahead int, offered int, expires timestamptz,
    known uuid, remaining int
) LANGUAGE plpgsql
SET enable_seqscan = off
AS $$
#variable_conflict use_column
DECLARE
    t timestamptz := coalesce(p_now, clock_timestamp());
    n int := cardinality(p_id);
    slots bigint[]; early text[]; slot record; gate text; hash bytea; other record; free int;
    sale record;
    o_outcome text[] := array_fill('waiting'::text, ARRAY[n]);
    o_known uuid[] := array_fill(NULL::uuid, ARRAY[n]);
    o_left int[] := array_fill(NULL::int, ARRAY[n]);
BEGIN
    SELECT array_agg(a.id ORDER BY w.place),
           array_agg(CASE WHEN g.id IS NULL THEN 'unknown_campaign'
                          WHEN a.id IS NULL THEN 'unknown_sku'
                          WHEN g.state = 'closed' OR g.holds_until <= t
                               OR a.returned_at IS NOT NULL THEN 'gate_closed' END
                     ORDER BY w.place)
    INTO slots, early
    FROM unnest(p_campaign, p_sku) WITH ORDINALITY AS w (campaign, code, place)
    LEFT JOIN stock_sku k ON k.code = w.code
    LEFT JOIN stock_allocation a ON a.sku_id = k.id AND a.campaign = w.campaign
    LEFT JOIN stock_salegate g ON g.campaign = w.campaign;
    PERFORM 1 FROM stock_allocation WHERE id IN (
        SELECT u.id FROM unnest(slots, early) AS u (id, why) WHERE u.why IS NULL)
    ORDER BY id FOR NO KEY UPDATE;

    FOR i IN 1..n LOOP
        SELECT w.body_hash INTO hash FROM stock_waiter w WHERE w.id = p_id[i];
        IF FOUND THEN
            IF hash <> p_hash[i] THEN o_outcome[i] := 'idempotency_mismatch'; END IF;
            CONTINUE;
        END IF;
        IF early[i] IS NOT NULL THEN
            o_outcome[i] := early[i];
            CONTINUE;
        END IF;
        SELECT CASE WHEN g.holds_until <= t THEN 'closed' ELSE g.state END AS state,
               g.order_limit, g.buyer_limit INTO sale
        FROM stock_salegate g WHERE g.campaign = p_campaign[i];
        gate := sale.state;
        SELECT a.id, a.state, a.sellable - a.waiting AS units, a.returned_at, a.waiting
        INTO slot
        FROM stock_allocation a WHERE a.id = slots[i];
        SELECT w.id, w.client INTO other FROM stock_waiter w
        WHERE w.allocation_id = slots[i] AND w.buyer = p_buyer[i]
          AND w.state IN ('waiting', 'offered')
          AND NOT EXISTS (SELECT FROM stock_reservation r WHERE r.id = w.id
                          AND (r.state <> 'held' OR r.expires_at <= t));
        IF gate = 'closed' OR slot.returned_at IS NOT NULL THEN
            o_outcome[i] := 'gate_closed';
        ELSIF slot.state = 'stopped' THEN
            o_outcome[i] := 'sku_stopped';
        ELSIF other.id IS NOT NULL THEN
            o_outcome[i] := 'already_waiting';
            IF other.client = p_client[i] THEN o_known[i] := other.id; END IF;
        ELSIF p_units[i] > sale.order_limit THEN
            o_outcome[i] := 'order_limit';
            o_left[i] := sale.order_limit;
        ELSIF p_units[i] > sale.buyer_limit THEN
            o_outcome[i] := 'buyer_limit';
            o_left[i] := sale.buyer_limit;
        ELSIF slot.waiting + p_units[i] > 1e9 THEN
            o_outcome[i] := 'line_full';
        ELSE
            SELECT slot.units + coalesce(sum(l.units), 0) INTO free
            FROM stock_reservationline l
            WHERE l.allocation_id = slot.id AND l.held AND l.expires_at <= t;
            IF free >= p_units[i] THEN
                o_outcome[i] := 'still_in_stock';
                o_left[i] := free;
                CONTINUE;
            END IF;
            PERFORM stock_waiters_end(slot.id, p_buyer[i], t);
            INSERT INTO stock_waiter (id, allocation_id, client, key, body_hash, buyer,
                units, offered, state, position, made_at)
            VALUES (p_id[i], slot.id, p_client[i], p_key[i], p_hash[i], p_buyer[i],
                p_units[i], 0, 'waiting', nextval('stock_waiter_position'), t);
            UPDATE stock_allocation SET waiting = waiting + p_units[i] WHERE id = slot.id;
        END IF;
    END LOOP;

    RETURN QUERY
    SELECT w.place::int, w.outcome, x.state, x.ahead, x.offered, x.expires, w.known, w.left
    FROM unnest(p_id, o_outcome, o_known, o_left)
         WITH ORDINALITY AS w (id, outcome, known, "left", place)
    LEFT JOIN stock_waiter_now(p_id, t) x ON x.id = w.id AND w.outcome = 'waiting';
END $$;

-- Writes down what became of offers whose hold has ended, of all or of one buyer's, 500 a
-- call; those that somebody else is just writing are left to them. They are found once, and
-- written by their place: `id IN (SELECT … LIMIT 500)` may be looked up again for each row,
-- and then takes all there are, in a time that grows with their square.
CREATE OR REPLACE FUNCTION stock_waiters_end(
    p_allocation bigint, p_buyer text, p_now timestamptz
) RETURNS int LANGUAGE plpgsql AS $$
DECLARE ended int;
BEGIN
    UPDATE stock_waiter w
    SET state = CASE WHEN r.state = 'confirmed' THEN 'taken' ELSE 'passed' END,
        ended_at = coalesce(r.ended_at, r.expires_at)
    FROM stock_reservation r
    WHERE r.id = w.id AND w.ctid = ANY (ARRAY(
        SELECT o.ctid FROM stock_waiter o JOIN stock_reservation h ON h.id = o.id
        WHERE o.state = 'offered' AND (h.state <> 'held' OR h.expires_at <= p_now)
          AND (p_allocation IS NULL
               OR (o.allocation_id = p_allocation AND o.buyer = p_buyer))
        ORDER BY o.id LIMIT 500 FOR UPDATE OF o SKIP LOCKED));
    GET DIAGNOSTICS ended = ROW_COUNT;
    RETURN ended;
END $$;

-- Lets buyers leave the line, and gives back what was held for them; asked again, it
-- answers the same. What was paid for is refused.
CREATE OR REPLACE FUNCTION stock_leave(p_id uuid[], p_client text[], p_now timestamptz)
RETURNS TABLE (place int, outcome text, state text) LANGUAGE plpgsql
SET enable_seqscan = off
AS $$
#variable_conflict use_column
DECLARE
    t timestamptz := coalesce(p_now, clock_timestamp());
    mine uuid[]; holds uuid[];
BEGIN
    SELECT array_agg(w.id) INTO mine
    FROM stock_waiter w JOIN unnest(p_id, p_client) AS u (id, client) ON u.id = w.id
    WHERE w.client = coalesce(u.client, w.client);
    SELECT array_agg(x.id) INTO holds FROM (
        SELECT r.id FROM stock_reservation r WHERE r.id = ANY (mine) ORDER BY 1 FOR UPDATE) x;
    PERFORM 1 FROM stock_allocation WHERE id IN (
        SELECT w.allocation_id FROM stock_waiter w WHERE w.id = ANY (mine))
    ORDER BY id FOR NO KEY UPDATE;
    IF EXISTS (SELECT FROM stock_reservation r WHERE r.id = ANY (mine)
               AND r.id <> ALL (coalesce(holds, '{}'))) THEN
        RAISE EXCEPTION 'an offer was made meanwhile' USING ERRCODE = '40001';
    END IF;

    WITH gone AS (
        UPDATE stock_waiter w SET state = 'left', ended_at = t
        WHERE w.id = ANY (mine) AND w.state = 'waiting'
        RETURNING w.allocation_id, w.units)
    UPDATE stock_allocation a SET waiting = a.waiting - g.units
    FROM (SELECT allocation_id, sum(units)::int AS units FROM gone GROUP BY 1) g
    WHERE a.id = g.allocation_id;
    UPDATE stock_waiter w SET state = 'left', ended_at = t
    FROM stock_reservation r
    WHERE w.id = ANY (mine) AND w.state = 'offered' AND r.id = w.id
      AND r.state = 'held' AND r.expires_at > t;
    IF holds IS NOT NULL THEN
        PERFORM stock_release(holds, array_fill(NULL::text, ARRAY[cardinality(holds)]), t);
    END IF;

    RETURN QUERY
    SELECT u.place::int,
           CASE WHEN x.id IS NULL THEN 'unknown_waiter'
                WHEN x.state = 'taken' THEN 'already_taken' ELSE 'left' END, x.state
    FROM unnest(p_id) WITH ORDINALITY AS u (id, place)
    LEFT JOIN stock_waiter_now(mine, t) x ON x.id = u.id;
END $$;

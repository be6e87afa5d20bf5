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

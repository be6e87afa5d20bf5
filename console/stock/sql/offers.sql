-- Holds units that came back for those who wait, first come, first served; answers how
-- many waiters it moved on, 0 when nothing is to do. Several may run at once: one looks
-- after a SKU at a time, and what is decided is read under the row locks everybody takes:
-- gates (shared), allocations by id, buyers by hash.
--
-- An offer is a hold like any other, under the waiter's id, for p_ttl seconds: it is paid,
-- released and swept as such. Its units are at most those that are wanted; who cannot be
-- given the whole of it is given what there is. Units that are not there are offered to
-- nobody: who waits was never told that they would be late.
--
-- p_most: offers of one call, over all SKUs.
CREATE OR REPLACE FUNCTION stock_offer(p_now timestamptz, p_ttl int, p_most int)
RETURNS int LANGUAGE plpgsql
SET enable_seqscan = off
AS $$
#variable_conflict use_column
DECLARE
    t timestamptz := coalesce(p_now, clock_timestamp());
    slots bigint[]; picks uuid[]; one record; sale record; pick uuid; give int; ends timestamptz;
    done int := 0;
BEGIN
    SELECT array_agg(x.id) INTO slots FROM (
        SELECT a.id FROM stock_allocation a JOIN stock_salegate g ON g.campaign = a.campaign
        WHERE a.waiting > 0 AND a.returned_at IS NULL AND a.state = 'open'
          AND g.state = 'open' AND (g.holds_until IS NULL OR g.holds_until > t)
          AND (a.sellable > a.backorder OR EXISTS (
               SELECT FROM stock_reservationline l
               WHERE l.allocation_id = a.id AND l.held AND l.expires_at <= t))
        ORDER BY a.id LIMIT 20) x
    WHERE pg_try_advisory_xact_lock(5708, hashint8(x.id));
    IF slots IS NULL THEN
        RETURN done;
    END IF;
    PERFORM pg_advisory_xact_lock_shared(5702, gate.id::int)
    FROM (SELECT DISTINCT g.id FROM stock_salegate g
          JOIN stock_allocation a ON a.campaign = g.campaign
          WHERE a.id = ANY (slots) ORDER BY 1) gate;
    PERFORM 1 FROM stock_allocation WHERE id = ANY (slots) ORDER BY id FOR NO KEY UPDATE;
    PERFORM stock_reclaim(array_agg(a.id),
        array_agg(greatest(a.waiting - a.sellable + a.backorder, 0)), t)
    FROM stock_allocation a WHERE a.id = ANY (slots);

    SELECT array_agg(w.id ORDER BY a.id, w.position) INTO picks
    FROM stock_allocation a JOIN stock_salegate g ON g.campaign = a.campaign
    CROSS JOIN LATERAL (
        SELECT o.id, o.position, sum(o.units) OVER (ORDER BY o.position) - o.units AS before
        FROM (SELECT * FROM stock_waiter i
              WHERE i.allocation_id = a.id AND i.state = 'waiting'
              ORDER BY i.position
              LIMIT greatest(p_most / cardinality(slots), 1)) o) w
    WHERE a.id = ANY (slots) AND a.returned_at IS NULL AND a.state = 'open'
      AND g.state = 'open' AND w.before < a.sellable - a.backorder;
    IF picks IS NULL THEN
        RETURN done;
    END IF;
    PERFORM pg_advisory_xact_lock(5703, u.lock) FROM (
        SELECT DISTINCT hashtext(a.campaign || chr(10) || w.buyer) AS lock
        FROM stock_waiter w JOIN stock_allocation a ON a.id = w.allocation_id
        JOIN stock_salegate g ON g.campaign = a.campaign AND g.buyer_limit IS NOT NULL
        WHERE w.id = ANY (picks) ORDER BY 1) u;

    FOREACH pick IN ARRAY picks LOOP
        SELECT w.client, w.key, w.body_hash, w.buyer, w.units, a.id, a.sku_id, a.campaign,
               a.sellable - a.backorder AS there
        INTO one FROM stock_waiter w JOIN stock_allocation a ON a.id = w.allocation_id
        WHERE w.id = pick;
        CONTINUE WHEN one.there < 1;
        SELECT g.holds_until, g.order_limit, CASE WHEN g.buyer_limit IS NOT NULL THEN
                   g.buyer_limit - stock_used(one.campaign, one.buyer, t) END AS may
        INTO sale FROM stock_salegate g WHERE g.campaign = one.campaign;
        give := greatest(least(one.units, one.there, sale.order_limit, sale.may), 0);
        ends := least(sale.holds_until, t + make_interval(secs => p_ttl));
        done := done + 1;
        UPDATE stock_waiter SET offered = give, offered_at = t,
            state = CASE WHEN give > 0 THEN 'offered' ELSE 'passed' END,
            ended_at = CASE WHEN give = 0 THEN t END
        WHERE id = pick;
        UPDATE stock_allocation SET taken = taken + give, waiting = waiting - one.units
        WHERE id = one.id;
        CONTINUE WHEN give = 0;
        INSERT INTO stock_reservation
            (id, digest, client, key, body_hash, campaign, buyer, state, made_at, expires_at,
             "order")
        VALUES (pick, pick, one.client, one.key, one.body_hash, one.campaign, one.buyer,
            'held', t, ends, '');
        INSERT INTO stock_reservationline
            (reservation_id, allocation_id, units, held, expires_at, sold, short)
        VALUES (pick, one.id, give, true, ends, 0, 0);
        INSERT INTO stock_movement
            (at, sku_id, allocation_id, source, target, units, reservation, reason)
        VALUES (t, one.sku_id, one.id, 'pool', 'reserved', give, pick, 'offered');
    END LOOP;
    RETURN done;
END $$;

-- Tells those who wait in a sale that is over, or for a SKU it gave back: nothing comes.
-- 500 of them a call: the next goes on.
CREATE OR REPLACE FUNCTION stock_waiters_pass(p_now timestamptz) RETURNS int
LANGUAGE plpgsql
SET enable_seqscan = off
AS $$
DECLARE
    slots bigint[]; passed int := 0;
BEGIN
    SELECT array_agg(x.id) INTO slots FROM (
        SELECT a.id FROM stock_allocation a JOIN stock_salegate g ON g.campaign = a.campaign
        WHERE a.waiting > 0 AND (g.state = 'closed' OR a.returned_at IS NOT NULL)
        ORDER BY a.id LIMIT 20 FOR NO KEY UPDATE OF a SKIP LOCKED) x;
    IF slots IS NOT NULL THEN
        WITH gone AS (
            UPDATE stock_waiter SET state = 'passed', ended_at = p_now
            WHERE id IN (SELECT w.id FROM stock_waiter w
                         WHERE w.allocation_id = ANY (slots) AND w.state = 'waiting'
                         LIMIT 500)
            RETURNING allocation_id, units
        ), fewer AS (
            UPDATE stock_allocation a SET waiting = greatest(a.waiting - g.units, 0)
            FROM (SELECT allocation_id, sum(units) AS units FROM gone GROUP BY 1) g
            WHERE a.id = g.allocation_id
        )
        SELECT count(*)::int INTO passed FROM gone;
        IF passed < 500 THEN
            UPDATE stock_allocation SET waiting = 0 WHERE id = ANY (slots);
        END IF;
    END IF;
    RETURN passed;
END $$;

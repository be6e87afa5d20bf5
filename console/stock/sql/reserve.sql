-- Decides a batch of reservations in the order given and answers each: the only place
-- where units are promised. All lines of a request or none; a refused request never
-- touches its neighbours; a known digest answers as it did.
--
-- Ids begin with the time (UUIDv7, RFC 9562), so rows of a sale lie together in each index
-- of ids: inserted at random, each took a third longer after half a million. What a retry
-- is found by is the one index of random keys: buyer, and digest of client, buyer and key.
--
-- p_campaign: the campaigns of the batch, each once; p_in: the place of each request's.
-- p_sku, p_sku_in: the SKUs of the batch, each once a campaign, and that campaign's place.
-- p_line_of, p_line_sku, p_units: lines by request, one a SKU, as places in the above.
-- p_ttl: seconds, 0 for the gate's own. p_now: null for the database's clock.
--
-- Locks in this order: gates (shared, so that a pause waits for the batch in flight
-- and the next batch waits for the pause), allocations of open sales by id, buyers by
-- hash. What is decided is read after the locks that keep it as it is, in statements that
-- see everything committed.
-- A unique violation means that a twin with another body got in between: try again.
--
-- Units that are there and buyers wait for are not given to others, as long as somebody
-- looks after those who wait (sql/waiting.sql), and none is sold late until they have
-- them: every unit that is taken is one that is there, first. Of a SKU that
-- may be sold before it is there, the last units are the ones that are not: a request that
-- gets some of them is told how many, and by when if that is known; `remaining` and
-- `promise` say it.
--
-- What is never needed in a plan is switched off by the caller's connection, once: a
-- SET here costs twenty microseconds each at every call.
CREATE FUNCTION stock_reserve(
    p_campaign text[], p_sku text[], p_sku_in int[],
    p_digest uuid[], p_in int[], p_client text[], p_key text[], p_hash bytea[],
    p_buyer text[], p_ttl int[],
    p_line_of int[], p_line_sku int[], p_units int[], p_now timestamptz
) RETURNS TABLE (
    place int, outcome text, ends timestamptz, sku text, remaining int,
    promise timestamptz, id text
) LANGUAGE plpgsql
SET enable_seqscan = off
AS $$
#variable_conflict use_column
DECLARE
    t timestamptz := coalesce(p_now, clock_timestamp());
    n int := cardinality(p_digest);
    lines int := cardinality(p_line_of);
    slot_id bigint[]; slot_sku bigint[]; slot_left int[]; slot_stopped boolean[];
    slot_later int[]; slot_kept int[]; awaited boolean;
    slot_given int[] := array_fill(0, ARRAY[cardinality(p_sku)]);
    g_state text[]; g_ttl int[]; g_limit int[]; g_order int[]; g_until timestamptz[];
    limited boolean; g int;
    ids uuid[]; stamp text;
    seen uuid[]; seen_id uuid[]; seen_hash bytea[]; seen_expires timestamptz[];
    b_key text[]; b_used int[]; b int; wanted int;
    o_outcome text[] := array_fill(NULL::text, ARRAY[n]);
    o_expires timestamptz[] := array_fill(NULL::timestamptz, ARRAY[n]);
    o_sku text[] := array_fill(NULL::text, ARRAY[n]);
    o_left int[] := array_fill(NULL::int, ARRAY[n]);
    later_line int[]; later_units int[]; told int[]; dates timestamptz[];
    granted boolean := false; reclaimed boolean := false;
    i int; j int := 1; k int; s int; answer text;
BEGIN
    PERFORM pg_advisory_xact_lock_shared(5702, gate.id::int)
    FROM (SELECT id FROM stock_salegate WHERE campaign = ANY (p_campaign) ORDER BY id) gate;

    SELECT array_agg(q.state ORDER BY w.place), array_agg(q.hold_ttl_s ORDER BY w.place),
           array_agg(q.buyer_limit ORDER BY w.place), bool_or(q.buyer_limit IS NOT NULL),
           array_agg(q.order_limit ORDER BY w.place), array_agg(q.holds_until ORDER BY w.place)
    INTO g_state, g_ttl, g_limit, limited, g_order, g_until
    FROM unnest(p_campaign) WITH ORDINALITY AS w (campaign, place)
    LEFT JOIN stock_salegate q ON q.campaign = w.campaign;

    -- Only of sales that are open: whoever gives another one back is not waited for.
    SELECT array_agg(a.id ORDER BY w.place) INTO slot_id
    FROM unnest(p_sku, p_sku_in) WITH ORDINALITY AS w (code, campaign, place)
    LEFT JOIN stock_sku k ON k.code = w.code
    LEFT JOIN stock_allocation a ON a.sku_id = k.id
          AND a.campaign = CASE WHEN g_state[w.campaign] = 'open'
                                THEN p_campaign[w.campaign] END;

    PERFORM 1 FROM stock_allocation WHERE id = ANY (slot_id)
    ORDER BY id FOR NO KEY UPDATE;

    SELECT array_agg(a.sku_id ORDER BY w.place),
           array_agg(CASE WHEN a.returned_at IS NULL THEN a.sellable ELSE 0 END
                     ORDER BY w.place),
           array_agg(a.state = 'stopped' ORDER BY w.place),
           array_agg(a.backorder ORDER BY w.place), array_agg(a.waiting ORDER BY w.place),
           bool_or(a.waiting > 0)
    INTO slot_sku, slot_left, slot_stopped, slot_later, slot_kept, awaited
    FROM unnest(slot_id) WITH ORDINALITY AS w (id, place)
    LEFT JOIN stock_allocation a ON a.id = w.id;

    IF awaited THEN
        IF NOT EXISTS (SELECT FROM stock_offerbell
                       WHERE at > t - interval '10 s') THEN
            slot_kept := array_fill(0, ARRAY[cardinality(p_sku)]);
        END IF;
        FOR s IN 1..cardinality(p_sku) LOOP
            IF slot_kept[s] > 0 AND (slot_later[s] = 0 OR slot_left[s] > slot_later[s]) THEN
                slot_left[s] := slot_left[s] - slot_later[s] - slot_kept[s];
                slot_later[s] := 0;
            END IF;
        END LOOP;
    END IF;

    stamp := lpad(to_hex(floor(extract(epoch FROM t) * 1000)::bigint), 12, '0');
    stamp := left(stamp, 8) || '-' || right(stamp, 4) || '-7';
    SELECT array_agg((stamp || substr(w.digest, 1, 3) || '-8' || substr(w.digest, 4, 3)
                      || '-' || substr(w.digest, 7, 12))::uuid ORDER BY w.place)
    INTO ids
    FROM (SELECT encode(uuid_send(u.digest), 'hex') AS digest, u.place
          FROM unnest(p_digest) WITH ORDINALITY AS u (digest, place)) w;

    -- One by one: a join is planned by what the table held when it was last analyzed.
    SELECT array_agg(r.digest), array_agg(r.id), array_agg(r.body_hash),
           array_agg(r.expires_at)
    INTO seen, seen_id, seen_hash, seen_expires
    FROM unnest(p_buyer, p_digest) AS u (buyer, digest)
    CROSS JOIN LATERAL (
        SELECT o.digest, o.id, o.body_hash, o.expires_at FROM stock_reservation o
        WHERE o.buyer = u.buyer AND o.digest = u.digest LIMIT 1) r;

    IF limited THEN
        SELECT array_agg(x.buyer ORDER BY x.lock) INTO b_key FROM (
            SELECT DISTINCT p_campaign[u.campaign] || chr(10) || u.buyer AS buyer,
                   hashtext(p_campaign[u.campaign] || chr(10) || u.buyer) AS lock
            FROM unnest(p_in, p_buyer) AS u (campaign, buyer)) x;
        PERFORM pg_advisory_xact_lock(5703, hashtext(u.buyer))
        FROM unnest(b_key) AS u (buyer);
        SELECT array_agg(x.used ORDER BY u.place) INTO b_used
        FROM unnest(b_key) WITH ORDINALITY AS u (buyer, place)
        CROSS JOIN LATERAL stock_used(
            split_part(u.buyer, chr(10), 1), split_part(u.buyer, chr(10), 2), t) x (used);
    END IF;

    FOR i IN 1..n LOOP
        answer := NULL;
        k := j;
        WHILE j <= lines AND p_line_of[j] = i LOOP j := j + 1; END LOOP;
        g := p_in[i];
        s := array_position(seen, p_digest[i]);
        IF s IS NOT NULL THEN
            ids[i] := seen_id[s];
            IF seen_hash[s] = p_hash[i] THEN
                answer := 'replayed';
                o_expires[i] := seen_expires[s];
            ELSE
                answer := 'idempotency_mismatch';
            END IF;
        ELSIF g_state[g] IS NULL THEN
            answer := 'unknown_campaign';
        ELSIF g_state[g] <> 'open' THEN
            answer := 'gate_' || g_state[g];
        ELSIF g_until[g] <= t THEN
            answer := 'gate_closed';
        ELSE
            wanted := 0;
            FOR l IN k..j - 1 LOOP
                s := p_line_sku[l];
                wanted := wanted + p_units[l];
                IF slot_id[s] IS NULL THEN
                    answer := 'unknown_sku';
                ELSIF slot_stopped[s] THEN
                    answer := 'sku_stopped';
                ELSIF slot_left[s] - slot_later[s] < p_units[l] THEN
                    -- Expired holds are given back only when their units are needed.
                    IF NOT reclaimed THEN
                        reclaimed := true;
                        PERFORM stock_reclaim(slot_id, (
                            SELECT array_agg(greatest(0, coalesce(x.units, 0)
                                       - slot_left[w.place] + slot_later[w.place]
                                       + CASE WHEN slot_later[w.place] > 0
                                              THEN slot_kept[w.place] ELSE 0 END
                                       - slot_given[w.place])
                                   ORDER BY w.place)
                            FROM generate_subscripts(slot_id, 1) AS w (place)
                            LEFT JOIN (SELECT u.sku, least(sum(u.units), 1e9)::int AS units
                                       FROM unnest(p_line_sku, p_units) AS u (sku, units)
                                       GROUP BY 1) x ON x.sku = w.place), t);
                        SELECT array_agg(
                            CASE WHEN a.returned_at IS NULL
                                 THEN a.sellable - slot_given[w.place] ELSE 0 END
                            ORDER BY w.place),
                            array_agg(a.backorder ORDER BY w.place)
                        INTO slot_left, slot_later
                        FROM unnest(slot_id) WITH ORDINALITY AS w (id, place)
                        LEFT JOIN stock_allocation a ON a.id = w.id;
                        FOR o IN 1..cardinality(slot_left) LOOP
                            IF slot_kept[o] > 0
                               AND (slot_later[o] = 0 OR slot_left[o] > slot_later[o]) THEN
                                slot_left[o] := slot_left[o] - slot_later[o] - slot_kept[o];
                                slot_later[o] := 0;
                            END IF;
                        END LOOP;
                    END IF;
                    IF slot_left[s] < p_units[l] THEN
                        answer := 'not_enough_stock';
                        o_left[i] := greatest(slot_left[s], 0);
                    END IF;
                END IF;
                IF answer IS NOT NULL THEN
                    o_sku[i] := p_sku[s];
                    EXIT;
                END IF;
            END LOOP;
            IF answer IS NULL AND wanted > g_order[g] THEN
                answer := 'order_limit';
                o_left[i] := g_order[g];
            END IF;
            IF answer IS NULL AND g_limit[g] IS NOT NULL THEN
                b := array_position(b_key, p_campaign[g] || chr(10) || p_buyer[i]);
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
                o_expires[i] := least(g_until[g], t + make_interval(
                    secs => CASE WHEN p_ttl[i] > 0 THEN p_ttl[i] ELSE g_ttl[g] END));
                FOR l IN k..j - 1 LOOP
                    s := p_line_sku[l];
                    IF slot_left[s] - slot_later[s] < p_units[l] THEN
                        later_line := later_line || l;
                        later_units := later_units || least(p_units[l],
                            p_units[l] - slot_left[s] + slot_later[s]);
                    END IF;
                    slot_left[s] := slot_left[s] - p_units[l];
                    slot_given[s] := slot_given[s] + p_units[l];
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
            (id, digest, client, key, body_hash, campaign, buyer, state, made_at, expires_at,
             "order")
        SELECT w.id, w.digest, w.client, w.key, w.hash, p_campaign[w.campaign], w.buyer,
               'held', t, w.expires, ''
        FROM unnest(ids, p_digest, p_client, p_key, p_hash, p_in, p_buyer, o_outcome,
                    o_expires)
             AS w (id, digest, client, key, hash, campaign, buyer, outcome, expires)
        WHERE w.outcome = 'held' ORDER BY w.digest;

        INSERT INTO stock_reservationline
            (reservation_id, allocation_id, units, held, expires_at, sold, short)
        SELECT ids[w.line_of], slot_id[w.slot], w.units, true, o_expires[w.line_of], 0, 0
        FROM unnest(p_line_of, p_line_sku, p_units) AS w (line_of, slot, units)
        WHERE o_outcome[w.line_of] = 'held';

        INSERT INTO stock_movement
            (at, sku_id, allocation_id, source, target, units, reservation, reason)
        SELECT t, slot_sku[w.slot], slot_id[w.slot], 'pool', 'reserved', w.units,
               ids[w.line_of], ''
        FROM unnest(p_line_of, p_line_sku, p_units) AS w (line_of, slot, units)
        WHERE o_outcome[w.line_of] = 'held';
    END IF;

    IF later_line IS NOT NULL THEN
        INSERT INTO stock_backorder
            (reservation_id, allocation_id, units, told_at, owed, filled, dropped)
        SELECT ids[p_line_of[w.line]], a.id, w.units,
               CASE WHEN a.promise_at > t THEN a.promise_at END, 0, 0, 0
        FROM unnest(later_line, later_units) AS w (line, units)
        JOIN stock_allocation a ON a.id = slot_id[p_line_sku[w.line]];
    END IF;
    IF later_line IS NOT NULL OR seen IS NOT NULL THEN
        SELECT array_agg(x.units ORDER BY w.place), array_agg(x.told_at ORDER BY w.place)
        INTO told, dates
        FROM unnest(ids, o_outcome) WITH ORDINALITY AS w (id, outcome, place)
        LEFT JOIN LATERAL (
            SELECT sum(k.units)::int AS units,
                   CASE WHEN bool_and(k.told_at IS NOT NULL) THEN max(k.told_at) END
                       AS told_at
            FROM stock_backorder k
            WHERE k.reservation_id = w.id AND w.outcome IN ('held', 'replayed')
        ) x ON true;
        FOR i IN 1..n LOOP
            o_left[i] := coalesce(told[i], o_left[i]);
        END LOOP;
    END IF;

    -- Who wanted more than a buyer may have is written down for those who watch.
    IF 'buyer_limit' = ANY (o_outcome) OR 'order_limit' = ANY (o_outcome) THEN
        INSERT INTO stock_limitbreach AS kept
            (campaign, buyer, rule, times, units, first_at, last_at)
        SELECT p_campaign[w.campaign], w.buyer, w.outcome, count(*), max(x.units), t, t
        FROM unnest(p_in, p_buyer, o_outcome)
             WITH ORDINALITY AS w (campaign, buyer, outcome, place)
        CROSS JOIN LATERAL (
            SELECT sum(u.units)::int AS units FROM unnest(p_line_of, p_units) AS u (of, units)
            WHERE u.of = w.place) x
        WHERE w.outcome IN ('buyer_limit', 'order_limit')
        GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
        ON CONFLICT (campaign, buyer, rule) DO UPDATE
        SET times = kept.times + excluded.times, last_at = excluded.last_at,
            units = greatest(kept.units, excluded.units);
    END IF;

    RETURN QUERY SELECT w.place::int, w.outcome, w.expires, w.sku, w.remaining, w.promise,
           w.id::text
    FROM unnest(o_outcome, o_expires, o_sku, o_left, dates, ids)
         WITH ORDINALITY AS w (outcome, expires, sku, remaining, promise, id, place);
END $$;

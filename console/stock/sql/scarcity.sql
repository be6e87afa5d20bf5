-- Answers how many units a sale has left of a SKU and keeps what may be said about it:
-- what was given to a shop to show is written down before the shop has it.
--
-- p_texts: the words for 1 unit left, for 2, and so on; beyond them nothing is said.
-- p_fresh_s: seconds a text may be shown. p_now: null for the database's clock.
--
-- One row is one text, for as long as it was given without a break; any other answer
-- ends it. Those who ask about one SKU take turns by an advisory lock of their own and
-- never lock the allocation, which checkouts need. The units are read after the lock,
-- in a statement that sees everything committed.
CREATE FUNCTION stock_scarcity(
    p_campaign text, p_sku text, p_texts text[], p_fresh_s int, p_now timestamptz
) RETURNS TABLE (
    state text, allocation bigint, units int, at timestamptz, until timestamptz
)
LANGUAGE plpgsql
SET enable_seqscan = off
AS $$
#variable_conflict use_column
DECLARE
    t timestamptz; ends timestamptz; slot bigint; item bigint; open text; n int; words text;
BEGIN
    SELECT a.id, k.id INTO slot, item
    FROM stock_allocation a JOIN stock_sku k ON k.id = a.sku_id
    WHERE a.campaign = p_campaign AND k.code = p_sku;
    PERFORM pg_advisory_xact_lock(5705, hashint8(slot)) WHERE slot IS NOT NULL;

    t := coalesce(p_now, clock_timestamp());
    SELECT CASE WHEN g.holds_until <= t THEN 'closed' ELSE g.state END,
           least(g.holds_until, t + make_interval(secs => p_fresh_s))
    INTO open, ends
    FROM stock_salegate g WHERE g.campaign = p_campaign;
    SELECT CASE WHEN a.returned_at IS NULL AND a.state = 'open' AND a.waiting = 0
                THEN a.sellable + coalesce(sum(l.units), 0) ELSE 0 END INTO n
    FROM stock_allocation a
    LEFT JOIN stock_reservationline l
           ON l.allocation_id = a.id AND l.held AND l.expires_at <= t
    WHERE a.id = slot GROUP BY a.id;
    words := CASE WHEN open = 'open' AND n >= 1 THEN p_texts[n] END;

    UPDATE stock_scarcitytext x SET until_at = ends, times = x.times + 1
    WHERE x.campaign = p_campaign AND x.sku_id = item AND x.current
      AND x.text = words AND x.until_at >= t;
    IF NOT FOUND THEN
        UPDATE stock_scarcitytext x SET current = false
        WHERE x.campaign = p_campaign AND x.sku_id = item AND x.current;
        INSERT INTO stock_scarcitytext
            (campaign, sku_id, units, text, from_at, until_at, times, current)
        SELECT p_campaign, item, n, words, t, ends, 1, true WHERE words IS NOT NULL;
    END IF;
    RETURN QUERY SELECT open, slot, n, t, ends WHERE open IS NOT NULL;
END $$;

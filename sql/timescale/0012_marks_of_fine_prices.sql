-- Why: what a holding is marked with is read from the table of holdings that was made anew, and prices of the market
-- have as many decimals as a price may have.

DROP VIEW IF EXISTS ledger.holding_mark;
ALTER TABLE market_last_price ALTER COLUMN price TYPE numeric;

CREATE VIEW ledger.holding_mark AS
SELECT h.holding_id, h.portfolio_id, h.price_at,
       CASE
           WHEN EXISTS (SELECT FROM market_last_price p
                        WHERE p.symbol = h.symbol AND p.time = h.price_at
                            AND ledger.marked(p.price, p.time, p.bar_interval, h.splits) = h.current_price)
               OR EXISTS (SELECT FROM market_bar_close b
                          WHERE b.symbol = h.symbol AND b.time = h.price_at
                              AND ledger.marked(ledger.price(b.close), b.time, ledger.bar_word(b.fineness), h.splits)
                                  = h.current_price)
               OR EXISTS (SELECT FROM market_bar_correction b
                          WHERE b.symbol = h.symbol AND b.time = h.price_at
                              AND ledger.marked(ledger.price(b.close), b.time, b.bar_interval, h.splits)
                                  = h.current_price)
           THEN h.current_price
           ELSE coalesce(
               (SELECT ledger.marked(p.price, p.time, p.bar_interval, h.splits) FROM market_last_price p
                WHERE p.symbol = h.symbol AND p.time = h.price_at),
               (SELECT ledger.marked(ledger.price(b.close), b.time, ledger.bar_word(b.fineness), h.splits)
                FROM market_bar_close b
                WHERE b.symbol = h.symbol AND b.time = h.price_at ORDER BY b.fineness DESC LIMIT 1))
       END AS price
FROM holding h
WHERE h.price_at IS NOT NULL;

GRANT SELECT ON ledger.holding_mark TO ledger_writer, portfolio_service_user;

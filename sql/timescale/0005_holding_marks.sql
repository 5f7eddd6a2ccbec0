-- Why: a mark does not follow from the log, so whoever checks or rebuilds a holding asks what its mark may be: the
-- price it has, where the market had that price then (as the latest one, which stays known when retention has dropped
-- its bar; as the close of a bar; or of one that was corrected since), else the price that the bar of then says. Null
-- where no bar says anything: the price of the latest fill is due then.

CREATE VIEW ledger.holding_mark AS
SELECT h.holding_id, h.portfolio_id, h.price_at,
       CASE
           WHEN EXISTS (SELECT FROM market_last_price p
                        WHERE p.symbol = h.symbol AND p.time = h.price_at AND p.price = h.current_price)
               OR EXISTS (SELECT FROM market_bar_close b
                          WHERE b.symbol = h.symbol AND b.time = h.price_at AND ledger.price(b.close) = h.current_price)
               OR EXISTS (SELECT FROM market_bar_correction b
                          WHERE b.symbol = h.symbol AND b.time = h.price_at AND ledger.price(b.close) = h.current_price)
           THEN h.current_price
           ELSE coalesce(
               (SELECT p.price FROM market_last_price p WHERE p.symbol = h.symbol AND p.time = h.price_at),
               (SELECT ledger.price(b.close) FROM market_bar_close b
                WHERE b.symbol = h.symbol AND b.time = h.price_at ORDER BY b.fineness DESC LIMIT 1))
       END AS price
FROM holding h
WHERE h.price_at IS NOT NULL;

GRANT SELECT ON ledger.holding_mark TO bifrost_app;

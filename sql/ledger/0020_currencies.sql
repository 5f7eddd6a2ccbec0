-- Why: cash is kept in several currencies, and positions are in any. Columns of money hold as many digits as a currency
-- has; a row of cash is added for each currency; what everything is worth in a portfolio's own currency follows from
-- the latest rates, and is not known where a rate is not.

ALTER TABLE portfolio
    ALTER COLUMN initial_capital TYPE numeric,
    ALTER COLUMN current_value TYPE numeric,
    ALTER COLUMN cash_balance TYPE numeric,
    ALTER COLUMN reserved_cash TYPE numeric,
    ALTER COLUMN realized_pnl DROP NOT NULL,
    ALTER COLUMN currency TYPE varchar(10),
    ADD COLUMN currency_haircut numeric NOT NULL DEFAULT 0,
    ADD COLUMN decimals integer NOT NULL DEFAULT 2;

-- What is reserved of the portfolio's own currency its own row says.
ALTER TABLE cash_balance
    ALTER COLUMN balance TYPE numeric,
    ADD COLUMN reserved numeric;
CREATE INDEX idx_cash_balance_other ON cash_balance (portfolio_id) WHERE reserved IS NOT NULL;

ALTER TABLE transaction
    ALTER COLUMN total_amount TYPE numeric,
    ALTER COLUMN net_amount TYPE numeric,
    ALTER COLUMN cash_amount TYPE numeric,
    ADD COLUMN currency varchar(10),
    ADD COLUMN fee_currency varchar(10),
    ADD COLUMN rate numeric,
    ADD COLUMN rate_at timestamptz,
    ADD COLUMN rate_source varchar(100);

ALTER TABLE "order" ALTER COLUMN reserved_cash TYPE numeric, ADD COLUMN currency varchar(10);

ALTER TABLE trade ADD COLUMN currency varchar(10);

ALTER TABLE funding
    DROP CONSTRAINT funding_funding_type_check,
    ADD CONSTRAINT funding_funding_type_check CHECK (funding_type IN (
        'DEPOSIT', 'WITHDRAWAL', 'DIVIDEND', 'INTEREST', 'FEE', 'TAX_WITHHELD', 'INTEREST_PAID', 'FEE_REFUND',
        'PAYMENT_IN_LIEU', 'REBATE', 'EXCHANGE')),
    ALTER COLUMN amount TYPE numeric,
    ALTER COLUMN tax TYPE numeric,
    ADD COLUMN currency varchar(10),
    ADD COLUMN bought_amount numeric,
    ADD COLUMN bought_currency varchar(10);

-- What sources call the pair of one currency that is quoted in another.
CREATE FUNCTION ledger.pair_names(one varchar, quoted varchar) RETURNS varchar[] LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN ARRAY[one || quoted, one || '/' || quoted, one || '-' || quoted, one || '.' || quoted, one || quoted || '=X',
             'X:' || one || quoted, 'C:' || one || quoted];

-- The rate of now, from the latest bar of the pair or of its inverse; null where there is none.
CREATE FUNCTION ledger.rate_of(one varchar, quoted varchar) RETURNS numeric LANGUAGE plpgsql STABLE AS $$
DECLARE
    told numeric;
BEGIN
    SELECT p.price INTO told FROM market_last_price p
    WHERE p.symbol = ANY (ledger.pair_names(one, quoted)) AND p.price > 0 ORDER BY p.time DESC, p.symbol LIMIT 1;
    IF FOUND THEN
        RETURN told;
    END IF;
    SELECT p.price INTO told FROM market_last_price p
    WHERE p.symbol = ANY (ledger.pair_names(quoted, one)) AND p.price > 0 ORDER BY p.time DESC, p.symbol LIMIT 1;
    RETURN round(1::numeric(60, 40) / told, 18);
END $$;

-- What a portfolio has beside the cash of its own currency, in it: what is in another currency together, at its rate.
-- Null where a rate is not known.
CREATE FUNCTION ledger.worth_of(id integer) RETURNS numeric LANGUAGE plpgsql STABLE AS $$
DECLARE
    own record;
    other record;
    worth numeric := 0;
BEGIN
    SELECT p.currency, p.decimals INTO own FROM portfolio p WHERE p.portfolio_id = id;
    FOR other IN
        SELECT parts.currency, sum(parts.amount) AS amount
        FROM (SELECT h.currency, h.market_value AS amount FROM holding h WHERE h.portfolio_id = id
              UNION ALL
              SELECT c.currency, c.balance FROM cash_balance c WHERE c.portfolio_id = id AND c.reserved IS NOT NULL)
            AS parts
        GROUP BY parts.currency HAVING sum(parts.amount) <> 0
    LOOP
        worth := worth + CASE WHEN other.currency IS NULL THEN other.amount
            ELSE ledger.rounded(other.amount * ledger.rate_of(other.currency, own.currency), own.decimals) END;
    END LOOP;
    RETURN worth;
END $$;

-- Free cash of all currencies, in the portfolio's own; see docs/currencies.md. Null where something is owed whose rate
-- is not known.
CREATE FUNCTION ledger.buying_power_of(id integer) RETURNS numeric LANGUAGE plpgsql STABLE AS $$
DECLARE
    own record;
    other record;
    power numeric;
BEGIN
    SELECT p.currency, p.currency_haircut, p.cash_balance - p.reserved_cash AS free INTO own
    FROM portfolio p WHERE p.portfolio_id = id;
    power := own.free;
    FOR other IN
        SELECT c.balance - c.reserved AS free, ledger.rate_of(c.currency, own.currency) AS rate
        FROM cash_balance c WHERE c.portfolio_id = id AND c.reserved IS NOT NULL AND c.balance <> c.reserved
    LOOP
        IF other.free < 0 OR other.rate IS NOT NULL THEN
            power := power + ledger.rounded(
                other.free * (1 - sign(other.free) * own.currency_haircut) * other.rate, 12);
        END IF;
    END LOOP;
    RETURN power;
END $$;

-- Unrealized P&L of all positions in the portfolio's own currency; null where a rate, of now or of a purchase, is not
-- known.
CREATE FUNCTION ledger.unrealized_pnl_of(id integer) RETURNS numeric LANGUAGE plpgsql STABLE AS $$
DECLARE
    own record;
    held record;
    total numeric := 0;
BEGIN
    SELECT p.currency, p.decimals INTO own FROM portfolio p WHERE p.portfolio_id = id;
    FOR held IN
        SELECT h.currency, h.unrealized_pnl, h.quantity * h.current_price * h.multiplier AS value, h.base_cost_basis
        FROM holding h WHERE h.portfolio_id = id AND (h.quantity <> 0 OR h.unrealized_pnl <> 0)
    LOOP
        total := total + CASE WHEN held.currency IS NULL THEN held.unrealized_pnl ELSE ledger.rounded(
            held.value * ledger.rate_of(held.currency, own.currency) - held.base_cost_basis, own.decimals) END;
    END LOOP;
    RETURN total;
END $$;

-- Amounts in the portfolio's own currency.
CREATE VIEW portfolio_summary AS
SELECT p.portfolio_id, p.user_id, p.name, p.initial_capital, p.current_value, p.cash_balance, p.is_active,
       p.created_at, p.updated_at,
       CASE WHEN h.is_whole IS NOT FALSE THEN coalesce(h.total_holdings_value, 0) END AS total_holdings_value,
       CASE WHEN h.is_foreign THEN ledger.unrealized_pnl_of(p.portfolio_id)
            ELSE coalesce(h.total_unrealized_pnl, 0) END AS total_unrealized_pnl,
       CASE WHEN h.is_whole IS NOT FALSE THEN coalesce(h.weighted_unrealized_pnl_percent, 0) END
           AS weighted_unrealized_pnl_percent
FROM portfolio p
LEFT JOIN LATERAL (
    SELECT sum(v.market_value * v.rate) AS total_holdings_value,
           sum(v.unrealized_pnl) AS total_unrealized_pnl,
           sum(v.unrealized_pnl_percent * v.market_value * v.rate) / nullif(sum(v.market_value * v.rate), 0)
               AS weighted_unrealized_pnl_percent,
           bool_or(v.currency IS NOT NULL) AS is_foreign,
           bool_and(v.rate IS NOT NULL) AS is_whole
    FROM (SELECT holding.market_value, holding.unrealized_pnl, holding.unrealized_pnl_percent, holding.currency,
                 CASE WHEN holding.currency IS NULL THEN 1 ELSE ledger.rate_of(holding.currency, p.currency) END AS rate
          FROM holding WHERE holding.portfolio_id = p.portfolio_id) AS v
) h ON true;

GRANT SELECT ON portfolio_summary
    TO portfolio_service_user, execution_service_user, strategy_service_user, risk_service_user, web_portal_user,
    analytics_service_user;

-- Why: facts come as brokers and venues know them. Their ids are longer, amounts are stated, fees are taken in shares,
-- tax is withheld, and what was booked is corrected under ids of its own; the legacy columns keep their names and
-- places. Profits of round trips are exact, as those of holdings are: cents are for whoever shows them.

ALTER TABLE transaction
    ALTER COLUMN execution_id TYPE varchar(200),
    ADD COLUMN cash_amount numeric(15, 2),
    ADD COLUMN fee_quantity numeric(20, 8) NOT NULL DEFAULT 0,
    ADD COLUMN correction_id varchar(200);
UPDATE transaction SET cash_amount =
    CASE WHEN transaction_type = 'BUY' OR quantity * price < commission + tax THEN -net_amount ELSE net_amount END;
ALTER TABLE transaction ALTER COLUMN cash_amount SET NOT NULL;

ALTER TABLE funding
    DROP CONSTRAINT funding_funding_type_check,
    ADD CONSTRAINT funding_funding_type_check CHECK (funding_type IN (
        'DEPOSIT', 'WITHDRAWAL', 'DIVIDEND', 'INTEREST', 'FEE', 'TAX_WITHHELD', 'INTEREST_PAID', 'FEE_REFUND',
        'PAYMENT_IN_LIEU', 'REBATE')),
    ADD COLUMN tax numeric(15, 2) NOT NULL DEFAULT 0,
    ADD COLUMN external_id varchar(200),
    ADD COLUMN correction_id varchar(200);

ALTER TABLE trade
    ALTER COLUMN profit_actual TYPE numeric(28, 16),
    ALTER COLUMN net_profit TYPE numeric(28, 16);

-- What the events of each round trip sum up to, from its latest restatement on.
WITH told AS (
    SELECT substring(stream_id FROM 7)::integer AS trade_id, version, type, data,
           max(version) FILTER (WHERE type = 'trade_restated') OVER (PARTITION BY stream_id) AS restated_at
    FROM events.mt_events WHERE type LIKE 'trade\_%' AND stream_id LIKE 'trade-%'
), parts AS (
    SELECT trade_id,
           (data #>> '{trade,entryAmount}')::numeric AS entry_amount,
           (data #>> '{trade,entryQuantity}')::numeric AS entry_quantity,
           coalesce((data #>> '{trade,exitAmount}')::numeric, 0) AS exit_amount,
           coalesce((data #>> '{trade,exitQuantity}')::numeric, 0) AS exit_quantity,
           coalesce((data #>> '{trade,realizedPnl}')::numeric, 0) AS realized
    FROM told WHERE type = 'trade_restated' AND version = restated_at
    UNION ALL
    SELECT trade_id,
           CASE WHEN is_entry THEN amount ELSE 0 END, CASE WHEN is_entry THEN quantity ELSE 0 END,
           CASE WHEN is_entry THEN 0 ELSE amount END, CASE WHEN is_entry THEN 0 ELSE quantity END,
           coalesce((data ->> 'realizedPnl')::numeric, 0)
    FROM told, LATERAL (
        SELECT type IN ('trade_opened', 'trade_increased') AS is_entry, (data ->> 'quantity')::numeric AS quantity,
               (data ->> 'quantity')::numeric * (data ->> 'price')::numeric AS amount
    ) AS filled
    WHERE type IN ('trade_opened', 'trade_increased', 'trade_reduced', 'trade_closed')
        AND (restated_at IS NULL OR version > restated_at)
), sums AS (
    SELECT trade_id, sum(entry_amount) AS entry_amount, sum(entry_quantity) AS entry_quantity,
           sum(exit_amount) AS exit_amount, sum(exit_quantity) AS exit_quantity, sum(realized) AS realized
    FROM parts GROUP BY trade_id
), shared AS (
    SELECT *, CASE WHEN exit_quantity = entry_quantity THEN entry_amount
                   ELSE entry_amount::numeric(60, 40) / entry_quantity * exit_quantity END AS entry_of_exited
    FROM sums
), exact AS (
    SELECT *, CASE WHEN exit_quantity = entry_quantity THEN entry_of_exited
                   WHEN abs(entry_of_exited * 1000000000000) % 1 = 0.5 THEN round(entry_of_exited * 0.5, 12) * 2
                   ELSE round(entry_of_exited, 12) END AS bought
    FROM shared
)
UPDATE trade t
SET net_profit = e.realized,
    profit_actual = CASE WHEN t.is_short THEN e.bought - e.exit_amount ELSE e.exit_amount - e.bought END
FROM exact e WHERE e.trade_id = t.trade_id;

-- A price that was told before a split is one of an old share. When each split of a holding was effective and its
-- terms, in that order: '2024-06-10T13:30:00.000000Z 10 1;…'.
ALTER TABLE holding ADD COLUMN splits text;
UPDATE holding h SET splits = s.splits
FROM (
    SELECT stream_id, string_agg(
        to_char((data ->> 'occurredAt')::timestamptz AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
            || ' ' || (data ->> 'numerator') || ' ' || (data ->> 'denominator'),
        ';' ORDER BY (data ->> 'occurredAt')::timestamptz, version) AS splits
    FROM events.mt_events WHERE type = 'holding_split' GROUP BY stream_id
) AS s
WHERE s.stream_id = 'holding-' || h.portfolio_id || '-' || h.symbol;

CREATE FUNCTION ledger.price_today(price numeric, told_at timestamptz, splits text) RETURNS numeric
LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
DECLARE
    split text;
    terms text[];
BEGIN
    FOREACH split IN ARRAY string_to_array(splits, ';') LOOP
        terms := string_to_array(split, ' ');
        IF told_at <= terms[1]::timestamptz THEN
            price := ledger.price((price * terms[3]::numeric)::numeric(60, 30) / terms[2]::numeric);
        END IF;
    END LOOP;
    RETURN price;
END $$;

CREATE FUNCTION ledger.bar_end(begun timestamptz, word text) RETURNS timestamptz LANGUAGE sql STABLE PARALLEL SAFE
RETURN begun + CASE word WHEN 'min' THEN interval '1 minute' WHEN 'hour' THEN interval '1 hour'
                         ELSE interval '1 day' END;

CREATE FUNCTION ledger.bar_word(fineness integer) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE fineness WHEN 3 THEN 'min' WHEN 2 THEN 'hour' ELSE 'day' END;

-- What the price of a bar is for a share of today: it was true at the bar's end.
CREATE FUNCTION ledger.marked(price numeric, begun timestamptz, word text, splits text) RETURNS numeric
LANGUAGE sql STABLE PARALLEL SAFE
RETURN CASE WHEN splits IS NULL THEN price
            ELSE ledger.price_today(price, ledger.bar_end(begun, word), splits) END;

-- External ids have one space in a portfolio, whichever way a fact came. What was taken under the keys of before keeps
-- them, and has one of these as well; where two orders were filled under one id, the first.
INSERT INTO ledger.command_receipt (key, fingerprint, portfolio_id, portfolio_version, answer, recorded_at)
SELECT DISTINCT ON (1) 'external:' || portfolio_id || ':' || substring(key FROM '^[a-z-]+:\d+:(.*)$'),
       fingerprint, portfolio_id, portfolio_version, answer, recorded_at
FROM ledger.command_receipt
WHERE key LIKE 'execution:%' OR key LIKE 'portfolio-execution:%'
ORDER BY 1, portfolio_version;

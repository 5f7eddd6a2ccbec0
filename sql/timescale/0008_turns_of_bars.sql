-- Why: writers of bars took turns by an advisory lock, which whoever may log in can take and keep. A row is locked by
-- those only who may update it.

CREATE TABLE market_bar_turn (
    only_row boolean NOT NULL DEFAULT true
        CONSTRAINT market_bar_turn_pkey PRIMARY KEY CONSTRAINT market_bar_turn_is_one CHECK (only_row)
);
INSERT INTO market_bar_turn DEFAULT VALUES;
GRANT SELECT, UPDATE ON market_bar_turn TO market_data_service_user;

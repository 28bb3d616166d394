-- Some platforms count what an app reads in a month and refuse further reads when its budget is
-- used up. What we read is counted here, so that polling can stop before that and webhooks go on.
-- A row per tenant: an operator's app may serve several.
CREATE TABLE read_budgets (
    platform      TEXT    NOT NULL,
    app           TEXT    NOT NULL,  -- its client id; '' for connections that have none
    month         TEXT    NOT NULL,  -- of UTC, as '2026-11'
    tenant_id     INTEGER NOT NULL REFERENCES tenants (id),
    reads         INTEGER NOT NULL,
    updated_at_ms INTEGER NOT NULL,
    PRIMARY KEY (platform, app, month, tenant_id)
) STRICT, WITHOUT ROWID;

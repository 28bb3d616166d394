-- What was perhaps missed while a platform did not deliver is read by each flow once it can: a flow
-- that is paused, or busy with another run, is not left out.
CREATE TABLE webhook_backfills (
    flow_id       INTEGER PRIMARY KEY REFERENCES flows (id) ON DELETE CASCADE,
    tenant_id     INTEGER NOT NULL REFERENCES tenants (id),
    connection_id INTEGER NOT NULL REFERENCES connections (id) ON DELETE CASCADE,
    from_ms       INTEGER NOT NULL                -- changed since then
) STRICT;
CREATE INDEX webhook_backfills_of_connection ON webhook_backfills (connection_id);

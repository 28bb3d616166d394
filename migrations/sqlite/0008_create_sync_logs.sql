-- What happened to a record, a run or a connection, for people. Details are masked before they come
-- here; bodies and secrets never do.
CREATE TABLE sync_logs (
    id            INTEGER PRIMARY KEY,
    tenant_id     INTEGER NOT NULL REFERENCES tenants (id),
    at_ms         INTEGER NOT NULL,
    level         TEXT    NOT NULL CHECK (level IN ('info', 'warning', 'error')),
    event         TEXT    NOT NULL,
    run_id        TEXT,
    flow_id       INTEGER,
    connection_id INTEGER,
    entity        TEXT    NOT NULL DEFAULT '',
    source_id     TEXT    NOT NULL DEFAULT '',
    message       TEXT    NOT NULL DEFAULT '',
    detail        TEXT    NOT NULL DEFAULT '{}'     -- JSON
) STRICT;
CREATE INDEX sync_logs_of_record ON sync_logs (tenant_id, entity, source_id, id);  -- of_record()
CREATE INDEX sync_logs_of_run ON sync_logs (run_id, id) WHERE run_id IS NOT NULL;  -- of_run()

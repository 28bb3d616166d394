-- One execution of a flow. Counters move in the same transaction as the outcome they count, so that
-- they add up after any crash: read = created + updated + skipped + held + conflict + waiting + failed
-- once the run has ended.
CREATE TABLE sync_runs (
    id             TEXT    PRIMARY KEY,            -- UUIDv7: the API's syncId
    sync_id        TEXT    NOT NULL,               -- of the request that started it; groups runs
    tenant_id      INTEGER NOT NULL REFERENCES tenants (id),
    flow_id        INTEGER NOT NULL REFERENCES flows (id) ON DELETE CASCADE,
    mode           TEXT    NOT NULL CHECK (mode IN ('incremental', 'full', 'backfill', 'ids')),
    options        TEXT    NOT NULL DEFAULT '{}',  -- JSON: window, ids, filters, batch size
    status         TEXT    NOT NULL CHECK (status IN ('queued', 'running', 'completed', 'partial', 'failed', 'stopped')),
    stop_requested INTEGER NOT NULL DEFAULT 0,
    collect_ended  INTEGER NOT NULL DEFAULT 0,
    jobs_open      INTEGER NOT NULL DEFAULT 0,     -- jobs without a first outcome
    read           INTEGER NOT NULL DEFAULT 0,
    created        INTEGER NOT NULL DEFAULT 0,
    updated        INTEGER NOT NULL DEFAULT 0,
    skipped        INTEGER NOT NULL DEFAULT 0,
    held           INTEGER NOT NULL DEFAULT 0,
    conflict       INTEGER NOT NULL DEFAULT 0,
    waiting        INTEGER NOT NULL DEFAULT 0,
    failed         INTEGER NOT NULL DEFAULT 0,
    error_code     TEXT    NOT NULL DEFAULT '',
    error_message  TEXT    NOT NULL DEFAULT '',
    requested_by   TEXT    NOT NULL DEFAULT '',
    created_at_ms  INTEGER NOT NULL,
    started_at_ms  INTEGER NOT NULL DEFAULT 0,
    finished_at_ms INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX sync_runs_of_sync ON sync_runs (tenant_id, sync_id);                    -- by_sync_id()
CREATE INDEX sync_runs_newest ON sync_runs (tenant_id, created_at_ms DESC, id);      -- history()
CREATE INDEX sync_runs_open ON sync_runs (flow_id) WHERE status IN ('queued', 'running');  -- open_runs()

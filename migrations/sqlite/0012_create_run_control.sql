-- Run control. Runs that a person confirms before they write. A confirmation keeps what its plan would write, by
-- record, so that the run writes that and nothing else; its token is known to the asker only.
-- sync_queue.approved carries it to the delivery: '' = whatever the record becomes, '!' = nothing
-- before somebody confirms it, else the documents by their hashes. A run that was looked at and
-- needed no confirmation has one all the same, used when it was made and without a token, so that
-- it writes what was seen. Ids are never used again: a run names its confirmation by it.
CREATE TABLE confirmation_tokens (
    id            INTEGER PRIMARY KEY AUTOINCREMENT,
    tenant_id     INTEGER NOT NULL REFERENCES tenants (id),
    token_hash    TEXT    NOT NULL UNIQUE,       -- SHA-256; else no token leads to it
    subject       TEXT    NOT NULL,              -- who asked, and may confirm
    request       TEXT    NOT NULL,              -- JSON: what was asked for
    plan_hash     TEXT    NOT NULL,
    created_at_ms INTEGER NOT NULL,
    expires_at_ms INTEGER NOT NULL,
    used_at_ms    INTEGER NOT NULL DEFAULT 0,
    sync_id       TEXT    NOT NULL DEFAULT ''    -- of the runs it started
) STRICT;
CREATE INDEX confirmation_tokens_of_age ON confirmation_tokens (expires_at_ms);

CREATE TABLE confirmed_records (
    confirmation_id INTEGER NOT NULL REFERENCES confirmation_tokens (id) ON DELETE CASCADE,
    flow_id         INTEGER NOT NULL REFERENCES flows (id) ON DELETE CASCADE,
    source_id       TEXT    NOT NULL,
    approved        TEXT    NOT NULL,
    PRIMARY KEY (confirmation_id, flow_id, source_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX confirmed_records_of_flow ON confirmed_records (flow_id);

ALTER TABLE sync_queue ADD COLUMN approved TEXT NOT NULL DEFAULT '';
CREATE INDEX sync_queue_parked ON sync_queue (flow_id) WHERE state = 'parked';

-- Who changed a flow, and why. What 'failure' and 'restart' say comes from the host itself.
CREATE TABLE flow_changes (
    id      INTEGER PRIMARY KEY,
    flow_id INTEGER NOT NULL REFERENCES flows (id) ON DELETE CASCADE,
    at_ms   INTEGER NOT NULL,
    change  TEXT    NOT NULL CHECK (change IN ('state', 'cursor', 'failure', 'restart')),
    before  TEXT    NOT NULL,
    after   TEXT    NOT NULL,
    actor   TEXT    NOT NULL,
    reason  TEXT    NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX flow_changes_of_flow ON flow_changes (flow_id, id);

-- Flows whose last run failed. They run again at restart_at_ms, later each time; after an hour of
-- health the count begins anew.
CREATE TABLE flow_failures (
    flow_id         INTEGER PRIMARY KEY REFERENCES flows (id) ON DELETE CASCADE,
    run_id          TEXT    NOT NULL,            -- that failed last
    restarts        INTEGER NOT NULL DEFAULT 0,  -- in a row
    failed_at_ms    INTEGER NOT NULL,
    restart_at_ms   INTEGER NOT NULL,            -- 0 = not waiting for it: restarted, or recovered
    recovered_at_ms INTEGER NOT NULL DEFAULT 0,  -- when a run read to its end again; 0 = not yet
    error_code      TEXT    NOT NULL,
    error_message   TEXT    NOT NULL
) STRICT;

-- A full scan that sees far fewer records than are known is reported and believed only when the
-- next one sees no more.
ALTER TABLE sync_state ADD COLUMN scan_seen INTEGER NOT NULL DEFAULT 0;     -- records, of the scan under way
ALTER TABLE sync_state ADD COLUMN shrunk_seen INTEGER NOT NULL DEFAULT 0;   -- by the scan that was reported
ALTER TABLE sync_state ADD COLUMN shrunk_known INTEGER NOT NULL DEFAULT 0;
ALTER TABLE sync_state ADD COLUMN shrunk_at_ms INTEGER NOT NULL DEFAULT 0;  -- 0 = never

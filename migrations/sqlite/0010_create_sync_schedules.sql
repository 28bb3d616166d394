-- When flows run by themselves. What is due is worked out from the definition and from the times here
-- alone, so that a restart goes on where the process before stopped. A slot is a time that the
-- definition names; its run starts jitter_ms later. sync_schedule_slots remembers which slots were
-- used, so that a clock that is set back repeats none; it is cut to the newest ones, and slots up to
-- forgotten_ms are taken for used.
CREATE TABLE sync_schedules (
    id            INTEGER PRIMARY KEY,
    tenant_id     INTEGER NOT NULL REFERENCES tenants (id),
    name          TEXT    NOT NULL,
    definition    TEXT    NOT NULL,            -- JSON as in the API
    enabled       INTEGER NOT NULL,            -- as the definition says
    paused        INTEGER NOT NULL DEFAULT 0,  -- by an operator
    declared      INTEGER NOT NULL DEFAULT 0,
    jitter_ms     INTEGER NOT NULL DEFAULT 0,
    last_due_ms   INTEGER NOT NULL DEFAULT 0,  -- the slot used last; 0 = none
    next_due_ms   INTEGER NOT NULL DEFAULT 0,  -- the first slot not dealt with; 0 = never
    queued_ms     INTEGER NOT NULL DEFAULT 0,  -- a slot that waits for the run before it
    decided_at_ms INTEGER NOT NULL DEFAULT 0,  -- when next_due_ms was worked out, by our clock
    forgotten_ms  INTEGER NOT NULL DEFAULT 0,
    last_sync_id  TEXT    NOT NULL DEFAULT '',
    last_error    TEXT    NOT NULL DEFAULT '', -- why the last slot made no run
    revision      INTEGER NOT NULL DEFAULT 0,  -- whoever decided on another one decides anew
    created_at_ms INTEGER NOT NULL,
    updated_at_ms INTEGER NOT NULL,
    UNIQUE (tenant_id, name)
) STRICT;

CREATE TABLE sync_schedule_slots (
    schedule_id INTEGER NOT NULL REFERENCES sync_schedules (id) ON DELETE CASCADE,
    slot_ms     INTEGER NOT NULL,
    sync_id     TEXT    NOT NULL,  -- '' = left out, since the run before it was still reading
    PRIMARY KEY (schedule_id, slot_ms)
) STRICT, WITHOUT ROWID;

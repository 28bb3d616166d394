-- Replacing the key-encryption key takes a while: every data key is wrapped anew, and every sealed
-- value is opened once to see whether it can be. What was reached is remembered, so that a kill
-- loses nothing of it.
CREATE TABLE key_rotations (
    id             INTEGER PRIMARY KEY AUTOINCREMENT,
    kek_id         INTEGER NOT NULL,              -- the key it goes over to
    former_kek_id  INTEGER NOT NULL DEFAULT 0,    -- the one before; 0 = the same: only checked
    state          TEXT    NOT NULL CHECK (state IN ('wrapping', 'checking', 'completed')),
    data_keys      INTEGER NOT NULL DEFAULT 0,    -- that had to be wrapped anew, at its start
    wrapped        INTEGER NOT NULL DEFAULT 0,    -- of them, so far
    checked        INTEGER NOT NULL DEFAULT 0,    -- sealed values opened so far
    unreadable     INTEGER NOT NULL DEFAULT 0,    -- values no key opens, data keys included
    reached_column TEXT    NOT NULL DEFAULT '',   -- 'credentials.sealed'
    reached_row    INTEGER NOT NULL DEFAULT 0,
    error          TEXT    NOT NULL DEFAULT '',   -- why the last step could not be done
    requested_by   TEXT    NOT NULL,
    started_at_ms  INTEGER NOT NULL,
    finished_at_ms INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE UNIQUE INDEX key_rotations_one_at_a_time ON key_rotations (1) WHERE state <> 'completed';

-- Values that no key opens, in quarantine: named, left where they are, and never in the way.
CREATE TABLE unreadable_values (
    kept_in       TEXT    NOT NULL,               -- 'credentials.sealed'
    row_id        INTEGER NOT NULL,
    tenant_id     INTEGER NOT NULL REFERENCES tenants (id),
    connection_id INTEGER NOT NULL,               -- 0 = of no connection
    name          TEXT    NOT NULL,               -- 'consumer_secret'; '' where it has none
    reason        TEXT    NOT NULL,
    found_at_ms   INTEGER NOT NULL,
    PRIMARY KEY (kept_in, row_id)
) STRICT, WITHOUT ROWID;

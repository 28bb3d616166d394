-- What platforms delivered, stored as it came before it was answered. A delivery is a hint to read
-- the records it names: what it says is never the truth. One that cannot be understood stays
-- visible with its error.
CREATE TABLE webhook_events (
    id             INTEGER PRIMARY KEY,
    tenant_id      INTEGER NOT NULL REFERENCES tenants (id),
    connection_id  INTEGER NOT NULL REFERENCES connections (id) ON DELETE CASCADE,
    received_at_ms INTEGER NOT NULL,
    topic          TEXT    NOT NULL,
    webhook_id     TEXT    NOT NULL,
    delivery_id    TEXT    NOT NULL,              -- not unique: one platform gives it to several
    body_sha256    TEXT    NOT NULL,
    body_bytes     INTEGER NOT NULL,
    identity       BLOB    NOT NULL,              -- hash of webhook id, delivery id and body
    sealed         BLOB    NOT NULL,              -- headers and body
    -- stored = its records are not read yet; raised = they are, and jobs stand for what changed;
    -- ignored = it concerns no flow; failed = it could not be understood
    state          TEXT    NOT NULL CHECK (state IN ('stored', 'raised', 'ignored', 'failed')),
    changes        TEXT    NOT NULL DEFAULT '[]', -- JSON: what it announced, once that is known
    reason_code    TEXT    NOT NULL DEFAULT '',
    reason         TEXT    NOT NULL DEFAULT '',
    attempts       INTEGER NOT NULL DEFAULT 0,
    run_at_ms      INTEGER NOT NULL,              -- not before
    repeats        INTEGER NOT NULL DEFAULT 0,    -- how often it came again
    repeated_at_ms INTEGER NOT NULL DEFAULT 0,
    replays        INTEGER NOT NULL DEFAULT 0,
    handled_at_ms  INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX webhook_events_identity ON webhook_events (connection_id, identity);
CREATE INDEX webhook_events_stored ON webhook_events (connection_id, run_at_ms) WHERE state = 'stored';
CREATE INDEX webhook_events_of_tenant ON webhook_events (tenant_id, id);
CREATE INDEX webhook_events_handled ON webhook_events (handled_at_ms) WHERE handled_at_ms > 0;

-- Deliveries that nobody's connection claims: a ring, so that strangers cannot fill the disk.
CREATE TABLE webhook_strays (
    slot           INTEGER PRIMARY KEY,           -- number modulo the ring's size
    number         INTEGER NOT NULL,              -- how many there were, this one included
    tenant_id      INTEGER NOT NULL REFERENCES tenants (id), -- whose data key seals it
    received_at_ms INTEGER NOT NULL,
    platform       TEXT    NOT NULL,
    connection     TEXT    NOT NULL,              -- as its address names it
    reason         TEXT    NOT NULL,
    body_sha256    TEXT    NOT NULL,
    body_bytes     INTEGER NOT NULL,
    sealed         BLOB    NOT NULL               -- headers and the beginning of the body
) STRICT;
CREATE INDEX webhook_strays_number ON webhook_strays (number);

-- What is known of a connection's deliveries, and of what the platform was asked to deliver.
CREATE TABLE webhook_endpoints (
    connection_id    INTEGER PRIMARY KEY REFERENCES connections (id) ON DELETE CASCADE,
    tenant_id        INTEGER NOT NULL REFERENCES tenants (id),
    last_event_ms    INTEGER NOT NULL DEFAULT 0,  -- the last that was understood came then
    checked_at_ms    INTEGER NOT NULL DEFAULT 0,  -- the platform's webhooks were looked at
    check_at_ms      INTEGER NOT NULL DEFAULT 0,  -- not before
    caught_up_at_ms  INTEGER NOT NULL DEFAULT 0,  -- changes were asked for, in case some were missed
    former_until_ms  INTEGER NOT NULL DEFAULT 0,  -- the former secret proves until then; 0 = always
    new_secret       INTEGER NOT NULL DEFAULT 0,  -- the platform has to be told
    webhooks         TEXT    NOT NULL DEFAULT '[]', -- JSON: as last looked at
    error            TEXT    NOT NULL DEFAULT ''
) STRICT;

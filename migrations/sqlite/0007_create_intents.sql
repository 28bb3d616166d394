-- An intent remembers a request that must not happen twice, so that a crash between "sent" and
-- "recorded" repeats the same bytes under the same key, or finds what they did.
CREATE TABLE intents (
    id            INTEGER PRIMARY KEY,
    tenant_id     INTEGER NOT NULL REFERENCES tenants (id),
    connection_id INTEGER NOT NULL REFERENCES connections (id),
    flow_id       INTEGER NOT NULL REFERENCES flows (id) ON DELETE CASCADE,
    epoch         INTEGER NOT NULL DEFAULT 0,       -- the request's key is UUIDv5(intent, epoch)
    request       BLOB    NOT NULL,                 -- sealed, exactly as handed to the connector
    answered      INTEGER NOT NULL DEFAULT 0,       -- the remote answered; what is open was refused or not reached
    state         TEXT    NOT NULL CHECK (state IN ('open', 'settled')),
    attempts      INTEGER NOT NULL DEFAULT 0,
    run_at_ms     INTEGER NOT NULL,                 -- recovery not before
    busy          INTEGER NOT NULL DEFAULT 1,       -- its delivery still runs; cleared at start
    error_message TEXT    NOT NULL DEFAULT '',
    created_at_ms INTEGER NOT NULL,
    settled_at_ms INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX intents_open ON intents (connection_id, run_at_ms) WHERE state = 'open';  -- open_intents()

CREATE TABLE intent_items (
    intent_id INTEGER NOT NULL REFERENCES intents (id) ON DELETE CASCADE,
    item      INTEGER NOT NULL,                     -- index in the request
    job_id    INTEGER NOT NULL,                     -- the job it is for, or whose need it is
    state     TEXT    NOT NULL CHECK (state IN ('open', 'settled')),
    PRIMARY KEY (intent_id, item)
) STRICT, WITHOUT ROWID;

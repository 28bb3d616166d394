-- Which database this is. The id goes into every idempotency key, so that two databases that write to
-- the same account never send the same key for different requests; a copy keeps it on purpose, since
-- it also has the same open intents. The program writes the only row when it first opens the file.
CREATE TABLE installation (
    only_row      INTEGER PRIMARY KEY CHECK (only_row = 1),
    id            TEXT    NOT NULL,
    created_at_ms INTEGER NOT NULL
) STRICT;

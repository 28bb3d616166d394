-- Comparisons of the books with what they were made of, and what was found. Kept as the history of
-- a tenant's months; what a month looks like now is only known by comparing once more.
CREATE TABLE reconciliations (
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
    tenant_id       INTEGER NOT NULL REFERENCES tenants (id),
    state           TEXT    NOT NULL
                    CHECK (state IN ('queued', 'running', 'completed', 'failed', 'stopped')),
    requested_by    TEXT    NOT NULL,
    nightly         INTEGER NOT NULL,             -- by the tenant's setting, not by a person
    from_day        TEXT    NOT NULL,             -- YYYY-MM-DD, both inclusive
    to_day          TEXT    NOT NULL,
    entities        TEXT    NOT NULL,             -- JSON; [] = all that can be compared
    stop_requested  INTEGER NOT NULL DEFAULT 0,
    estimated_reads INTEGER NOT NULL,             -- that platforms count, said beforehand
    reads           INTEGER NOT NULL DEFAULT 0,   -- as they were counted
    drift_records   INTEGER NOT NULL DEFAULT 0,
    report          TEXT    NOT NULL DEFAULT '',  -- JSON: sums by flow and day, what is explained
    error_code      TEXT    NOT NULL DEFAULT '',
    error_message   TEXT    NOT NULL DEFAULT '',
    created_at_ms   INTEGER NOT NULL,
    started_at_ms   INTEGER NOT NULL DEFAULT 0,
    finished_at_ms  INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX reconciliations_of_tenant ON reconciliations (tenant_id, id);                                 -- list()
CREATE INDEX reconciliations_open ON reconciliations (id) WHERE state IN ('queued', 'running');            -- next()
CREATE INDEX reconciliations_ended ON reconciliations (finished_at_ms) WHERE finished_at_ms > 0;           -- purge()
CREATE TABLE reconciliation_findings (
    id                INTEGER PRIMARY KEY AUTOINCREMENT,
    reconciliation_id INTEGER NOT NULL REFERENCES reconciliations (id) ON DELETE CASCADE,
    kind              TEXT    NOT NULL,
    flow              TEXT    NOT NULL,           -- empty: of no flow, as an orphan is
    entity            TEXT    NOT NULL,           -- canonical, of the record
    source_id         TEXT    NOT NULL,
    target            TEXT    NOT NULL,           -- connection
    target_entity     TEXT    NOT NULL,
    target_id         TEXT    NOT NULL,
    day               TEXT    NOT NULL,
    currency          TEXT    NOT NULL,
    expected          TEXT    NOT NULL,
    found             TEXT    NOT NULL,
    difference_minor  INTEGER NOT NULL,           -- what the books have too much
    message           TEXT    NOT NULL,
    healable          INTEGER NOT NULL,
    healed_by         TEXT    NOT NULL DEFAULT '' -- the sync that delivers it once more
) STRICT;
CREATE INDEX reconciliation_findings_of ON reconciliation_findings (reconciliation_id, id);                -- findings()

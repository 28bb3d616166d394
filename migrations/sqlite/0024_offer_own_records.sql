-- The host offers its id mappings and its runs as records to flows, so that a warehouse can hold
-- them as well. They are read in the order in which they changed, a page at a time. A mapping that
-- is gone leaves its key behind, whoever deleted it, since nothing else would tell a reader.
CREATE INDEX id_mappings_changed ON id_mappings (tenant_id, updated_at_ms, id);
CREATE INDEX sync_runs_changed
    ON sync_runs (tenant_id, max(created_at_ms, started_at_ms, finished_at_ms), id);

CREATE TABLE removed_id_mappings (
    id                   INTEGER PRIMARY KEY AUTOINCREMENT,
    tenant_id            INTEGER NOT NULL REFERENCES tenants (id),
    source_connection_id INTEGER NOT NULL,
    entity               TEXT    NOT NULL,
    source_id            TEXT    NOT NULL,
    role                 TEXT    NOT NULL,
    target_connection_id INTEGER NOT NULL,
    removed_at_ms        INTEGER NOT NULL   -- of the machine's clock
) STRICT;
CREATE INDEX removed_id_mappings_of_age ON removed_id_mappings (tenant_id, removed_at_ms, id);

CREATE TRIGGER id_mappings_removed AFTER DELETE ON id_mappings
BEGIN
    INSERT INTO removed_id_mappings (tenant_id, source_connection_id, entity, source_id, role,
                                     target_connection_id, removed_at_ms)
    VALUES (old.tenant_id, old.source_connection_id, old.entity, old.source_id, old.role,
            old.target_connection_id,
            CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER));
    DELETE FROM removed_id_mappings
     WHERE tenant_id = old.tenant_id
       AND removed_at_ms < CAST((julianday('now') - 2440587.5 - 35) * 86400000 AS INTEGER);
END;

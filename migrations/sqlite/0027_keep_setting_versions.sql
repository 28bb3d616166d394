-- What a tenant decides about its books is looked at long after: every value a setting had stays,
-- with who set it and when, and can be set again. A setting from before this has its present value
-- as the first.
CREATE TABLE setting_versions (
    tenant_id     INTEGER NOT NULL REFERENCES tenants (id),
    key           TEXT    NOT NULL,
    version       INTEGER NOT NULL,               -- from 1
    value         TEXT    NOT NULL,               -- JSON
    changed_by    TEXT    NOT NULL,
    changed_at_ms INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, key, version)
) STRICT, WITHOUT ROWID;
INSERT INTO setting_versions (tenant_id, key, version, value, changed_by, changed_at_ms)
SELECT tenant_id, key, 1, value, updated_by, updated_at_ms FROM settings;

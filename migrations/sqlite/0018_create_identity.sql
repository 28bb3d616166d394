-- Who may come in, and what people did: API keys (only their hash), tenants that are suspended and
-- why, settings of a tenant, and the audit log. Rows of the audit log follow one another without a
-- gap, each with the hash of the one before it, and are never changed; ids are not given twice
-- (AUTOINCREMENT), so that rows cut off the end leave a hole.
CREATE TABLE audit_log (
    id            INTEGER PRIMARY KEY AUTOINCREMENT,
    tenant_id     INTEGER NOT NULL,               -- 0 = of the whole installation
    at_ms         INTEGER NOT NULL,
    event         TEXT    NOT NULL,               -- 'schedule.changed'
    object        TEXT    NOT NULL,               -- 'schedule nightly'
    outcome       TEXT    NOT NULL CHECK (outcome IN ('done', 'refused')),
    reason        TEXT    NOT NULL,
    detail        TEXT    NOT NULL,               -- JSON
    actor         TEXT    NOT NULL,               -- whom the credential was given to, or 'host'
    credential    TEXT    NOT NULL,               -- which one: 'key slk_4f0c...', 'token 91ab...'
    role          TEXT    NOT NULL,
    address       TEXT    NOT NULL,
    request       TEXT    NOT NULL,               -- X-Request-Id
    previous_hash TEXT    NOT NULL,
    hash          TEXT    NOT NULL
) STRICT;
CREATE INDEX audit_log_of_tenant ON audit_log (tenant_id, id);
CREATE TRIGGER audit_log_grows_at_its_end BEFORE INSERT ON audit_log
WHEN new.id IS NOT 1 + coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'audit_log'), 0)
BEGIN
    SELECT raise(ABORT, 'the audit log grows at its end only');
END;
CREATE TRIGGER audit_log_is_not_changed BEFORE UPDATE ON audit_log
BEGIN
    SELECT raise(ABORT, 'the audit log is append-only');
END;
CREATE TRIGGER audit_log_is_not_deleted BEFORE DELETE ON audit_log
BEGIN
    SELECT raise(ABORT, 'the audit log is append-only');
END;

CREATE TABLE api_keys (
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
    tenant_id       INTEGER NOT NULL REFERENCES tenants (id),
    name            TEXT    NOT NULL,
    prefix          TEXT    NOT NULL UNIQUE,      -- the part of the key that may be seen
    hash            TEXT    NOT NULL,             -- SHA-256 of the whole key
    role            TEXT    NOT NULL CHECK (role IN ('viewer', 'operator', 'approver', 'admin')),
    scopes          TEXT    NOT NULL,             -- JSON; [] = all that the role may do
    created_by      TEXT    NOT NULL,
    created_at_ms   INTEGER NOT NULL,
    expires_at_ms   INTEGER NOT NULL DEFAULT 0,   -- 0 = never
    last_used_at_ms INTEGER NOT NULL DEFAULT 0,   -- to within an hour
    revoked_at_ms   INTEGER NOT NULL DEFAULT 0,
    replaced_by     INTEGER NOT NULL DEFAULT 0    -- the key it was rotated into
) STRICT;
CREATE INDEX api_keys_of_tenant ON api_keys (tenant_id, id);

CREATE TABLE settings (
    tenant_id     INTEGER NOT NULL REFERENCES tenants (id),
    key           TEXT    NOT NULL,
    value         TEXT    NOT NULL,               -- JSON
    updated_by    TEXT    NOT NULL,
    updated_at_ms INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, key)
) STRICT, WITHOUT ROWID;

ALTER TABLE tenants ADD COLUMN state_reason TEXT NOT NULL DEFAULT '';
ALTER TABLE tenants ADD COLUMN state_at_ms INTEGER NOT NULL DEFAULT 0;

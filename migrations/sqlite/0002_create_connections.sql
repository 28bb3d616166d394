-- A tenant's configured accounts, their secrets (sealed, write-only through the API) and the small
-- memory each connector may keep.
CREATE TABLE connections (
    id                  INTEGER PRIMARY KEY,
    tenant_id           INTEGER NOT NULL REFERENCES tenants (id),
    name                TEXT    NOT NULL,
    platform            TEXT    NOT NULL,            -- last label of the connector's id
    settings            TEXT    NOT NULL,            -- JSON without secrets
    state               TEXT    NOT NULL CHECK (state IN ('active', 'paused', 'needs_reauth', 'disabled')),
    state_reason        TEXT    NOT NULL DEFAULT '',
    not_before_ms       INTEGER NOT NULL DEFAULT 0,  -- rate limit: no call before this
    remote_identity     TEXT    NOT NULL DEFAULT '', -- store URL or realm; a change is another account
    facts               TEXT    NOT NULL DEFAULT '', -- JSON, as last discovered
    facts_at_ms         INTEGER NOT NULL DEFAULT 0,
    token_expires_at_ms INTEGER NOT NULL DEFAULT 0,  -- access token; 0 = unknown
    declared            INTEGER NOT NULL DEFAULT 0,  -- by the configuration file
    generation          INTEGER NOT NULL DEFAULT 1,  -- raised when instances must be made anew
    created_at_ms       INTEGER NOT NULL,
    updated_at_ms       INTEGER NOT NULL,
    UNIQUE (tenant_id, name)
) STRICT;

CREATE TABLE credentials (
    connection_id INTEGER NOT NULL REFERENCES connections (id) ON DELETE CASCADE,
    field         TEXT    NOT NULL,
    tenant_id     INTEGER NOT NULL REFERENCES tenants (id),
    sealed        BLOB    NOT NULL,
    seed          TEXT    NOT NULL DEFAULT '',  -- fingerprint of the configured value last applied
    updated_at_ms INTEGER NOT NULL,
    PRIMARY KEY (connection_id, field)
) STRICT;

CREATE TABLE connector_kv (
    connection_id INTEGER NOT NULL REFERENCES connections (id) ON DELETE CASCADE,
    key           TEXT    NOT NULL,
    sealed        BLOB    NOT NULL,
    updated_at_ms INTEGER NOT NULL,
    PRIMARY KEY (connection_id, key)
) STRICT;

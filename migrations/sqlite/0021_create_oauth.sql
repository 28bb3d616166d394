-- OAuth 2.0: the apps a tenant has at platforms, what connections were granted through them, and
-- authorizations that are under way. Of a state only its hash is kept, so that nobody who reads the
-- database can end somebody's authorization; it is good once. A grant without an app is one whose
-- tokens were given as settings.
CREATE TABLE apps (
    id            INTEGER PRIMARY KEY,
    tenant_id     INTEGER NOT NULL REFERENCES tenants (id),
    platform      TEXT    NOT NULL,
    name          TEXT    NOT NULL,
    environment   TEXT    NOT NULL CHECK (environment IN ('production', 'sandbox')),
    client_id     TEXT    NOT NULL,
    redirect_uri  TEXT    NOT NULL,              -- '' = the host's own
    sealed        BLOB    NOT NULL,              -- its client secret
    created_at_ms INTEGER NOT NULL,
    updated_at_ms INTEGER NOT NULL,
    UNIQUE (tenant_id, platform, name)
) STRICT;

CREATE TABLE oauth_states (
    hash          TEXT    PRIMARY KEY,           -- SHA-256 of the state
    tenant_id     INTEGER NOT NULL REFERENCES tenants (id),
    app_id        INTEGER NOT NULL REFERENCES apps (id) ON DELETE CASCADE,
    platform      TEXT    NOT NULL,
    connection    TEXT    NOT NULL,              -- its name: it may not be there yet
    other_account INTEGER NOT NULL,              -- the connection may change its account
    actor         TEXT    NOT NULL,              -- who began it
    credential    TEXT    NOT NULL,
    role          TEXT    NOT NULL,
    sealed        BLOB    NOT NULL,              -- JSON: redirect URI, code verifier, settings
    created_at_ms INTEGER NOT NULL,
    expires_at_ms INTEGER NOT NULL,
    used_at_ms    INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX oauth_states_of_age ON oauth_states (expires_at_ms);
CREATE INDEX oauth_states_of_app ON oauth_states (app_id);

CREATE TABLE oauth_grants (
    connection_id         INTEGER PRIMARY KEY REFERENCES connections (id) ON DELETE CASCADE,
    tenant_id             INTEGER NOT NULL REFERENCES tenants (id),
    app_id                INTEGER REFERENCES apps (id),
    granted_at_ms         INTEGER NOT NULL DEFAULT 0,
    granted_by            TEXT    NOT NULL DEFAULT '',
    refreshed_at_ms       INTEGER NOT NULL DEFAULT 0,
    refresh_expires_at_ms INTEGER NOT NULL DEFAULT 0,  -- unless it is used before; 0 = unknown
    hard_expires_at_ms    INTEGER NOT NULL DEFAULT 0   -- however it is used; 0 = unknown
) STRICT;
CREATE INDEX oauth_grants_of_app ON oauth_grants (app_id) WHERE app_id IS NOT NULL;

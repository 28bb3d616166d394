-- Whose data it is. Every other table hangs on a tenant; the data key seals what of the tenant must
-- not be readable at rest, and is itself wrapped by the key-encryption key that the operator holds.
CREATE TABLE tenants (
    id            INTEGER PRIMARY KEY,
    name          TEXT    NOT NULL UNIQUE,
    state         TEXT    NOT NULL CHECK (state IN ('active', 'suspended')),
    created_at_ms INTEGER NOT NULL
) STRICT;

CREATE TABLE data_keys (
    id            INTEGER PRIMARY KEY,            -- the dek id inside sealed values
    tenant_id     INTEGER NOT NULL REFERENCES tenants (id),
    kek_id        INTEGER NOT NULL,               -- first 4 bytes of the SHA-256 of the key-encryption key
    wrapped       BLOB    NOT NULL,               -- nonce | ciphertext | tag
    created_at_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX data_keys_of_tenant ON data_keys (tenant_id, id);  -- newest_data_key()

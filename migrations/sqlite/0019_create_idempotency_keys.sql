-- Requests that must not take effect twice (their Idempotency-Key), each with its answer for a day;
-- and the trace that a run belongs to, so that what it does can be found by the trace of the request
-- that asked for it.
--
-- A row appears in the unit of work of the request's first effect, its answer after the last one.
-- A row without an answer: the host died between the two, or the answer was not kept.
CREATE TABLE idempotency_keys (
    id            INTEGER PRIMARY KEY,
    tenant_id     INTEGER NOT NULL REFERENCES tenants (id),
    subject       TEXT    NOT NULL,               -- whom the credential was given to
    key           TEXT    NOT NULL,
    request_hash  TEXT    NOT NULL,               -- SHA-256 of method, address, If-Match and body
    attempt       TEXT    NOT NULL,               -- which of the requests with this key; random
    created_at_ms INTEGER NOT NULL,
    answer        BLOB,                           -- sealed: it may hold what is shown only once
    UNIQUE (tenant_id, subject, key)
) STRICT;
CREATE INDEX idempotency_keys_created ON idempotency_keys (created_at_ms);
CREATE INDEX idempotency_keys_answered ON idempotency_keys (tenant_id, created_at_ms)
 WHERE answer IS NOT NULL;

-- What a tenant has of them, so that it can be bounded without counting.
CREATE TABLE idempotency_usage (
    tenant_id    INTEGER PRIMARY KEY REFERENCES tenants (id),
    keys         INTEGER NOT NULL,
    answer_bytes INTEGER NOT NULL
) STRICT;
CREATE TRIGGER idempotency_keys_inserted AFTER INSERT ON idempotency_keys
BEGIN
    INSERT OR IGNORE INTO idempotency_usage VALUES (new.tenant_id, 0, 0);
    UPDATE idempotency_usage
       SET keys = keys + 1, answer_bytes = answer_bytes + coalesce(length(new.answer), 0)
     WHERE tenant_id = new.tenant_id;
END;
CREATE TRIGGER idempotency_keys_updated AFTER UPDATE OF answer ON idempotency_keys
BEGIN
    UPDATE idempotency_usage
       SET answer_bytes = answer_bytes + coalesce(length(new.answer), 0)
                                       - coalesce(length(old.answer), 0)
     WHERE tenant_id = new.tenant_id;
END;
CREATE TRIGGER idempotency_keys_deleted AFTER DELETE ON idempotency_keys
BEGIN
    UPDATE idempotency_usage
       SET keys = keys - 1, answer_bytes = answer_bytes - coalesce(length(old.answer), 0)
     WHERE tenant_id = old.tenant_id;
END;

ALTER TABLE sync_runs ADD COLUMN trace TEXT NOT NULL DEFAULT '';

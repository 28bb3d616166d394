CREATE TABLE tenants (
    id            INTEGER PRIMARY KEY,
    name          TEXT    NOT NULL UNIQUE,
    state         TEXT    NOT NULL CHECK (state IN ('active', 'suspended')),
    created_at_ms INTEGER NOT NULL
, state_reason TEXT NOT NULL DEFAULT '', state_at_ms INTEGER NOT NULL DEFAULT 0) STRICT;
CREATE TABLE data_keys (
    id            INTEGER PRIMARY KEY,            -- the dek id inside sealed values
    tenant_id     INTEGER NOT NULL REFERENCES tenants (id),
    kek_id        INTEGER NOT NULL,               -- first 4 bytes of the SHA-256 of the key-encryption key
    wrapped       BLOB    NOT NULL,               -- nonce | ciphertext | tag
    created_at_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX data_keys_of_tenant ON data_keys (tenant_id, id);
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
    updated_at_ms       INTEGER NOT NULL, catalog TEXT NOT NULL DEFAULT '',
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
CREATE TABLE flows (
    id                   INTEGER PRIMARY KEY,
    tenant_id            INTEGER NOT NULL REFERENCES tenants (id),
    name                 TEXT    NOT NULL,
    entity               TEXT    NOT NULL,
    source_connection_id INTEGER NOT NULL REFERENCES connections (id),
    target_connection_id INTEGER NOT NULL REFERENCES connections (id),
    definition           TEXT    NOT NULL,  -- JSON as in the API
    state                TEXT    NOT NULL CHECK (state IN ('running', 'paused', 'stopped')),
    declared             INTEGER NOT NULL DEFAULT 0,
    created_at_ms        INTEGER NOT NULL,
    updated_at_ms        INTEGER NOT NULL,
    UNIQUE (tenant_id, name)
) STRICT;
CREATE TABLE sync_state (
    flow_id       INTEGER NOT NULL REFERENCES flows (id) ON DELETE CASCADE,
    entity        TEXT    NOT NULL,
    cursor_ms     INTEGER NOT NULL DEFAULT 0,   -- the source's clock; 0 = never read
    scanning      INTEGER NOT NULL DEFAULT 0,
    scan_mode     TEXT    NOT NULL DEFAULT '',  -- a scan of another mode starts anew
    scan_from_ms  INTEGER NOT NULL DEFAULT 0,   -- 0 = from the beginning
    scan_to_ms    INTEGER NOT NULL DEFAULT 0,
    scan_last_id  TEXT    NOT NULL DEFAULT '',
    scan_next     TEXT    NOT NULL DEFAULT '',  -- the connector's hint
    updated_at_ms INTEGER NOT NULL, scan_seen INTEGER NOT NULL DEFAULT 0, shrunk_seen INTEGER NOT NULL DEFAULT 0, shrunk_known INTEGER NOT NULL DEFAULT 0, shrunk_at_ms INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (flow_id, entity)
) STRICT;
CREATE TABLE sync_runs (
    id             TEXT    PRIMARY KEY,            -- UUIDv7: the API's syncId
    sync_id        TEXT    NOT NULL,               -- of the request that started it; groups runs
    tenant_id      INTEGER NOT NULL REFERENCES tenants (id),
    flow_id        INTEGER NOT NULL REFERENCES flows (id) ON DELETE CASCADE,
    mode           TEXT    NOT NULL CHECK (mode IN ('incremental', 'full', 'backfill', 'ids')),
    options        TEXT    NOT NULL DEFAULT '{}',  -- JSON: window, ids, filters, batch size
    status         TEXT    NOT NULL CHECK (status IN ('queued', 'running', 'completed', 'partial', 'failed', 'stopped')),
    stop_requested INTEGER NOT NULL DEFAULT 0,
    collect_ended  INTEGER NOT NULL DEFAULT 0,
    jobs_open      INTEGER NOT NULL DEFAULT 0,     -- jobs without a first outcome
    read           INTEGER NOT NULL DEFAULT 0,
    created        INTEGER NOT NULL DEFAULT 0,
    updated        INTEGER NOT NULL DEFAULT 0,
    skipped        INTEGER NOT NULL DEFAULT 0,
    held           INTEGER NOT NULL DEFAULT 0,
    conflict       INTEGER NOT NULL DEFAULT 0,
    waiting        INTEGER NOT NULL DEFAULT 0,
    failed         INTEGER NOT NULL DEFAULT 0,
    error_code     TEXT    NOT NULL DEFAULT '',
    error_message  TEXT    NOT NULL DEFAULT '',
    requested_by   TEXT    NOT NULL DEFAULT '',
    created_at_ms  INTEGER NOT NULL,
    started_at_ms  INTEGER NOT NULL DEFAULT 0,
    finished_at_ms INTEGER NOT NULL DEFAULT 0
, trace TEXT NOT NULL DEFAULT '') STRICT;
CREATE INDEX sync_runs_of_sync ON sync_runs (tenant_id, sync_id);
CREATE INDEX sync_runs_newest ON sync_runs (tenant_id, created_at_ms DESC, id);
CREATE INDEX sync_runs_open ON sync_runs (flow_id) WHERE status IN ('queued', 'running');
CREATE TABLE sync_queue (
    id                   INTEGER PRIMARY KEY,
    tenant_id            INTEGER NOT NULL REFERENCES tenants (id),
    flow_id              INTEGER NOT NULL REFERENCES flows (id) ON DELETE CASCADE,
    target_connection_id INTEGER NOT NULL REFERENCES connections (id),
    entity               TEXT    NOT NULL,
    source_id            TEXT    NOT NULL,
    lane                 TEXT    NOT NULL,               -- within the target connection
    state                TEXT    NOT NULL CHECK (state IN ('queued', 'leased', 'parked', 'settled', 'dead')),
    wanted_version       INTEGER NOT NULL,
    done_version         INTEGER NOT NULL DEFAULT 0,
    content_hash         TEXT    NOT NULL,               -- of the record as last collected
    record               BLOB,                           -- sealed copy; NULL = refetch
    record_version       INTEGER NOT NULL DEFAULT 0,     -- the version the copy is of
    priority             INTEGER NOT NULL DEFAULT 2,     -- 0 interactive, 1 webhook, 2 schedule, 3 backfill
    run_at_ms            INTEGER NOT NULL,               -- not before
    attempts             INTEGER NOT NULL DEFAULT 0,     -- failures of the wanted version
    lease_token          INTEGER NOT NULL DEFAULT 0,     -- fencing: only its holder may settle
    lease_until_ms       INTEGER NOT NULL DEFAULT 0,
    run_id               TEXT,                           -- the run that waits for its first outcome
    written              TEXT    NOT NULL DEFAULT '' CHECK (written IN ('', 'created', 'updated')),
    outcome              TEXT    NOT NULL DEFAULT '',    -- of a dead job: failed, held, conflict
    error_class          TEXT    NOT NULL DEFAULT '',
    error_code           TEXT    NOT NULL DEFAULT '',
    error_message        TEXT    NOT NULL DEFAULT '',
    detail               BLOB,                           -- sealed: document, answer, three sides
    redrives             INTEGER NOT NULL DEFAULT 0,
    first_failed_at_ms   INTEGER NOT NULL DEFAULT 0,
    created_at_ms        INTEGER NOT NULL,
    updated_at_ms        INTEGER NOT NULL, approved TEXT NOT NULL DEFAULT '', fingerprint TEXT NOT NULL DEFAULT '', waits_for TEXT NOT NULL DEFAULT '', redriven_at_ms INTEGER NOT NULL DEFAULT 0, edited INTEGER NOT NULL DEFAULT 0, resolution TEXT NOT NULL DEFAULT '', mapping TEXT NOT NULL DEFAULT '', mapping_version INTEGER NOT NULL DEFAULT 0,
    UNIQUE (flow_id, source_id)
) STRICT;
CREATE INDEX sync_queue_due ON sync_queue (flow_id, priority, run_at_ms, id) WHERE state = 'queued';
CREATE INDEX sync_queue_leased ON sync_queue (lease_until_ms) WHERE state = 'leased';
CREATE INDEX sync_queue_dead ON sync_queue (tenant_id, updated_at_ms DESC, id) WHERE state = 'dead';
CREATE INDEX sync_queue_of_run ON sync_queue (run_id) WHERE run_id IS NOT NULL;
CREATE TABLE lanes (
    connection_id INTEGER NOT NULL REFERENCES connections (id) ON DELETE CASCADE,
    lane          TEXT    NOT NULL,
    token         INTEGER NOT NULL,
    intent_id     INTEGER,                               -- the open intent that keeps it
    PRIMARY KEY (connection_id, lane)
) STRICT, WITHOUT ROWID;
CREATE INDEX lanes_of_token ON lanes (token);
CREATE INDEX lanes_of_intent ON lanes (intent_id) WHERE intent_id IS NOT NULL;
CREATE TABLE id_mappings (
    id                   INTEGER PRIMARY KEY,
    tenant_id            INTEGER NOT NULL REFERENCES tenants (id),
    source_connection_id INTEGER NOT NULL REFERENCES connections (id),
    entity               TEXT    NOT NULL,              -- canonical, of the record
    source_id            TEXT    NOT NULL,              -- '@' + identity key when there is no source record
    role                 TEXT    NOT NULL,
    identity_key         TEXT    NOT NULL,
    target_connection_id INTEGER NOT NULL REFERENCES connections (id),
    target_entity        TEXT    NOT NULL,
    target_id            TEXT    NOT NULL,
    target_version       TEXT    NOT NULL,
    written_hash         TEXT    NOT NULL,              -- of the placeholder form; '' = only linked
    owned                BLOB,                          -- sealed: the fields we own, as last written
    created_at_ms        INTEGER NOT NULL,
    updated_at_ms        INTEGER NOT NULL, unseen INTEGER NOT NULL DEFAULT 0,
    UNIQUE (target_connection_id, source_connection_id, entity, source_id, role)
) STRICT;
CREATE INDEX id_mappings_of_identity ON id_mappings (target_connection_id, entity, identity_key);
CREATE INDEX id_mappings_of_target ON id_mappings (target_connection_id, target_entity, target_id);
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
CREATE INDEX intents_open ON intents (connection_id, run_at_ms) WHERE state = 'open';
CREATE TABLE intent_items (
    intent_id INTEGER NOT NULL REFERENCES intents (id) ON DELETE CASCADE,
    item      INTEGER NOT NULL,                     -- index in the request
    job_id    INTEGER NOT NULL,                     -- the job it is for, or whose need it is
    state     TEXT    NOT NULL CHECK (state IN ('open', 'settled')),
    PRIMARY KEY (intent_id, item)
) STRICT, WITHOUT ROWID;
CREATE TABLE sync_logs (
    id            INTEGER PRIMARY KEY,
    tenant_id     INTEGER NOT NULL REFERENCES tenants (id),
    at_ms         INTEGER NOT NULL,
    level         TEXT    NOT NULL CHECK (level IN ('info', 'warning', 'error')),
    event         TEXT    NOT NULL,
    run_id        TEXT,
    flow_id       INTEGER,
    connection_id INTEGER,
    entity        TEXT    NOT NULL DEFAULT '',
    source_id     TEXT    NOT NULL DEFAULT '',
    message       TEXT    NOT NULL DEFAULT '',
    detail        TEXT    NOT NULL DEFAULT '{}'     -- JSON
) STRICT;
CREATE INDEX sync_logs_of_record ON sync_logs (tenant_id, entity, source_id, id);
CREATE INDEX sync_logs_of_run ON sync_logs (run_id, id) WHERE run_id IS NOT NULL;
CREATE TABLE installation (
    only_row      INTEGER PRIMARY KEY CHECK (only_row = 1),
    id            TEXT    NOT NULL,
    created_at_ms INTEGER NOT NULL
) STRICT;
CREATE TABLE sync_schedules (
    id            INTEGER PRIMARY KEY,
    tenant_id     INTEGER NOT NULL REFERENCES tenants (id),
    name          TEXT    NOT NULL,
    definition    TEXT    NOT NULL,            -- JSON as in the API
    enabled       INTEGER NOT NULL,            -- as the definition says
    paused        INTEGER NOT NULL DEFAULT 0,  -- by an operator
    declared      INTEGER NOT NULL DEFAULT 0,
    jitter_ms     INTEGER NOT NULL DEFAULT 0,
    last_due_ms   INTEGER NOT NULL DEFAULT 0,  -- the slot used last; 0 = none
    next_due_ms   INTEGER NOT NULL DEFAULT 0,  -- the first slot not dealt with; 0 = never
    queued_ms     INTEGER NOT NULL DEFAULT 0,  -- a slot that waits for the run before it
    decided_at_ms INTEGER NOT NULL DEFAULT 0,  -- when next_due_ms was worked out, by our clock
    forgotten_ms  INTEGER NOT NULL DEFAULT 0,
    last_sync_id  TEXT    NOT NULL DEFAULT '',
    last_error    TEXT    NOT NULL DEFAULT '', -- why the last slot made no run
    revision      INTEGER NOT NULL DEFAULT 0,  -- whoever decided on another one decides anew
    created_at_ms INTEGER NOT NULL,
    updated_at_ms INTEGER NOT NULL,
    UNIQUE (tenant_id, name)
) STRICT;
CREATE TABLE sync_schedule_slots (
    schedule_id INTEGER NOT NULL REFERENCES sync_schedules (id) ON DELETE CASCADE,
    slot_ms     INTEGER NOT NULL,
    sync_id     TEXT    NOT NULL,  -- '' = left out, since the run before it was still reading
    PRIMARY KEY (schedule_id, slot_ms)
) STRICT, WITHOUT ROWID;
CREATE TABLE read_budgets (
    platform      TEXT    NOT NULL,
    app           TEXT    NOT NULL,  -- its client id; '' for connections that have none
    month         TEXT    NOT NULL,  -- of UTC, as '2026-11'
    tenant_id     INTEGER NOT NULL REFERENCES tenants (id),
    reads         INTEGER NOT NULL,
    updated_at_ms INTEGER NOT NULL,
    PRIMARY KEY (platform, app, month, tenant_id)
) STRICT, WITHOUT ROWID;
CREATE TABLE confirmation_tokens (
    id            INTEGER PRIMARY KEY AUTOINCREMENT,
    tenant_id     INTEGER NOT NULL REFERENCES tenants (id),
    token_hash    TEXT    NOT NULL UNIQUE,       -- SHA-256; else no token leads to it
    subject       TEXT    NOT NULL,              -- who asked, and may confirm
    request       TEXT    NOT NULL,              -- JSON: what was asked for
    plan_hash     TEXT    NOT NULL,
    created_at_ms INTEGER NOT NULL,
    expires_at_ms INTEGER NOT NULL,
    used_at_ms    INTEGER NOT NULL DEFAULT 0,
    sync_id       TEXT    NOT NULL DEFAULT ''    -- of the runs it started
) STRICT;
CREATE INDEX confirmation_tokens_of_age ON confirmation_tokens (expires_at_ms);
CREATE TABLE confirmed_records (
    confirmation_id INTEGER NOT NULL REFERENCES confirmation_tokens (id) ON DELETE CASCADE,
    flow_id         INTEGER NOT NULL REFERENCES flows (id) ON DELETE CASCADE,
    source_id       TEXT    NOT NULL,
    approved        TEXT    NOT NULL,
    PRIMARY KEY (confirmation_id, flow_id, source_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX confirmed_records_of_flow ON confirmed_records (flow_id);
CREATE INDEX sync_queue_parked ON sync_queue (flow_id) WHERE state = 'parked';
CREATE TABLE flow_changes (
    id      INTEGER PRIMARY KEY,
    flow_id INTEGER NOT NULL REFERENCES flows (id) ON DELETE CASCADE,
    at_ms   INTEGER NOT NULL,
    change  TEXT    NOT NULL CHECK (change IN ('state', 'cursor', 'failure', 'restart')),
    before  TEXT    NOT NULL,
    after   TEXT    NOT NULL,
    actor   TEXT    NOT NULL,
    reason  TEXT    NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX flow_changes_of_flow ON flow_changes (flow_id, id);
CREATE TABLE flow_failures (
    flow_id         INTEGER PRIMARY KEY REFERENCES flows (id) ON DELETE CASCADE,
    run_id          TEXT    NOT NULL,            -- that failed last
    restarts        INTEGER NOT NULL DEFAULT 0,  -- in a row
    failed_at_ms    INTEGER NOT NULL,
    restart_at_ms   INTEGER NOT NULL,            -- 0 = not waiting for it: restarted, or recovered
    recovered_at_ms INTEGER NOT NULL DEFAULT 0,  -- when a run read to its end again; 0 = not yet
    error_code      TEXT    NOT NULL,
    error_message   TEXT    NOT NULL
) STRICT;
CREATE INDEX sync_queue_waits ON sync_queue (target_connection_id, waits_for) WHERE waits_for <> '';
CREATE INDEX sync_queue_auth ON sync_queue (tenant_id) WHERE error_class = 'auth' AND state IN ('queued', 'dead');
CREATE INDEX sync_queue_dead_ids ON sync_queue (tenant_id, id) WHERE state = 'dead';
CREATE INDEX sync_queue_lane ON sync_queue (target_connection_id, lane) WHERE state = 'queued';
CREATE INDEX sync_queue_first_outcome ON sync_queue (flow_id, run_id) WHERE run_id IS NOT NULL AND state = 'queued';
CREATE INDEX sync_queue_settled ON sync_queue (updated_at_ms) WHERE state = 'settled';
CREATE INDEX sync_runs_finished ON sync_runs (finished_at_ms) WHERE finished_at_ms > 0;
CREATE INDEX sync_runs_of_flow ON sync_runs (flow_id, finished_at_ms);
CREATE INDEX sync_logs_of_age ON sync_logs (at_ms);
CREATE INDEX intents_settled ON intents (settled_at_ms) WHERE state = 'settled';
CREATE TABLE conflicts (
    id                   INTEGER PRIMARY KEY,
    tenant_id            INTEGER NOT NULL REFERENCES tenants (id),
    flow_id              INTEGER NOT NULL REFERENCES flows (id) ON DELETE CASCADE,
    entity               TEXT    NOT NULL,
    source_id            TEXT    NOT NULL,
    role                 TEXT    NOT NULL,
    target_connection_id INTEGER NOT NULL REFERENCES connections (id),
    target_entity        TEXT    NOT NULL,
    target_id            TEXT    NOT NULL,
    -- resolving = a person has decided, and it is about to be done; resolved = it is done;
    -- closed = the sides agree again, or it was left alone
    state                TEXT    NOT NULL CHECK (state IN ('open', 'resolving', 'resolved', 'closed')),
    revision             INTEGER NOT NULL DEFAULT 1,     -- raised when a side changes
    sides                BLOB    NOT NULL,               -- sealed
    decision             BLOB,                           -- sealed: what a person decided, by field
    keep                 TEXT    NOT NULL DEFAULT '' CHECK (keep IN ('', 'source', 'target', 'fields')),
    actor                TEXT    NOT NULL DEFAULT '',
    reason               TEXT    NOT NULL DEFAULT '',
    opened_at_ms         INTEGER NOT NULL,
    updated_at_ms        INTEGER NOT NULL,
    decided_at_ms        INTEGER NOT NULL DEFAULT 0,
    closed_at_ms         INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE UNIQUE INDEX conflicts_open ON conflicts (flow_id, source_id) WHERE state IN ('open', 'resolving');
CREATE INDEX conflicts_of_tenant ON conflicts (tenant_id, state, id);
CREATE TABLE own_writes (
    connection_id        INTEGER NOT NULL REFERENCES connections (id) ON DELETE CASCADE,
    entity               TEXT    NOT NULL,              -- canonical, as the connection gives it
    record_id            TEXT    NOT NULL,
    origin_connection_id INTEGER NOT NULL REFERENCES connections (id) ON DELETE CASCADE,  -- where it came from
    origin_record_id     TEXT    NOT NULL,              -- there
    content_hash         TEXT    NOT NULL,
    version              TEXT    NOT NULL,              -- the write's; empty where there are none
    known                INTEGER NOT NULL,              -- 0: a change of somebody else may be in it, too
    written_at_ms        INTEGER NOT NULL,
    PRIMARY KEY (connection_id, record_id, entity)
) STRICT, WITHOUT ROWID;
CREATE TABLE webhook_events (
    id             INTEGER PRIMARY KEY,
    tenant_id      INTEGER NOT NULL REFERENCES tenants (id),
    connection_id  INTEGER NOT NULL REFERENCES connections (id) ON DELETE CASCADE,
    received_at_ms INTEGER NOT NULL,
    topic          TEXT    NOT NULL,
    webhook_id     TEXT    NOT NULL,
    delivery_id    TEXT    NOT NULL,              -- not unique: one platform gives it to several
    body_sha256    TEXT    NOT NULL,
    body_bytes     INTEGER NOT NULL,
    identity       BLOB    NOT NULL,              -- hash of webhook id, delivery id and body
    sealed         BLOB    NOT NULL,              -- headers and body
    -- stored = its records are not read yet; raised = they are, and jobs stand for what changed;
    -- ignored = it concerns no flow; failed = it could not be understood
    state          TEXT    NOT NULL CHECK (state IN ('stored', 'raised', 'ignored', 'failed')),
    changes        TEXT    NOT NULL DEFAULT '[]', -- JSON: what it announced, once that is known
    reason_code    TEXT    NOT NULL DEFAULT '',
    reason         TEXT    NOT NULL DEFAULT '',
    attempts       INTEGER NOT NULL DEFAULT 0,
    run_at_ms      INTEGER NOT NULL,              -- not before
    repeats        INTEGER NOT NULL DEFAULT 0,    -- how often it came again
    repeated_at_ms INTEGER NOT NULL DEFAULT 0,
    replays        INTEGER NOT NULL DEFAULT 0,
    handled_at_ms  INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX webhook_events_identity ON webhook_events (connection_id, identity);
CREATE INDEX webhook_events_stored ON webhook_events (connection_id, run_at_ms) WHERE state = 'stored';
CREATE INDEX webhook_events_of_tenant ON webhook_events (tenant_id, id);
CREATE INDEX webhook_events_handled ON webhook_events (handled_at_ms) WHERE handled_at_ms > 0;
CREATE TABLE webhook_strays (
    slot           INTEGER PRIMARY KEY,           -- number modulo the ring's size
    number         INTEGER NOT NULL,              -- how many there were, this one included
    tenant_id      INTEGER NOT NULL REFERENCES tenants (id), -- whose data key seals it
    received_at_ms INTEGER NOT NULL,
    platform       TEXT    NOT NULL,
    connection     TEXT    NOT NULL,              -- as its address names it
    reason         TEXT    NOT NULL,
    body_sha256    TEXT    NOT NULL,
    body_bytes     INTEGER NOT NULL,
    sealed         BLOB    NOT NULL               -- headers and the beginning of the body
) STRICT;
CREATE INDEX webhook_strays_number ON webhook_strays (number);
CREATE TABLE webhook_endpoints (
    connection_id    INTEGER PRIMARY KEY REFERENCES connections (id) ON DELETE CASCADE,
    tenant_id        INTEGER NOT NULL REFERENCES tenants (id),
    last_event_ms    INTEGER NOT NULL DEFAULT 0,  -- the last that was understood came then
    checked_at_ms    INTEGER NOT NULL DEFAULT 0,  -- the platform's webhooks were looked at
    check_at_ms      INTEGER NOT NULL DEFAULT 0,  -- not before
    caught_up_at_ms  INTEGER NOT NULL DEFAULT 0,  -- changes were asked for, in case some were missed
    former_until_ms  INTEGER NOT NULL DEFAULT 0,  -- the former secret proves until then; 0 = always
    new_secret       INTEGER NOT NULL DEFAULT 0,  -- the platform has to be told
    webhooks         TEXT    NOT NULL DEFAULT '[]', -- JSON: as last looked at
    error            TEXT    NOT NULL DEFAULT ''
) STRICT;
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
CREATE TABLE key_rotations (
    id             INTEGER PRIMARY KEY AUTOINCREMENT,
    kek_id         INTEGER NOT NULL,              -- the key it goes over to
    former_kek_id  INTEGER NOT NULL DEFAULT 0,    -- the one before; 0 = the same: only checked
    state          TEXT    NOT NULL CHECK (state IN ('wrapping', 'checking', 'completed')),
    data_keys      INTEGER NOT NULL DEFAULT 0,    -- that had to be wrapped anew, at its start
    wrapped        INTEGER NOT NULL DEFAULT 0,    -- of them, so far
    checked        INTEGER NOT NULL DEFAULT 0,    -- sealed values opened so far
    unreadable     INTEGER NOT NULL DEFAULT 0,    -- values no key opens, data keys included
    reached_column TEXT    NOT NULL DEFAULT '',   -- 'credentials.sealed'
    reached_row    INTEGER NOT NULL DEFAULT 0,
    error          TEXT    NOT NULL DEFAULT '',   -- why the last step could not be done
    requested_by   TEXT    NOT NULL,
    started_at_ms  INTEGER NOT NULL,
    finished_at_ms INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE UNIQUE INDEX key_rotations_one_at_a_time ON key_rotations (1) WHERE state <> 'completed';
CREATE TABLE unreadable_values (
    kept_in       TEXT    NOT NULL,               -- 'credentials.sealed'
    row_id        INTEGER NOT NULL,
    tenant_id     INTEGER NOT NULL REFERENCES tenants (id),
    connection_id INTEGER NOT NULL,               -- 0 = of no connection
    name          TEXT    NOT NULL,               -- 'consumer_secret'; '' where it has none
    reason        TEXT    NOT NULL,
    found_at_ms   INTEGER NOT NULL,
    PRIMARY KEY (kept_in, row_id)
) STRICT, WITHOUT ROWID;
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
CREATE TABLE alerts (
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
    tenant_id       INTEGER NOT NULL REFERENCES tenants (id),
    rule            TEXT    NOT NULL,
    subject         TEXT    NOT NULL,             -- 'flow woocommerce-quickbooks-orders'
    state           TEXT    NOT NULL CHECK (state IN ('open', 'resolved')),
    severity        TEXT    NOT NULL CHECK (severity IN ('warning', 'critical')),
    level           INTEGER NOT NULL,             -- the highest threshold reached, from 1
    value           INTEGER NOT NULL,             -- as last measured
    summary         TEXT    NOT NULL,
    opened_at_ms    INTEGER NOT NULL,
    changed_at_ms   INTEGER NOT NULL,             -- its state or level
    updated_at_ms   INTEGER NOT NULL,
    resolved_at_ms  INTEGER NOT NULL DEFAULT 0,
    acked_at_ms     INTEGER NOT NULL DEFAULT 0,
    acked_by        TEXT    NOT NULL DEFAULT '',
    ack_note        TEXT    NOT NULL DEFAULT '',
    told            INTEGER NOT NULL DEFAULT 0,   -- 0 = its state or level is not announced yet
    told_level      INTEGER NOT NULL DEFAULT 0,   -- 0 = its opening was never announced
    announcement_id INTEGER NOT NULL DEFAULT 0    -- of its opening or its last level
) STRICT;
CREATE UNIQUE INDEX alerts_open ON alerts (tenant_id, rule, subject) WHERE state = 'open';
CREATE INDEX alerts_to_tell ON alerts (tenant_id, rule, severity) WHERE told = 0;
CREATE INDEX alerts_end_to_tell
    ON alerts (tenant_id, rule, subject) WHERE state = 'resolved' AND told = 0;
CREATE INDEX alerts_of_tenant ON alerts (tenant_id, id);
CREATE INDEX alerts_resolved ON alerts (resolved_at_ms) WHERE state = 'resolved';
CREATE INDEX alerts_of_announcement ON alerts (announcement_id);
CREATE TABLE alert_channels (
    id            INTEGER PRIMARY KEY AUTOINCREMENT,
    tenant_id     INTEGER NOT NULL REFERENCES tenants (id),
    name          TEXT    NOT NULL,
    kind          TEXT    NOT NULL CHECK (kind IN ('email', 'slack', 'webhook')),
    settings      TEXT    NOT NULL,               -- JSON without secrets
    secrets       BLOB,                           -- sealed JSON; NULL = it has none
    enabled       INTEGER NOT NULL,
    severity_min  TEXT    NOT NULL CHECK (severity_min IN ('warning', 'critical')),
    failures      INTEGER NOT NULL DEFAULT 0,     -- in a row
    held_until_ms INTEGER NOT NULL DEFAULT 0,     -- nothing is sent before: it failed
    last_answer   TEXT    NOT NULL DEFAULT '',    -- what the other side said
    last_sent_ms  INTEGER NOT NULL DEFAULT 0,
    created_at_ms INTEGER NOT NULL,
    updated_at_ms INTEGER NOT NULL,
    UNIQUE (tenant_id, name)
) STRICT;
CREATE TABLE alert_announcements (
    id            INTEGER PRIMARY KEY AUTOINCREMENT,
    tenant_id     INTEGER NOT NULL REFERENCES tenants (id),
    rule          TEXT    NOT NULL,
    severity      TEXT    NOT NULL,
    kind          TEXT    NOT NULL CHECK (kind IN ('alert.opened', 'alert.resolved')),
    message_id    TEXT    NOT NULL,               -- the same at every try
    message       TEXT    NOT NULL,               -- JSON
    created_at_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX alert_announcements_of_rule
    ON alert_announcements (tenant_id, rule, severity, kind, created_at_ms);
CREATE INDEX alert_announcements_of_age ON alert_announcements (created_at_ms);
CREATE TABLE alert_deliveries (
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
    announcement_id INTEGER NOT NULL REFERENCES alert_announcements (id) ON DELETE CASCADE,
    channel_id      INTEGER NOT NULL REFERENCES alert_channels (id) ON DELETE CASCADE,
    tenant_id       INTEGER NOT NULL REFERENCES tenants (id),
    state           TEXT    NOT NULL CHECK (state IN ('waiting', 'sent', 'failed')),
    attempts        INTEGER NOT NULL DEFAULT 0,
    run_at_ms       INTEGER NOT NULL,             -- not before
    answer          TEXT    NOT NULL DEFAULT '',
    finished_at_ms  INTEGER NOT NULL DEFAULT 0,
    UNIQUE (announcement_id, channel_id)
) STRICT;
CREATE INDEX alert_deliveries_waiting
    ON alert_deliveries (channel_id, run_at_ms, id) WHERE state = 'waiting';
CREATE INDEX alert_deliveries_of_channel ON alert_deliveries (channel_id, id);
CREATE INDEX sync_queue_failing
    ON sync_queue (flow_id, first_failed_at_ms) WHERE state = 'queued' AND first_failed_at_ms > 0;
CREATE INDEX sync_logs_webhook_trouble
    ON sync_logs (at_ms) WHERE event IN ('webhook.disabled', 'webhook.missing');
CREATE TABLE field_mappings (
    id            INTEGER PRIMARY KEY AUTOINCREMENT,
    tenant_id     INTEGER NOT NULL REFERENCES tenants (id),
    name          TEXT    NOT NULL,
    draft         TEXT    NOT NULL,               -- JSON: the definition people work on
    draft_hash    TEXT    NOT NULL,               -- SHA-256 of the draft
    updated_by    TEXT    NOT NULL,
    created_at_ms INTEGER NOT NULL,
    updated_at_ms INTEGER NOT NULL,               -- of the draft
    UNIQUE (tenant_id, name)
) STRICT;
CREATE TABLE mapping_versions (
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
    tenant_id       INTEGER NOT NULL REFERENCES tenants (id),
    mapping_id      INTEGER NOT NULL REFERENCES field_mappings (id) ON DELETE CASCADE,
    version         INTEGER NOT NULL CHECK (version > 0),  -- 1, 2, 3 ... within the mapping
    state           TEXT    NOT NULL CHECK (state IN ('in_force', 'retired')),
    definition      TEXT    NOT NULL,             -- JSON, never changed
    content_hash    TEXT    NOT NULL,             -- SHA-256 of the definition
    reason          TEXT    NOT NULL,             -- why it was published, or brought back
    published_by    TEXT    NOT NULL,
    published_at_ms INTEGER NOT NULL,
    in_force_at_ms  INTEGER NOT NULL,             -- since when, or when it was the last time
    UNIQUE (mapping_id, version)
) STRICT;
CREATE UNIQUE INDEX mapping_versions_in_force ON mapping_versions (mapping_id)
 WHERE state = 'in_force';
CREATE INDEX mapping_versions_of_tenant ON mapping_versions (tenant_id);
CREATE INDEX sync_queue_of_mapping ON sync_queue (tenant_id, mapping, mapping_version)
 WHERE state = 'dead' AND mapping <> '';
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
CREATE INDEX reconciliations_of_tenant ON reconciliations (tenant_id, id);
CREATE INDEX reconciliations_open ON reconciliations (id) WHERE state IN ('queued', 'running');
CREATE INDEX reconciliations_ended ON reconciliations (finished_at_ms) WHERE finished_at_ms > 0;
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
CREATE INDEX reconciliation_findings_of ON reconciliation_findings (reconciliation_id, id);
CREATE INDEX id_mappings_of_tenant ON id_mappings (tenant_id, id);
CREATE TABLE matches (
    id                   INTEGER PRIMARY KEY AUTOINCREMENT,
    tenant_id            INTEGER NOT NULL REFERENCES tenants (id),
    source_connection_id INTEGER NOT NULL REFERENCES connections (id),
    target_connection_id INTEGER NOT NULL REFERENCES connections (id),
    entity               TEXT    NOT NULL,              -- canonical, of the source
    flow_name            TEXT    NOT NULL DEFAULT '',   -- it was asked for; a flow may go
    state                TEXT    NOT NULL CHECK (state IN ('queued', 'running', 'completed', 'failed')),
    from_ms              INTEGER NOT NULL DEFAULT 0,    -- changed since then; 0 = everything
    counts               TEXT    NOT NULL DEFAULT '{}', -- JSON, of a match that completed
    error_code           TEXT    NOT NULL DEFAULT '',
    error_message        TEXT    NOT NULL DEFAULT '',
    requested_by         TEXT    NOT NULL,
    created_at_ms        INTEGER NOT NULL,
    started_at_ms        INTEGER NOT NULL DEFAULT 0,
    finished_at_ms       INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX matches_of_tenant ON matches (tenant_id, id);
CREATE INDEX matches_open ON matches (id) WHERE state IN ('queued', 'running');
CREATE INDEX matches_of_pair ON matches (source_connection_id, target_connection_id, entity, id);
CREATE TABLE match_proposals (
    id            INTEGER PRIMARY KEY AUTOINCREMENT,
    match_id      INTEGER NOT NULL REFERENCES matches (id) ON DELETE CASCADE,
    tenant_id     INTEGER NOT NULL REFERENCES tenants (id),
    grade         TEXT    NOT NULL CHECK (grade IN ('exact', 'assisted', 'ambiguous')),
    state         TEXT    NOT NULL CHECK (state IN ('proposed', 'confirmed', 'rejected')),
    source_id     TEXT    NOT NULL,
    part          TEXT    NOT NULL,               -- of a record that is several things: a variation
    identity_key  TEXT    NOT NULL,
    role          TEXT    NOT NULL,               -- '' while it is ambiguous
    target_entity TEXT    NOT NULL,               -- '' while it is ambiguous
    target_id     TEXT    NOT NULL,
    detail        BLOB    NOT NULL,               -- sealed: labels, evidence, candidates
    decided_by    TEXT    NOT NULL DEFAULT '',
    reason        TEXT    NOT NULL DEFAULT '',
    decided_at_ms INTEGER NOT NULL DEFAULT 0,
    UNIQUE (match_id, source_id, part)
) STRICT;
CREATE INDEX match_proposals_of_match ON match_proposals (match_id, id);
CREATE INDEX match_proposals_of_grade ON match_proposals (match_id, grade, state);
CREATE TABLE setting_versions (
    tenant_id     INTEGER NOT NULL REFERENCES tenants (id),
    key           TEXT    NOT NULL,
    version       INTEGER NOT NULL,               -- from 1
    value         TEXT    NOT NULL,               -- JSON
    changed_by    TEXT    NOT NULL,
    changed_at_ms INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, key, version)
) STRICT, WITHOUT ROWID;
CREATE TABLE webhook_backfills (
    flow_id       INTEGER PRIMARY KEY REFERENCES flows (id) ON DELETE CASCADE,
    tenant_id     INTEGER NOT NULL REFERENCES tenants (id),
    connection_id INTEGER NOT NULL REFERENCES connections (id) ON DELETE CASCADE,
    from_ms       INTEGER NOT NULL                -- changed since then
) STRICT;
CREATE INDEX webhook_backfills_of_connection ON webhook_backfills (connection_id);
CREATE TABLE record_parts (
    source_connection_id INTEGER NOT NULL REFERENCES connections (id) ON DELETE CASCADE,
    entity               TEXT    NOT NULL,  -- of the part: refund
    source_id            TEXT    NOT NULL,
    whole_id             TEXT    NOT NULL,  -- of the order
    PRIMARY KEY (source_connection_id, entity, source_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX record_parts_of ON record_parts (source_connection_id, entity, whole_id);

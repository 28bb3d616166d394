-- What needs a person, and who is told. An alert is one cause of one rule: the open one of a rule
-- and a subject is there once, however often it is seen. What was told stands beside it, in the
-- same transaction as the messages, so that a restart tells nothing twice and forgets nothing.
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

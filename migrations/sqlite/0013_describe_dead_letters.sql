-- A dead letter says which others have the same cause and which record it waits for, and keeps what
-- a person did about it: sent it again, edited its record, or took it off the list.
ALTER TABLE sync_queue ADD COLUMN fingerprint TEXT NOT NULL DEFAULT '';        -- flow:entity:cause; equal for failures of one kind
ALTER TABLE sync_queue ADD COLUMN waits_for TEXT NOT NULL DEFAULT '';          -- lane of the record that must be in the target first
ALTER TABLE sync_queue ADD COLUMN redriven_at_ms INTEGER NOT NULL DEFAULT 0;   -- the time of failures counts anew from here
ALTER TABLE sync_queue ADD COLUMN edited INTEGER NOT NULL DEFAULT 0;           -- the copy was edited by hand; it stands until the source changes
ALTER TABLE sync_queue ADD COLUMN resolution TEXT NOT NULL DEFAULT '';         -- why a person took it off the list; until the source changes
CREATE INDEX sync_queue_waits ON sync_queue (target_connection_id, waits_for) WHERE waits_for <> '';      -- dependency_arrived()
CREATE INDEX sync_queue_auth ON sync_queue (tenant_id) WHERE error_class = 'auth' AND state IN ('queued', 'dead');  -- credentials_renewed()
CREATE INDEX sync_queue_dead_ids ON sync_queue (tenant_id, id) WHERE state = 'dead';                      -- redrive_all()
CREATE INDEX sync_queue_lane ON sync_queue (target_connection_id, lane) WHERE state = 'queued';           -- give_up()
CREATE INDEX sync_queue_first_outcome ON sync_queue (flow_id, run_id) WHERE run_id IS NOT NULL AND state = 'queued';  -- count_as_waiting()

-- Classes have the names of the retry rules now.
UPDATE sync_queue
   SET error_class = CASE error_class WHEN 'data' THEN 'business' WHEN 'config' THEN 'auth' ELSE 'stale_version' END
 WHERE error_class IN ('data', 'config', 'conflict');
-- What kind those are that died before nobody knows: each is one of its own.
UPDATE sync_queue SET fingerprint = 'job:' || id WHERE state = 'dead';

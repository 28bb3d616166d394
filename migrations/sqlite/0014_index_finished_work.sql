-- Finished work is found by its age, so that a purge reads no row that it keeps and stays short
-- however much there is (host/storage/retention.cpp).
CREATE INDEX sync_queue_settled ON sync_queue (updated_at_ms) WHERE state = 'settled';     -- purge(kJobs)
CREATE INDEX sync_runs_finished ON sync_runs (finished_at_ms) WHERE finished_at_ms > 0;    -- purge(kRuns)
CREATE INDEX sync_runs_of_flow ON sync_runs (flow_id, finished_at_ms);                     -- its newest run is kept
CREATE INDEX sync_logs_of_age ON sync_logs (at_ms);                                        -- purge(kLogs)
CREATE INDEX intents_settled ON intents (settled_at_ms) WHERE state = 'settled';           -- purge(kRequests)

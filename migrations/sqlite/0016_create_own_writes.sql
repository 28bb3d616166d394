-- What a record shows since we wrote it: the hash of its canonical form as its connection would give
-- it. When it comes back with that content on a flow to where the content came from, it is our own
-- echo, unless somebody had changed it before us and the write's answer shows that as well.
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

-- Which refunds belong to which order, noted when they are read: a shop tells of a refund that is gone
-- only by the order that changed. Grows with the refunds of a source, a row of a few bytes each.
CREATE TABLE record_parts (
    source_connection_id INTEGER NOT NULL REFERENCES connections (id) ON DELETE CASCADE,
    entity               TEXT    NOT NULL,  -- of the part: refund
    source_id            TEXT    NOT NULL,
    whole_id             TEXT    NOT NULL,  -- of the order
    PRIMARY KEY (source_connection_id, entity, source_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX record_parts_of ON record_parts (source_connection_id, entity, whole_id);                     -- of()

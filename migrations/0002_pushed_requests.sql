-- Sealed values too large to travel are no longer codes alone, and one source may leave only so many
-- of them. An interaction may complete a request that may be completed once (RFC 9126 7.3): the
-- digest that its end writes to once_values, and until when.
ALTER TABLE parked_codes RENAME TO parked_values;
ALTER TABLE parked_values RENAME COLUMN code_id TO value_id;
ALTER TABLE parked_values ADD COLUMN source TEXT NOT NULL DEFAULT '';
CREATE INDEX parked_values_by_source ON parked_values (source, expires_at);

ALTER TABLE interactions ADD COLUMN completes BYTEA;
ALTER TABLE interactions ADD COLUMN completes_until BIGINT;

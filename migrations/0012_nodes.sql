-- Serves programs from 11 on.
--
-- Which node delivers the notices of a lane (client and kind), and until when unless it says so again: where several
-- nodes share a store, each notice is sent by one of them.

CREATE TABLE notice_lanes (
  client_id   TEXT NOT NULL,
  kind        TEXT NOT NULL,    -- of client_notices
  taken_by    TEXT NOT NULL,    -- a name that a node made for itself at its start
  taken_until BIGINT NOT NULL,
  PRIMARY KEY (client_id, kind)
);
CREATE INDEX notice_lanes_by_end ON notice_lanes (taken_until);

-- The oldest version of the schema that a program may know and still work on what the migration leaves.
ALTER TABLE schema_migrations ADD COLUMN serves_from BIGINT NOT NULL DEFAULT 0;

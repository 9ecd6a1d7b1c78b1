-- Serves programs from 12 on.
--
-- How often what makes a token or a person live or not was changed, and how often failures were counted, in parts that
-- add up: each transaction that changes something adds one to one of them, so that those of different connections need
-- not wait for each other. A node remembers what it read for as long as a sum stays
-- (docs/decisions/0022-nodes-remember.md). Where one process has the store it stays empty.

CREATE TABLE change_counts (
  part     BIGINT NOT NULL PRIMARY KEY,
  live     BIGINT NOT NULL,
  failures BIGINT NOT NULL
);

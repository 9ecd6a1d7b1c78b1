-- Where several nodes share a store, each keeps clients and keys in memory and asks by these numbers
-- whether its copy is still the newest. They rise in the transaction of every change.

ALTER TABLE store_meta ADD COLUMN clients_version BIGINT NOT NULL DEFAULT 0;
ALTER TABLE store_meta ADD COLUMN keys_version BIGINT NOT NULL DEFAULT 0;

-- Clients that register themselves (RFC 7591, Client ID Metadata Document): who brought them, and
-- when they are forgotten again. unused_for is in seconds; it and forgotten_at are NULL for clients
-- of an operator, which stay.
ALTER TABLE clients ADD COLUMN source TEXT NOT NULL DEFAULT '';
ALTER TABLE clients ADD COLUMN unused_for BIGINT;
ALTER TABLE clients ADD COLUMN forgotten_at BIGINT;
ALTER TABLE clients ADD COLUMN used BIGINT NOT NULL DEFAULT 0;
CREATE INDEX clients_by_source ON clients (source, used);
CREATE INDEX clients_by_forgetting ON clients (forgotten_at);

CREATE TABLE initial_access_tokens (
  digest     BYTEA NOT NULL PRIMARY KEY,
  uses_left  BIGINT NOT NULL,
  expires_at BIGINT NOT NULL
);
CREATE INDEX initial_access_tokens_by_expiry ON initial_access_tokens (expires_at);

-- Requests that wait for a person while their client polls: device authorization (RFC 8628) and
-- backchannel authentication (CIBA Core 1.0). The columns from user_id to amr are filled when one is
-- approved; user_id says before whom a backchannel request asks.

CREATE TABLE polled_requests (
  request_id       TEXT NOT NULL PRIMARY KEY,
  kind             TEXT NOT NULL,
  state            TEXT NOT NULL,
  client_id        TEXT NOT NULL,
  user_code        BYTEA UNIQUE,     -- a MAC; NULL where nobody types one
  scopes           TEXT NOT NULL,
  resource         TEXT,
  binding_message  TEXT NOT NULL,
  address          TEXT NOT NULL,
  interval_seconds BIGINT NOT NULL,
  polled_at        BIGINT,
  created_at       BIGINT NOT NULL,
  expires_at       BIGINT NOT NULL,
  user_id          TEXT,
  security_version BIGINT NOT NULL,
  session_id       TEXT NOT NULL,
  consent_id       TEXT NOT NULL,
  auth_time        BIGINT NOT NULL,
  acr              TEXT NOT NULL,
  amr              TEXT NOT NULL
);
CREATE INDEX polled_requests_by_client ON polled_requests (client_id, expires_at);
CREATE INDEX polled_requests_by_address ON polled_requests (address, expires_at);
CREATE INDEX polled_requests_by_user ON polled_requests (user_id, expires_at);
CREATE INDEX polled_requests_by_expiry ON polled_requests (expires_at);

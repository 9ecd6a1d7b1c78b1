-- Telling clients that a session ended (OIDC Back-Channel Logout 1.0 2.3): who took part in it, and
-- what waits to be delivered. No references: a session that is renewed keeps its id while its row
-- is replaced, and a notice outlives its session, user and client.

CREATE TABLE session_clients (
  session_id TEXT NOT NULL,
  client_id  TEXT NOT NULL,
  channel    TEXT NOT NULL,    -- 'back' or 'front'
  ends_at    BIGINT NOT NULL,  -- the session's absolute end
  PRIMARY KEY (session_id, client_id)
);
CREATE INDEX session_clients_by_end ON session_clients (ends_at);
CREATE INDEX session_clients_by_client ON session_clients (client_id);

CREATE TABLE logout_notices (
  notice_id       TEXT NOT NULL PRIMARY KEY,
  client_id       TEXT NOT NULL,
  user_id         TEXT NOT NULL,
  session_id      TEXT NOT NULL,
  created_at      BIGINT NOT NULL,
  attempts        BIGINT NOT NULL,
  next_attempt_at BIGINT NOT NULL,
  expires_at      BIGINT NOT NULL
);
CREATE INDEX logout_notices_by_client ON logout_notices (client_id, created_at);
CREATE INDEX logout_notices_by_attempt ON logout_notices (next_attempt_at);
CREATE INDEX logout_notices_by_expiry ON logout_notices (expires_at);

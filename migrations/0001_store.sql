-- Everything the store keeps. One sequence for SQLite and PostgreSQL: BIGINT, TEXT and BYTEA only
-- (times in Unix milliseconds, flags 0 or 1, lists as words separated by spaces). Released
-- migrations are never edited. Bearer values are kept as SHA-256 digests or sealed, never in clear.

CREATE TABLE store_meta (
  id             BIGINT NOT NULL PRIMARY KEY CHECK (id = 1),
  epoch          BYTEA NOT NULL,
  root_key_check BYTEA NOT NULL,
  made_by        TEXT NOT NULL,
  swept_before   BIGINT NOT NULL
);

CREATE TABLE clients (
  client_id TEXT NOT NULL PRIMARY KEY,
  enabled   BIGINT NOT NULL,
  document  TEXT NOT NULL
);

-- What a redemption checks: the SHA-256 of each registered string.
CREATE TABLE client_redirect_uris (
  client_id TEXT NOT NULL REFERENCES clients (client_id) ON DELETE CASCADE,
  digest    BYTEA NOT NULL,
  PRIMARY KEY (client_id, digest)
);

CREATE TABLE users (
  user_id          TEXT NOT NULL PRIMARY KEY,
  login            TEXT NOT NULL UNIQUE,
  password_hash    TEXT NOT NULL,
  claims           TEXT NOT NULL,
  enabled          BIGINT NOT NULL,
  security_version BIGINT NOT NULL,
  owner_by         TEXT NOT NULL,
  owner_place      TEXT NOT NULL,
  owner_digest     BYTEA NOT NULL,
  created_at       BIGINT NOT NULL
);

CREATE TABLE sessions (
  session_id       TEXT NOT NULL PRIMARY KEY,
  handle           BYTEA NOT NULL UNIQUE,
  user_id          TEXT NOT NULL REFERENCES users (user_id) ON DELETE CASCADE,
  security_version BIGINT NOT NULL,
  auth_time        BIGINT NOT NULL,
  acr              TEXT NOT NULL,
  amr              TEXT NOT NULL,
  created_at       BIGINT NOT NULL,
  last_seen        BIGINT NOT NULL,
  absolute_end     BIGINT NOT NULL,
  idle_lifetime    BIGINT NOT NULL,  -- seconds
  ends_at          BIGINT NOT NULL,  -- the earlier of both ends
  user_agent       TEXT NOT NULL,
  address          TEXT NOT NULL
);
CREATE INDEX sessions_by_user ON sessions (user_id);
CREATE INDEX sessions_by_end ON sessions (ends_at);

CREATE TABLE interactions (
  handle             BYTEA NOT NULL PRIMARY KEY,
  binding            BYTEA NOT NULL,
  kind               TEXT NOT NULL,
  state              TEXT NOT NULL,
  sealed_request     BYTEA NOT NULL,
  session_id         TEXT,
  authenticated_here BIGINT NOT NULL,
  account_selected   BIGINT NOT NULL,
  created_at         BIGINT NOT NULL,
  expires_at         BIGINT NOT NULL,
  address            TEXT NOT NULL
);
CREATE INDEX interactions_by_address ON interactions (address, state, expires_at);
CREATE INDEX interactions_by_expiry ON interactions (expires_at);

CREATE TABLE consents (
  consent_id TEXT NOT NULL PRIMARY KEY,
  user_id    TEXT NOT NULL,
  client_id  TEXT NOT NULL,
  scopes     TEXT NOT NULL,
  resources  TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  UNIQUE (user_id, client_id)
);
CREATE INDEX consents_by_client ON consents (client_id);

CREATE TABLE parked_codes (
  code_id    TEXT NOT NULL PRIMARY KEY,
  sealed     BYTEA NOT NULL,
  expires_at BIGINT NOT NULL
);
CREATE INDEX parked_codes_by_expiry ON parked_codes (expires_at);

-- No references: a grant outlives its user, client, session and consent, so that a code redeemed
-- once stays redeemed.
CREATE TABLE grants (
  grant_id         TEXT NOT NULL PRIMARY KEY,
  user_id          TEXT NOT NULL,
  security_version BIGINT NOT NULL,
  client_id        TEXT NOT NULL,
  session_id       TEXT NOT NULL,
  consent_id       TEXT NOT NULL,
  session_binding  TEXT NOT NULL,
  scopes           TEXT NOT NULL,
  resource         TEXT,
  auth_time        BIGINT NOT NULL,
  acr              TEXT NOT NULL,
  amr              TEXT NOT NULL,
  claims_request   TEXT NOT NULL,
  created_at       BIGINT NOT NULL,
  code_expires_at  BIGINT NOT NULL,
  state            TEXT NOT NULL,
  revoked_reason   TEXT NOT NULL,
  keep_until       BIGINT NOT NULL
);
CREATE INDEX grants_by_user ON grants (user_id, client_id);
CREATE INDEX grants_by_client ON grants (client_id);
CREATE INDEX grants_by_end ON grants (keep_until);

CREATE TABLE refresh_tokens (
  grant_id            TEXT NOT NULL PRIMARY KEY REFERENCES grants (grant_id) ON DELETE CASCADE,
  generation          BIGINT NOT NULL,
  current_digest      BYTEA NOT NULL,
  previous_digest     BYTEA NOT NULL,
  spent_at            BIGINT,
  sealed_successor    BYTEA NOT NULL,
  replays             BIGINT NOT NULL,
  idle_end            BIGINT NOT NULL,
  absolute_end        BIGINT NOT NULL,
  suspect_generations BIGINT NOT NULL,
  spender             TEXT NOT NULL,   -- who rotated last, as a short digest; "" unknown
  suspect_replay      BIGINT NOT NULL  -- a replay of this generation came from somebody else
);

CREATE TABLE revoked_tokens (
  token_id   TEXT NOT NULL PRIMARY KEY,
  expires_at BIGINT NOT NULL
);
CREATE INDEX revoked_tokens_by_expiry ON revoked_tokens (expires_at);

CREATE TABLE once_values (
  digest     BYTEA NOT NULL PRIMARY KEY,
  expires_at BIGINT NOT NULL
);
CREATE INDEX once_values_by_expiry ON once_values (expires_at);

CREATE TABLE password_links (
  digest     BYTEA NOT NULL PRIMARY KEY,
  user_id    TEXT NOT NULL REFERENCES users (user_id) ON DELETE CASCADE,
  expires_at BIGINT NOT NULL
);
CREATE INDEX password_links_by_user ON password_links (user_id);
CREATE INDEX password_links_by_expiry ON password_links (expires_at);

CREATE TABLE signing_keys (
  kid            TEXT NOT NULL PRIMARY KEY,
  algorithm      TEXT NOT NULL,
  state          TEXT NOT NULL,
  sealed_private BYTEA NOT NULL,
  created_at     BIGINT NOT NULL,
  activated_at   BIGINT,
  remove_at      BIGINT
);

CREATE TABLE wrapped_keys (
  purpose    TEXT NOT NULL,
  key_id     TEXT NOT NULL,
  sealed     BYTEA NOT NULL,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (purpose, key_id)
);

CREATE TABLE failure_counters (
  counter_key  BYTEA NOT NULL PRIMARY KEY,
  failures     BIGINT NOT NULL,
  window_start BIGINT NOT NULL,
  window_end   BIGINT NOT NULL
);
CREATE INDEX failure_counters_by_end ON failure_counters (window_end);

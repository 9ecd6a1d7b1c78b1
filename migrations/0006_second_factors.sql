-- Second factors: an authenticator app for each account at most, its recovery codes as keyed
-- digests, and what an interaction remembers between the two factors of a sign-in.

CREATE TABLE second_factors (
  user_id         TEXT NOT NULL PRIMARY KEY REFERENCES users (user_id) ON DELETE CASCADE,
  sealed_secret   BYTEA NOT NULL,
  last_used_step  BIGINT NOT NULL,
  recovery_key_id TEXT NOT NULL,
  added_at        BIGINT NOT NULL
);

-- A code that was used is a row that is gone.
CREATE TABLE recovery_codes (
  user_id TEXT NOT NULL REFERENCES second_factors (user_id) ON DELETE CASCADE,
  digest  BYTEA NOT NULL,
  PRIMARY KEY (user_id, digest)
);

ALTER TABLE interactions ADD COLUMN first_factor_user TEXT;
ALTER TABLE interactions ADD COLUMN first_factor_version BIGINT;
ALTER TABLE interactions ADD COLUMN first_factor_at BIGINT;
ALTER TABLE interactions ADD COLUMN factor_failures BIGINT NOT NULL DEFAULT 0;
ALTER TABLE interactions ADD COLUMN enrolment_declined BIGINT NOT NULL DEFAULT 0;

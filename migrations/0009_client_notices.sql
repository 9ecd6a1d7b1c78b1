-- What clients are told has a second kind beside the end of a session: that a person answered what
-- they were asked (CIBA Core 10.2). Such a notice waits from the request on and is due when the
-- request is answered, or over.

ALTER TABLE logout_notices RENAME TO client_notices;
ALTER TABLE client_notices ADD COLUMN kind TEXT NOT NULL DEFAULT 'logout';  -- or 'ping'
ALTER TABLE client_notices ADD COLUMN sealed TEXT NOT NULL DEFAULT '';      -- of a ping

DROP INDEX logout_notices_by_client;
DROP INDEX logout_notices_by_attempt;
DROP INDEX logout_notices_by_expiry;
CREATE INDEX client_notices_by_client ON client_notices (client_id, kind, created_at);
CREATE INDEX client_notices_by_attempt ON client_notices (next_attempt_at);
CREATE INDEX client_notices_by_expiry ON client_notices (expires_at);

-- Requests of devices are counted by where they come from, as everything else is: neighbours of one
-- IPv6 subscriber together. The address itself is what a person is shown.

ALTER TABLE polled_requests ADD COLUMN source TEXT NOT NULL DEFAULT '';
DROP INDEX polled_requests_by_address;
CREATE INDEX polled_requests_by_source ON polled_requests (source, expires_at);

-- What a grant allows beyond its scopes (RFC 9396), as the JSON text that was approved; '' for none.

ALTER TABLE grants ADD COLUMN authorization_details TEXT NOT NULL DEFAULT '';

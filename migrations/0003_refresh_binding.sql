-- What a refresh must prove: the key of a public client ("jkt:...", "x5t#S256:..."; RFC 9449 5).
ALTER TABLE grants ADD COLUMN refresh_binding TEXT NOT NULL DEFAULT '';

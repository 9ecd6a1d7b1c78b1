-- The database counts, so that no program need remember to: not a node of an older version, not a cascade, not a hand.
-- At the end of a transaction, once for each, with the rights of whoever made the schema, beside the changed table.
CREATE FUNCTION count_change() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $body$
DECLARE
  kind             TEXT := TG_ARGV[0];  -- a column of change_counts
  this_transaction TEXT := CAST(pg_current_xact_id() AS TEXT);
BEGIN
  IF current_setting('cardea.counted_' || kind, true) = this_transaction THEN
    RETURN NULL;
  END IF;
  EXECUTE format('INSERT INTO %1$I.change_counts AS c (part, live, failures)'
                 ' VALUES (mod(pg_backend_pid(), 64), %3$s, %4$s)'
                 ' ON CONFLICT (part) DO UPDATE SET %2$I = c.%2$I + 1',
                 TG_TABLE_SCHEMA, kind, CASE kind WHEN 'live' THEN 1 ELSE 0 END,
                 CASE kind WHEN 'failures' THEN 1 ELSE 0 END);
  PERFORM set_config('cardea.counted_' || kind, this_transaction, true);
  RETURN NULL;
END $body$;

-- What a sweep removes ended long before. Grants and sessions are made with an identifier that nobody has asked for
-- before.
CREATE CONSTRAINT TRIGGER live_changes_by_row AFTER DELETE ON grants
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
  WHEN (current_setting('cardea.sweeps', true) IS DISTINCT FROM 'on') EXECUTE FUNCTION count_change('live');
CREATE CONSTRAINT TRIGGER live_changes_by_column AFTER UPDATE OF
    grant_id, user_id, security_version, client_id, session_id, consent_id, session_binding, scopes, resource,
    auth_time, acr, amr, claims_request, created_at, code_expires_at, state, revoked_reason, refresh_binding,
    authorization_details ON grants
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (OLD.* IS DISTINCT FROM NEW.*)
  EXECUTE FUNCTION count_change('live');

CREATE CONSTRAINT TRIGGER live_changes_by_row AFTER DELETE ON sessions
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
  WHEN (current_setting('cardea.sweeps', true) IS DISTINCT FROM 'on') EXECUTE FUNCTION count_change('live');
-- One that is used ends later: whoever remembers an end that has come looks again.
CREATE CONSTRAINT TRIGGER live_changes_by_column AFTER UPDATE OF session_id, user_id, ends_at ON sessions
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
  WHEN (OLD.session_id <> NEW.session_id OR OLD.user_id <> NEW.user_id OR OLD.ends_at > NEW.ends_at)
  EXECUTE FUNCTION count_change('live');

CREATE CONSTRAINT TRIGGER live_changes_by_row AFTER INSERT OR DELETE ON users
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION count_change('live');
CREATE CONSTRAINT TRIGGER live_changes_by_column AFTER UPDATE OF
    user_id, login, claims, enabled, security_version ON users
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (OLD.* IS DISTINCT FROM NEW.*)
  EXECUTE FUNCTION count_change('live');

CREATE CONSTRAINT TRIGGER live_changes_by_row AFTER INSERT OR DELETE ON clients
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION count_change('live');
CREATE CONSTRAINT TRIGGER live_changes_by_column AFTER UPDATE OF client_id, enabled ON clients
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (OLD.* IS DISTINCT FROM NEW.*)
  EXECUTE FUNCTION count_change('live');

CREATE CONSTRAINT TRIGGER live_changes_by_row AFTER INSERT OR DELETE ON consents
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION count_change('live');
CREATE CONSTRAINT TRIGGER live_changes_by_column AFTER UPDATE OF consent_id, user_id ON consents
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (OLD.* IS DISTINCT FROM NEW.*)
  EXECUTE FUNCTION count_change('live');

CREATE CONSTRAINT TRIGGER live_changes_by_row AFTER INSERT ON revoked_tokens
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION count_change('live');
CREATE CONSTRAINT TRIGGER live_changes_by_end AFTER DELETE ON revoked_tokens
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
  WHEN (current_setting('cardea.sweeps', true) IS DISTINCT FROM 'on') EXECUTE FUNCTION count_change('live');
CREATE CONSTRAINT TRIGGER live_changes_by_column AFTER UPDATE OF token_id ON revoked_tokens
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (OLD.* IS DISTINCT FROM NEW.*)
  EXECUTE FUNCTION count_change('live');

CREATE CONSTRAINT TRIGGER failure_changes_by_row AFTER INSERT ON failure_counters
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION count_change('failures');
CREATE CONSTRAINT TRIGGER failure_changes_by_end AFTER DELETE ON failure_counters
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
  WHEN (current_setting('cardea.sweeps', true) IS DISTINCT FROM 'on') EXECUTE FUNCTION count_change('failures');
CREATE CONSTRAINT TRIGGER failure_changes_by_column AFTER UPDATE OF counter_key, failures, window_start
  ON failure_counters
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (OLD.* IS DISTINCT FROM NEW.*)
  EXECUTE FUNCTION count_change('failures');
CREATE TRIGGER failure_changes_by_table AFTER TRUNCATE ON failure_counters
  FOR EACH STATEMENT EXECUTE FUNCTION count_change('failures');

DO $all$ DECLARE emptied TEXT; BEGIN
  FOREACH emptied IN ARRAY ARRAY['grants', 'sessions', 'users', 'clients', 'consents', 'revoked_tokens'] LOOP
    EXECUTE format('CREATE TRIGGER live_changes_by_table AFTER TRUNCATE ON %I'
                   ' FOR EACH STATEMENT EXECUTE FUNCTION count_change(''live'')', emptied);
  END LOOP;
END $all$;

-- Whoever may read the versions of clients and keys may read this.
DO $all$ DECLARE reader TEXT; BEGIN
  FOR reader IN SELECT CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE a.grantee::regrole::text END
      FROM pg_class c, aclexplode(c.relacl) a
      WHERE c.oid = 'store_meta'::regclass AND a.privilege_type = 'SELECT' LOOP
    EXECUTE 'GRANT SELECT ON change_counts TO ' || reader;
  END LOOP;
END $all$;

// Every statement once (locks are in locks.h, those of sweeping and of migrations beside their only
// use), in SQL
// that SQLite and PostgreSQL both run: numbered placeholders, guarded single-row updates, ON
// CONFLICT, RETURNING. Column orders are those that rows.h reads.
#pragma once

#include "store/sql/connection.h"

namespace cardea::store::sql {

// --- meta
inline constexpr Statement read_meta{
    "SELECT epoch, root_key_check, made_by, swept_before,"
    " (SELECT coalesce(max(version), 0) FROM schema_migrations) FROM store_meta WHERE id = 1"};
inline constexpr Statement insert_meta{
    "INSERT INTO store_meta (id, epoch, root_key_check, made_by, swept_before)"
    " VALUES (1, $1, $2, '', 0) ON CONFLICT (id) DO NOTHING"};
// Of nodes that start at once one marks the store, and the others find its mark. $2: empty.
inline constexpr Statement put_root_key_check{
    "UPDATE store_meta SET root_key_check = $1 WHERE id = 1 AND root_key_check = $2"};
inline constexpr Statement put_made_by{
    "UPDATE store_meta SET made_by = $1 WHERE id = 1 AND made_by = ''"};
inline constexpr Statement read_versions{
    "SELECT clients_version, keys_version,"
    " CAST(coalesce(live, 0) AS BIGINT), CAST(coalesce(failures, 0) AS BIGINT) FROM store_meta,"
    " (SELECT sum(live) AS live, sum(failures) AS failures FROM change_counts) counted"
    " WHERE id = 1"};
inline constexpr Statement raise_clients_version{
    "UPDATE store_meta SET clients_version = clients_version + 1 WHERE id = 1"};
inline constexpr Statement raise_keys_version{
    "UPDATE store_meta SET keys_version = keys_version + 1 WHERE id = 1"};
inline constexpr Statement update_epoch{"UPDATE store_meta SET epoch = $1 WHERE id = 1"};
inline constexpr Statement raise_swept_before{
    "UPDATE store_meta SET swept_before = $1 WHERE id = 1 AND swept_before < $1"};

// --- clients
inline constexpr Statement read_clients{"SELECT document FROM clients ORDER BY client_id"};
inline constexpr Statement read_client_document{
    "SELECT document FROM clients WHERE client_id = $1"};
inline constexpr Statement upsert_client{
    "INSERT INTO clients (client_id, enabled, document) VALUES ($1, $2, $3)"
    " ON CONFLICT (client_id) DO UPDATE SET enabled = excluded.enabled,"
    " document = excluded.document"};
inline constexpr Statement delete_client_redirect_uris{
    "DELETE FROM client_redirect_uris WHERE client_id = $1"};
inline constexpr Statement insert_client_redirect_uri{
    "INSERT INTO client_redirect_uris (client_id, digest) VALUES ($1, $2)"
    " ON CONFLICT (client_id, digest) DO NOTHING"};
inline constexpr Statement delete_client{"DELETE FROM clients WHERE client_id = $1"};
// Clients that registered themselves are those with unused_for.
inline constexpr Statement client_is_an_operators{
    "SELECT 1 FROM clients WHERE client_id = $1 AND unused_for IS NULL"};
inline constexpr Statement count_self_registered{
    "SELECT count(*) FROM clients WHERE forgotten_at IS NOT NULL"};
inline constexpr Statement count_unused_of_source{
    "SELECT count(*) FROM clients WHERE source = $1 AND used = 0 AND unused_for IS NOT NULL"};
inline constexpr Statement keep_self_registered{
    "UPDATE clients SET source = $2, unused_for = $3, forgotten_at = $4 WHERE client_id = $1"};
// $2: when the last token of a grant ends. Written once a day at most.
inline constexpr Statement keep_used_client{
    "UPDATE clients SET used = 1, forgotten_at = $2 + unused_for * 1000 WHERE client_id = $1"
    " AND unused_for IS NOT NULL"
    " AND (used = 0 OR forgotten_at + 86400000 < $2 + unused_for * 1000)"};
inline constexpr Statement read_forgotten_clients{
    "SELECT client_id FROM clients WHERE forgotten_at < $1 ORDER BY forgotten_at LIMIT $2"};
inline constexpr Statement insert_initial_token{
    "INSERT INTO initial_access_tokens (digest, uses_left, expires_at) VALUES ($1, $2, $3)"};
inline constexpr Statement initial_token_is_usable{
    "SELECT 1 FROM initial_access_tokens WHERE digest = $1 AND uses_left > 0 AND expires_at > $2"};
inline constexpr Statement use_initial_token{
    "UPDATE initial_access_tokens SET uses_left = uses_left - 1"
    " WHERE digest = $1 AND uses_left > 0 AND expires_at > $2"};
inline constexpr Statement delete_consents_of_client{"DELETE FROM consents WHERE client_id = $1"};

// --- users
inline constexpr Statement read_users_after{
    "SELECT user_id, login, claims, enabled, security_version, password_hash, owner_by,"
    " owner_place, owner_digest, created_at FROM users WHERE login > $1 ORDER BY login LIMIT $2"};
inline constexpr Statement read_users_owned_by{
    "SELECT user_id, login, claims, enabled, security_version, password_hash, owner_by,"
    " owner_place, owner_digest, created_at FROM users WHERE owner_by = $1 ORDER BY login"};
inline constexpr Statement read_user{
    "SELECT user_id, login, claims, enabled, security_version FROM users WHERE user_id = $1"};
inline constexpr Statement read_user_record{
    "SELECT user_id, login, claims, enabled, security_version, password_hash, owner_by,"
    " owner_place, owner_digest, created_at FROM users WHERE user_id = $1"};
inline constexpr Statement read_user_record_by_login{
    "SELECT user_id, login, claims, enabled, security_version, password_hash, owner_by,"
    " owner_place, owner_digest, created_at FROM users WHERE login = $1"};
inline constexpr Statement user_of_other_id_with_login{
    "SELECT 1 FROM users WHERE login = $1 AND user_id <> $2"};
inline constexpr Statement user_is_unchanged{
    "SELECT 1 FROM users WHERE user_id = $1 AND security_version = $2 AND enabled = 1"};
inline constexpr Statement user_is_present{"SELECT 1 FROM users WHERE user_id = $1"};
inline constexpr Statement upsert_user{
    "INSERT INTO users (user_id, login, password_hash, claims, enabled, security_version,"
    " owner_by, owner_place, owner_digest, created_at)"
    " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"
    " ON CONFLICT (user_id) DO UPDATE SET login = excluded.login,"
    " password_hash = excluded.password_hash, claims = excluded.claims,"
    " enabled = excluded.enabled, security_version = excluded.security_version,"
    " owner_by = excluded.owner_by, owner_place = excluded.owner_place,"
    " owner_digest = excluded.owner_digest, created_at = excluded.created_at"};
inline constexpr Statement delete_user{"DELETE FROM users WHERE user_id = $1"};
inline constexpr Statement delete_consents_of_user{"DELETE FROM consents WHERE user_id = $1"};
inline constexpr Statement update_rehashed{
    "UPDATE users SET password_hash = $3 WHERE user_id = $1 AND security_version = $2"};
inline constexpr Statement update_password{
    "UPDATE users SET password_hash = $3, security_version = security_version + 1"
    " WHERE user_id = $1 AND security_version = $2 AND enabled = 1 RETURNING security_version"};

// --- sessions
inline constexpr Statement read_session_by_handle{
    "SELECT s.session_id, s.user_id, s.security_version, s.auth_time, s.acr, s.amr, s.last_seen,"
    " s.absolute_end, s.idle_lifetime, u.user_id, u.login, u.claims, u.enabled, u.security_version"
    " FROM sessions s JOIN users u ON u.user_id = s.user_id WHERE s.handle = $1"};
inline constexpr Statement read_session_by_id{
    "SELECT s.session_id, s.user_id, s.security_version, s.auth_time, s.acr, s.amr, s.last_seen,"
    " s.absolute_end, s.idle_lifetime, u.user_id, u.login, u.claims, u.enabled, u.security_version"
    " FROM sessions s JOIN users u ON u.user_id = s.user_id WHERE s.session_id = $1"};
inline constexpr Statement read_sessions_of_user{
    "SELECT session_id, user_id, security_version, auth_time, acr, amr, last_seen, absolute_end,"
    " idle_lifetime, handle, created_at, user_agent, address"
    " FROM sessions WHERE user_id = $1 ORDER BY created_at, session_id"};
inline constexpr Statement insert_session{
    "INSERT INTO sessions (session_id, handle, user_id, security_version, auth_time, acr, amr,"
    " created_at, last_seen, absolute_end, idle_lifetime, ends_at, user_agent, address)"
    " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)"};
inline constexpr Statement session_of_user_is_present{
    "SELECT 1 FROM sessions WHERE session_id = $1 AND user_id = $2"};
inline constexpr Statement delete_session{"DELETE FROM sessions WHERE session_id = $1"};
inline constexpr Statement delete_session_of_user{
    "DELETE FROM sessions WHERE session_id = $1 AND user_id = $2"};
inline constexpr Statement delete_sessions_of_user_but{
    "DELETE FROM sessions WHERE user_id = $1 AND session_id <> $2"};
inline constexpr Statement move_session_to_version{
    "UPDATE sessions SET security_version = $3 WHERE session_id = $1 AND user_id = $2"};
// $3: the earliest last_seen that is left alone (five minutes before now).
inline constexpr Statement touch_session{
    "UPDATE sessions SET last_seen = $2, ends_at = CASE"
    " WHEN absolute_end < $2 + idle_lifetime * 1000 THEN absolute_end"
    " ELSE $2 + idle_lifetime * 1000 END"
    " WHERE session_id = $1 AND last_seen <= $3 AND ends_at > $2"};

// --- interactions
inline constexpr Statement read_interaction{
    "SELECT handle, binding, kind, state, sealed_request, session_id, authenticated_here,"
    " account_selected, created_at, expires_at, address, completes, completes_until,"
    " first_factor_user, first_factor_version, first_factor_at, factor_failures,"
    " enrolment_declined FROM interactions WHERE handle = $1"};
inline constexpr Statement count_open_interactions{
    "SELECT count(*) FROM interactions WHERE address = $1 AND state = 'open' AND expires_at > $2"};
inline constexpr Statement insert_interaction{
    "INSERT INTO interactions (handle, binding, kind, state, sealed_request, session_id,"
    " authenticated_here, account_selected, created_at, expires_at, address, completes,"
    " completes_until, first_factor_user, first_factor_version, first_factor_at)"
    " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)"};
// A step that names a session replaces session and flags; one that does not only adds flags. A
// first factor ends with the session that it led to; its failures, with the next proof. What is
// finished needs its request no more: $12 is empty.
inline constexpr Statement step_interaction{
    "UPDATE interactions SET state = $2, session_id = coalesce($3, session_id),"
    " sealed_request = CASE WHEN $2 = 'finished' THEN $12 ELSE sealed_request END,"
    " authenticated_here = CASE WHEN $3 IS NULL AND authenticated_here = 1 THEN 1 ELSE $4 END,"
    " account_selected = CASE WHEN $3 IS NULL AND account_selected = 1 THEN 1 ELSE $5 END,"
    " first_factor_user = CASE WHEN $3 IS NULL THEN coalesce($7, first_factor_user) END,"
    " first_factor_version = CASE WHEN $3 IS NULL THEN coalesce($8, first_factor_version) END,"
    " first_factor_at = CASE WHEN $3 IS NULL THEN coalesce($9, first_factor_at) END,"
    " factor_failures = CASE WHEN $7 IS NOT NULL OR $4 = 1 THEN 0 ELSE factor_failures + $10 END,"
    " enrolment_declined = CASE WHEN enrolment_declined = 1 THEN 1 ELSE $11 END"
    " WHERE handle = $1 AND state = 'open' AND expires_at > $6 AND NOT EXISTS (SELECT 1"
    " FROM once_values o WHERE o.digest = interactions.completes AND o.expires_at > $6)"};
inline constexpr Statement interaction_is_open{
    "SELECT 1 FROM interactions WHERE handle = $1 AND state = 'open' AND expires_at > $2"
    " AND NOT EXISTS (SELECT 1 FROM once_values o WHERE o.digest = interactions.completes"
    " AND o.expires_at > $2)"};
// Who left without signing in leaves nothing: rows of finished interactions are counted no more.
inline constexpr Statement forget_unsigned_interaction{
    "DELETE FROM interactions WHERE handle = $1 AND state = 'finished' AND session_id IS NULL"};
// What the interaction completes is completed; the step before saw that it was not. A value whose
// time is over makes room. Whoever completed it in between makes the second statement fail.
inline constexpr Statement forget_completed_before{
    "DELETE FROM once_values WHERE expires_at <= $2"
    " AND digest = (SELECT completes FROM interactions WHERE handle = $1)"};
inline constexpr Statement complete_interaction{
    "INSERT INTO once_values (digest, expires_at) SELECT completes, completes_until"
    " FROM interactions WHERE handle = $1 AND completes IS NOT NULL"};

// --- who takes part in a session, and what clients are told
// The session is alive while its row is there; a client that took part already changes its channel.
inline constexpr Statement insert_session_client{
    "INSERT INTO session_clients (session_id, client_id, channel, ends_at)"
    " SELECT session_id, $2, $3, absolute_end FROM sessions WHERE session_id = $1"
    " ON CONFLICT (session_id, client_id) DO UPDATE SET channel = excluded.channel"};
// $2: the user they must be of, "" for any.
inline constexpr Statement read_session_clients{
    "SELECT c.session_id, s.user_id, c.client_id, c.channel FROM session_clients c"
    " JOIN sessions s ON s.session_id = c.session_id"
    " WHERE c.session_id = $1 AND ($2 = '' OR s.user_id = $2) ORDER BY c.client_id"};
inline constexpr Statement read_session_clients_of_user{
    "SELECT c.session_id, s.user_id, c.client_id, c.channel FROM sessions s"
    " JOIN session_clients c ON c.session_id = s.session_id"
    " WHERE s.user_id = $1 AND s.session_id <> $2 ORDER BY c.session_id, c.client_id"};
// A renewed session keeps who took part in it.
inline constexpr Statement extend_session_clients{
    "UPDATE session_clients SET ends_at = $2 WHERE session_id = $1"};
inline constexpr Statement delete_session_clients{
    "DELETE FROM session_clients WHERE session_id = $1"};
inline constexpr Statement delete_session_clients_of_user{
    "DELETE FROM session_clients WHERE session_id IN"
    " (SELECT session_id FROM sessions WHERE user_id = $1 AND session_id <> $2)"};
inline constexpr Statement delete_session_clients_of_client{
    "DELETE FROM session_clients WHERE client_id = $1"};
inline constexpr Statement count_notices{
    "SELECT count(*) FROM (SELECT 1 FROM client_notices WHERE client_id = $1 AND kind = $2"
    " LIMIT $3) waiting"};
// Behind those of its client that wait already: a client that is away is asked by one attempt.
inline constexpr Statement insert_logout_notice{
    "INSERT INTO client_notices (notice_id, client_id, user_id, session_id, created_at, attempts,"
    " next_attempt_at, expires_at, kind, sealed) VALUES ($1, $2, $3, $4, $5, 0, coalesce((SELECT"
    " max(next_attempt_at) FROM client_notices WHERE client_id = $2 AND kind = 'logout'"
    " AND next_attempt_at > $5), $5), $6, 'logout', '') ON CONFLICT (notice_id) DO NOTHING"};
// Due when its request ends, unless that is answered before.
inline constexpr Statement insert_ping{
    "INSERT INTO client_notices (notice_id, client_id, user_id, session_id, created_at, attempts,"
    " next_attempt_at, expires_at, kind, sealed) VALUES ($1, $2, '', '', $3, 0, $4, $5, 'ping', $6)"
    " ON CONFLICT (notice_id) DO NOTHING"};
inline constexpr Statement make_notice_due{
    "UPDATE client_notices SET next_attempt_at = $2 WHERE notice_id = $1 AND next_attempt_at > $2"};
inline constexpr Statement read_due_notice_lanes{
    "SELECT DISTINCT n.client_id, n.kind FROM (SELECT client_id, kind FROM client_notices"
    " WHERE next_attempt_at <= $1 AND expires_at > $1 ORDER BY next_attempt_at LIMIT 10000) n"
    " WHERE NOT EXISTS (SELECT 1 FROM notice_lanes l WHERE l.client_id = n.client_id"
    " AND l.kind = n.kind AND l.taken_until > $1) ORDER BY n.client_id, n.kind LIMIT $2"};
inline constexpr Statement read_due_notices{
    "SELECT notice_id, kind, client_id, user_id, session_id, sealed, created_at, attempts"
    " FROM client_notices WHERE client_id = $1 AND kind = $2 AND next_attempt_at <= $3"
    " AND expires_at > $3 ORDER BY created_at, notice_id LIMIT $4"};
inline constexpr Statement take_notice_lane{
    "INSERT INTO notice_lanes (client_id, kind, taken_by, taken_until) VALUES ($1, $2, $3, $5)"
    " ON CONFLICT (client_id, kind) DO UPDATE SET taken_by = excluded.taken_by,"
    " taken_until = excluded.taken_until"
    " WHERE notice_lanes.taken_by = $3 OR notice_lanes.taken_until <= $4"};
inline constexpr Statement leave_notice_lane{
    "DELETE FROM notice_lanes WHERE client_id = $1 AND kind = $2 AND taken_by = $3"};
inline constexpr Statement delete_notice{"DELETE FROM client_notices WHERE notice_id = $1"};
inline constexpr Statement count_notice_attempt{
    "UPDATE client_notices SET attempts = attempts + 1 WHERE notice_id = $1"};
inline constexpr Statement delete_hopeless_notices{
    "DELETE FROM client_notices WHERE client_id = $1 AND kind = $2"
    " AND (attempts >= $3 OR expires_at <= $4)"};
inline constexpr Statement defer_notices{
    "UPDATE client_notices SET next_attempt_at = $3 WHERE client_id = $1 AND kind = $2"
    " AND next_attempt_at < $3"};
inline constexpr Statement delete_notices_of_client{
    "DELETE FROM client_notices WHERE client_id = $1"};
// --- second factors
inline constexpr Statement read_second_factor{
    "SELECT f.user_id, f.sealed_secret, f.last_used_step, f.recovery_key_id, f.added_at,"
    " (SELECT count(*) FROM recovery_codes r WHERE r.user_id = f.user_id)"
    " FROM second_factors f WHERE f.user_id = $1"};
inline constexpr Statement second_factor_is_present{
    "SELECT 1 FROM second_factors WHERE user_id = $1"};
inline constexpr Statement insert_second_factor{
    "INSERT INTO second_factors (user_id, sealed_secret, last_used_step, recovery_key_id, added_at)"
    " VALUES ($1, $2, $3, $4, $5)"};
inline constexpr Statement delete_second_factor{"DELETE FROM second_factors WHERE user_id = $1"};
// RFC 6238 5.2: the same code is not accepted a second time, nor one before it.
inline constexpr Statement step_is_unused{
    "SELECT 1 FROM second_factors WHERE user_id = $1 AND last_used_step < $2"};
inline constexpr Statement use_step{
    "UPDATE second_factors SET last_used_step = $2 WHERE user_id = $1 AND last_used_step < $2"};
inline constexpr Statement recovery_code_is_present{
    "SELECT 1 FROM recovery_codes WHERE user_id = $1 AND digest = $2"};
inline constexpr Statement use_recovery_code{
    "DELETE FROM recovery_codes WHERE user_id = $1 AND digest = $2"};
inline constexpr Statement insert_recovery_code{
    "INSERT INTO recovery_codes (user_id, digest) VALUES ($1, $2)"};
inline constexpr Statement delete_recovery_codes{"DELETE FROM recovery_codes WHERE user_id = $1"};
inline constexpr Statement update_recovery_key{
    "UPDATE second_factors SET recovery_key_id = $2 WHERE user_id = $1"};
inline constexpr Statement raise_security_version{
    "UPDATE users SET security_version = security_version + 1 WHERE user_id = $1"
    " RETURNING security_version"};

// --- consents: the column resources holds approvals_of()
inline constexpr Statement read_consent{
    "SELECT consent_id, user_id, client_id, scopes, resources, created_at, updated_at"
    " FROM consents WHERE user_id = $1 AND client_id = $2"};
inline constexpr Statement read_consents_of_user{
    "SELECT consent_id, user_id, client_id, scopes, resources, created_at, updated_at"
    " FROM consents WHERE user_id = $1 ORDER BY client_id"};
inline constexpr Statement insert_consent{
    "INSERT INTO consents (consent_id, user_id, client_id, scopes, resources, created_at,"
    " updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7)"};
inline constexpr Statement widen_consent{
    "UPDATE consents SET scopes = $2, resources = $3, updated_at = $4"
    " WHERE consent_id = $1 AND user_id = $5"};
inline constexpr Statement delete_consent{
    "DELETE FROM consents WHERE user_id = $1 AND client_id = $2"};

// --- codes and grants
inline constexpr Statement insert_parked{
    "INSERT INTO parked_values (value_id, sealed, expires_at, source) VALUES ($1, $2, $3, $4)"};
inline constexpr Statement count_parked_of_source{
    "SELECT count(*) FROM parked_values WHERE source = $1 AND expires_at > $2"};
inline constexpr Statement read_parked{"SELECT sealed FROM parked_values WHERE value_id = $1"};
inline constexpr Statement grant_is_present{"SELECT 1 FROM grants WHERE grant_id = $1"};
// $1 user, $2 client, $3 redirect URI digest, $4 session, $5 now, $6 consent, $7 grant.
inline constexpr Statement read_redemption_ground{
    "SELECT m.epoch, m.swept_before,"
    " CASE WHEN EXISTS (SELECT 1 FROM grants WHERE grant_id = $7) THEN 1 ELSE 0 END,"
    " coalesce(u.enabled, 0), coalesce(u.security_version, 0),"
    " coalesce((SELECT enabled FROM clients WHERE client_id = $2), 0),"
    " CASE WHEN EXISTS (SELECT 1 FROM client_redirect_uris WHERE client_id = $2 AND digest = $3)"
    " THEN 1 ELSE 0 END,"
    " CASE WHEN EXISTS (SELECT 1 FROM sessions WHERE session_id = $4 AND user_id = $1"
    " AND ends_at > $5) THEN 1 ELSE 0 END,"
    " CASE WHEN $6 = '' OR EXISTS (SELECT 1 FROM consents WHERE consent_id = $6 AND user_id = $1"
    " AND client_id = $2) THEN 1 ELSE 0 END,"
    " CASE WHEN EXISTS (SELECT 1 FROM clients WHERE client_id = $2 AND unused_for IS NOT NULL)"
    " THEN 1 ELSE 0 END"
    " FROM store_meta m LEFT JOIN users u ON u.user_id = $1 WHERE m.id = 1"};
inline constexpr Statement insert_grant{
    "INSERT INTO grants (grant_id, user_id, security_version, client_id, session_id, consent_id,"
    " session_binding, scopes, resource, auth_time, acr, amr, claims_request, created_at,"
    " code_expires_at, state, revoked_reason, keep_until, refresh_binding, authorization_details)"
    " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18,"
    " $19, $20)"};
// The grant with everything it depends on. $1 grant, $2 token id.
inline constexpr Statement read_grant_view{
    "SELECT g.grant_id, g.user_id, g.security_version, g.client_id, g.session_id, g.consent_id,"
    " g.session_binding, g.scopes, g.resource, g.auth_time, g.acr, g.amr, g.claims_request,"
    " g.created_at, g.code_expires_at, g.state, g.revoked_reason, g.refresh_binding,"
    " g.authorization_details,"
    " CASE WHEN u.user_id IS NULL THEN 0 ELSE 1 END, coalesce(u.enabled, 0),"
    " coalesce(u.security_version, 0), coalesce(c.enabled, 0),"
    " (SELECT s.ends_at FROM sessions s WHERE s.session_id = g.session_id"
    " AND s.user_id = g.user_id),"
    " CASE WHEN g.consent_id = '' OR EXISTS (SELECT 1 FROM consents k"
    " WHERE k.consent_id = g.consent_id AND k.user_id = g.user_id) THEN 1 ELSE 0 END,"
    " CASE WHEN EXISTS (SELECT 1 FROM revoked_tokens t WHERE t.token_id = $2) THEN 1 ELSE 0 END"
    " FROM grants g LEFT JOIN users u ON u.user_id = g.user_id"
    " LEFT JOIN clients c ON c.client_id = g.client_id WHERE g.grant_id = $1"};
inline constexpr Statement read_grants_of_user{
    "SELECT grant_id, user_id, security_version, client_id, session_id, consent_id,"
    " session_binding, scopes, resource, auth_time, acr, amr, claims_request, created_at,"
    " code_expires_at, state, revoked_reason, refresh_binding, authorization_details FROM grants"
    " WHERE user_id = $1"
    " ORDER BY created_at, grant_id"};
// A revoked grant stays until every token issued under it has expired: $3.
inline constexpr Statement revoke_grant{
    "UPDATE grants SET state = 'revoked', revoked_reason = $2, keep_until = CASE"
    " WHEN keep_until < $3 THEN keep_until WHEN code_expires_at > $3 THEN keep_until ELSE $3 END"
    " WHERE grant_id = $1 AND state = 'live'"};
inline constexpr Statement revoke_grants_of_user{
    "UPDATE grants SET state = 'revoked', revoked_reason = $2, keep_until = CASE"
    " WHEN keep_until < $3 THEN keep_until WHEN code_expires_at > $3 THEN keep_until ELSE $3 END"
    " WHERE user_id = $1 AND state = 'live'"};
inline constexpr Statement revoke_grants_of_client{
    "UPDATE grants SET state = 'revoked', revoked_reason = $2, keep_until = CASE"
    " WHEN keep_until < $3 THEN keep_until WHEN code_expires_at > $3 THEN keep_until ELSE $3 END"
    " WHERE client_id = $1 AND state = 'live'"};
inline constexpr Statement revoke_grants_of_user_and_client{
    "UPDATE grants SET state = 'revoked', revoked_reason = $3, keep_until = CASE"
    " WHEN keep_until < $4 THEN keep_until WHEN code_expires_at > $4 THEN keep_until ELSE $4 END"
    " WHERE user_id = $1 AND client_id = $2 AND state = 'live'"};
inline constexpr Statement keep_grant{
    "UPDATE grants SET keep_until = $2 WHERE grant_id = $1 AND keep_until < $2"};

// --- polled requests
inline constexpr Statement insert_polled_request{
    "INSERT INTO polled_requests (request_id, kind, state, client_id, user_code, scopes, resource,"
    " binding_message, address, interval_seconds, polled_at, created_at, expires_at, user_id,"
    " security_version, session_id, consent_id, auth_time, acr, amr, source)"
    " VALUES ($1, $2, 'pending', $3, $4, $5, $6, $7, $8, $9, NULL, $10, $11, $12, 0, '', '', 0, '',"
    " '', $13) ON CONFLICT DO NOTHING"};
inline constexpr Statement read_polled_request{
    "SELECT request_id, kind, state, client_id, user_code, scopes, resource, binding_message,"
    " address, interval_seconds, polled_at, created_at, expires_at, user_id, security_version,"
    " session_id, consent_id, auth_time, acr, amr FROM polled_requests WHERE request_id = $1"};
inline constexpr Statement read_request_of_user_code{
    "SELECT request_id, kind, state, client_id, user_code, scopes, resource, binding_message,"
    " address, interval_seconds, polled_at, created_at, expires_at, user_id, security_version,"
    " session_id, consent_id, auth_time, acr, amr FROM polled_requests WHERE user_code = $1"};
inline constexpr Statement read_requests_asking{
    "SELECT request_id, kind, state, client_id, user_code, scopes, resource, binding_message,"
    " address, interval_seconds, polled_at, created_at, expires_at, user_id, security_version,"
    " session_id, consent_id, auth_time, acr, amr FROM polled_requests"
    " WHERE user_id = $1 AND kind = 'ciba' AND state = 'pending' AND expires_at > $2"
    " ORDER BY created_at, request_id"};
inline constexpr Statement count_requests_of_client{
    "SELECT count(*) FROM polled_requests"
    " WHERE client_id = $1 AND state = 'pending' AND expires_at > $2"};
// What was denied counts as well: nobody need sign in to deny.
inline constexpr Statement count_requests_of_source{
    "SELECT count(*) FROM polled_requests"
    " WHERE source = $1 AND state <> 'approved' AND expires_at > $2"};
inline constexpr Statement count_requests_asking{
    "SELECT count(*) FROM polled_requests"
    " WHERE user_id = $1 AND state = 'pending' AND expires_at > $2"};
inline constexpr Statement note_poll{
    "UPDATE polled_requests SET polled_at = $2, interval_seconds = interval_seconds + $3"
    " WHERE request_id = $1 AND state = 'pending'"};
inline constexpr Statement answer_polled_request{
    "UPDATE polled_requests SET state = $2, user_id = coalesce($3, user_id), security_version = $4,"
    " session_id = $5, consent_id = $6, auth_time = $7, acr = $8, amr = $9"
    " WHERE request_id = $1 AND state = 'pending'"};

// --- refresh tokens
inline constexpr Statement insert_refresh{
    "INSERT INTO refresh_tokens (grant_id, generation, current_digest, previous_digest, spent_at,"
    " sealed_successor, replays, idle_end, absolute_end, suspect_generations, spender,"
    " suspect_replay) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)"};
// The grant view with the refresh row behind it. $1 grant.
inline constexpr Statement read_refresh_view{
    "SELECT g.grant_id, g.user_id, g.security_version, g.client_id, g.session_id, g.consent_id,"
    " g.session_binding, g.scopes, g.resource, g.auth_time, g.acr, g.amr, g.claims_request,"
    " g.created_at, g.code_expires_at, g.state, g.revoked_reason, g.refresh_binding,"
    " g.authorization_details,"
    " CASE WHEN u.user_id IS NULL THEN 0 ELSE 1 END, coalesce(u.enabled, 0),"
    " coalesce(u.security_version, 0), coalesce(c.enabled, 0),"
    " (SELECT s.ends_at FROM sessions s WHERE s.session_id = g.session_id"
    " AND s.user_id = g.user_id),"
    " CASE WHEN g.consent_id = '' OR EXISTS (SELECT 1 FROM consents k"
    " WHERE k.consent_id = g.consent_id AND k.user_id = g.user_id) THEN 1 ELSE 0 END, 0,"
    " r.grant_id, r.generation, r.current_digest, r.previous_digest, r.spent_at,"
    " r.sealed_successor, r.replays, r.idle_end, r.absolute_end, r.suspect_generations, r.spender,"
    " r.suspect_replay"
    " FROM refresh_tokens r JOIN grants g ON g.grant_id = r.grant_id"
    " LEFT JOIN users u ON u.user_id = g.user_id"
    " LEFT JOIN clients c ON c.client_id = g.client_id WHERE r.grant_id = $1"};
// $1 grant, $2 generation, $3 digest: the guard. Then the new row.
inline constexpr Statement rotate_refresh{
    "UPDATE refresh_tokens SET generation = generation + 1, previous_digest = current_digest,"
    " current_digest = $4, spent_at = $5, sealed_successor = $6, replays = 0, idle_end = $7,"
    " suspect_generations = CASE WHEN suspect_replay = 1 THEN suspect_generations + 1 ELSE 0 END,"
    " spender = $8, suspect_replay = 0"
    " WHERE grant_id = $1 AND generation = $2 AND current_digest = $3"};
inline constexpr Statement extend_refresh{
    "UPDATE refresh_tokens SET idle_end = $4"
    " WHERE grant_id = $1 AND generation = $2 AND current_digest = $3"};
inline constexpr Statement count_replay{
    "UPDATE refresh_tokens SET replays = replays + 1, suspect_replay = CASE"
    " WHEN $3 <> '' AND spender <> '' AND spender <> $3 THEN 1 ELSE suspect_replay END"
    " WHERE grant_id = $1 AND generation = $2"};

// --- marks, one-time values, links
inline constexpr Statement mark_token{
    "INSERT INTO revoked_tokens (token_id, expires_at) VALUES ($1, $2)"
    " ON CONFLICT (token_id) DO UPDATE SET expires_at = CASE"
    " WHEN revoked_tokens.expires_at > excluded.expires_at THEN revoked_tokens.expires_at"
    " ELSE excluded.expires_at END"};
inline constexpr Statement token_is_marked{"SELECT 1 FROM revoked_tokens WHERE token_id = $1"};
// A value whose time is over may be used anew.
inline constexpr Statement use_once{
    "INSERT INTO once_values (digest, expires_at) VALUES ($1, $2)"
    " ON CONFLICT (digest) DO UPDATE SET expires_at = excluded.expires_at"
    " WHERE once_values.expires_at <= $3"};
inline constexpr Statement once_value_is_spent{
    "SELECT 1 FROM once_values WHERE digest = $1 AND expires_at > $2"};
inline constexpr Statement insert_link{
    "INSERT INTO password_links (digest, user_id, expires_at) VALUES ($1, $2, $3)"};
inline constexpr Statement read_link{
    "SELECT user_id FROM password_links WHERE digest = $1 AND expires_at > $2"};
inline constexpr Statement read_usable_link{
    "SELECT u.user_id, u.security_version FROM password_links l"
    " JOIN users u ON u.user_id = l.user_id"
    " WHERE l.digest = $1 AND l.expires_at > $2 AND u.enabled = 1"};
inline constexpr Statement delete_links_of_user{"DELETE FROM password_links WHERE user_id = $1"};

// --- keys and counters
inline constexpr Statement read_signing_keys{
    "SELECT kid, algorithm, state, sealed_private, created_at, activated_at, remove_at"
    " FROM signing_keys ORDER BY created_at, kid"};
inline constexpr Statement upsert_signing_key{
    "INSERT INTO signing_keys (kid, algorithm, state, sealed_private, created_at, activated_at,"
    " remove_at) VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (kid) DO UPDATE SET"
    " algorithm = excluded.algorithm, state = excluded.state,"
    " sealed_private = excluded.sealed_private, created_at = excluded.created_at,"
    " activated_at = excluded.activated_at, remove_at = excluded.remove_at"};
inline constexpr Statement delete_signing_key{"DELETE FROM signing_keys WHERE kid = $1"};
inline constexpr Statement read_wrapped_keys{
    "SELECT purpose, key_id, sealed, created_at FROM wrapped_keys"
    " ORDER BY purpose, created_at, key_id"};
inline constexpr Statement purpose_has_key{"SELECT 1 FROM wrapped_keys WHERE purpose = $1"};
inline constexpr Statement insert_wrapped_key{
    "INSERT INTO wrapped_keys (purpose, key_id, sealed, created_at) VALUES ($1, $2, $3, $4)"
    " ON CONFLICT (purpose, key_id) DO NOTHING"};
inline constexpr Statement add_to_counter{
    "INSERT INTO failure_counters (counter_key, failures, window_start, window_end)"
    " VALUES ($1, $2, $3, $4) ON CONFLICT (counter_key) DO UPDATE SET"
    " failures = CASE WHEN failure_counters.window_end <= $3 THEN excluded.failures"
    " ELSE failure_counters.failures + excluded.failures END,"
    " window_start = CASE WHEN failure_counters.window_end <= $3 THEN excluded.window_start"
    " ELSE failure_counters.window_start END,"
    " window_end = CASE WHEN failure_counters.window_end <= $3 THEN excluded.window_end"
    " ELSE failure_counters.window_end END"};
inline constexpr Statement read_any_counter{"SELECT 1 FROM failure_counters LIMIT 1"};
inline constexpr Statement read_counter{
    "SELECT failures, window_start FROM failure_counters WHERE counter_key = $1"};
// Fewer than were seen: somebody else has taken them off.
inline constexpr Statement lower_counter{
    "UPDATE failure_counters SET failures = failures - $3"
    " WHERE counter_key = $1 AND window_start = $2 AND failures >= $3"};
inline constexpr Statement delete_spent_counter{
    "DELETE FROM failure_counters WHERE counter_key = $1 AND failures = 0"};

}  // namespace cardea::store::sql

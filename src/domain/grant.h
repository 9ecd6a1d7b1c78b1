// What a redeemed code became: the grant, its one refresh row, and the rules of rotation (decision
// Q8, security corpus 4.4) as one pure function that every engine applies inside its transaction.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "domain/identifiers.h"
#include "domain/session.h"
#include "protocol/confirmation.h"

namespace cardea {

// Whether the refresh token ends with the browser session (decision Q14).
enum class SessionBinding { outlives_session, ends_with_session };

struct Grant {
  enum class State { live, revoked };

  GrantId grant_id;
  UserId user_id;
  std::int64_t security_version = 0;
  ClientId client_id;
  SessionId session_id;
  ConsentId consent_id;  // empty where consent is skipped
  SessionBinding session_binding = SessionBinding::ends_with_session;
  std::vector<std::string> scopes;
  std::vector<ResourceId> resources;
  Authentication authentication;
  std::string claims_request;         // the `claims` parameter as it was accepted, or ""
  std::string authorization_details;  // the same of RFC 9396
  Confirmation refresh_binding;       // what a refresh must prove (RFC 9449 5)
  Instant created_at{};
  Instant code_expires_at{};
  State state = State::live;
  std::string revoked_reason;  // "replayed", "reuse", "revoked", "consent_withdrawn", ...
};

struct RefreshRow {
  GrantId grant_id;  // one refresh row a grant, found by it
  std::int64_t generation = 1;
  RefreshDigest current;
  RefreshDigest previous;           // empty while generation is 1
  std::optional<Instant> spent_at;  // when `previous` was rotated away
  std::string sealed_successor;     // the current token's text, openable only with the previous one
  int replays = 0;
  Instant idle_end{};
  Instant absolute_end{};
  // Chronic replay (security corpus 4.4): consecutive generations with a grace replay by another
  // spender than the one that rotated; from 3 on grace is 0.
  int suspect_generations = 0;
  std::string spender;          // who rotated last: a short digest of network and agent, or ""
  bool suspect_replay = false;  // a grace replay of this generation came from another spender
};

// What the store says about everything a token depends on, read in one statement: "live" of
// decision Q6.
struct GrantView {
  Grant grant;
  bool user_present = false;
  bool user_enabled = false;
  std::int64_t user_security_version = 0;
  bool client_enabled = false;
  std::optional<Instant> session_ends_at;  // the earlier of its ends; nothing where it is gone
  bool consent_present = false;            // or none is needed
  bool token_marked = false;               // the token id asked for carries a revocation mark
};

enum class Liveness {
  live,
  grant_absent,
  grant_revoked,
  token_revoked,
  user_absent,
  user_disabled,
  security_version_changed,
  client_disabled,
  session_ended,
  consent_withdrawn
};
std::string_view name_of(Liveness);
// Pure; the first reason in the order of the enumerators. session_ended only where the grant is
// bound to it.
Liveness judge_liveness(const GrantView& view, Instant now);

// A refresh token as presented, after its MAC was checked
// (rt1_<key id>_<grant id>_<generation>_<secret>_<MAC>).
struct PresentedRefresh {
  GrantId grant_id;
  std::int64_t generation = 0;
  RefreshDigest digest;  // SHA-256 of the whole token text
};

enum class RefreshVerdict {
  current,           // rotate (or just extend where rotation is off)
  replay_in_grace,   // give the same successor again
  too_many_replays,  // 429, nothing changes
  reuse,             // revoke the grant
  ahead_of_store,    // invalid_grant, nothing changes
  expired_idle,      // invalid_grant, nothing changes
  expired_absolute   // invalid_grant, nothing changes
};
std::string_view name_of(RefreshVerdict);

struct RefreshPolicy {
  Seconds grace{30};
  int replays_max = 8;
};
// Whether rotating this row now makes its family suspect: the grace ends with this very write.
bool turns_suspect(const RefreshRow& row);

// Pure. The client, the grant's liveness and the request were checked before.
RefreshVerdict judge_refresh(const RefreshRow& row, const PresentedRefresh& presented,
                             const RefreshPolicy& policy, Instant now);

}  // namespace cardea

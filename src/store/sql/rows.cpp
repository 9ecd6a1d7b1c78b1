// Row mapping; see rows.h.
#include "store/sql/rows.h"

#include <algorithm>

#include "base/ascii.h"

namespace cardea::store::sql {
namespace {

template <class Tag>
Tagged<Tag> id_at(const Row& row, int column, std::type_identity<Tagged<Tag>>) {
  return Tagged<Tag>(row.text(column));
}
template <class Id>
Id id(const Row& row, int column) {
  return id_at(row, column, std::type_identity<Id>{});
}

Authentication authentication_row(const Row& row, int at) {
  return {
      .auth_time = row.instant(at), .acr = row.text(at + 1), .amr = ascii::words(row.text(at + 2))};
}

Session session_row(const Row& row) {
  Session session;
  session.session_id = id<SessionId>(row, 0);
  session.user_id = id<UserId>(row, 1);
  session.security_version = row.integer(2);
  session.authentication = authentication_row(row, 3);
  session.last_seen = row.instant(6);
  session.absolute_end = row.instant(7);
  session.idle_lifetime = Seconds{row.integer(8)};
  return session;
}

}  // namespace

std::string_view word_of(Interaction::Kind kind) {
  switch (kind) {
    case Interaction::Kind::authorize:
      return "authorize";
    case Interaction::Kind::logout:
      return "logout";
    case Interaction::Kind::device:
      return "device";
    case Interaction::Kind::account:
      return "account";
  }
  return "authorize";
}
std::string_view word_of(Interaction::State state) {
  return state == Interaction::State::open ? "open" : "finished";
}
std::string_view word_of(PolledRequest::Kind kind) {
  return kind == PolledRequest::Kind::device ? "device" : "ciba";
}
std::string_view word_of(PolledRequest::State state) {
  switch (state) {
    case PolledRequest::State::pending:
      return "pending";
    case PolledRequest::State::approved:
      return "approved";
    case PolledRequest::State::denied:
      return "denied";
  }
  return "denied";
}
std::string_view word_of(SessionBinding binding) {
  return binding == SessionBinding::outlives_session ? "outlives_session" : "ends_with_session";
}
std::string_view word_of(LogoutChannel channel) {
  return channel == LogoutChannel::back ? "back" : "front";
}
std::string_view word_of(ClientNotice::Kind kind) {
  return kind == ClientNotice::Kind::ping ? "ping" : "logout";
}
std::string_view word_of(Grant::State state) {
  return state == Grant::State::live ? "live" : "revoked";
}
std::string_view word_of(ServerKey::State state) {
  switch (state) {
    case ServerKey::State::next:
      return "next";
    case ServerKey::State::active:
      return "active";
    case ServerKey::State::retiring:
      return "retiring";
  }
  return "next";
}
std::string_view word_of(Ownership::By by) {
  switch (by) {
    case Ownership::By::cli:
      return "cli";
    case Ownership::By::file:
      return "file";
    case Ownership::By::dev:
      return "dev";
    case Ownership::By::registration:  // of clients only, whose documents say so
    case Ownership::By::document:
      break;
  }
  return "cli";
}

Instant end_of(const Session& session) {
  return std::min(session.absolute_end, session.last_seen + session.idle_lifetime);
}

User user_row(const Row& row, int at) {
  User user;
  user.user_id = id<UserId>(row, at);
  user.login = row.text(at + 1);
  user.claims = UserClaims::from_text(row.text(at + 2));
  user.enabled = row.flag(at + 3);
  user.security_version = row.integer(at + 4);
  return user;
}

UserRecord user_record_row(const Row& row) {
  UserRecord user;
  static_cast<User&>(user) = user_row(row);
  user.password_hash = PasswordHash(row.text(5));
  const std::string by = row.text(6);
  for (const auto each : {Ownership::By::cli, Ownership::By::file, Ownership::By::dev}) {
    if (by == word_of(each)) user.owner.by = each;
  }
  user.owner.place = row.text(7);
  user.owner.configured_digest = row.text(8);
  user.created_at = row.instant(9);
  return user;
}

SessionRecord session_record_row(const Row& row) {
  SessionRecord session;
  static_cast<Session&>(session) = session_row(row);
  session.handle = id<SessionDigest>(row, 9);
  session.created_at = row.instant(10);
  session.user_agent = row.text(11);
  session.address = row.text(12);
  return session;
}

SessionView session_view_row(const Row& row) {
  return {.session = session_row(row), .user = user_row(row, 9)};
}

Interaction interaction_row(const Row& row) {
  using enum Interaction::Kind;
  using enum Interaction::State;
  Interaction interaction;
  interaction.handle = id<InteractionDigest>(row, 0);
  interaction.binding = id<BindingDigest>(row, 1);
  const std::string kind = row.text(2);
  for (const auto each : {authorize, logout, device, account}) {
    if (kind == word_of(each)) interaction.kind = each;
  }
  interaction.state = row.text(3) == word_of(open) ? open : finished;
  interaction.sealed_request = row.text(4);
  if (!row.is_null(5)) interaction.session_id = id<SessionId>(row, 5);
  interaction.authenticated_here = row.flag(6);
  interaction.account_selected = row.flag(7);
  interaction.created_at = row.instant(8);
  interaction.expires_at = row.instant(9);
  interaction.address = row.text(10);
  if (!row.is_null(11)) {
    interaction.completes = OneTime{.digest = id<OnceDigest>(row, 11), .until = row.instant(12)};
  }
  if (!row.is_null(13)) {
    interaction.first_factor = {.user_id = id<UserId>(row, 13),
                                .security_version = row.integer(14),
                                .proven_at = row.instant(15)};
  }
  interaction.factor_failures = row.integer(16);
  interaction.enrolment_declined = row.flag(17);
  return interaction;
}

SessionClient session_client_row(const Row& row) {
  return {.session_id = id<SessionId>(row, 0),
          .user_id = id<UserId>(row, 1),
          .client_id = id<ClientId>(row, 2),
          .channel = row.text(3) == word_of(LogoutChannel::front) ? LogoutChannel::front
                                                                  : LogoutChannel::back};
}

ClientNotice::Kind notice_kind_named(std::string_view word) {
  using enum ClientNotice::Kind;
  return word == word_of(ping) ? ping : logout;
}

ClientNotice client_notice_row(const Row& row) {
  return {.notice_id = id<TokenId>(row, 0),
          .kind = notice_kind_named(row.text(1)),
          .client_id = id<ClientId>(row, 2),
          .user_id = id<UserId>(row, 3),
          .session_id = id<SessionId>(row, 4),
          .sealed = row.text(5),
          .created_at = row.instant(6),
          .attempts = static_cast<int>(row.integer(7))};
}

NoticeLane notice_lane_row(const Row& row) {
  return {.client_id = id<ClientId>(row, 0), .kind = notice_kind_named(row.text(1))};
}

KeptSecondFactor second_factor_row(const Row& row) {
  KeptSecondFactor factor;
  factor.user_id = id<UserId>(row, 0);
  factor.sealed_secret = row.text(1);
  factor.last_used_step = row.integer(2);
  factor.recovery_key_id = row.text(3);
  factor.added_at = row.instant(4);
  factor.recovery_codes_left = row.integer(5);
  return factor;
}

Consent consent_row(const Row& row) {
  return {.consent_id = id<ConsentId>(row, 0),
          .user_id = id<UserId>(row, 1),
          .client_id = id<ClientId>(row, 2),
          .scopes = ascii::words(row.text(3)),
          .approvals = ascii::words(row.text(4)),
          .created_at = row.instant(5),
          .updated_at = row.instant(6)};
}

namespace {

// A text that no code of ours wrote binds to a key that nobody has.
Confirmation binding_row(const Row& row, int at) {
  auto read = confirmation_of(row.text(at));
  return read ? *std::move(read) : Confirmation{Confirmation::Method::jkt, ""};
}

// NULL for none.
std::vector<ResourceId> resources_row(const Row& row, int at) {
  return row.is_null(at) ? std::vector<ResourceId>() : read_resources(row.text(at));
}

}  // namespace

Grant grant_row(const Row& row) {
  Grant grant;
  grant.grant_id = id<GrantId>(row, 0);
  grant.user_id = id<UserId>(row, 1);
  grant.security_version = row.integer(2);
  grant.client_id = id<ClientId>(row, 3);
  grant.session_id = id<SessionId>(row, 4);
  grant.consent_id = id<ConsentId>(row, 5);
  // An unknown word is read as the stricter of both.
  grant.session_binding = row.text(6) == word_of(SessionBinding::outlives_session)
                              ? SessionBinding::outlives_session
                              : SessionBinding::ends_with_session;
  grant.scopes = ascii::words(row.text(7));
  grant.resources = resources_row(row, 8);
  grant.authentication = authentication_row(row, 9);
  grant.claims_request = row.text(12);
  grant.created_at = row.instant(13);
  grant.code_expires_at = row.instant(14);
  grant.state =
      row.text(15) == word_of(Grant::State::live) ? Grant::State::live : Grant::State::revoked;
  grant.revoked_reason = row.text(16);
  grant.refresh_binding = binding_row(row, 17);
  grant.authorization_details = row.text(18);
  return grant;
}

GrantView grant_view_row(const Row& row) {
  return {.grant = grant_row(row),
          .user_present = row.flag(19),
          .user_enabled = row.flag(20),
          .user_security_version = row.integer(21),
          .client_enabled = row.flag(22),
          .session_ends_at = row.optional_instant(23),
          .consent_present = row.flag(24),
          .token_marked = row.flag(25)};
}

RefreshView refresh_view_row(const Row& row) {
  return {.row = {.grant_id = id<GrantId>(row, 26),
                  .generation = row.integer(27),
                  .current = id<RefreshDigest>(row, 28),
                  .previous = id<RefreshDigest>(row, 29),
                  .spent_at = row.optional_instant(30),
                  .sealed_successor = row.text(31),
                  .replays = static_cast<int>(row.integer(32)),
                  .idle_end = row.instant(33),
                  .absolute_end = row.instant(34),
                  .suspect_generations = static_cast<int>(row.integer(35)),
                  .spender = row.text(36),
                  .suspect_replay = row.flag(37)},
          .grant = grant_view_row(row)};
}

PolledRequest polled_request_row(const Row& row) {
  using enum PolledRequest::State;
  PolledRequest request;
  request.request_id = id<GrantId>(row, 0);
  request.kind = row.text(1) == word_of(PolledRequest::Kind::device) ? PolledRequest::Kind::device
                                                                     : PolledRequest::Kind::ciba;
  // An unknown word is read as the strictest.
  const std::string state = row.text(2);
  request.state = denied;
  for (const auto each : {pending, approved}) {
    if (state == word_of(each)) request.state = each;
  }
  request.client_id = id<ClientId>(row, 3);
  if (!row.is_null(4)) request.user_code = id<UserCodeDigest>(row, 4);
  request.scopes = ascii::words(row.text(5));
  request.resources = resources_row(row, 6);
  request.binding_message = row.text(7);
  request.address = row.text(8);
  request.interval = Seconds{row.integer(9)};
  request.polled_at = row.optional_instant(10);
  request.created_at = row.instant(11);
  request.expires_at = row.instant(12);
  if (row.is_null(13)) return request;
  if (request.kind == PolledRequest::Kind::ciba) request.asked_user = id<UserId>(row, 13);
  if (request.state != approved) return request;
  request.approval = PolledApproval{.user_id = id<UserId>(row, 13),
                                    .security_version = row.integer(14),
                                    .session_id = id<SessionId>(row, 15),
                                    .consent_id = id<ConsentId>(row, 16),
                                    .authentication = authentication_row(row, 17)};
  return request;
}

ServerKey server_key_row(const Row& row) {
  ServerKey key;
  key.kid = id<KeyId>(row, 0);
  key.algorithm = key_algorithm_named(row.text(1)).value_or(key.algorithm);
  const std::string state = row.text(2);
  for (const auto each :
       {ServerKey::State::next, ServerKey::State::active, ServerKey::State::retiring}) {
    if (state == word_of(each)) key.state = each;
  }
  key.sealed_private = row.text(3);
  key.created_at = row.instant(4);
  key.activated_at = row.optional_instant(5);
  key.remove_at = row.optional_instant(6);
  return key;
}

WrappedKey wrapped_key_row(const Row& row) {
  return {.purpose = row.text(0),
          .key_id = row.text(1),
          .sealed = row.text(2),
          .created_at = row.instant(3)};
}

Meta meta_row(const Row& row) {
  return {.epoch = row.text(0),
          .root_key_check = row.text(1),
          .made_by = row.text(2),
          .swept_before = row.instant(3),
          .schema_version = row.integer(4)};
}

}  // namespace cardea::store::sql

// Judging logout requests; see logout_request.h.
#include "server/logout/logout_request.h"

#include <algorithm>

#include "base/ascii.h"
#include "base/limits.h"
#include "protocol/redirect_uri.h"
#include "server/tokens/subject.h"

namespace cardea {
namespace {

PageError page(std::string_view rule, OAuthError error, std::string fix) {
  error.code = ErrorCode::invalid_request;
  error.rule = rule;
  return {std::move(error), std::move(fix), 400};
}

PageError repeated_parameter(std::string_view name) {
  return page("CARDEA-LOGOUT-001",
              {.spec = rp_initiated_logout("2"),
               .description = "A parameter was sent more than once.",
               .reason = "repeated: " + std::string(name)},
              "Send every parameter once.");
}

PageError hint_refused(std::string reason) {
  return page("CARDEA-LOGOUT-002",
              {.spec = rp_initiated_logout("4"),
               .description = "The id_token_hint is not acceptable.",
               .reason = "id_token_hint: " + std::move(reason)},
              "Send an ID token that this issuer gave to this client.");
}

PageError client_unknown() {
  return page("CARDEA-LOGOUT-003",
              {.spec = rp_initiated_logout("2"),
               .description = "The client is not known.",
               .reason = "client_id names no enabled client"},
              "Send the client_id of a registered client, or leave it out.");
}

PageError client_mismatch() {
  return page("CARDEA-LOGOUT-004",
              {.spec = rp_initiated_logout("2"),
               .description = "The id_token_hint was given to another client.",
               .reason = "client_id is not in aud of id_token_hint"},
              "Send the ID token of the client that asks.");
}

PageError address_unregistered(std::string_view presented) {
  return page("CARDEA-LOGOUT-005",
              {.spec = rp_initiated_logout("3"),
               .description = "The post_logout_redirect_uri is not registered for this client.",
               .reason = "presented <" + std::string(presented.substr(0, 200)) + ">"},
              "Register exactly this address in post_logout_redirect_uris.");
}

PageError state_too_long() {
  return page("CARDEA-LOGOUT-006",
              {.spec = rp_initiated_logout("2"),
               .description = "The state parameter is too long.",
               .reason = "state is longer than 4096 bytes"},
              "Send a short random value as state.");
}

// Who asks: client_id, or the only audience of the hint.
Result<std::shared_ptr<const Client>, PageError> asking_client(
    const Deps& deps, const RawParameters& raw, const std::optional<IdTokenHint>& hint) {
  const auto id = raw.find("client_id");
  if (id) {
    auto client = deps.registry.find(ClientId(std::string(*id)));
    if (!client || !client->enabled) return refuse(client_unknown());
    if (hint && std::ranges::find(hint->audience, *id) == hint->audience.end()) {
      return refuse(client_mismatch());
    }
    return client;
  }
  if (!hint || hint->audience.size() != 1) return std::shared_ptr<const Client>();
  auto client = deps.registry.find(ClientId(hint->audience.front()));
  return client && client->enabled ? client : nullptr;
}

bool is_registered(const Client& client, std::string_view uri) {
  return std::ranges::any_of(client.post_logout_redirect_uris, [&](const std::string& registered) {
    return match_redirect_uri(registered, uri, client.application_type);
  });
}

}  // namespace

Result<LogoutRequest, PageError> judge_logout(const Deps& deps, const Exchange& exchange,
                                              const RawParameters& raw) {
  if (const auto name = raw.first_repeated()) return refuse(repeated_parameter(*name));
  LogoutRequest request;
  request.ui_locales = ascii::words(raw.get("ui_locales"));
  if (request.ui_locales.size() > limits::words_max) request.ui_locales.clear();
  if (raw.get("state").size() > limits::state_bytes_max) return refuse(state_too_long());
  request.state = raw.get("state");
  if (const auto text = raw.find("id_token_hint")) {
    auto hint = read_id_token_hint(*text, *deps.keys.verification_keys(), deps.settings.issuer,
                                   exchange.now);
    if (!hint) return refuse(hint_refused(hint.error()));
    request.hint = *std::move(hint);
  }
  auto client = asking_client(deps, raw, request.hint);
  if (!client) return refuse(client.error());
  request.client = *std::move(client);
  const auto uri = raw.find("post_logout_redirect_uri");
  const bool somebody_asks = request.client || request.hint;
  if (!uri || !somebody_asks) return request;
  // RP-Initiated Logout 3: only what this client registered, byte for byte.
  if (!request.client || redirect_uri_defect(*uri) || !is_registered(*request.client, *uri)) {
    return refuse(address_unregistered(*uri));
  }
  request.redirect_uri = *uri;
  return request;
}

std::optional<std::size_t> hinted_session(const Seals& seals, const LogoutRequest& request,
                                          const Browser& browser) {
  // A hint whose client is gone means nobody: only a client tells what it calls people.
  if (!request.hint || !request.client) return std::nullopt;
  const IdTokenHint& hint = *request.hint;
  for (std::size_t i = 0; i < browser.sessions.size(); ++i) {
    const store::SessionView& view = browser.sessions[i];
    if (subject_of(seals, *request.client, view.user.user_id) != hint.subject) continue;
    if (hint.session_id.empty() ||
        hint.session_id == sid_of(seals, *request.client, view.session.session_id)) {
      return i;
    }
  }
  return std::nullopt;
}

bool may_end_unasked(const Seals& seals, const LogoutRequest& request, const Browser& browser) {
  if (request.hint && !request.hint->expired) {
    return browser.sessions.empty() || hinted_session(seals, request, browser).has_value();
  }
  return browser.sessions.empty() && request.redirect_uri.empty();
}

}  // namespace cardea

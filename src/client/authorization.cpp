// Authorization URLs and pending sign-ins; see authorization.h.
#include "client/authorization.h"

#include <algorithm>
#include <array>

#include "base/ascii.h"
#include "base/base64url.h"
#include "base/limits.h"
#include "protocol/www_authenticate.h"

namespace cardea::client {
namespace {

// Names that only this library sets.
constexpr std::array<std::string_view, 21> own_parameters{
    "response_type", "client_id",  "redirect_uri",   "scope",
    "state",         "nonce",      "code_challenge", "code_challenge_method",
    "response_mode", "resource",   "prompt",         "max_age",
    "acr_values",    "login_hint", "id_token_hint",  "ui_locales",
    "claims",        "request",    "request_uri",    "client_secret",
    "code_verifier"};

Status<Error> check_request(const AuthorizationRequest& request) {
  for (const auto& [name, value] : request.additional) {
    if (std::ranges::find(own_parameters, name) == own_parameters.end()) continue;
    return refuse(Error{.code = "authorization.parameter",
                        .message = "an additional parameter is one that the library sets",
                        .cause = name});
  }
  // OIDC Core 3.1.2.1
  const bool none = std::ranges::find(request.prompt, "none") != request.prompt.end();
  if (none && request.prompt.size() > 1) {
    return refuse(Error{.code = "authorization.parameter",
                        .message = "prompt \"none\" stands alone or not at all",
                        .cause = ascii::join(request.prompt, " ")});
  }
  return Unit{};
}

void add_list(http::FormPairs& pairs, std::string_view name,
              const std::vector<std::string>& words) {
  if (!words.empty()) pairs.emplace_back(name, ascii::join(words, " "));
}

void add_text(http::FormPairs& pairs, std::string_view name, const std::string& text) {
  if (!text.empty()) pairs.emplace_back(name, text);
}

}  // namespace

class Authorization {
 public:
  static PendingAuthorization begin(const Configuration& configuration,
                                    const AuthorizationRequest& request, Random& random,
                                    Instant now) {
    PendingAuthorization pending;
    pending.state_ = base64url_encode(random.bytes(32));
    pending.nonce_ = base64url_encode(random.bytes(32));
    pending.verifier_ = pkce::make_verifier(random);
    pending.issuer_ = configuration.issuer;
    pending.redirect_uri_ = configuration.redirect_uri;
    pending.scope_ = request.scope.empty() ? configuration.scope : request.scope;
    pending.acr_values_ = request.acr_values;
    pending.max_age_ = request.max_age;
    pending.started_at_ = now;
    return pending;
  }

  static http::FormPairs parameters(const Configuration& configuration,
                                    const AuthorizationRequest& request,
                                    const PendingAuthorization& pending) {
    http::FormPairs pairs{{"response_type", "code"},
                          {"client_id", configuration.client_id},
                          {"redirect_uri", pending.redirect_uri_}};
    add_list(pairs, "scope", pending.scope_);
    pairs.emplace_back("state", pending.state_);
    // Without openid there is no ID token that could bring the nonce back.
    if (std::ranges::find(pending.scope_, "openid") != pending.scope_.end())
      pairs.emplace_back("nonce", pending.nonce_);
    // RFC 7636 4.3
    pairs.emplace_back("code_challenge", pkce::challenge_of(pending.verifier_));
    pairs.emplace_back("code_challenge_method", pkce::method);
    if (request.response_mode == AuthorizationRequest::ResponseMode::form_post)
      pairs.emplace_back("response_mode", "form_post");
    add_text(pairs, "resource", configuration.resource);
    add_list(pairs, "prompt", request.prompt);
    if (request.max_age) pairs.emplace_back("max_age", std::to_string(request.max_age->count));
    add_list(pairs, "acr_values", request.acr_values);
    add_text(pairs, "login_hint", request.login_hint);
    if (request.id_token_hint) pairs.emplace_back("id_token_hint", request.id_token_hint->reveal());
    add_list(pairs, "ui_locales", request.ui_locales);
    if (request.claims) pairs.emplace_back("claims", json::write(*request.claims));
    pairs.insert(pairs.end(), request.additional.begin(), request.additional.end());
    return pairs;
  }
};

Result<StartedAuthorization, Error> start_authorization(const Configuration& configuration,
                                                        const ProviderMetadata& metadata,
                                                        const AuthorizationRequest& request,
                                                        Random& random, Instant now) {
  if (auto fine = check_request(request); !fine) return refuse(std::move(fine.error()));
  auto pending = Authorization::begin(configuration, request, random, now);
  // RFC 6749 3.1: a query that the endpoint already has is kept.
  const std::string& endpoint = metadata.authorization_endpoint;
  const char separator = endpoint.find('?') == std::string::npos ? '?' : '&';
  std::string url = endpoint + separator +
                    http::write_form(Authorization::parameters(configuration, request, pending));
  return StartedAuthorization{.url = std::move(url), .pending = std::move(pending)};
}

std::optional<AuthorizationRequest> step_up_for(const http::Response& refused) {
  if (refused.status != 401) return std::nullopt;
  for (const auto value : refused.headers.all("WWW-Authenticate")) {
    const auto challenge = parse_bearer_challenge(value);
    if (!challenge || challenge->error != name_of(ErrorCode::insufficient_user_authentication)) {
      continue;
    }
    AuthorizationRequest request;
    request.acr_values = ascii::words(challenge->acr_values);
    request.max_age = challenge->max_age;
    if (request.acr_values.size() > limits::words_max) return std::nullopt;
    // An API that does not say what it needs is helped by a new sign-in at best.
    if (request.acr_values.empty() && !request.max_age) request.prompt = {"login"};
    return request;
  }
  return std::nullopt;
}

std::string PendingAuthorization::serialise() const {
  json::Object out{{"version", 1},
                   {"state", state_},
                   {"nonce", nonce_},
                   {"code_verifier", verifier_.reveal()},
                   {"issuer", issuer_},
                   {"redirect_uri", redirect_uri_},
                   {"scope", scope_},
                   {"acr_values", acr_values_},
                   {"started_at_ms", started_at_.unix_ms}};
  if (max_age_) out.set("max_age", max_age_->count);
  return json::write(out);
}

std::optional<PendingAuthorization> PendingAuthorization::parse(std::string_view text) {
  const auto read = json::parse_object(text);
  if (!read || json::integer_member(*read, "version") != 1) return std::nullopt;
  auto state = json::string_member(*read, "state");
  auto nonce = json::string_member(*read, "nonce");
  auto verifier = json::string_member(*read, "code_verifier");
  auto issuer = json::string_member(*read, "issuer");
  auto redirect_uri = json::string_member(*read, "redirect_uri");
  auto scope = json::strings_member(*read, "scope");
  auto acr_values = json::strings_member(*read, "acr_values");
  const auto started_at = json::integer_member(*read, "started_at_ms");
  if (!state || state->empty() || !nonce || nonce->empty() || !verifier ||
      !pkce::is_verifier(*verifier) || !issuer || !redirect_uri || !scope || !acr_values ||
      !started_at)
    return std::nullopt;
  PendingAuthorization pending;
  pending.state_ = std::move(*state);
  pending.nonce_ = std::move(*nonce);
  pending.verifier_ = pkce::Verifier(std::move(*verifier));
  pending.issuer_ = std::move(*issuer);
  pending.redirect_uri_ = std::move(*redirect_uri);
  pending.scope_ = std::move(*scope);
  pending.acr_values_ = std::move(*acr_values);
  if (const auto max_age = json::integer_member(*read, "max_age"))
    pending.max_age_ = Seconds{*max_age};
  pending.started_at_ = Instant{*started_at};
  return pending;
}

}  // namespace cardea::client

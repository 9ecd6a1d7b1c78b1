// From the form to the verified token; see logout_token.h.
#include "client/logout_token.h"

#include <array>
#include <optional>
#include <string>

#include "http/form.h"
#include "jose/jws.h"

namespace cardea::client {
namespace {

// Error::code is a literal; these are the ones that rules make, in the order of the rules.
constexpr std::array<std::string_view, 12> codes{
    "logout_token.form",   "logout_token.typ",
    "logout_token.alg",    "logout_token.signature",
    "logout_token.iss",    "logout_token.aud",
    "logout_token.iat",    "logout_token.exp",
    "logout_token.jti",    "logout_token.subject_or_session",
    "logout_token.events", "logout_token.nonce"};

// 2.5: the one parameter of the request; others are ignored.
std::optional<std::string> token_in(std::string_view form) {
  const auto pairs = http::parse_form(form);
  if (!pairs) return std::nullopt;
  std::optional<std::string> token;
  for (const auto& [name, value] : *pairs) {
    if (name != "logout_token") continue;
    if (token) return std::nullopt;
    token = value;
  }
  return token;
}

}  // namespace

Result<VerifiedLogoutToken, Error> process_logout_token(const LogoutInputs& inputs,
                                                        std::string_view form) {
  const auto token = token_in(form);
  if (!token) {
    return refuse(Error{.code = "logout_token.request",
                        .message = "the request holds no logout_token, or more than one"});
  }
  const auto keys = inputs.keys(jose::unverified_kid(*token));
  if (!keys) {
    return refuse(Error{.code = "logout_token.keys",
                        .message = "the issuer's keys cannot be had",
                        .cause = keys.error()});
  }
  auto verified = check_logout_token(*token, **keys,
                                     {.issuer = inputs.configuration.issuer,
                                      .client_id = inputs.configuration.client_id,
                                      .algorithms = inputs.configuration.id_token_algorithms,
                                      .clock_tolerance = inputs.configuration.clock_tolerance},
                                     inputs.now);
  if (!verified) {
    const auto& refusal = verified.error();
    return refuse(Error{.code = codes.at(static_cast<std::size_t>(refusal.rule)),
                        .message = "the logout token is not valid",
                        .cause = refusal.reason + " (" + refusal.spec.text() + ")"});
  }
  // Step 8, last: a token that fails another check must not count as seen.
  if (!inputs.first_seen(verified->token_id(), verified->expires_at())) {
    return refuse(
        Error{.code = "logout_token.replayed", .message = "this logout token was received before"});
  }
  return *std::move(verified);
}

http::Response logout_answer(const Status<Error>& ended) {
  http::Response response{.status = 200, .headers = {{"Cache-Control", "no-store"}}, .body = ""};
  if (!ended) {
    const bool comes_again = ended.error().code == "logout_token.keys";
    response.status = comes_again ? 503 : 400;
  }
  return response;
}

}  // namespace cardea::client

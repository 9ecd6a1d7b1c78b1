// Reading client credentials; see presented.h.
#include "server/client_auth/presented.h"

#include <algorithm>

#include "base/ascii.h"
#include "base/base64url.h"
#include "base/url.h"

namespace cardea {
namespace {

bool is_vschar_text(std::string_view text) {
  return std::ranges::all_of(text, ascii::is_vschar);
}

JsonRefusal malformed_basic(const Exchange& exchange, std::string reason) {
  return invalid_client(exchange, "CARDEA-CLIENT-002", rfc6749("2.3.1"), std::move(reason),
                        "Send Basic base64(form-encoded client_id : form-encoded secret).");
}

// RFC 7617 2 with the form-encoding of RFC 6749 2.3.1; strict base64, VSCHAR only.
Result<Presented, JsonRefusal> read_basic(const Exchange& exchange, std::string_view header) {
  const auto space = header.find(' ');
  if (space == std::string_view::npos ||
      !ascii::equal_ignoring_case(header.substr(0, space), "Basic")) {
    return refuse(malformed_basic(exchange, "the Authorization scheme is not Basic"));
  }
  auto pair = base64_decode(header.substr(space + 1));
  if (!pair) return refuse(malformed_basic(exchange, "the Basic credentials are not base64"));
  const auto colon = pair->find(':');
  if (colon == std::string::npos || !is_vschar_text(*pair)) {
    wipe(*pair);
    return refuse(malformed_basic(exchange, "the Basic credentials are not id:secret in VSCHAR"));
  }
  PresentedSecret presented{ClientAuthMethod::client_secret_basic, {}, {}};
  const std::string_view all = *pair;
  const auto plain_id = all.substr(0, colon);
  const auto plain_secret = all.substr(colon + 1);
  auto id = url::form_decode(plain_id);
  auto secret = url::form_decode(plain_secret);
  const bool is_decoded = id && secret && is_vschar_text(*id) && is_vschar_text(*secret);
  // Hardly any credentials have something to decode: then there is one reading.
  const bool is_same = is_decoded && *id == plain_id && *secret == plain_secret;
  if (is_decoded) {
    presented.client_ids.push_back(*std::move(id));
    presented.secrets.emplace_back(*std::move(secret));
  }
  if (!is_same) {
    presented.client_ids.emplace_back(plain_id);
    presented.secrets.emplace_back(std::string(plain_secret));
  }
  wipe(*pair);
  return Presented(std::move(presented));
}

}  // namespace

JsonRefusal invalid_client(const Exchange& exchange, std::string_view rule, SpecRef spec,
                           std::string reason, std::string fix) {
  JsonRefusal refusal{.error = {.code = ErrorCode::invalid_client,
                                .rule = rule,
                                .spec = spec,
                                .description = "Client authentication failed.",
                                .reason = std::move(reason)},
                      .fix = std::move(fix),
                      .headers = {}};
  // RFC 6749 5.2: the challenge answers the scheme that was tried. Without the header there is
  // none, which would open a browser's password box over a page of the client's.
  if (exchange.request.headers.contains("Authorization")) {
    refusal.headers.add("WWW-Authenticate", "Basic realm=\"client\"");
  }
  return refusal;
}

Result<Presented, JsonRefusal> read_presented(const Exchange& exchange,
                                              const RawParameters& parameters) {
  const auto headers = exchange.request.headers.all("Authorization");
  const bool has_secret = parameters.contains("client_secret");
  const bool has_assertion =
      parameters.contains("client_assertion") || parameters.contains("client_assertion_type");
  // RFC 6749 2.3: MUST NOT use more than one method in each request.
  if (headers.size() + (has_secret ? 1 : 0) + (has_assertion ? 1 : 0) > 1) {
    return refuse(JsonRefusal{
        .error = {.code = ErrorCode::invalid_request,
                  .rule = "CARDEA-CLIENT-001",
                  .spec = rfc6749("2.3"),
                  .description = "Use one method of client authentication in a request.",
                  .reason = "Authorization headers: " + std::to_string(headers.size()) +
                            (has_secret ? ", client_secret" : "") +
                            (has_assertion ? ", client_assertion" : "")},
        .fix = "Send the credentials in the header or in the body, not in both.",
        .headers = {}});
  }
  const std::string client_id(parameters.get("client_id"));
  if (!headers.empty()) {
    auto basic = read_basic(exchange, headers.front());
    if (!basic || client_id.empty()) return basic;
    const auto& ids = std::get<PresentedSecret>(*basic).client_ids;
    if (std::ranges::find(ids, client_id) != ids.end()) return basic;
    return refuse(invalid_client(exchange, "CARDEA-CLIENT-003", rfc6749("2.3.1"),
                                 "client_id in the body is not the one in the header"));
  }
  if (has_secret) {
    return Presented(PresentedSecret{ClientAuthMethod::client_secret_post,
                                     {client_id},
                                     {ClientSecret(std::string(parameters.get("client_secret")))}});
  }
  if (has_assertion) {
    return Presented(
        PresentedAssertion{client_id, std::string(parameters.get("client_assertion_type")),
                           ClientSecret(std::string(parameters.get("client_assertion")))});
  }
  return Presented(PresentedNothing{client_id});
}

}  // namespace cardea

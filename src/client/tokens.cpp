// Token requests and answers; see tokens.h.
#include "client/tokens.h"

#include <algorithm>

#include "base/ascii.h"
#include "client/authentication.h"
#include "jose/jws.h"

namespace cardea::client {
namespace {

// Media type of an answer without its parameters.
bool is_json(const http::Response& response) {
  const auto type = response.headers.first("content-type");
  return ascii::equal_ignoring_case(ascii::trim(type.substr(0, type.find(';'))),
                                    "application/json");
}

// RFC 6749 5.2, or what stands in its place when something in front of the issuer answered.
Error refusal_of(const http::Response& response) {
  if (response.status >= 500) {
    return {.code = "issuer.unavailable",
            .message = "the issuer cannot answer now",
            .cause = "status " + std::to_string(response.status)};
  }
  auto refused = parse_token_error(response.body);
  if (!refused) {
    return {.code = "token.malformed",
            .message = "the token endpoint's answer is neither tokens nor an error",
            .cause = "status " + std::to_string(response.status)};
  }
  return {.code = "token.refused",
          .message = "the issuer refused the token request",
          .refusal = IssuerRefusal{.error = std::move(refused->error),
                                   .error_description = std::move(refused->error_description),
                                   .status = response.status}};
}

Result<TokenResponse, Error> read_tokens(const http::Response& response) {
  if (response.status != 200) return refuse(refusal_of(response));
  // RFC 6749 5.1
  if (!is_json(response)) {
    return refuse(Error{.code = "token.malformed",
                        .message = "the token endpoint's answer is not JSON",
                        .cause = "content type is not application/json"});
  }
  auto tokens = parse_token_response(response.body);
  if (!tokens) {
    return refuse(Error{.code = "token.malformed",
                        .message = "the token endpoint's answer is malformed",
                        .cause = tokens.error()});
  }
  // RFC 6749 7.1: a type that is not understood must not be used.
  if (!ascii::equal_ignoring_case(tokens->token_type, "Bearer")) {
    return refuse(Error{.code = "token.type",
                        .message = "the access token is of a type that is not supported",
                        .cause = "token_type is \"" + tokens->token_type + "\""});
  }
  return std::move(*tokens);
}

std::string code_of(IdTokenRule rule) {
  return "id_token." + std::string(name_of(rule));
}

// Error::code is a literal; this is the table of those that rules make.
std::string_view literal_of(IdTokenRule rule) {
  static const auto codes = [] {
    std::vector<std::string> out;
    for (int i = 0; i <= static_cast<int>(IdTokenRule::c_hash); ++i)
      out.push_back(code_of(static_cast<IdTokenRule>(i)));
    return out;
  }();
  return codes[static_cast<std::size_t>(rule)];
}

Result<VerifiedIdToken, Error> check_received(const ResponseInputs& inputs, std::string_view token,
                                              const IdTokenExpectations& expected) {
  const auto unverified = jose::parse_unverified(token);
  const auto keys = inputs.keys(unverified ? unverified->kid : std::string());
  if (!keys) {
    return refuse(Error{.code = "id_token.keys",
                        .message = "the issuer's keys cannot be had",
                        .cause = keys.error()});
  }
  auto verified = check_id_token(token, **keys, expected, inputs.now);
  if (!verified) {
    const auto& refusal = verified.error();
    return refuse(Error{.code = literal_of(refusal.rule),
                        .message = "the ID token breaks " + refusal.spec.text(),
                        .cause = refusal.reason});
  }
  return std::move(*verified);
}

IdTokenExpectations expectations(const ResponseInputs& inputs, const TokenResponse& response) {
  IdTokenExpectations expected;
  expected.issuer = inputs.configuration.issuer;
  expected.client_id = inputs.configuration.client_id;
  expected.algorithms = inputs.configuration.id_token_algorithms;
  expected.trusted_audiences = inputs.configuration.trusted_audiences;
  expected.clock_tolerance = inputs.configuration.clock_tolerance;
  expected.access_token = response.access_token.reveal();
  return expected;
}

Tokens without_id_token(TokenResponse&& response, std::vector<std::string> asked, Instant now) {
  Tokens tokens;
  tokens.access_token = std::move(response.access_token);
  if (response.expires_in) tokens.access_token_expires_at = now + *response.expires_in;
  tokens.refresh_token = std::move(response.refresh_token);
  // RFC 6749 5.1: no scope in the answer means what was asked for.
  tokens.scope = response.scope ? std::move(*response.scope) : std::move(asked);
  return tokens;
}

void add_resource(http::FormPairs& parameters, const Configuration& configuration) {
  // RFC 8707 2.2
  if (!configuration.resource.empty()) parameters.emplace_back("resource", configuration.resource);
}

}  // namespace

Keys fixed_keys(jose::JwkSet keys) {
  auto kept = std::make_shared<const jose::JwkSet>(std::move(keys));
  return [kept](std::string_view) { return kept; };
}

http::OutgoingRequest build_exchange(const RequestInputs& inputs,
                                     const ValidatedCallback& callback) {
  http::FormPairs parameters{{"grant_type", "authorization_code"},
                             {"code", std::string(callback.code().reveal())},
                             {"redirect_uri", callback.redirect_uri()},
                             {"code_verifier", std::string(callback.verifier().reveal())}};
  add_resource(parameters, inputs.configuration);
  return authenticated_post(inputs, inputs.metadata.token_endpoint, std::move(parameters));
}

http::OutgoingRequest build_refresh(const RequestInputs& inputs, const RefreshToken& refresh_token,
                                    const std::vector<std::string>& scope) {
  http::FormPairs parameters{{"grant_type", "refresh_token"},
                             {"refresh_token", std::string(refresh_token.reveal())}};
  if (!scope.empty()) parameters.emplace_back("scope", ascii::join(scope, " "));
  add_resource(parameters, inputs.configuration);
  return authenticated_post(inputs, inputs.metadata.token_endpoint, std::move(parameters));
}

http::OutgoingRequest build_client_credentials(const RequestInputs& inputs,
                                               const std::vector<std::string>& scope) {
  http::FormPairs parameters{{"grant_type", "client_credentials"}};
  if (!scope.empty()) parameters.emplace_back("scope", ascii::join(scope, " "));
  add_resource(parameters, inputs.configuration);
  return authenticated_post(inputs, inputs.metadata.token_endpoint, std::move(parameters));
}

Result<http::OutgoingRequest, Error> build_revocation(const RequestInputs& inputs,
                                                      const RefreshToken& refresh_token) {
  if (inputs.metadata.revocation_endpoint.empty()) {
    return refuse(Error{.code = "revocation.unsupported",
                        .message = "the issuer has no revocation endpoint"});
  }
  return authenticated_post(
      inputs, inputs.metadata.revocation_endpoint,
      {{"token", std::string(refresh_token.reveal())}, {"token_type_hint", "refresh_token"}});
}

Result<Tokens, Error> process_exchange(const ResponseInputs& inputs,
                                       const ValidatedCallback& callback,
                                       const http::Response& response) {
  auto read = read_tokens(response);
  if (!read) return refuse(std::move(read.error()));
  auto id_token_text = std::move(read->id_token);
  const auto& scope = callback.scope();
  if (!id_token_text) {
    // OIDC Core 3.1.3.3. An access token alone says nothing about who sits at the browser (RFC 6819
    // 4.4.2.6), so there is no sign-in without an ID token.
    if (std::ranges::find(scope, "openid") != scope.end()) {
      return refuse(Error{.code = "id_token.missing",
                          .message = "openid was asked for, and the answer holds no ID token"});
    }
    return without_id_token(std::move(*read), scope, inputs.now);
  }
  auto expected = expectations(inputs, *read);
  expected.nonce = callback.nonce();
  expected.acr_values = callback.acr_values();
  expected.max_age = callback.max_age();
  expected.code = callback.code().reveal();
  auto verified = check_received(inputs, id_token_text->reveal(), expected);
  if (!verified) return refuse(std::move(verified.error()));
  auto tokens = without_id_token(std::move(*read), scope, inputs.now);
  tokens.id_token.emplace(std::move(*verified));
  tokens.id_token_text = std::move(id_token_text);
  return tokens;
}

Result<Tokens, Error> process_refresh(const ResponseInputs& inputs, const RefreshOrigin& origin,
                                      const http::Response& response) {
  auto read = read_tokens(response);
  if (!read) return refuse(std::move(read.error()));
  auto id_token_text = std::move(read->id_token);
  if (!id_token_text || origin.subject.empty())
    return without_id_token(std::move(*read), origin.scope, inputs.now);
  auto expected = expectations(inputs, *read);
  expected.subject = origin.subject;
  expected.original_auth_time = origin.auth_time;
  auto verified = check_received(inputs, id_token_text->reveal(), expected);
  if (!verified && verified.error().code != "id_token.keys")
    return refuse(std::move(verified.error()));
  auto tokens = without_id_token(std::move(*read), origin.scope, inputs.now);
  if (verified) {
    tokens.id_token.emplace(std::move(*verified));
    tokens.id_token_text = std::move(id_token_text);
  }
  return tokens;
}

Result<Tokens, Error> process_client_credentials(const ResponseInputs& inputs,
                                                 const std::vector<std::string>& scope,
                                                 const http::Response& response) {
  auto read = read_tokens(response);
  if (!read) return refuse(std::move(read.error()));
  return without_id_token(std::move(*read), scope, inputs.now);
}

Status<Error> process_revocation(const http::Response& response) {
  // RFC 7009 2.2: 200 also for a token that was not valid any more.
  if (response.status == 200) return Unit{};
  return refuse(refusal_of(response));
}

}  // namespace cardea::client

// Tokens and sessions before the load; see preparation.h.
#include "app/bench/preparation.h"

#include <utility>

#include "app/bench/url_reference.h"
#include "base/base64url.h"
#include "client/issuer.h"
#include "protocol/token_response.h"

namespace cardea::app::bench {
namespace {

AdminError protocol_error(std::string message) {
  return {ExitCode::protocol, std::move(message)};
}

// What a token endpoint said instead of tokens; of its text the code alone.
std::string refusal_of(const http::Response& response) {
  const auto refused = parse_token_error(response.body);
  return std::to_string(response.status) + (refused ? " " + refused->error : "");
}

}  // namespace

Result<ProviderMetadata, AdminError> discover(const std::string& issuer,
                                              const http::Transport& transport) {
  client::Configuration configuration{.issuer = issuer, .client_id = {}, .redirect_uri = {}};
  const auto parts = url::parse(issuer);
  if (parts && url::is_loopback_host(parts->host)) {
    configuration.relaxations.accept_plain_http_issuer("an issuer on this machine");
  }
  configuration.relaxations.accept_issuer_that_does_not_advertise_s256("it is only measured");
  auto metadata = client::fetch_metadata(configuration, transport);
  if (metadata) return *std::move(metadata);
  const auto& error = metadata.error();
  const bool is_network = error.code.starts_with("network.");
  return refuse(AdminError{is_network ? ExitCode::network : ExitCode::protocol,
                           error.message + (error.cause.empty() ? "" : ": " + error.cause)});
}

Result<std::vector<Material>, AdminError> Preparation::make(Workload workload, std::size_t lanes) {
  std::vector<Material> all;
  for (std::size_t lane = 0; lane < lanes; ++lane) {
    const bool is_own = workload == Workload::refresh || workload == Workload::code;
    if (lane > 0 && !is_own) {
      all.push_back(all.front());
      continue;
    }
    auto made = make_one(workload);
    if (!made) return refuse(made.error());
    all.push_back(*std::move(made));
  }
  for (auto& material : all) material.verifier = pkce::make_verifier(in_.random);
  return all;
}

Result<Material, AdminError> Preparation::make_one(Workload workload) {
  Material material;
  const bool by_person =
      needs_person(workload) || (workload == Workload::introspection && !in_.person.login.empty());
  if (by_person) {
    Browser browser(in_.transport, in_.addresses);
    auto granted = grant(browser);
    if (!granted) return refuse(granted.error());
    material.cookies = browser.cookies();
    const bool is_refresh = workload == Workload::refresh;
    material.token =
        is_refresh ? std::move(granted->refresh_token) : std::move(granted->access_token);
    if (is_refresh && material.token.empty()) {
      return refuse(protocol_error(
          "the issuer gave no refresh token: it may want --scope \"openid offline_access\" or "
          "--prompt consent"));
    }
  } else if (workload == Workload::introspection) {
    auto granted = client_grant();
    if (!granted) return refuse(granted.error());
    material.token = std::move(granted->access_token);
  }
  return material;
}

Result<Preparation::Granted, AdminError> Preparation::grant(Browser& browser) {
  const auto verifier = pkce::make_verifier(in_.random);
  const RequestValues values{.state = base64url_encode(in_.random.bytes(16)),
                             .nonce = base64url_encode(in_.random.bytes(16)),
                             .challenge = pkce::challenge_of(verifier)};
  const auto callback = browser.go(authorization_url(in_.provider, values, in_.prompt),
                                   in_.provider.redirect_uri, in_.person);
  if (!callback) return refuse(protocol_error("the sign-in failed: " + callback.error()));
  const auto parts = url::parse(*callback);
  const auto code = parts ? query_parameter(*parts, "code") : "";
  if (code.empty()) {
    const auto error = parts ? query_parameter(*parts, "error") : "";
    return refuse(protocol_error("the issuer gave no code: " +
                                 (error.empty() ? "it said nothing about it" : error)));
  }
  return ask(exchange_form(in_.provider, code, verifier.reveal()));
}

Result<Preparation::Granted, AdminError> Preparation::client_grant() {
  return ask(client_credentials_form(in_.provider));
}

Result<Preparation::Granted, AdminError> Preparation::ask(std::string form) {
  const auto& client = in_.provider.client;
  http::OutgoingRequest request{.method = "POST",
                                .url = in_.provider.metadata.token_endpoint,
                                .body = std::move(form) + client.form_part()};
  request.headers.set("Content-Type", "application/x-www-form-urlencoded");
  request.headers.set("Accept", "application/json");
  if (auto field = client.authorization(); !field.empty()) {
    request.headers.set("Authorization", field);
  }
  const auto response = in_.transport(request);
  if (!response) {
    return refuse(AdminError{
        ExitCode::network, in_.provider.metadata.token_endpoint + ": " + response.error().reason});
  }
  auto tokens = response->status == 200
                    ? parse_token_response(response->body)
                    : Result<TokenResponse, std::string>(refuse(refusal_of(*response)));
  if (!tokens) {
    return refuse(protocol_error("the token endpoint gave no token: " + tokens.error()));
  }
  Granted granted{.access_token = BenchToken(std::string(tokens->access_token.reveal()))};
  if (tokens->refresh_token) {
    granted.refresh_token = BenchToken(std::string(tokens->refresh_token->reveal()));
  }
  return granted;
}

}  // namespace cardea::app::bench

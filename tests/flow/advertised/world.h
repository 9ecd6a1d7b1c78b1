// A server, what its discovery document says, and clients of every kind: for the exercises that
// take each advertised value and use it as a client would (security corpus oidc-22, 9700-17).
#pragma once

#include <span>

#include "crypto/hash.h"
#include "server/client_auth/kept_secret.h"
#include "support/client_certificates.h"
#include "support/further_grants.h"
#include "support/registration.h"

namespace cardea::advertised_test {

inline const std::string jwt_bearer_type = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
inline const std::string mtls_origin = "https://mtls.example";
inline const std::string mac_secret = "cJ-secret-of-a-client-that-makes-MACs-0123";
inline const std::string callback = "https://app.example/cb";

// Everything on that can be on, or the least.
enum class Kind { most, least };

inline test::HarnessOptions options_of(Kind kind) {
  if (kind == Kind::least) return {};
  return {.settings = [](Settings& settings) {
    settings.trusted_issuers = {test::trusted_partner()};
    settings.registration.mode = RegistrationSettings::Mode::open;
    settings.client_documents.enabled = true;
    settings.session_management = true;
    settings.has_mutual_tls = settings.has_client_authorities = true;
    settings.mtls_origin = mtls_origin;
    settings.decryption_algorithms.assign(std::begin(jose::every_key_management),
                                          std::end(jose::every_key_management));
    settings.authorization_details_types = {
        {.type = "payment", .title = "Make a payment", .schema = {}}};
  }};
}

// FurtherGrants has the verbs of devices, assertions, exchanges and backchannel requests.
struct World : test::FurtherGrants {
  explicit World(Kind kind) : FurtherGrants(options_of(kind)) {
    harness.client_authorities = crypto::CertificateAuthorities::parse(authority.pem()).value();
  }
  void TestBody() override {}

  Client registered(const std::string& client_id, ClientAuthMethod method) {
    auto client = harness.client("cA");
    client.client_id = ClientId(client_id);
    client.token_endpoint_auth_method = method;
    client.secrets.clear();
    return client;
  }
  // The client that proves itself so, registered at its first use; nothing for an unknown method.
  std::optional<std::string> client_of(const std::string& method) {
    if (method == "client_secret_basic" || method == "client_secret_post") return "cA";
    if (method == "private_key_jwt") return "cK";
    if (method == "none") return "pS";
    if (method == "client_secret_jwt") {
      auto client = registered("cJ", ClientAuthMethod::client_secret_jwt);
      client.secrets = {
          keep_secret(client, mac_secret, *harness.seals, harness.random, test::start)};
      return put(client);
    }
    if (method == "tls_client_auth") {
      auto client = registered("cT", ClientAuthMethod::tls_client_auth);
      client.tls_client_auth_san_dns = "app.example";
      return put(client);
    }
    if (method == "self_signed_tls_client_auth") {
      auto client = registered("cS", ClientAuthMethod::self_signed_tls_client_auth);
      client.jwks = json::Object{{"keys", json::Array{own.jwk("s1")}}};
      return put(client);
    }
    return std::nullopt;
  }
  std::string put(const Client& client) {
    for (const auto& problem : check_client(client)) ADD_FAILURE() << problem.reason;
    harness.put_client(client);
    return client.client_id.value();
  }
  // A form to `url` from the client of that method.
  http::Request proven(const std::string& method, const std::string& url, http::FormPairs form) {
    const auto client = *client_of(method);
    const auto path = path_of(url);
    if (method == "client_secret_post") {
      form.insert(form.end(), {{"client_id", client}, {"client_secret", test::secret_of(client)}});
      return harness.post(path, form);
    }
    if (method == "client_secret_jwt") {
      return asserted(path, std::move(form),
                      jose::make_mac_jwt(jose::MacSecret(mac_secret), "JWT", claims_of(client)));
    }
    if (method.ends_with("tls_client_auth")) {
      form.emplace_back("client_id", client);
      auto request = harness.post(path, form);
      const auto& identity = method == "tls_client_auth" ? issued : own;
      request.client_certificates = {identity.der()};
      return request;
    }
    return harness.as_client(client, path, std::move(form));
  }
  http::Request asserted(const std::string& path, http::FormPairs form,
                         const std::string& assertion) {
    form.insert(form.end(),
                {{"client_assertion_type", jwt_bearer_type}, {"client_assertion", assertion}});
    return harness.post(path, form);
  }
  json::Object claims_of(const std::string& client) {
    const auto now = harness.clock.now().unix_seconds();
    return {{"iss", client},   {"sub", client}, {"aud", harness.settings.issuer},
            {"exp", now + 60}, {"iat", now},    {"jti", new_identifier(harness.random)}};
  }
  // What of an advertised address comes after the issuer or its alias for certificates.
  std::string path_of(const std::string& url) const {
    for (const auto& origin : {harness.settings.issuer, mtls_origin}) {
      if (url.starts_with(origin + "/")) return url.substr(origin.size());
    }
    ADD_FAILURE() << url;
    return "/";
  }

  std::vector<std::string> advertised(const std::string& member) const {
    return json::strings_member(metadata, member).value_or(std::vector<std::string>());
  }
  jose::JwkSet published_keys() {
    return jose::JwkSet::parse(test::json_of(harness.send(harness.get("/jwks")))).value();
  }
  // The claims of what the server signed with `algorithm`, by its published keys.
  json::Object verified(const std::string& jwt, const std::string& algorithm) {
    const auto named = jose::algorithm_named(algorithm);
    const auto read =
        named
            ? jose::verify_jwt(jwt, published_keys(), {*named})
            : Result<jose::VerifiedJwt, jose::JwsError>(refuse(jose::JwsError::unknown_algorithm));
    EXPECT_TRUE(read.ok()) << algorithm << ": " << jwt;
    return read.ok() ? read->claims : json::Object();
  }
  // The whole way of a person with this client's request changed so, and its tokens.
  test::Tokens sign_in(const http::FormPairs& changed = {}) {
    auto tokens = test::redeem_reply(harness, browser.authorize("cA", changed));
    EXPECT_EQ(tokens.status, 200) << tokens.response.body;
    return tokens;
  }
  void edit(const std::function<void(Client&)>& change) { harness.edit_client("cA", change); }

  test::TestAuthority authority;
  test::ClientIdentity issued = authority.issue({.names = "DNS:app.example"});
  test::ClientIdentity own = test::self_signed();
  json::Object metadata =
      test::json_of(harness.send(harness.get("/.well-known/openid-configuration")));
};

// Uses one value of a member as a client would, in a world that other values were used in before. A
// flag is "true" or "false", of an object the exercise gets the name of each member.
using Exercise = void (*)(World& world, const std::string& value);
struct Row {
  std::string_view member;
  Exercise exercise;
};
using Rows = std::span<const Row>;
Rows endpoint_rows();
Rows algorithm_rows();
Rows client_rows();
Rows request_rows();
Rows claim_rows();
Rows logout_rows();

// The values of a member as exercises take them.
std::vector<std::string> values_of(const json::Value& member);
// Runs the rows over all that the document of each world says.
void exercise(Rows rows);

}  // namespace cardea::advertised_test

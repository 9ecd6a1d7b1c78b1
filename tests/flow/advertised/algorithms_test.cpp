// Every advertised algorithm signs, verifies, encrypts and opens.
#include "flow/advertised/world.h"
#include "support/dpop_proof.h"

namespace cardea::advertised_test {
namespace {

using crypto::EncryptionKeyType;
using crypto::EncryptionPrivateKey;

// --- what the server signs

void id_token_signing(World& world, const std::string& value) {
  world.edit([&](Client& client) {
    client.id_token_signed_response_alg = jose::algorithm_named(value).value();
  });
  EXPECT_EQ(World::text_in(world.verified(world.sign_in().id_token, value), "aud"), "cA");
}

void userinfo_signing(World& world, const std::string& value) {
  world.edit(
      [&](Client& client) { client.userinfo_signed_response_alg = jose::algorithm_named(value); });
  const auto answer = world.harness.userinfo(world.sign_in().access_token);
  EXPECT_EQ(World::text_in(world.verified(answer.body, value), "name"), "Alice Adams");
}

http::Response introspected(World& world, const std::string& token) {
  auto request = world.harness.as_client("cA", "/introspect", {{"token", token}});
  request.headers.add("Accept", "application/token-introspection+jwt");
  return world.harness.send(std::move(request));
}

void introspection_signing(World& world, const std::string& value) {
  world.edit([&](Client& client) {
    client.introspection_signed_response_alg = jose::algorithm_named(value);
  });
  const auto answer = introspected(world, world.sign_in().access_token);
  EXPECT_TRUE(world.verified(answer.body, value).contains("token_introspection"));
}

void authorization_signing(World& world, const std::string& value) {
  world.edit([&](Client& client) {
    client.authorization_signed_response_alg = jose::algorithm_named(value).value();
  });
  auto reply = test::reply_of(world.browser.authorize("cA", {{"response_mode", "jwt"}}));
  EXPECT_TRUE(world.verified(reply["response"], value).contains("code"));
}

// --- what the server encrypts: each way with each cipher

const std::vector<jose::DecryptionKey>& client_ring() {
  static const std::vector<jose::DecryptionKey> keys{
      {"r", EncryptionPrivateKey::generate(EncryptionKeyType::RSA)},
      {"e", EncryptionPrivateKey::generate(EncryptionKeyType::P256)}};
  return keys;
}

json::Object client_keys() {
  json::Array keys;
  for (const auto& each : client_ring()) {
    keys.emplace_back(jose::write_encryption_jwk(each.key, each.kid));
  }
  return {{"keys", std::move(keys)}};
}

// What the client finds in a text that was encrypted with just these.
std::string opened(const std::string& text, jose::KeyManagement alg, jose::ContentEncryption enc) {
  const auto content = jose::decrypt(text, client_ring(), {{alg}, {enc}});
  EXPECT_TRUE(content.ok()) << text;
  return content ? content->plaintext : std::string();
}

struct Encrypted {
  std::string prefix;
  std::optional<jose::KeyManagement> Client::* alg;
  std::optional<jose::ContentEncryption> Client::* enc;
  std::string (*ask)(World&);
};
const Encrypted id_tokens{"id_token", &Client::id_token_encrypted_response_alg,
                          &Client::id_token_encrypted_response_enc,
                          [](World& world) { return world.sign_in().id_token; }};
const Encrypted userinfos{
    "userinfo", &Client::userinfo_encrypted_response_alg, &Client::userinfo_encrypted_response_enc,
    [](World& world) {
      return std::string(world.harness.userinfo(world.sign_in().access_token).body);
    }};
const Encrypted introspections{
    "introspection", &Client::introspection_encrypted_response_alg,
    &Client::introspection_encrypted_response_enc, [](World& world) {
      return std::string(introspected(world, world.sign_in().access_token).body);
    }};
const Encrypted authorizations{
    "authorization", &Client::authorization_encrypted_response_alg,
    &Client::authorization_encrypted_response_enc, [](World& world) {
      auto reply = test::reply_of(world.browser.authorize("cA", {{"response_mode", "jwt"}}));
      return reply["response"];
    }};

void encrypted_with(World& world, const Encrypted& answer, const std::string& alg_name,
                    const std::string& enc_name) {
  const auto alg = jose::key_management_named(alg_name);
  const auto enc = jose::content_encryption_named(enc_name);
  ASSERT_TRUE(alg && enc) << alg_name << " " << enc_name;
  world.edit([&](Client& client) {
    client.jwks = client_keys();
    client.*answer.alg = alg;
    client.*answer.enc = enc;
  });
  const auto inside = opened(answer.ask(world), *alg, *enc);
  const auto claims = answer.prefix == "userinfo"
                          ? json::parse_object(inside).value_or(json::Object())
                          : test::claims_of(inside);
  EXPECT_EQ(World::text_in(claims, "aud"), "cA") << inside;
}

template <const Encrypted& answer>
void encryption_alg(World& world, const std::string& value) {
  for (const auto& enc : world.advertised(answer.prefix + "_encryption_enc_values_supported")) {
    encrypted_with(world, answer, value, enc);
  }
}
template <const Encrypted& answer>
void encryption_enc(World& world, const std::string& value) {
  for (const auto& alg : world.advertised(answer.prefix + "_encryption_alg_values_supported")) {
    encrypted_with(world, answer, alg, value);
  }
}

// --- what clients sign

// Made once: keys of RSA cost more than what is tested.
const crypto::PrivateKey& key_of(const std::string& algorithm) {
  static std::map<std::string, crypto::PrivateKey> keys;
  const auto at = keys.find(algorithm);
  if (at != keys.end()) return at->second;
  const auto named = jose::algorithm_named(algorithm).value();
  return keys.emplace(algorithm, crypto::PrivateKey::generate(named)).first->second;
}

void give_key(World& world, const crypto::PrivateKey& key) {
  world.harness.edit_client("cK", [&](Client& client) {
    client.jwks = json::Object{{"keys", json::Array{jose::write_jwk(key, "k1")}}};
  });
}

// By an assertion of this algorithm, at the address in `endpoint`.
void asserted(World& world, const std::string& endpoint, const std::string& algorithm) {
  const bool is_mac = algorithm == jose::mac_algorithm;
  const auto client = *world.client_of(is_mac ? "client_secret_jwt" : "private_key_jwt");
  const auto form = endpoint == "token_endpoint"
                        ? world.harness.redeem_form(world.harness.issue_code({.client = client}))
                        : http::FormPairs{{"token", "of nobody"}};  // said to who may ask
  std::string assertion;
  if (is_mac) {
    assertion = jose::make_mac_jwt(jose::MacSecret(mac_secret), "JWT", world.claims_of(client));
  } else {
    const auto& key = key_of(algorithm);
    give_key(world, key);
    assertion = jose::sign_jwt(key, "k1", "JWT", world.claims_of(client));
  }
  const auto path = world.path_of(World::text_in(world.metadata, endpoint));
  const auto answer = world.harness.send(world.asserted(path, form, assertion));
  EXPECT_EQ(answer.status, 200) << answer.body;
}

void token_assertion(World& world, const std::string& value) {
  asserted(world, "token_endpoint", value);
}
void introspection_assertion(World& world, const std::string& value) {
  asserted(world, "introspection_endpoint", value);
}
void revocation_assertion(World& world, const std::string& value) {
  asserted(world, "revocation_endpoint", value);
}

http::Response ask_with(World& world, const std::string& object) {
  const http::FormPairs form{{"client_id", "cK"}, {"request", object}};
  return world.browser.complete(world.browser.get("/authorize?" + http::write_form(form)));
}

void request_object_signing(World& world, const std::string& value) {
  const auto& key = key_of(value);
  give_key(world, key);
  auto claims = test::claims_of(world.harness.request_object());
  const auto object = jose::sign_jwt(key, "k1", "oauth-authz-req+jwt", claims);
  EXPECT_TRUE(test::has_code(world.harness, ask_with(world, object), "https://k.example/cb"));
}

void backchannel_request_signing(World& world, const std::string& value) {
  const auto& key = key_of(value);
  give_key(world, key);
  world.harness.edit_client("cK", [&](Client& client) {
    client.grant_types.push_back(GrantType::ciba);
    client.backchannel_authentication_request_signing_alg = jose::algorithm_named(value);
  });
  auto claims = world.claims_of("cK");
  claims.erase("sub");
  claims.set("nbf", *claims.find("iat"));
  claims.set("scope", "openid");
  claims.set("login_hint", "alice");
  const auto answer = world.harness.send(
      world.asserted("/bc-authorize", {{"request", jose::sign_jwt(key, "k1", "JWT", claims)}},
                     jose::sign_jwt(key, "k1", "JWT", world.claims_of("cK"))));
  EXPECT_EQ(answer.status, 200) << answer.body;
}

void dpop_signing(World& world, const std::string& value) {
  const test::DpopKey key(jose::algorithm_named(value).value());
  const auto code = world.harness.issue_code();
  const auto tokens = test::tokens_of(world.harness.send(
      test::with_proof(world.harness.redeem_request("cA", code), key.proof(world.harness))));
  EXPECT_EQ(World::text_in(test::json_of(tokens.response), "token_type"), "DPoP");
}

// --- what clients encrypt to the server

void object_encrypted_with(World& world, const std::string& alg_name, const std::string& enc_name) {
  const auto alg = jose::key_management_named(alg_name);
  const auto enc = jose::content_encryption_named(enc_name);
  ASSERT_TRUE(alg && enc) << alg_name << " " << enc_name;
  world.harness.edit_client("cK", [&](Client& client) {
    client.request_object_encryption_alg = alg;
    client.request_object_encryption_enc = enc;
  });
  const auto keys = world.published_keys();
  const auto* key = jose::find_recipient(keys.recipients(), *alg);
  ASSERT_NE(key, nullptr);
  const auto object = jose::encrypt(
      world.harness.request_object(),
      {.key = *key, .management = *alg, .encryption = *enc, .cty = "JWT"}, world.harness.random);
  EXPECT_TRUE(test::has_code(world.harness, ask_with(world, object), "https://k.example/cb"));
}

void object_encryption_alg(World& world, const std::string& value) {
  for (const auto& enc : world.advertised("request_object_encryption_enc_values_supported")) {
    object_encrypted_with(world, value, enc);
  }
}
void object_encryption_enc(World& world, const std::string& value) {
  for (const auto& alg : world.advertised("request_object_encryption_alg_values_supported")) {
    object_encrypted_with(world, alg, value);
  }
}

}  // namespace

Rows algorithm_rows() {
  static constexpr std::array rows{
      Row{"id_token_signing_alg_values_supported", id_token_signing},
      Row{"userinfo_signing_alg_values_supported", userinfo_signing},
      Row{"introspection_signing_alg_values_supported", introspection_signing},
      Row{"authorization_signing_alg_values_supported", authorization_signing},
      Row{"id_token_encryption_alg_values_supported", encryption_alg<id_tokens>},
      Row{"id_token_encryption_enc_values_supported", encryption_enc<id_tokens>},
      Row{"userinfo_encryption_alg_values_supported", encryption_alg<userinfos>},
      Row{"userinfo_encryption_enc_values_supported", encryption_enc<userinfos>},
      Row{"introspection_encryption_alg_values_supported", encryption_alg<introspections>},
      Row{"introspection_encryption_enc_values_supported", encryption_enc<introspections>},
      Row{"authorization_encryption_alg_values_supported", encryption_alg<authorizations>},
      Row{"authorization_encryption_enc_values_supported", encryption_enc<authorizations>},
      Row{"token_endpoint_auth_signing_alg_values_supported", token_assertion},
      Row{"introspection_endpoint_auth_signing_alg_values_supported", introspection_assertion},
      Row{"revocation_endpoint_auth_signing_alg_values_supported", revocation_assertion},
      Row{"request_object_signing_alg_values_supported", request_object_signing},
      Row{"backchannel_authentication_request_signing_alg_values_supported",
          backchannel_request_signing},
      Row{"dpop_signing_alg_values_supported", dpop_signing},
      Row{"request_object_encryption_alg_values_supported", object_encryption_alg},
      Row{"request_object_encryption_enc_values_supported", object_encryption_enc},
  };
  return rows;
}

// RFC8414-2; OIDC-Discovery-3; RFC9449-5.1; RFC9701-7; oidc-22: each advertised value works
TEST(Advertised, S2_Algorithms) {
  exercise(algorithm_rows());
}

}  // namespace cardea::advertised_test

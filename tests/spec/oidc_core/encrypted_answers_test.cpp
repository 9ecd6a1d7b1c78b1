// ID tokens and userinfo in the forms that a client may register: signed, encrypted, both. OIDC
// Core 2, 5.3.2, 10.2; OIDC Registration 2; RFC 7519 5.2.
#include <gtest/gtest.h>

#include "domain/client_members.h"
#include "support/authorize_answers.h"

namespace cardea::encrypted_answers_test {

using crypto::EncryptionKeyType;
using crypto::EncryptionPrivateKey;
using crypto::SignatureAlgorithm;
using jose::ContentEncryption;
using jose::KeyManagement;
using test::ask;

const std::vector<jose::DecryptionKey>& client_ring() {
  static const std::vector<jose::DecryptionKey> keys{
      {"r", EncryptionPrivateKey::generate(EncryptionKeyType::RSA)},
      {"e", EncryptionPrivateKey::generate(EncryptionKeyType::P256)}};
  return keys;
}

json::Object key_set(std::initializer_list<std::size_t> which) {
  json::Array keys;
  for (const auto i : which) {
    keys.emplace_back(jose::write_encryption_jwk(client_ring()[i].key, client_ring()[i].kid));
  }
  return {{"keys", std::move(keys)}};
}

struct EncryptedAnswers : testing::Test {
  test::Harness harness;
  json::Object metadata = json::parse_object(harness.discovery.body).value();

  std::vector<std::string> advertised(const std::string& name) {
    return json::strings_member(metadata, name).value_or(std::vector<std::string>{});
  }
  void edit(const std::function<void(Client&)>& change) { harness.edit_client("cA", change); }
  void encrypt_id_tokens(KeyManagement alg = KeyManagement::ECDH_ES,
                         ContentEncryption enc = ContentEncryption::A256GCM) {
    edit([&](Client& client) {
      client.jwks = key_set({0, 1});
      client.id_token_encrypted_response_alg = alg;
      client.id_token_encrypted_response_enc = enc;
    });
  }
  // What the client finds inside, if it was encrypted with just these.
  std::string opened(const std::string& text, KeyManagement alg = KeyManagement::ECDH_ES,
                     ContentEncryption enc = ContentEncryption::A256GCM,
                     std::string_view cty = "JWT") {
    auto content = jose::decrypt(text, client_ring(), {{alg}, {enc}});
    if (!content) {
      ADD_FAILURE() << jose::name_of(content.error()) << ": " << text;
      return "";
    }
    EXPECT_EQ(content->cty, cty);
    return content->plaintext;
  }
  json::Object verified(const std::string& text,
                        SignatureAlgorithm algorithm = SignatureAlgorithm::RS256) {
    const auto jwt = jose::verify_jwt(text, *harness.keys->verification_keys(), {algorithm});
    if (!jwt) ADD_FAILURE() << jose::name_of(jwt.error()) << ": " << text;
    return jwt ? jwt->claims : json::Object{};
  }
};

// OIDCC-2; OIDCC-10.2; 7516-08: an ID token is signed, then encrypted, with every advertised pair,
// at the token endpoint and at a refresh.
TEST_F(EncryptedAnswers, S2_IdTokensAreSignedThenEncrypted) {
  int seen = 0;
  for (const auto& alg_name : advertised("id_token_encryption_alg_values_supported")) {
    for (const auto& enc_name : advertised("id_token_encryption_enc_values_supported")) {
      const auto alg = jose::key_management_named(alg_name).value();
      const auto enc = jose::content_encryption_named(enc_name).value();
      encrypt_id_tokens(alg, enc);
      const auto tokens = harness.sign_up_tokens();
      const auto claims = verified(opened(tokens.id_token, alg, enc));
      EXPECT_EQ(json::string_member(claims, "aud"), "cA");
      EXPECT_EQ(json::string_member(claims, "at_hash"),
                jose::half_hash(SignatureAlgorithm::RS256, tokens.access_token));
      const auto refreshed = harness.refresh("cA", tokens.refresh_token);
      EXPECT_TRUE(verified(opened(refreshed.id_token, alg, enc)).contains("sub"));
      ++seen;
    }
  }
  EXPECT_EQ(seen, 6);
}

// OIDCC-3.3; 7516-08: what comes through the browser is encrypted as well
TEST_F(EncryptedAnswers, S3_3_TheFrontChannelToo) {
  encrypt_id_tokens();
  edit([](Client& client) {
    client.response_types = {ResponseType::code, ResponseType::code_id_token};
  });
  auto person = test::signed_in(harness);
  auto reply = test::reply_of(ask(harness, person, {{"response_type", "code id_token"}}));
  const auto claims = verified(opened(reply["id_token"]));
  EXPECT_EQ(json::string_member(claims, "c_hash"),
            jose::half_hash(SignatureAlgorithm::RS256, reply["code"]));
}

// OIDCC-3.1.2.1; 7516-08: the signed token from inside is the hint; the encrypted one is none, for
// whoever knows a public key can make one
TEST_F(EncryptedAnswers, S3_1_2_1_TheHintIsTheSignedToken) {
  encrypt_id_tokens();
  const auto id_token = harness.sign_up_tokens().id_token;
  auto person = test::signed_in(harness);
  const auto with_hint = [&](const std::string& hint) {
    return ask(harness, person, {{"prompt", "none"}, {"id_token_hint", hint}});
  };
  EXPECT_TRUE(test::has_code(harness, with_hint(opened(id_token))));
  EXPECT_TRUE(test::is_told(harness, with_hint(id_token), "invalid_request"));
}

// OIDCC-10.2; 7516-08: without a key that fits nothing is minted, nothing is spent, and nothing
// goes out in clear
TEST_F(EncryptedAnswers, S10_2_WithoutAKeyNothingIsSpent) {
  encrypt_id_tokens();
  const auto code = harness.issue_code();
  const auto tokens = harness.sign_up_tokens();
  edit([](Client& client) { client.jwks = key_set({0}); });
  const auto before = harness.writes();
  EXPECT_TRUE(test::is_json_refusal(harness.send(harness.redeem_request("cA", code)), 400,
                                    "invalid_request"));
  EXPECT_EQ(std::string(harness.watcher.last().refusal->rule), "CARDEA-ENCRYPT-001");
  EXPECT_TRUE(test::is_json_refusal(
      harness.send(harness.refresh_request("cA", tokens.refresh_token)), 400, "invalid_request"));
  EXPECT_EQ(harness.writes(), before);
  edit([](Client& client) { client.jwks = key_set({1}); });
  EXPECT_EQ(harness.redeem("cA", code).status, 200);
  EXPECT_EQ(harness.refresh("cA", tokens.refresh_token).status, 200);
  // Tokens without an ID token need no key.
  edit([](Client& client) { client.jwks.reset(); });
  EXPECT_EQ(harness.sign_up_tokens({.scope = "calendar.read"}).status, 200);

  edit([](Client& client) {
    client.response_types = {ResponseType::code, ResponseType::code_id_token};
    client.id_token_encrypted_response_alg.reset();
    client.id_token_encrypted_response_enc.reset();
  });
  auto person = test::signed_in(harness);
  encrypt_id_tokens();
  edit([](Client& client) { client.jwks.reset(); });
  const auto response = ask(harness, person, {{"response_type", "code id_token"}});
  auto reply = test::reply_of(response);
  EXPECT_EQ(reply["error"], "invalid_request");
  EXPECT_FALSE(reply.contains("id_token"));
  EXPECT_FALSE(reply.contains("code"));
}

// OIDCC-10.2; 7516-08: the key may lie at an address; while it cannot be had, nothing is spent
TEST_F(EncryptedAnswers, S10_2_TheKeyMayBeFetched) {
  const std::string address = "https://app.example/keys";
  encrypt_id_tokens();
  edit([&](Client& client) {
    client.jwks.reset();
    client.jwks_uri = address;
  });
  EXPECT_TRUE(check_client(harness.client("cA")).empty());
  const auto code = harness.issue_code();
  harness.fetcher.answer(address, 503, "");
  EXPECT_TRUE(test::is_json_refusal(harness.send(harness.redeem_request("cA", code)), 400,
                                    "invalid_request"));
  harness.fetcher.answer(address, 200, json::write(key_set({0, 1})));
  harness.clock.advance(Seconds{40});
  const auto tokens = harness.redeem("cA", code);
  ASSERT_EQ(tokens.status, 200) << tokens.error;
  EXPECT_EQ(json::string_member(verified(opened(tokens.id_token)), "aud"), "cA");
}

// OIDCC-5.3.2; 7516-09: signed userinfo is a JWT with iss and aud, by every advertised algorithm
TEST_F(EncryptedAnswers, S5_3_2_UserinfoMayBeSigned) {
  const auto token = harness.sign_up_tokens().access_token;
  const auto plain = harness.userinfo(token);
  EXPECT_EQ(plain.headers.first("Content-Type"), "application/json");
  const auto algorithms = advertised("userinfo_signing_alg_values_supported");
  EXPECT_EQ(algorithms.size(), harness.settings.signing_algorithms.size());
  for (const auto& name : algorithms) {
    const auto algorithm = jose::algorithm_named(name).value();
    edit([&](Client& client) { client.userinfo_signed_response_alg = algorithm; });
    const auto response = harness.userinfo(token);
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(response.headers.first("Content-Type"), "application/jwt");
    EXPECT_EQ(response.headers.first("Cache-Control"), "no-store");
    auto claims = verified(response.body, algorithm);
    EXPECT_EQ(json::string_member(claims, "iss"), harness.settings.issuer);
    EXPECT_EQ(json::string_member(claims, "aud"), "cA");
    claims.erase("iss");
    claims.erase("aud");
    EXPECT_EQ(claims, test::json_of(plain)) << name;
  }
  edit([](Client& client) { client.userinfo_signed_response_alg = SignatureAlgorithm::PS256; });
  EXPECT_TRUE(test::is_json_refusal(harness.userinfo(token), 500, "server_error"));
}

// OIDCC-5.3.2; 7516-09: encrypted userinfo, after it was signed where that is registered, by every
// advertised pair
TEST_F(EncryptedAnswers, S5_3_2_UserinfoMayBeEncrypted) {
  const auto token = harness.sign_up_tokens().access_token;
  int seen = 0;
  for (const auto& alg_name : advertised("userinfo_encryption_alg_values_supported")) {
    for (const auto& enc_name : advertised("userinfo_encryption_enc_values_supported")) {
      const auto alg = jose::key_management_named(alg_name).value();
      const auto enc = jose::content_encryption_named(enc_name).value();
      for (const bool is_signed : {false, true}) {
        edit([&](Client& client) {
          client.jwks = key_set({0, 1});
          client.userinfo_encrypted_response_alg = alg;
          client.userinfo_encrypted_response_enc = enc;
          client.userinfo_signed_response_alg.reset();
          if (is_signed) client.userinfo_signed_response_alg = SignatureAlgorithm::ES256;
        });
        const auto response = harness.userinfo(token);
        EXPECT_EQ(response.headers.first("Content-Type"), "application/jwt");
        const auto inside = opened(response.body, alg, enc, is_signed ? "JWT" : "");
        const auto claims = is_signed ? verified(inside, SignatureAlgorithm::ES256)
                                      : json::parse_object(inside).value_or(json::Object{});
        EXPECT_EQ(json::string_member(claims, "name"), "Alice Adams");
        EXPECT_EQ(json::string_member(claims, "aud"), "cA");
        ++seen;
      }
    }
  }
  EXPECT_EQ(seen, 12);
  edit([](Client& client) { client.jwks.reset(); });
  EXPECT_TRUE(test::is_json_refusal(harness.userinfo(token), 400, "invalid_request"));
}

// RFC8725-3.11; 8725-10; 7516-09: signed userinfo passes for no ID token and no access token
TEST_F(EncryptedAnswers, S5_3_2_UserinfoIsNoOtherToken) {
  edit([](Client& client) { client.userinfo_signed_response_alg = SignatureAlgorithm::RS256; });
  const auto answer = harness.userinfo(harness.sign_up_tokens().access_token).body;
  ASSERT_TRUE(verified(answer).contains("sub"));
  EXPECT_FALSE(verified(answer).contains("exp"));
  EXPECT_EQ(harness.userinfo(answer).status, 401);
  auto person = test::signed_in(harness);
  EXPECT_TRUE(
      test::is_told(harness, ask(harness, person, {{"id_token_hint", answer}}), "invalid_request"));
}

std::vector<std::string> problems(const Client& client) {
  std::vector<std::string> out;
  for (const auto& problem : check_client(client)) {
    if (!problem.is_warning) out.push_back(problem.member + " " + problem.reason);
  }
  return out;
}

// OIDC-Registration-2; 7516-08: alg and enc go together, and a key that fits must be there
TEST_F(EncryptedAnswers, S2_RegistrationNeedsTheKey) {
  using Problems = std::vector<std::string>;
  struct Members {
    std::string name;
    std::optional<KeyManagement> Client::* alg;
    std::optional<ContentEncryption> Client::* enc;
  };
  for (const auto& [name, alg, enc] :
       {Members{"id_token", &Client::id_token_encrypted_response_alg,
                &Client::id_token_encrypted_response_enc},
        Members{"userinfo", &Client::userinfo_encrypted_response_alg,
                &Client::userinfo_encrypted_response_enc},
        Members{"introspection", &Client::introspection_encrypted_response_alg,
                &Client::introspection_encrypted_response_enc}}) {
    const auto prefix = name + "_encrypted_response_";
    auto client = harness.client("cA");
    client.*alg = KeyManagement::RSA_OAEP_256;
    client.*enc = ContentEncryption::A256GCM;
    const auto no_key =
        Problems{"jwks holds no key of use \"enc\" for RSA-OAEP-256 (OIDC Core 10.2)"};
    EXPECT_EQ(problems(client), no_key);
    client.jwks = key_set({1});
    EXPECT_EQ(problems(client), no_key);
    client.jwks = key_set({0});
    EXPECT_EQ(problems(client), Problems{});
    client.*enc = std::nullopt;
    EXPECT_EQ(problems(client), Problems{prefix + "enc must be \"A128GCM\" or \"A256GCM\" "
                                                  "(OIDC Registration 2)"});
    client.*enc = ContentEncryption::A256GCM;
    client.*alg = std::nullopt;
    EXPECT_EQ(problems(client),
              Problems{prefix + "enc needs " + prefix + "alg (OIDC Registration 2)"});
  }
}

// OIDC-Registration-2; 8725-17; 7516-08: other algorithms cannot be registered, `none` least of all
TEST_F(EncryptedAnswers, S2_OtherAlgorithmsCannotBeRegistered) {
  const auto accepts = [](std::string_view name, std::string_view value) {
    for (const auto& member : client_members()) {
      Client client;
      if (member.name == name) return !set_member(member, client, value);
    }
    ADD_FAILURE() << name;
    return false;
  };
  for (const auto* answer : {"id_token", "userinfo", "introspection"}) {
    const std::string prefix = answer;
    EXPECT_TRUE(accepts(prefix + "_encrypted_response_alg", "ECDH-ES+A256KW"));
    EXPECT_TRUE(accepts(prefix + "_encrypted_response_enc", "A128GCM"));
    EXPECT_TRUE(accepts(prefix + "_signed_response_alg", "ES256"));
    for (const auto* alg : {"RSA1_5", "RSA-OAEP", "dir", "PBES2-HS256+A128KW", "none", "A256KW"}) {
      EXPECT_FALSE(accepts(prefix + "_encrypted_response_alg", alg)) << alg;
    }
    EXPECT_FALSE(accepts(prefix + "_encrypted_response_enc", "A128CBC-HS256"));
    for (const auto* alg : {"none", "HS256", "RS512"}) {
      EXPECT_FALSE(accepts(prefix + "_signed_response_alg", alg)) << alg;
    }
  }
}

// The document of a client keeps all of it.
TEST_F(EncryptedAnswers, AClientIsKeptWithWhatItWants) {
  encrypt_id_tokens(KeyManagement::ECDH_ES_A256KW, ContentEncryption::A128GCM);
  edit([](Client& client) {
    client.userinfo_signed_response_alg = SignatureAlgorithm::ES256;
    client.introspection_signed_response_alg = SignatureAlgorithm::EdDSA;
    client.subject_type = SubjectType::pairwise;
    client.sector_identifier_uri = "https://app.example/sector";
  });
  const auto client = harness.client("cA");
  const auto again = read_client(write_client(client));
  ASSERT_TRUE(again);
  EXPECT_EQ(again->id_token_encrypted_response_alg, KeyManagement::ECDH_ES_A256KW);
  EXPECT_EQ(again->id_token_encrypted_response_enc, ContentEncryption::A128GCM);
  EXPECT_EQ(again->userinfo_signed_response_alg, SignatureAlgorithm::ES256);
  EXPECT_EQ(again->introspection_signed_response_alg, SignatureAlgorithm::EdDSA);
  EXPECT_EQ(again->subject_type, SubjectType::pairwise);
  EXPECT_EQ(again->sector_identifier_uri, "https://app.example/sector");
  EXPECT_EQ(write_client(*again), write_client(client));
}

}  // namespace cardea::encrypted_answers_test

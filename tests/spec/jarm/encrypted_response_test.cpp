// JARM 2.2: authorization responses that are signed and then encrypted to their client.
#include <gtest/gtest.h>

#include "jose/jws.h"
#include "support/authorize_answers.h"

namespace cardea::jarm_encrypted_test {

using jose::ContentEncryption;
using jose::KeyManagement;

const std::string key_address = "https://app.example/jwks";

const std::vector<jose::DecryptionKey>& client_ring() {
  static const std::vector<jose::DecryptionKey> keys{
      {"r", crypto::EncryptionPrivateKey::generate(crypto::EncryptionKeyType::RSA)},
      {"e", crypto::EncryptionPrivateKey::generate(crypto::EncryptionKeyType::P256)}};
  return keys;
}

json::Object client_keys() {
  json::Array keys;
  for (const auto& each : client_ring()) {
    keys.emplace_back(jose::write_encryption_jwk(each.key, each.kid));
  }
  return {{"keys", std::move(keys)}};
}

struct JarmEncrypted : testing::Test {
  test::Harness harness;
  test::Browser person = test::signed_in(harness);

  void encrypt(KeyManagement alg = KeyManagement::ECDH_ES,
               ContentEncryption enc = ContentEncryption::A256GCM) {
    harness.edit_client("cA", [&](Client& it) {
      it.jwks = client_keys();
      it.authorization_encrypted_response_alg = alg;
      it.authorization_encrypted_response_enc = enc;
    });
  }
  void publish_keys() {
    harness.edit_client("cA", [](Client& it) {
      it.jwks.reset();
      it.jwks_uri = key_address;
    });
    harness.fetcher.answer(key_address, 200, json::write(client_keys()));
  }
  // What the client finds: encrypted by just these, a JWT inside, signed by us.
  json::Object opened(const std::string& text, KeyManagement alg = KeyManagement::ECDH_ES,
                      ContentEncryption enc = ContentEncryption::A256GCM) {
    const auto content = jose::decrypt(text, client_ring(), {{alg}, {enc}});
    if (!content) {
      ADD_FAILURE() << jose::name_of(content.error()) << ": " << text;
      return {};
    }
    EXPECT_EQ(content->cty, "JWT");
    const auto jwt = jose::verify_jwt(content->plaintext, *harness.keys->verification_keys(),
                                      {crypto::SignatureAlgorithm::RS256});
    EXPECT_TRUE(jwt.ok());
    return jwt ? jwt->claims : json::Object{};
  }
  json::Object answer(const http::FormPairs& changed = {}) {
    auto reply = test::reply_of(test::ask(harness, person, changed));
    EXPECT_EQ(reply.size(), 1U);
    return opened(reply["response"]);
  }
};

// JARM-2.2; JARM-3; JARM-4; jarm-05: signed, then encrypted, with every advertised pair
TEST_F(JarmEncrypted, S2_2_SignedThenEncrypted) {
  const auto metadata = json::parse_object(harness.discovery.body).value();
  const auto advertised = [&](const std::string& what) {
    return json::strings_member(metadata, "authorization_encryption_" + what + "_values_supported")
        .value_or(std::vector<std::string>{});
  };
  int seen = 0;
  for (const auto& alg_name : advertised("alg")) {
    for (const auto& enc_name : advertised("enc")) {
      const auto alg = jose::key_management_named(alg_name).value();
      const auto enc = jose::content_encryption_named(enc_name).value();
      encrypt(alg, enc);
      for (const auto* mode : {"jwt", "query.jwt", "fragment.jwt"}) {
        auto reply = test::reply_of(test::ask(harness, person, {{"response_mode", mode}}));
        ASSERT_EQ(reply.size(), 1U);
        const auto claims = opened(reply["response"], alg, enc);
        EXPECT_EQ(json::string_member(claims, "iss"), harness.settings.issuer);
        EXPECT_EQ(json::string_member(claims, "aud"), "cA");
        EXPECT_EQ(json::string_member(claims, "state"), test::usual_state);
        EXPECT_TRUE(claims.contains("code"));
      }
      ++seen;
    }
  }
  EXPECT_EQ(seen, 6);
}

// JARM-2.2; jarm-05: a form and a refusal, too
TEST_F(JarmEncrypted, S2_2_FormsAndErrors) {
  encrypt();
  const auto refusal = answer({{"response_mode", "jwt"}, {"scope", "unknown"}});
  EXPECT_EQ(json::string_member(refusal, "error"), "invalid_scope");
  const auto page = test::ask(harness, person, {{"response_mode", "form_post.jwt"}});
  EXPECT_EQ(page.status, 200);
  int fields = 0;
  for (const auto& tag : test_pages::read_tags(page.body)) {
    if (tag.name != "input") continue;
    ++fields;
    EXPECT_EQ(tag.attributes.at("name"), "response");
    EXPECT_TRUE(opened(tag.attributes.at("value")).contains("code"));
  }
  EXPECT_EQ(fields, 1);
  // Denied by the person.
  const auto asked =
      person.follow(test::ask(harness, person, {{"response_mode", "jwt"}, {"prompt", "consent"}}));
  auto denied = test::reply_of(person.press(asked, "deny"));
  EXPECT_EQ(json::string_member(opened(denied["response"]), "error"), "access_denied");
}

// JARM-3; OIDCC-10.2; jarm-06: the key may lie at the client's jwks_uri
TEST_F(JarmEncrypted, S3_AKeyByAddress) {
  encrypt();
  publish_keys();
  EXPECT_TRUE(answer({{"response_mode", "jwt"}}).contains("code"));
  EXPECT_EQ(json::string_member(answer({{"response_mode", "jwt"}, {"scope", "unknown"}}), "error"),
            "invalid_scope");
  EXPECT_EQ(harness.fetcher.sent_to(key_address), 1U);
}

// JARM-2.2; jarm-07: where there is no key to encrypt to, there is a page and no answer: neither
// code nor error leaves in clear, and nothing is issued
TEST_F(JarmEncrypted, S2_2_WithoutAKeyNothingLeaves) {
  encrypt();
  publish_keys();
  const auto refused = [&](const http::FormPairs& changed) {
    const auto response = test::ask(harness, person, changed);
    if (auto page = test::is_page(response, 400, "invalid_request"); !page) return page;
    const auto refusal = harness.watcher.last().refusal;
    if (!refusal || refusal->rule != "CARDEA-ENCRYPT-001") {
      return testing::AssertionFailure() << (refusal ? refusal->rule : "nothing refused it");
    }
    return testing::AssertionSuccess();
  };
  const auto issued = harness.log.count("authorization.issued");
  const auto expect_refused = [&](const std::string& what) {
    for (const auto* mode : {"jwt", "form_post.jwt"}) {
      EXPECT_TRUE(refused({{"response_mode", mode}})) << what;
      EXPECT_TRUE(refused({{"response_mode", mode}, {"scope", "unknown"}})) << what;
    }
  };
  harness.fetcher.answer(key_address, 500, "");
  expect_refused("an address that does not answer");
  harness.edit_client("cA", [](Client& it) { it.jwks_uri = key_address + "/2"; });
  harness.fetcher.answer(key_address + "/2", 200, R"({"keys":[]})");
  expect_refused("an empty set");
  harness.edit_client("cA", [](Client& it) { it.jwks_uri.clear(); });
  expect_refused("no keys at all");
  EXPECT_EQ(harness.log.count("authorization.issued"), issued);
  // Modes that are not signed are no concern of it.
  EXPECT_TRUE(test::has_code(harness, test::ask(harness, person)));
}

// JARM-3; jarm-08: an alg comes with an enc and a key for it
TEST_F(JarmEncrypted, S3_Registration) {
  encrypt();
  auto client = harness.client("cA");
  const auto refused = [&](const std::function<void(Client&)>& change) {
    auto changed = client;
    change(changed);
    std::vector<std::string> members;
    for (const auto& problem : check_client(changed)) {
      if (!problem.is_warning) members.push_back(problem.member);
    }
    return members;
  };
  using Members = std::vector<std::string>;
  EXPECT_EQ(refused([](Client&) {}), Members{});
  EXPECT_EQ(refused([](Client& it) { it.authorization_encrypted_response_enc.reset(); }),
            Members{"authorization_encrypted_response_enc"});
  EXPECT_EQ(refused([](Client& it) { it.authorization_encrypted_response_alg.reset(); }),
            Members{"authorization_encrypted_response_enc"});
  EXPECT_EQ(refused([](Client& it) { it.jwks.reset(); }), Members{"jwks"});
}

}  // namespace cardea::jarm_encrypted_test

// An app that is told of the end of a session. OIDC Back-Channel Logout 1.0 2.5, 2.6, 2.8.
#include <gtest/gtest.h>

#include "client/logout_token.h"
#include "http/form.h"
#include "jose/jws.h"

namespace cardea::client_logout_token_test {

using crypto::SignatureAlgorithm;

constexpr Instant now{1'800'000'000'000};

const crypto::PrivateKey& key() {
  static const auto made = crypto::PrivateKey::generate(SignatureAlgorithm::ES256);
  return made;
}

class LogoutToken : public ::testing::Test {
 protected:
  LogoutToken() {
    configuration.issuer = "https://id.example";
    configuration.client_id = "app";
    configuration.id_token_algorithms = {SignatureAlgorithm::ES256};
  }
  static std::string token(const std::string& token_id = "j1") {
    return jose::sign_jwt(key(), "k1", logout_token_type,
                          logout_claims({.issuer = "https://id.example",
                                         .client_id = "app",
                                         .token_id = token_id,
                                         .subject = "alice",
                                         .session_id = "s1"},
                                        now));
  }
  static std::string form(const std::string& text) {
    return http::write_form({{"logout_token", text}});
  }
  std::string code_of(const std::string& body) {
    const auto taken = client::process_logout_token({configuration, keys, first_seen, now}, body);
    answered = taken ? client::logout_answer(Unit{}).status
                     : client::logout_answer(refuse(taken.error())).status;
    return taken ? "" : std::string(taken.error().code);
  }

  client::Configuration configuration;
  client::Keys keys = client::fixed_keys(
      *jose::JwkSet::parse(json::Object{{"keys", json::Array{jose::write_jwk(key(), "k1")}}}));
  std::vector<std::string> seen;
  client::FirstSeen first_seen = [this](std::string_view token_id, Instant) {
    if (std::ranges::find(seen, token_id) != seen.end()) return false;
    seen.emplace_back(token_id);
    return true;
  };
  int answered = 0;
};

// oidc-30; asvs-10.5.5: checked, taken once, and answered.
TEST_F(LogoutToken, S2_8_AGoodOneIsTakenOnce) {
  EXPECT_EQ(code_of(form(token())), "");
  EXPECT_EQ(answered, 200);
  EXPECT_EQ(code_of(form(token())), "logout_token.replayed");
  EXPECT_EQ(answered, 400);
  EXPECT_EQ(code_of(form(token("j2"))), "");
}

// oidc-30: what is refused does not count as seen.
TEST_F(LogoutToken, S2_6_ABadOneIsRefusedAndNotRemembered) {
  auto tampered = token();
  tampered.back() = tampered.back() == 'A' ? 'B' : 'A';
  tampered[tampered.rfind('.') + 3] ^= 1;
  EXPECT_NE(code_of(form(tampered)), "");
  EXPECT_EQ(answered, 400);
  configuration.client_id = "other";
  EXPECT_EQ(code_of(form(token())), "logout_token.aud");
  configuration.client_id = "app";
  configuration.issuer = "https://other.example";
  EXPECT_EQ(code_of(form(token())), "logout_token.iss");
  EXPECT_TRUE(seen.empty());
}

TEST_F(LogoutToken, S2_5_TheRequestHoldsOneToken) {
  for (const std::string& body : {std::string(), std::string("logout_token="), std::string("a=b"),
                                  form(token()) + "&" + form(token()), std::string("%zz")}) {
    EXPECT_NE(code_of(body), "");
    EXPECT_EQ(answered, 400);
  }
  EXPECT_EQ(code_of(form(token()) + "&other=1"), "");
}

// Without keys nothing is proven about the token: the issuer shall try again.
TEST_F(LogoutToken, S2_8_MissingKeysAreNotTheTokensFault) {
  keys = [](std::string_view) -> Result<std::shared_ptr<const jose::JwkSet>, std::string> {
    return refuse(std::string("no network"));
  };
  EXPECT_EQ(code_of(form(token())), "logout_token.keys");
  EXPECT_EQ(answered, 503);
}

}  // namespace cardea::client_logout_token_test

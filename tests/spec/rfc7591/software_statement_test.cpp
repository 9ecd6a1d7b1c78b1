// Software statements (RFC 7591 2.3): whose count, what they say, and what beats what.
#include <gtest/gtest.h>

#include "support/registration.h"

namespace cardea::rfc7591_statement_test {

using test::is_json_refusal;
using test::json_of;
using test::registration_of;
using test::text_of;
using Texts = std::vector<std::string>;

const crypto::PrivateKey& publisher_key() {
  static const auto key = crypto::PrivateKey::generate(crypto::SignatureAlgorithm::ES256);
  return key;
}

struct SoftwareStatement : testing::Test {
  test::Harness harness{test::open_registration()};

  SoftwareStatement() {
    harness.settings.registration.statement_issuers = {
        {.issuer = "https://publisher.example",
         .keys = jose::JwkSet::parse(
                     json::Object{{"keys", json::Array{jose::write_jwk(publisher_key(), "p1")}}})
                     .value()}};
  }
  std::string statement(const json::Object& changed = {}, std::string_view typ = "JWT") {
    json::Object claims{{"iss", "https://publisher.example"},
                        {"software_id", "4NRB1-0XZABZI9E6-5SM3R"},
                        {"client_name", "The publisher's app"}};
    for (const auto& member : changed.members()) {
      if (member.value.is_null()) {
        claims.erase(member.name);
      } else {
        claims.set(member.name, member.value);
      }
    }
    return jose::sign_jwt(publisher_key(), "p1", typ, claims);
  }
  http::Response present(const json::Value& statement) {
    auto metadata = registration_of();
    metadata.set("software_statement", statement);
    return test::register_client(harness, metadata);
  }
  testing::AssertionResult refuses(const json::Value& statement, std::string_view error) {
    const auto before = harness.registry->all().size();
    auto verdict = is_json_refusal(present(statement), 400, error);
    return harness.registry->all().size() == before
               ? verdict
               : testing::AssertionFailure() << "a client was stored";
  }
};

// RFC7591-2.3: what the statement says beats what stands beside it; it comes back as it was
TEST_F(SoftwareStatement, S2_3_TheStatementTakesPrecedence) {
  const auto presented = statement({{"consent", "skip"}});
  const auto response = present(presented);
  ASSERT_EQ(response.status, 201) << response.body;
  const auto answer = json_of(response);
  EXPECT_EQ(text_of(answer, "client_name"), "The publisher's app");
  EXPECT_EQ(text_of(answer, "software_id"), "4NRB1-0XZABZI9E6-5SM3R");
  EXPECT_EQ(text_of(answer, "software_statement"), presented);
  const auto client = harness.client(text_of(answer, "client_id"));
  EXPECT_EQ(client.consent, ConsentPolicy::ask);
  EXPECT_EQ(read_client(write_client(client))->software_statement, presented);
  // A statement is in every copy of the software, so it proves nobody (asvs-10.4.7).
  EXPECT_TRUE(client.registered_itself());
}

// RFC7591-2.3; 7591-04: what a publisher says of the scope binds, whatever stands beside it
TEST_F(SoftwareStatement, S2_3_TheScopeOfAStatementBinds) {
  const auto answer = json_of(present(statement({{"scope", "openid groups"}})));
  EXPECT_EQ(text_of(answer, "scope"), "openid");
  EXPECT_EQ(text_of(json_of(present(statement())), "scope"), "openid profile email offline_access");
  EXPECT_TRUE(refuses(statement({{"scope", "groups"}}), "invalid_client_metadata"));
}

// RFC7591-3.2.2: publishers that the operator did not name do not count
TEST_F(SoftwareStatement, S3_2_2_OnlyNamedPublishersCount) {
  EXPECT_TRUE(refuses(statement({{"iss", "https://evil.test"}}), "unapproved_software_statement"));
  EXPECT_TRUE(
      refuses(statement({{"iss", harness.settings.issuer}}), "unapproved_software_statement"));
}

// RFC7591-3.2.2; 8725-05: a statement is a JWT of its publisher, of this kind and of this time
TEST_F(SoftwareStatement, S3_2_2_AStatementMustBeValid) {
  const auto now = harness.clock.now().unix_seconds();
  EXPECT_TRUE(refuses("x.y.z", "invalid_software_statement"));
  EXPECT_TRUE(refuses(1, "invalid_software_statement"));
  EXPECT_TRUE(refuses(statement({{"iss", nullptr}}), "invalid_software_statement"));
  EXPECT_TRUE(refuses(statement({}, "at+jwt"), "invalid_software_statement"));
  EXPECT_TRUE(refuses(statement({{"exp", now - 11}}), "invalid_software_statement"));
  EXPECT_TRUE(refuses(statement({{"exp", "soon"}}), "invalid_software_statement"));
  EXPECT_TRUE(refuses(statement({{"nbf", now + 60}}), "invalid_software_statement"));
  auto forged = statement();
  forged[forged.size() - 10] = forged[forged.size() - 10] == 'A' ? 'B' : 'A';
  EXPECT_TRUE(refuses(forged, "invalid_software_statement"));
  const auto other = crypto::PrivateKey::generate(crypto::SignatureAlgorithm::ES256);
  EXPECT_TRUE(refuses(
      jose::sign_jwt(other, "p1", "JWT", json::Object{{"iss", "https://publisher.example"}}),
      "invalid_software_statement"));
  EXPECT_EQ(present(statement({{"exp", now + 60}})).status, 201);
}

// RFC7591-2.3: what it says passes the same rules
TEST_F(SoftwareStatement, S2_3_WhatItSaysIsJudged) {
  EXPECT_TRUE(
      refuses(statement({{"redirect_uris", Texts{"http://evil.test/"}}}), "invalid_redirect_uri"));
}

}  // namespace cardea::rfc7591_statement_test

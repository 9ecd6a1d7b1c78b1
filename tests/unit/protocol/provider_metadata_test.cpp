// Issuer metadata: round trip, exact issuer, wrong types, and where documents are found.
#include "protocol/provider_metadata.h"

#include <gtest/gtest.h>

namespace cardea::provider_metadata_test {

ProviderMetadata sample() {
  ProviderMetadata metadata;
  metadata.issuer = "https://issuer.example";
  metadata.authorization_endpoint = "https://issuer.example/authorize";
  metadata.jwks_uri = "https://issuer.example/jwks";
  metadata.code_challenge_methods_supported = {"S256"};
  metadata.claims_parameter_supported = false;
  metadata.authorization_response_iss_parameter_supported = true;
  metadata.others.set("service_documentation", "https://issuer.example/docs");
  return metadata;
}

TEST(ProviderMetadata, RoundTrip) {
  const auto body = json::write(write(sample()));
  const auto read = parse_provider_metadata(body, "https://issuer.example");
  ASSERT_TRUE(read) << read.error();
  EXPECT_EQ(*read, sample());
  EXPECT_EQ(body.find("token_endpoint"), std::string::npos);  // absent stays absent
}

// OIDCDiscovery-4.3; RFC8414-3.3; 9700-17: the issuer in the document is the very string asked for.
TEST(OidcDiscovery, S4_3_IssuerIsComparedByteByByte) {
  const auto body = json::write(write(sample()));
  for (const std::string_view expected :
       {"https://issuer.example/", "https://ISSUER.example", "https://issuer.example:443",
        "https://issuer.example.evil", ""}) {
    const auto read = parse_provider_metadata(body, expected);
    ASSERT_FALSE(read) << expected;
    EXPECT_NE(read.error().find("issuer is"), std::string::npos);
  }
}

TEST(ProviderMetadata, WrongTypesAreRefusedByName) {
  for (const std::string_view member :
       {R"("jwks_uri":5)", R"("scopes_supported":"openid")", R"("scopes_supported":["a",1])",
        R"("authorization_response_iss_parameter_supported":"true")"}) {
    const auto read = parse_provider_metadata(
        "{\"issuer\":\"https://i.example\"," + std::string(member) + "}", "https://i.example");
    ASSERT_FALSE(read) << member;
    EXPECT_NE(read.error().find("wrong type"), std::string::npos);
  }
  EXPECT_FALSE(parse_provider_metadata("[]", "https://i.example"));
}

// OIDCDiscovery-4; RFC8414-3.1: the well-known part is appended or inserted.
TEST(OidcDiscovery, S4_WellKnownPlaces) {
  const auto plain = well_known_urls("https://i.example");
  EXPECT_EQ(plain->openid_configuration, "https://i.example/.well-known/openid-configuration");
  EXPECT_EQ(plain->oauth_authorization_server,
            "https://i.example/.well-known/oauth-authorization-server");
  const auto path = well_known_urls("https://i.example:8443/tenant/1/");
  EXPECT_EQ(path->openid_configuration,
            "https://i.example:8443/tenant/1/.well-known/openid-configuration");
  EXPECT_EQ(path->oauth_authorization_server,
            "https://i.example:8443/.well-known/oauth-authorization-server/tenant/1");
  for (const std::string_view bad : {"", "issuer", "ftp://i.example", "https://i.example?x=1",
                                     "https://i.example#f", "https://u@i.example"}) {
    EXPECT_FALSE(well_known_urls(bad)) << bad;
  }
}

}  // namespace cardea::provider_metadata_test

// Discovery: where it is asked, and every way in which an answer is not usable.
#include "client/discovery.h"

#include <gtest/gtest.h>

#include "client/relying_party.h"
#include "support/fake_issuer.h"

namespace cardea::client_discovery_test {

using client::Configuration;
using fake_issuer::FakeIssuer;
using fake_issuer::json_answer;

Configuration configuration(std::string issuer = "https://issuer.example") {
  return {.issuer = std::move(issuer),
          .client_id = "web",
          .redirect_uri = "https://app.example/callback"};
}

// The error code of processing a document, or "ok".
std::string verdict(const ProviderMetadata& metadata, const Configuration& by = configuration()) {
  const auto read = client::process_discovery(by, json_answer(write(metadata)));
  return read ? "ok" : std::string(read.error().code);
}

TEST(ClientDiscovery, AsksAtBothPlaces) {
  const auto by = configuration("https://issuer.example/tenant");
  EXPECT_EQ(client::build_discovery(by).url,
            "https://issuer.example/tenant/.well-known/openid-configuration");
  EXPECT_EQ(client::build_discovery(by, client::DiscoveryPlace::oauth_authorization_server).url,
            "https://issuer.example/.well-known/oauth-authorization-server/tenant");
}

// OIDCDiscovery-4.3; RFC8414-3.3: metadata of another issuer is refused.
TEST(ClientDiscovery, AnotherIssuerIsRefused) {
  auto metadata = FakeIssuer().metadata();
  EXPECT_EQ(verdict(metadata), "ok");
  metadata.issuer = "https://issuer.example/";
  EXPECT_EQ(verdict(metadata), "discovery.malformed");
}

// RFC8705-5: the aliases are for who presents a certificate, and as strictly https
TEST(ClientDiscovery, AliasesAreForCertificates) {
  auto metadata = FakeIssuer().metadata();
  metadata.others.set("mtls_endpoint_aliases",
                      json::Object{{"token_endpoint", "https://mtls.issuer.example/token"}});
  auto by = configuration();
  const auto token_endpoint = [&] {
    return client::process_discovery(by, json_answer(write(metadata)))->token_endpoint;
  };
  EXPECT_EQ(token_endpoint(), metadata.token_endpoint);
  by.authentication = client::TlsCertificate{};
  EXPECT_EQ(token_endpoint(), "https://mtls.issuer.example/token");
  metadata.others.set("mtls_endpoint_aliases",
                      json::Object{{"token_endpoint", "http://mtls.issuer.example/token"}});
  EXPECT_EQ(verdict(metadata, by), "discovery.unusable");
  EXPECT_EQ(verdict(metadata), "ok");
  metadata.others.erase("mtls_endpoint_aliases");
  EXPECT_EQ(token_endpoint(), metadata.token_endpoint);
}

// D13: metadata leads to https addresses only
TEST(ClientDiscovery, EndpointsMustBeThereAndHttps) {
  const auto good = FakeIssuer().metadata();
  for (const auto field : {&ProviderMetadata::authorization_endpoint,
                           &ProviderMetadata::token_endpoint, &ProviderMetadata::jwks_uri}) {
    for (const std::string_view bad : {"", "http://issuer.example/x", "issuer.example/x",
                                       "javascript:alert(1)", "https://issuer.example/x#y"}) {
      auto metadata = good;
      metadata.*field = std::string(bad);
      EXPECT_EQ(verdict(metadata), "discovery.unusable") << bad;
    }
  }
  auto metadata = good;
  metadata.userinfo_endpoint = "http://issuer.example/userinfo";
  EXPECT_EQ(verdict(metadata), "discovery.unusable");
  metadata.userinfo_endpoint = "";
  EXPECT_EQ(verdict(metadata), "ok");
}

// RFC9700-2.1.1: an issuer that names methods without S256 is refused unless relaxed.
TEST(ClientDiscovery, IssuerWithoutS256NeedsAReason) {
  auto metadata = FakeIssuer().metadata();
  metadata.code_challenge_methods_supported = {"plain"};
  EXPECT_EQ(verdict(metadata), "discovery.unusable");
  auto relaxed = configuration();
  relaxed.relaxations.accept_issuer_that_does_not_advertise_s256("it is being replaced");
  EXPECT_EQ(verdict(metadata, relaxed), "ok");
  metadata.code_challenge_methods_supported = {};
  EXPECT_EQ(verdict(metadata), "ok");
}

TEST(ClientDiscovery, OtherAnswersAreRefused) {
  const auto by = configuration();
  EXPECT_EQ(client::process_discovery(by, {.status = 302}).error().code, "discovery.status");
  EXPECT_EQ(client::process_discovery(by, {.status = 500}).error().code, "discovery.status");
  EXPECT_EQ(client::process_discovery(by, {.status = 200, .body = "<html>"}).error().code,
            "discovery.malformed");
}

TEST(ClientConfiguration, IsCheckedBeforeAnythingIsSent) {
  struct Bad {
    std::string_view why;
    std::function<void(Configuration&)> spoil;
  };
  const std::vector<Bad> rows{
      {"http issuer", [](auto& c) { c.issuer = "http://issuer.example"; }},
      {"no URL", [](auto& c) { c.issuer = "issuer.example"; }},
      {"query", [](auto& c) { c.issuer = "https://issuer.example?a=b"; }},
      {"no client_id", [](auto& c) { c.client_id = ""; }},
      {"relative redirect_uri", [](auto& c) { c.redirect_uri = "/callback"; }},
      {"fragment", [](auto& c) { c.redirect_uri = "https://app.example/#x"; }},
      {"empty secret", [](auto& c) { c.authentication = client::SecretBasic{}; }},
      {"no algorithm", [](auto& c) { c.id_token_algorithms = {}; }}};
  for (const auto& row : rows) {
    FakeIssuer issuer;
    auto by = configuration();
    row.spoil(by);
    const auto made = client::RelyingParty::discover({.configuration = by,
                                                      .transport = issuer.transport(),
                                                      .clock = issuer.clock,
                                                      .random = issuer.random,
                                                      .log = issuer.log});
    ASSERT_FALSE(made) << row.why;
    EXPECT_EQ(made.error().code, "configuration.invalid") << row.why;
    EXPECT_EQ(issuer.count("/.well-known/openid-configuration"), 0u) << row.why;
  }
}

TEST(ClientConfiguration, PlainHttpNeedsAReason) {
  auto by = configuration("http://localhost:9443");
  by.relaxations.accept_plain_http_issuer("a test on this machine");
  EXPECT_TRUE(client::check_configuration(by));
  EXPECT_EQ(verdict(FakeIssuer("http://localhost:9443").metadata(), by), "ok");
}

TEST(RelyingParty, DiscoversAtTheOAuthPlaceWhenTheOtherIsAbsent) {
  FakeIssuer issuer;
  auto document = issuer.answers.extract("https://issuer.example/.well-known/openid-configuration");
  document.key() = "https://issuer.example/.well-known/oauth-authorization-server";
  issuer.answers.insert(std::move(document));
  const auto made = client::RelyingParty::discover({.configuration = configuration(),
                                                    .transport = issuer.transport(),
                                                    .clock = issuer.clock,
                                                    .random = issuer.random,
                                                    .log = issuer.log});
  ASSERT_TRUE(made) << made.error().message;
  EXPECT_EQ((*made)->metadata().token_endpoint, "https://issuer.example/token");
}

TEST(RelyingParty, NetworkFailuresAreTransientValues) {
  using Kind = http::TransportFailure::Kind;
  FakeIssuer issuer;
  const auto code_of = [&](const http::Transport& transport) {
    const auto made = client::RelyingParty::discover({.configuration = configuration(),
                                                      .transport = transport,
                                                      .clock = issuer.clock,
                                                      .random = issuer.random,
                                                      .log = issuer.log});
    return made ? "ok" : made.error().code;
  };
  const auto failing = [](Kind kind) {
    return [kind](const http::OutgoingRequest&) -> http::TransportResult {
      return refuse(http::TransportFailure{kind, "no"});
    };
  };
  EXPECT_EQ(code_of(failing(Kind::connect)), "network.unreachable");
  EXPECT_EQ(code_of(failing(Kind::timeout)), "network.timeout");
  EXPECT_EQ(code_of(failing(Kind::tls)), "network.tls");
  EXPECT_EQ(code_of(failing(Kind::too_large)), "network.other");
  EXPECT_EQ(code_of([](const http::OutgoingRequest&) -> http::TransportResult {
              throw std::runtime_error("thrown by a transport");
            }),
            "network.other");
}

}  // namespace cardea::client_discovery_test

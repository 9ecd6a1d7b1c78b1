// Operations against replies of several providers, without a socket: what is sent, what counts as
// done, what as failed and under which name.
#include <gtest/gtest.h>

#include "app/bench/measurement.h"
#include "app/bench/operation.h"

namespace cardea::bench_operation_test {

using app::bench::EndpointAddresses;
using app::bench::make_operation;
using app::bench::Material;
using app::bench::Operation;
using app::bench::Provider;
using app::bench::Reach;
using app::bench::Reply;
using app::bench::Workload;
using Progress = Operation::Progress;

constexpr std::string_view verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

struct Case {
  Case() {
    auto& metadata = provider.metadata;
    metadata.issuer = "http://127.0.0.1:9000";
    metadata.authorization_endpoint = "http://127.0.0.1:9000/authorize";
    metadata.token_endpoint = "http://127.0.0.1:9000/token";
    metadata.userinfo_endpoint = "http://127.0.0.1:9000/me";
    metadata.jwks_uri = "http://127.0.0.1:9000/jwks";
    provider.introspection_endpoint = "http://127.0.0.1:9001/introspect";
    provider.discovery_url = "http://127.0.0.1:9000/.well-known/openid-configuration";
    provider.client.client_id = "a:b";
    provider.client.secret = app::bench::BenchSecret("s cret");
    provider.redirect_uri = "https://app.example/cb";
    provider.scope = "openid";
    material.token = app::bench::BenchToken("the-token");
    material.verifier = pkce::Verifier(std::string(verifier));
    material.cookies.store(*url::parse("http://127.0.0.1:9000/"), "session=1; Path=/");
  }
  std::unique_ptr<Operation> make(Workload workload) {
    auto made = make_operation(workload, provider, material, addresses);
    EXPECT_TRUE(made.ok());
    return *std::move(made);
  }

  Provider provider;
  Material material;
  EndpointAddresses addresses{Reach::this_machine};
};

Reply reply(int status, std::string_view body, std::string_view head = "") {
  return {.status = status, .head = head, .body = body};
}

TEST(BenchOperationTest, ClientCredentials) {
  Case c;
  c.provider.client_scope = "read all";
  const auto operation = c.make(Workload::client_credentials);
  const std::string text(operation->next().text);
  EXPECT_TRUE(text.starts_with("POST /token HTTP/1.1\r\nHost: 127.0.0.1:9000\r\n")) << text;
  // RFC 6749 2.3.1: "a%3Ab:s+cret"
  EXPECT_TRUE(text.contains("\r\nAuthorization: Basic YSUzQWI6cytjcmV0\r\n")) << text;
  EXPECT_TRUE(
      text.ends_with("\r\nContent-Length: 44\r\n\r\n"
                     "grant_type=client_credentials&scope=read+all"))
      << text;
  EXPECT_EQ(operation->take(reply(200, R"({"access_token": "x"})")).progress, Progress::done);
  const auto refused = operation->take(reply(401, R"({"error":"invalid_client"})"));
  EXPECT_EQ(refused.progress, Progress::failed);
  EXPECT_EQ(refused.error, "401 invalid_client");
  EXPECT_EQ(operation->take(reply(200, "{}")).error, "200 without access_token");
  EXPECT_EQ(operation->take(reply(503, "<html>")).error, "503");
  EXPECT_EQ(operation->take(reply(400, "{\"error\":\"\x1b[31m\"}")).error, "400");
}

TEST(BenchOperationTest, SecretsInTheBody) {
  Case c;
  c.provider.client.authentication = app::bench::ClientAuthentication::client_secret_post;
  const auto operation = c.make(Workload::client_credentials);
  const std::string text(operation->next().text);
  EXPECT_FALSE(text.contains("Authorization"));
  EXPECT_TRUE(text.ends_with("&client_id=a%3Ab&client_secret=s+cret")) << text;
}

TEST(BenchOperationTest, RefreshTokensRotateWhereTheIssuerDoes) {
  Case c;
  const auto operation = c.make(Workload::refresh);
  EXPECT_TRUE(operation->next().text.ends_with("refresh_token=the-token"));
  EXPECT_EQ(operation->take(reply(200, R"({"access_token":"a","refresh_token":"n+w"})")).progress,
            Progress::done);
  EXPECT_TRUE(operation->next().text.ends_with("refresh_token=n%2Bw"));
  EXPECT_EQ(operation->take(reply(200, R"({"access_token":"a"})")).progress, Progress::done);
  EXPECT_TRUE(operation->next().text.ends_with("refresh_token=n%2Bw"));
  EXPECT_EQ(operation->take(reply(400, R"({"error":"invalid_grant"})")).error, "400 invalid_grant");
}

TEST(BenchOperationTest, TheCodeFlowIsTwoRequests) {
  Case c;
  const auto operation = c.make(Workload::code);
  const std::string authorize(operation->next().text);
  EXPECT_TRUE(authorize.contains("code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&"));
  EXPECT_TRUE(authorize.contains("&prompt=none HTTP/1.1\r\n")) << authorize;
  EXPECT_TRUE(authorize.contains("\r\nCookie: session=1\r\n"));
  EXPECT_FALSE(authorize.contains("Authorization"));
  const auto found = operation->take(
      reply(303, "", "HTTP/1.1 303 See Other\r\nLocation: https://app.example/cb?code=c1&x=y\r\n"));
  EXPECT_EQ(found.progress, Progress::more);
  const std::string exchange(operation->next().text);
  EXPECT_TRUE(exchange.starts_with("POST /token ")) << exchange;
  EXPECT_TRUE(exchange.ends_with("&code_verifier=" + std::string(verifier) + "&code=c1"));
  EXPECT_EQ(operation->take(reply(200, R"({"access_token":"a"})")).progress, Progress::done);
  EXPECT_TRUE(operation->next().text.starts_with("GET /authorize?"));
}

TEST(BenchOperationTest, TheCodeFlowFollowsTheIssuersOwnRedirects) {
  Case c;
  const auto operation = c.make(Workload::code);
  operation->next();
  EXPECT_EQ(operation
                ->take(reply(302, "",
                             "HTTP/1.1 302 Found\r\nSet-Cookie: step=2; Path=/\r\n"
                             "Location: http://127.0.0.1:9002/login?c=1\r\n"))
                .progress,
            Progress::more);
  const std::string hop(operation->next().text);
  EXPECT_TRUE(hop.starts_with("GET /login?c=1 HTTP/1.1\r\nHost: 127.0.0.1:9002\r\n")) << hop;
  // a redirect that would leave this machine is not followed
  const auto away =
      operation->take(reply(302, "", "HTTP/1.1 302 Found\r\nLocation: http://192.0.2.1/login\r\n"));
  EXPECT_EQ(away.progress, Progress::failed);
  EXPECT_EQ(away.error, "302 without a redirect on this machine");
  EXPECT_TRUE(operation->next().text.starts_with("GET /authorize?"));
  const auto refused = operation->take(
      reply(303, "",
            "HTTP/1.1 303 See Other\r\nLocation: https://app.example/cb?error=login_required\r\n"));
  EXPECT_EQ(refused.error, "authorize login_required");
  EXPECT_EQ(operation->take(reply(200, "<form>")).error, "200 without a redirect");
}

TEST(BenchOperationTest, TokensAreLookedUp) {
  Case c;
  const auto introspection = c.make(Workload::introspection);
  EXPECT_TRUE(introspection->next().text.ends_with("\r\n\r\ntoken=the-token"));
  EXPECT_EQ(introspection->take(reply(200, R"({"active":true})")).progress, Progress::done);
  EXPECT_EQ(introspection->take(reply(200, R"({"active":false})")).error, "200 without active");
  const auto userinfo = c.make(Workload::userinfo);
  EXPECT_TRUE(userinfo->next().text.contains("\r\nAuthorization: Bearer the-token\r\n"));
  EXPECT_EQ(userinfo->take(reply(200, R"({"sub":"1"})")).progress, Progress::done);
  EXPECT_EQ(userinfo->take(reply(200, "{}")).error, "200 without sub");
}

TEST(BenchOperationTest, EndpointsThatCannotBeHad) {
  Case c;
  c.provider.introspection_endpoint = "";
  c.provider.metadata.jwks_uri = "http://192.0.2.1/jwks";
  const auto missing = make_operation(Workload::introspection, c.provider, c.material, c.addresses);
  ASSERT_FALSE(missing.ok());
  EXPECT_EQ(missing.error(), "the issuer names no introspection_endpoint");
  const auto away = make_operation(Workload::jwks, c.provider, c.material, c.addresses);
  ASSERT_FALSE(away.ok());
  EXPECT_TRUE(away.error().contains("192.0.2.1 is not this machine")) << away.error();
}

TEST(BenchMeasurementTest, FiguresOfARun) {
  app::bench::Measurement measurement{.workload = Workload::refresh, .offered_rate = 50.0};
  for (int i = 1; i <= 100; ++i) measurement.load.latencies.add(i * 1'000'000);
  measurement.load.done = 90;
  measurement.load.failed = 10;
  measurement.load.errors["401 invalid_client"] = 10;
  measurement.load.elapsed_ns = 2'000'000'000;
  measurement.before = app::bench::ProcessFigures{.processes = 1, .cpu_us = 1000};
  measurement.after = app::bench::ProcessFigures{.processes = 2, .cpu_us = 3000, .rss_kib = 2048};
  EXPECT_DOUBLE_EQ(measurement.rate(), 45);
  EXPECT_NEAR(measurement.milliseconds(0.5), 50, 0.1);
  EXPECT_DOUBLE_EQ(*measurement.server_cpu_us(), 20);
  const auto text = json::write(write(measurement));
  for (const auto* part :
       {R"("workload":"refresh")", R"("loop":"open")", R"("failed":10)",
        R"("errors":[{"error":"401 invalid_client","count":10}])", R"("rss_kib":2048)"}) {
    EXPECT_TRUE(text.contains(part)) << part << " in " << text;
  }
  EXPECT_TRUE(error_lines(measurement).contains("failed 10 times: 401 invalid_client"));
}

}  // namespace cardea::bench_operation_test

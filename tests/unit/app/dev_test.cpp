// Development: the environment block, the seeds, the inspector's masking, and log lines.
#include <gtest/gtest.h>

#include <fstream>

#include "app/dev/banner.h"
#include "app/dev/inspector.h"
#include "app/dev/seed.h"
#include "app/dev/strictness_dial.h"
#include "app/log_sink.h"
#include "app/metrics.h"
#include "support/scratch_folder.h"

namespace cardea::dev_test {

app::dev::Seed seed_of(const app::dev::DevOptions& options) {
  return app::dev::make_seed(options, "https://localhost:9443",
                             *app::dev::find_framework(options.app), RootKey(std::string(32, 'k')));
}

TEST(DevSeed, EveryFrameworkGivesValidClients) {
  auto names = app::dev::framework_names();
  names.emplace_back("");
  for (const auto& name : names) {
    app::dev::DevOptions options;
    options.app = name;
    const auto seed = seed_of(options);
    for (const auto& problem : seed.problems) ADD_FAILURE() << name << ": " << problem.text();
    EXPECT_EQ(seed.users.size(), 3u);
    EXPECT_EQ(seed.clients.size(), 3u);
  }
}

TEST(DevSeed, SecretsAndSubjectsStayOverRestarts) {
  const auto first = seed_of({});
  const auto second = seed_of({});
  EXPECT_EQ(first.clients[0].secret, second.clients[0].secret);
  EXPECT_EQ(first.clients[0].secret.size(), 43u);
  EXPECT_EQ(first.users[0].sub, second.users[0].sub);
}

// Decision Q2: a confidential client of --clients may leave its secret out; one with keys or
// without authentication gets none, and everything else about it is judged as ever.
TEST(DevSeed, AConfidentialClientOfTheFileMayLeaveItsSecretOut) {
  const test::ScratchFolder folder;
  app::dev::DevOptions options;
  options.clients_file = folder.file("clients.toml");
  const auto write = [&](const std::string& redirect_uri) {
    std::ofstream(options.clients_file)
        << "[[clients]]\nclient_id = \"calendar\"\nredirect_uris = [\"" << redirect_uri
        << "\"]\n[[clients]]\nclient_id = \"app\"\ntoken_endpoint_auth_method = \"none\"\n"
        << "redirect_uris = [\"https://app.example/cb\"]\n";
  };
  write("https://calendar.example/cb");
  const auto seed = seed_of(options);
  for (const auto& problem : seed.problems) ADD_FAILURE() << problem.text();
  const auto of = [](const app::dev::Seed& from, std::string_view id) {
    const auto at = std::ranges::find(from.clients, id, &app::dev::SeededClient::client_id);
    return at == from.clients.end() ? std::string("absent") : at->secret;
  };
  EXPECT_EQ(of(seed, "calendar").size(), 43u);
  EXPECT_EQ(of(seed, "calendar"), of(seed_of(options), "calendar"));
  EXPECT_NE(of(seed, "calendar"), of(seed, "web"));
  EXPECT_EQ(of(seed, "app"), "");
  write("https://calendar.example/cb#fragment");
  EXPECT_FALSE(seed_of(options).problems.empty());
}

// Decision P8: an issuer that the network reaches has random passwords, form sign-in and no picker.
TEST(DevSeed, ExposedIssuersHaveRandomPasswords) {
  app::dev::DevOptions options;
  options.listen = "0.0.0.0:9443";
  options.issuer = "https://idp.test:9443";
  const auto seed = seed_of(options);
  EXPECT_TRUE(seed.config.settings.picker_logins.empty());
  EXPECT_EQ(seed.config.settings.interaction, Settings::Interaction::form);
  EXPECT_NE(seed.users[0].password, "alice-dev");
  EXPECT_EQ(seed.users[0].password.size(), 20u);
}

TEST(DevDial, RelaxesAClosedList) {
  using app::dev::Strictness;
  EXPECT_FALSE(dev::StrictnessDial::at(Strictness::strict).missing_pkce());
  EXPECT_TRUE(dev::StrictnessDial::at(Strictness::warn).missing_pkce());
  EXPECT_FALSE(dev::StrictnessDial::at(Strictness::warn).unknown_client());
  EXPECT_TRUE(dev::StrictnessDial::at(Strictness::open).unknown_client());
}

TEST(DevEnvFile, BlockIsAddedOnceAndReplacedAfterwards) {
  const app::dev::DevOptions options;
  const auto seed = seed_of(options);
  const app::dev::Ready ready{
      options, seed, *app::dev::find_framework(""), "https://localhost:9443", "/ca.pem", "", 1};
  const auto once = app::dev::with_env_block("KEPT=1", ready);
  EXPECT_TRUE(once.starts_with("KEPT=1\n# >>> cardea dev\nOIDC_ISSUER=https://localhost:9443\n"));
  EXPECT_EQ(app::dev::with_env_block(once, ready), once);
  EXPECT_EQ(app::dev::with_env_block(once + "AFTER=2\n", ready), once + "AFTER=2\n");
}

// Under serve nobody reads them, so they are not even put together; a refusal is kept for the log.
TEST(Exchange, GathersNotesOnlyForAReader) {
  const SystemClock clock;
  EXPECT_TRUE(app::dev::Inspector(clock).reads_notes());
  EXPECT_FALSE(app::Metrics().reads_notes());
  for (const bool is_shown : {true, false}) {
    Exchange exchange;
    exchange.is_shown = is_shown;
    exchange.pass("CARDEA-TEST-001", rfc6749("5.2"), "client ", std::string("app"), " by post");
    exchange.warn("CARDEA-TEST-002", rfc6749("5.2"), "old", "renew");
    exchange.refuse_with(
        {ErrorCode::invalid_grant, "CARDEA-TEST-003", rfc6749("5.2"), "No.", "why"}, "fix");
    EXPECT_EQ(exchange.notes.size(), is_shown ? 3U : 0U);
    if (is_shown) EXPECT_EQ(exchange.notes.front().text, "client app by post");
    ASSERT_TRUE(exchange.refusal);
    EXPECT_EQ(exchange.refusal->rule, "CARDEA-TEST-003");
  }
}

// 6819-03: neither a credential of the request nor a handle reaches the inspector
TEST(Inspector, CredentialsAreMaskedAndTextIsInert) {
  const SystemClock clock;
  app::dev::Inspector inspector(clock);
  Exchange exchange;
  exchange.endpoint = "token";
  exchange.request.method = "POST";
  exchange.request.target = "/interaction/handle-secret/sign-in";
  exchange.request.headers = {{"Authorization", "Basic c2VjcmV0LXZhbHVl"},
                              {"Cookie", "x=cookie-secret"},
                              {"User-Agent", "<script>alert(1)</script>"}};
  exchange.client_id = "\"><img src=x>";
  exchange.refuse_with(
      {ErrorCode::invalid_grant, "CARDEA-TEST-001", rfc6749("5.2"), "No.", "why <b>"},
      "do \"this\"");
  http::Response response{
      303, {{"Location", "https://app.example/cb?code=code-secret&state=s"}}, ""};
  inspector.finished(exchange, response);

  const auto page = inspector.answer({"GET", "/_dev", {}, "", "", {}});
  ASSERT_TRUE(page);
  for (const auto* secret : {"c2VjcmV0LXZhbHVl", "cookie-secret", "code-secret", "handle-secret"}) {
    EXPECT_EQ(page->body.find(secret), std::string::npos) << secret;
  }
  EXPECT_EQ(page->body.find("<script>alert"), std::string::npos);
  EXPECT_EQ(page->body.find("<img src=x>"), std::string::npos);
  EXPECT_NE(page->body.find("CARDEA-TEST-001"), std::string::npos);
  EXPECT_NE(page->body.find("RFC 6749 5.2"), std::string::npos);
  EXPECT_FALSE(inspector.answer({"GET", "/authorize", {}, "", "", {}}));
  EXPECT_EQ(inspector.answer({"POST", "/_dev", {}, "", "", {}})->status, 405);
}

// 6819-03; I11: one event is one line of printable ASCII, whatever its fields hold
TEST(LogSink, OneLineAndValidJson) {
  const std::string hostile =
      "a\nb\r\"c\"\x1b[31m \xff|\xc2\x9b|\xe2\x80\xa8|\xe2\x80\xae|\xf0\x9f\x94\x91|\xf0\x9f\x7f";
  const LogField fields[] = {{"text", hostile}, {"number", 7}, {"flag", true}};
  for (const auto face : {app::LogFace::text, app::LogFace::json}) {
    const auto line =
        app::format_event(face, Instant{1'700'000'000'123}, LogLevel::info, "x.happened", fields);
    EXPECT_TRUE(std::ranges::all_of(line, [](char c) { return c >= 0x20 && c < 0x7f; })) << line;
    const std::string escaped =
        R"(a\nb\r\"c\"\u001b[31m \ufffd|\u009b|\u2028|\u202e|\ud83d\udd11|\ufffd\ufffd)";
    EXPECT_NE(line.find(escaped), std::string::npos) << line;
  }
  const LogField word[] = {{"name", "\xd8\xa3"}};
  EXPECT_TRUE(app::format_event(app::LogFace::text, {}, LogLevel::info, "x", word)
                  .ends_with(R"(name="\u0623")"));
  EXPECT_EQ(app::rfc3339(Instant{1'700'000'000'123}), "2023-11-14T22:13:20.123Z");
}

}  // namespace cardea::dev_test

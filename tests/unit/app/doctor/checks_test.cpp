// cardea doctor: each check, where all is well and where it is not; and the report's form.
#include "app/doctor/checks.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "app/doctor/report.h"
#include "base/ascii.h"
#include "crypto/certificate.h"
#include "crypto/hash.h"

namespace cardea::doctor_checks_test {

using app::Config;
using app::Finding;
using app::Findings;
using Level = app::Finding::Level;

constexpr Instant now = Instant::from_seconds(1'700'000'000);  // 2023-11-14T22:13:20Z

Config config_of(std::string_view issuer) {
  Config config;
  config.issuer = issuer;
  config.settings = with_issuer({}, issuer).value();
  config.trusted_proxies = {"127.0.0.1"};
  return config;
}

Level level_of(const Findings& findings, std::string_view check) {
  Level worst = Level::ok;
  bool is_there = false;
  for (const auto& finding : findings) {
    if (finding.check != check) continue;
    is_there = true;
    worst = std::max(worst, finding.level);
  }
  EXPECT_TRUE(is_there) << check;
  return worst;
}

Level setting_level(const Config& config, std::string_view check) {
  return level_of(app::check_settings(config), check);
}

TEST(DoctorSettings, AllIsWell) {
  for (const auto& finding : app::check_settings(config_of("https://login.example"))) {
    EXPECT_EQ(finding.level, Level::ok) << finding.check << " " << finding.text;
    EXPECT_FALSE(finding.why.empty()) << finding.check;
    EXPECT_TRUE(finding.fix.empty()) << finding.check;
  }
}

// What a node tells its database is no stranger's
TEST(DoctorSettings, TheWayToTheDatabaseIsLookedAt) {
  const std::vector<std::pair<std::string, Level>> rows{
      {"postgresql://db.internal/cardea", Level::warning},
      {"postgresql://db.internal/cardea?sslmode=require", Level::warning},
      {"postgresql://db.internal/cardea?sslmode=verify-full", Level::ok},
      {"postgresql://db1,db2/cardea?sslmode=verify-ca", Level::warning},
      {"postgresql://localhost,db2/cardea", Level::warning},
      {"postgresql://localhost/cardea?hostaddr=10.0.0.7", Level::warning},
      {"postgresql://127.0.0.1,localhost/cardea", Level::ok},
      {"postgresql:///cardea?host=/run/postgresql", Level::ok},
      {"postgresql:///cardea", Level::ok}};
  for (const auto& [url, level] : rows) {
    Config config = config_of("https://login.example");
    config.store_database = url;
    EXPECT_EQ(setting_level(config, "database"), level) << url;
  }
}

TEST(DoctorSettings, EachRelaxedSettingIsNamed) {
  EXPECT_EQ(setting_level(config_of("http://localhost:9443"), "issuer"), Level::warning);
  EXPECT_EQ(setting_level(config_of("https://login.example/tenant"), "issuer"), Level::warning);
  Config config = config_of("https://login.example");
  config.trusted_proxies.clear();
  EXPECT_EQ(setting_level(config, "proxies"), Level::warning);
  config.trusted_proxies = {"10.0.0.0/8", "::/0"};
  EXPECT_EQ(setting_level(config, "proxies"), Level::failure);
  config.settings.session_cookie_same_site_none = true;
  EXPECT_EQ(setting_level(config, "cookie"), Level::warning);
  config.settings.registration.mode = RegistrationSettings::Mode::open;
  EXPECT_EQ(setting_level(config, "registration"), Level::warning);
  config.settings.registration.mode = RegistrationSettings::Mode::token;
  EXPECT_EQ(setting_level(config, "registration"), Level::ok);
  config.settings.client_documents.enabled = true;
  EXPECT_EQ(setting_level(config, "registration"), Level::warning);
  config.settings.client_documents.admitted_hosts = {"app.example"};
  EXPECT_EQ(setting_level(config, "registration"), Level::ok);
  config.settings.registration.pkce = PkcePolicy::optional;
  EXPECT_EQ(setting_level(config, "registration"), Level::warning);
  config.settings.outgoing_reach = OutgoingReach::private_too;
  EXPECT_EQ(setting_level(config, "outgoing"), Level::warning);
  config.settings.outgoing_reach = OutgoingReach::open_internet;
  config.settings.outgoing_ca_file = "/tmp/ca.pem";
  EXPECT_EQ(setting_level(config, "outgoing"), Level::warning);
}

TEST(DoctorSettings, ACookieThatBrowsersDropIsAFailure) {
  Config config = config_of("http://localhost:9443");
  config.settings.session_cookie_same_site_none = true;
  EXPECT_EQ(setting_level(config, "cookie"), Level::failure);
}

TEST(DoctorSettings, TheIssuersPortIsListenedTo) {
  Config config = config_of("https://login.example:8443");
  config.tls_certificate = "cert.pem";
  config.listen = {"0.0.0.0:443"};
  EXPECT_EQ(setting_level(config, "listen"), Level::warning);
  config.listen = {"0.0.0.0:443", "0.0.0.0:8443"};
  EXPECT_EQ(setting_level(config, "listen"), Level::ok);
}

Client good_client() {
  Client client;
  client.client_id = ClientId("web");
  client.redirect_uris = {"https://app.example/cb"};
  client.secrets = {{.sha256 = crypto::sha256("secret"), .expires_at = {}, .created_at = {}}};
  return client;
}

Level client_level(const Client& client) {
  return level_of(app::check_client_at(client, now), "client web");
}

TEST(DoctorClients, WhatIsAtRiskIsNamed) {
  Client client = good_client();
  EXPECT_EQ(client_level(client), Level::ok);
  client.pkce = PkcePolicy::optional;
  EXPECT_EQ(client_level(client), Level::warning);
  client = good_client();
  client.refresh_rotation = RefreshRotation::off;
  EXPECT_EQ(client_level(client), Level::warning);
  client = good_client();
  client.secrets.push_back(client.secrets.front());
  client.secrets.back().expires_at = now - Seconds{1};
  EXPECT_EQ(client_level(client), Level::warning);
  client = good_client();
  client.redirect_uris = {"http://app.example/cb"};
  EXPECT_EQ(client_level(client), Level::failure);
  client.redirect_uris = {"https://*.app.example/cb"};
  EXPECT_EQ(client_level(client), Level::failure);
}

TEST(DoctorClients, TheRemedyIsWhereTheClientIsSet) {
  Client client = good_client();
  client.pkce = PkcePolicy::optional;
  EXPECT_EQ(app::check_client_at(client, now).front().fix,
            "change pkce in the configuration, or by cardea clients edit web");
  client.owner = {.by = Ownership::By::file, .place = "cardea.toml:7", .configured_digest = {}};
  EXPECT_EQ(app::check_client_at(client, now).front().fix, "change pkce at cardea.toml:7");
}

TEST(DoctorKeys, OldKeysAndNoKeysAreNamed) {
  PublishedKey key{.kid = KeyId("k1"),
                   .algorithm = crypto::SignatureAlgorithm::ES256,
                   .state = ServerKey::State::active,
                   .created_at = now - days(180)};
  EXPECT_EQ(level_of(app::check_keys({&key, 1}, now), "key ES256"), Level::ok);
  key.created_at = now - days(181);
  EXPECT_EQ(level_of(app::check_keys({&key, 1}, now), "key ES256"), Level::warning);
  key.state = ServerKey::State::retiring;
  EXPECT_EQ(level_of(app::check_keys({&key, 1}, now), "keys"), Level::failure);
}

TEST(DoctorPassword, AHashIsNeitherCheapNorDear) {
  EXPECT_EQ(app::check_hash_time(49).level, Level::warning);
  EXPECT_EQ(app::check_hash_time(50).level, Level::ok);
  EXPECT_EQ(app::check_hash_time(1000).level, Level::ok);
  EXPECT_EQ(app::check_hash_time(1001).level, Level::warning);
}

TEST(DoctorCertificate, DatesAndNamesAreCompared) {
  const auto authority =
      crypto::make_certificate_authority("doctor", {"localhost"}, now, days(90)).value();
  const auto made =
      crypto::make_server_certificate(authority, {"*.localhost", "localhost"}, now, days(60));
  const std::string& pem = made.value().certificate_pem;
  const auto level = [&](std::string_view host, Instant at) {
    return app::check_certificate(pem, "cert.pem", host, at).level;
  };
  EXPECT_EQ(level("localhost", now), Level::ok);
  EXPECT_EQ(level("a.localhost", now), Level::ok);
  EXPECT_EQ(level("a.b.localhost", now), Level::failure);
  EXPECT_EQ(level("login.example", now), Level::failure);
  EXPECT_EQ(level("localhost", now + days(50)), Level::warning);
  EXPECT_EQ(level("localhost", now + days(61)), Level::failure);
  EXPECT_EQ(level("localhost", now - days(30)), Level::failure);
  EXPECT_EQ(app::check_certificate("no PEM", "cert.pem", "localhost", now).level, Level::failure);
}

TEST(DoctorFiles, WhatOthersMayReadIsNamed) {
  namespace fs = std::filesystem;
  std::string pattern = (fs::temp_directory_path() / "doctor-XXXXXX").string();
  ASSERT_NE(mkdtemp(pattern.data()), nullptr);
  Config config = config_of("https://login.example");
  config.root_key_file = pattern + "/root.key";
  config.store_path = pattern + "/cardea.db";
  EXPECT_EQ(level_of(app::look_at_files(config, now), "root key"), Level::warning);
  std::ofstream(config.root_key_file) << "key";
  ASSERT_EQ(chmod(config.root_key_file.c_str(), 0600), 0);
  EXPECT_EQ(level_of(app::look_at_files(config, now), "root key"), Level::ok);
  EXPECT_EQ(level_of(app::look_at_files(config, now), "store"), Level::ok);
  ASSERT_EQ(chmod(config.root_key_file.c_str(), 0640), 0);
  ASSERT_EQ(chmod(pattern.c_str(), 0755), 0);
  EXPECT_EQ(level_of(app::look_at_files(config, now), "root key"), Level::failure);
  EXPECT_EQ(level_of(app::look_at_files(config, now), "store"), Level::failure);
  fs::remove_all(pattern);
}

http::Response document(std::string body) {
  return {200,
          {{"Content-Type", "application/json"}, {"Date", "Tue, 14 Nov 2023 22:13:25 GMT"}},
          std::move(body)};
}

Findings look(std::string_view issuer, const http::Transport& transport, bool runs = true) {
  return app::look_at_issuer(with_issuer({}, issuer).value(), transport, now, runs);
}

constexpr const char* good_document = R"({"issuer":"https://login.example"})";

TEST(DoctorIssuer, ItsDocumentsAreTheSameEverywhere) {
  std::vector<std::string> asked;
  const auto findings = look("https://login.example", [&](const http::OutgoingRequest& request) {
    asked.push_back(request.url);
    return http::TransportResult(document(good_document));
  });
  EXPECT_EQ(asked, (std::vector<std::string>{
                       "https://login.example/.well-known/openid-configuration",
                       "https://login.example/.well-known/oauth-authorization-server"}));
  EXPECT_EQ(level_of(findings, "metadata"), Level::ok);
  EXPECT_EQ(level_of(findings, "clock"), Level::ok);
}

TEST(DoctorIssuer, APathGoesBothWays) {
  std::vector<std::string> asked;
  look("https://login.example/t", [&](const http::OutgoingRequest& request) {
    asked.push_back(request.url);
    return http::TransportResult(document(R"({"issuer":"https://login.example/t"})"));
  });
  EXPECT_EQ(asked, (std::vector<std::string>{
                       "https://login.example/t/.well-known/openid-configuration",
                       "https://login.example/.well-known/oauth-authorization-server/t",
                       "https://login.example/.well-known/openid-configuration/t"}));
}

TEST(DoctorIssuer, EachFlawOfADocumentIsAFailure) {
  auto html = document(good_document);
  html.headers.set("Content-Type", "text/html");
  auto missing = document(good_document);
  missing.status = 404;
  for (const auto& flawed :
       {html, missing, document("[]"), document(R"({"issuer":"https://login.example/"})"),
        document(R"({"issuer":"https://login.example","x":1})")}) {
    const auto findings = look("https://login.example", [&](const http::OutgoingRequest& request) {
      const bool is_second = request.url.ends_with("server");
      return http::TransportResult(is_second ? flawed : document(good_document));
    });
    EXPECT_EQ(level_of(findings, "metadata"), Level::failure) << flawed.body;
  }
}

TEST(DoctorIssuer, ClocksAgree) {
  const auto level_at = [](const char* date) {
    const auto findings = look("https://login.example", [&](const http::OutgoingRequest&) {
      auto answer = document(good_document);
      answer.headers.set("Date", date);
      return http::TransportResult(answer);
    });
    return level_of(findings, "clock");
  };
  EXPECT_EQ(level_at("Tue, 14 Nov 2023 22:13:30 GMT"), Level::ok);
  EXPECT_EQ(level_at("Tue, 14 Nov 2023 22:13:31 GMT"), Level::failure);
  EXPECT_EQ(level_at("Tue, 14 Nov 2023 22:13:09 GMT"), Level::failure);
  EXPECT_EQ(level_at("Thu, 14 Nov 2024 22:13:20 GMT"), Level::failure);
  for (const auto* odd :
       {"", "yesterday", "Tue, 14 Nix 2023 22:13:20 GMT", "Tue, xx Nov 2023 22:13:20 GMT"}) {
    EXPECT_EQ(level_at(odd), Level::warning) << odd;
  }
}

TEST(DoctorIssuer, SilenceIsAFailureOfAServerThatRuns) {
  const auto silent = [](const http::OutgoingRequest&) -> http::TransportResult {
    return refuse(http::TransportFailure{http::TransportFailure::Kind::connect, "refused"});
  };
  EXPECT_EQ(level_of(look("https://login.example", silent, true), "reach"), Level::failure);
  EXPECT_EQ(level_of(look("https://login.example", silent, false), "reach"), Level::warning);
}

Findings three_findings() {
  const std::string long_text =
      "a sentence that is longer than what a terminal of eighty columns shows in one line";
  return {{.level = Level::ok, .check = "a", .text = "b", .why = "hidden", .fix = ""},
          {.level = Level::warning, .check = "c", .text = long_text, .why = "w", .fix = "f"},
          {.level = Level::failure, .check = "d", .text = "e", .why = long_text, .fix = "g"}};
}

TEST(DoctorReport, FitsIntoEightyColumns) {
  const auto text = app::render_findings(three_findings(), "cardea.toml", app::Colour::off);
  for (const auto line : ascii::split(text, '\n')) EXPECT_LE(line.size(), 80U) << line;
  EXPECT_NE(text.find("ok       a: b\n"), std::string::npos);
  EXPECT_EQ(text.find("hidden"), std::string::npos);
  EXPECT_NE(text.find("\n         do   g\n"), std::string::npos);
  EXPECT_TRUE(text.ends_with("1 failure, 1 warning, 1 ok"));
  EXPECT_EQ(text.find('\x1b'), std::string::npos);
  const auto inked = app::render_findings(three_findings(), "cardea.toml", app::Colour::on);
  EXPECT_NE(inked.find("\x1b[1;31mfailure\x1b[0m  d: e"), std::string::npos);
}

TEST(DoctorReport, JsonHoldsEverythingAndComesBack) {
  for (const auto& finding : three_findings()) {
    const auto object = app::write_finding(finding);
    const auto read = app::read_finding(object);
    ASSERT_TRUE(read.has_value());
    EXPECT_EQ(json::write(app::write_finding(*read)), json::write(object));
  }
  EXPECT_FALSE(app::read_finding({{"level", "fine"}}));
  EXPECT_TRUE(app::has_failure(three_findings()));
  EXPECT_FALSE(app::has_failure(Findings{three_findings().front()}));
}

}  // namespace cardea::doctor_checks_test

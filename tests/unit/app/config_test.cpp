// The configuration: what a file may say, where mistakes are reported, what wins over what; and
// that schema and reference come from the same tables.
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "app/config/config.h"
#include "app/config/nearest.h"
#include "app/config/settings_table.h"
#include "support/source_dir.h"

namespace cardea::config_test {

using app::Environment;
using app::LoadedConfig;

constexpr std::string_view minimal = "issuer = \"https://login.example\"\n";

LoadedConfig parse(std::string_view toml, const Environment& environment = {}) {
  return app::parse_config(toml, "/etc/cardea/cardea.toml", environment);
}

// The text of the only problem; every other number of problems is shown.
std::string only_problem(const LoadedConfig& loaded) {
  if (loaded.problems.size() == 1) return loaded.problems.front().text();
  std::string all = std::to_string(loaded.problems.size()) + " problems:";
  for (const auto& problem : loaded.problems) all += "\n" + problem.text();
  return all;
}

TEST(Config, MinimalFileGivesDefaults) {
  const auto loaded = parse(minimal);
  ASSERT_TRUE(loaded.usable()) << only_problem(loaded);
  EXPECT_EQ(loaded.config.settings.issuer_origin, "https://login.example");
  EXPECT_EQ(loaded.config.listen, std::vector<std::string>{"127.0.0.1:9443"});
  EXPECT_EQ(loaded.config.store_path, "/var/lib/cardea/cardea.db");
  EXPECT_EQ(loaded.config.root_key_file, "/etc/cardea/root.key");
  EXPECT_EQ(loaded.config.settings.lifetimes.authorization_code, Seconds{60});
}

TEST(Config, WholeFileOfTheManual) {
  const auto loaded = parse(R"(
issuer = "https://localhost:9443"
listen = ["127.0.0.1:9443"]
trusted_proxies = []
[tls]
certificate = "cert.pem"
key = "key.pem"
[store]
url = "sqlite:///var/lib/cardea/cardea.db"
[keys]
root_key_file = "root.key"
[[clients]]
client_id = "web"
client_name = "Calendar"
client_secret = "0123456789abcdef0123456789abcdef"
redirect_uris = ["https://app.example/cb"]
post_logout_redirect_uris = ["https://app.example/bye"]
scope = "openid profile email calendar.read"
application_type = "web"
token_endpoint_auth_method = "client_secret_basic"
grant_types = ["authorization_code", "refresh_token"]
pkce = "required"
consent = "ask"
development = false
allowed_groups = []
allowed_origins = []
default_resource = "https://api.example"
[[users]]
login = "alice"
password = "correct horse"
claims = { name = "Alice", email = "alice@example.com", email_verified = true, groups = ["staff"] }
[[resources]]
identifier = "https://api.example"
access_token_format = "jwt"
scopes = ["calendar.read"]
introspection_clients = ["calendar-api"]
)");
  ASSERT_TRUE(loaded.usable()) << only_problem(loaded);
  ASSERT_EQ(loaded.config.clients.size(), 1u);
  EXPECT_EQ(loaded.config.clients[0].client.owner.place, "cardea.toml:12");
  ASSERT_EQ(loaded.config.users.size(), 1u);
  EXPECT_EQ(loaded.config.users[0].user.groups(), std::vector<std::string>{"staff"});
  ASSERT_EQ(loaded.config.settings.resources.size(), 1u);
  EXPECT_EQ(loaded.config.tls_certificate, "/etc/cardea/cert.pem");
}

TEST(Config, TypesOfAuthorizationDetailsHaveSchemas) {
  const std::string type = std::string(minimal) +
                           "[[authorization_details_types]]\ntype = \"payment\"\n"
                           "title = \"Make a payment\"\n";
  const auto loaded = parse(type + R"(schema = { type = "object", required = ["amount"],)" +
                            R"( properties = { amount = { type = "integer" } } })" + "\n");
  ASSERT_TRUE(loaded.usable()) << only_problem(loaded);
  const auto* found = loaded.config.settings.find_details_type("payment");
  ASSERT_NE(found, nullptr);
  EXPECT_EQ(found->title, "Make a payment");
  EXPECT_TRUE(found->schema.objection({{"type", "payment"}}).has_value());
  EXPECT_FALSE(found->schema.objection({{"type", "payment"}, {"amount", 1}}).has_value());
  EXPECT_EQ(only_problem(parse(type + "schema = { type = \"string\" }\n")),
            "cardea.toml:5: authorization_details_types[0].schema: schema: type is not \"object\"");
  EXPECT_EQ(only_problem(parse(type + "[[authorization_details_types]]\ntype = \"payment\"\n")),
            "cardea.toml:5: authorization_details_types[1].type: \"payment\" is given twice");
  EXPECT_EQ(only_problem(parse(type + "[[clients]]\nclient_id = \"a\"\n"
                                      "token_endpoint_auth_method = \"none\"\n"
                                      "redirect_uris = [\"https://a.example/cb\"]\n"
                                      "authorization_details_types = [\"look\"]\n")),
            "cardea.toml:9: clients[0].authorization_details_types: \"look\" is not one of "
            "[[authorization_details_types]]");
}

TEST(Config, UnknownKeysAreRefusedWithLineAndNearestName) {
  EXPECT_EQ(only_problem(parse(std::string(minimal) + "lisen = []\n")),
            "cardea.toml:2: lisen: is not a known setting. Did you mean \"listen\"?");
  EXPECT_EQ(
      only_problem(parse(std::string(minimal) + "[tls]\ncertificat = \"x\"\n")),
      "cardea.toml:3: tls.certificat: is not a known setting. Did you mean \"tls.certificate\"?");
  const auto client =
      parse(std::string(minimal) +
            "[[clients]]\nclient_id = \"a\"\ntoken_endpoint_auth_method = \"none\"\n"
            "redirect_uri = []\nredirect_uris = [\"https://a.example/cb\"]\n");
  EXPECT_EQ(only_problem(client),
            "cardea.toml:5: clients[0].redirect_uri: is not a known member. Did you mean "
            "\"redirect_uris\"?");
}

TEST(Config, WrongTypesAndRangesNameWhatToWrite) {
  EXPECT_EQ(only_problem(parse(std::string(minimal) + "listen = 9443\n")),
            "cardea.toml:2: listen: must be an array of strings");
  EXPECT_EQ(
      only_problem(parse(std::string(minimal) + "[lifetimes]\nauthorization_code = \"1d\"\n")),
      "cardea.toml:3: lifetimes.authorization_code: must be between 10s and 10m");
  EXPECT_EQ(
      only_problem(parse(std::string(minimal) + "[lifetimes]\nauthorization_code = \"soon\"\n")),
      "cardea.toml:3: lifetimes.authorization_code: must be a duration such as \"90s\", \"10m\", "
      "\"12h\" or "
      "\"14d\"");
}

TEST(Config, BrokenTomlNamesItsLine) {
  const auto loaded = parse("issuer = \"https://login.example\"\n[tls\n");
  ASSERT_EQ(loaded.problems.size(), 1u);
  EXPECT_EQ(loaded.problems[0].place, "cardea.toml:2");
  EXPECT_FALSE(loaded.usable());
}

// A claim becomes JSON, which knows no nan and no inf (found by fuzzing).
TEST(Config, NumbersThatJsonDoesNotKnowAreRefused) {
  for (const std::string number : {"nan", "inf", "-inf"}) {
    const auto loaded =
        parse(std::string(minimal) + "[[users]]\nlogin = \"a\"\nclaims = {x = [" + number + "]}\n");
    EXPECT_EQ(only_problem(loaded),
              "cardea.toml:4: TOML: users[0].claims.x[0]: nan and inf are not used");
  }
}

// Found by fuzzing: `config show` printed a quotation mark within a value as it is.
TEST(Config, WhatIsShownCanBePutIntoAFile) {
  const auto* row = app::find_setting("store.url");
  const auto loaded = parse(std::string(minimal) + "[store]\nurl = 'sqlite:///a\"b\\c'\n");
  ASSERT_TRUE(loaded.usable()) << only_problem(loaded);
  const auto again =
      parse(std::string(minimal) + "[store]\nurl = " + row->show(loaded.config) + "\n");
  EXPECT_EQ(again.config.store_path, "/a\"b\\c");
}

// Several nodes share a database; a password in its address is not shown.
TEST(Config, TheStoreMayBeADatabase) {
  const auto* row = app::find_setting("store.url");
  for (const std::string url :
       {"postgresql://cardea:hidden@db.internal:5433/cardea?sslmode=verify-full",
        "postgres://cardea@a,b/cardea?sslpassword=hidden&password=hidden&connect_timeout=3"}) {
    const auto loaded = parse(std::string(minimal) + "[store]\nurl = \"" + url + "\"\n");
    ASSERT_TRUE(loaded.usable()) << only_problem(loaded);
    EXPECT_EQ(loaded.config.store_database, url);
    EXPECT_EQ(loaded.config.store_path, "");
    const auto shown = row->show(loaded.config);
    EXPECT_EQ(shown.find("hidden"), std::string::npos) << shown;
    EXPECT_NE(shown.find("cardea"), std::string::npos) << shown;
  }
  const auto wrong =
      parse(std::string(minimal) + "[store]\nurl = \"postgresql://db/x?no_such_word=hidden\"\n");
  EXPECT_FALSE(wrong.usable());
  EXPECT_EQ(only_problem(wrong).find("hidden"), std::string::npos);
}

// oidc-22; 9700-17: an issuer is https, exact, without slash, query or fragment
TEST(Config, IssuerRules) {
  for (const auto* issuer :
       {"http://login.example", "https://login.example/", "https://login.example?x",
        "https://login.example#x", "login.example", "https://LOGIN.example", ""}) {
    const auto loaded = parse("issuer = \"" + std::string(issuer) + "\"\n");
    EXPECT_FALSE(loaded.usable()) << issuer;
  }
  EXPECT_TRUE(parse("issuer = \"http://localhost:9443\"\n").usable());
  EXPECT_TRUE(parse("issuer = \"https://login.example/tenant\"\n").usable());
}

// 6749-28: plain HTTP is served to loopback and Unix sockets only
TEST(Config, PlainHttpStaysOnLoopback) {
  EXPECT_FALSE(parse(std::string(minimal) + "listen = [\"0.0.0.0:80\"]\n").usable());
  EXPECT_TRUE(parse(std::string(minimal) + "listen = [\"unix:/run/cardea/http.sock\"]\n").usable());
  EXPECT_TRUE(parse(std::string(minimal) +
                    "listen = [\"0.0.0.0:443\"]\n[tls]\ncertificate = \"a\"\nkey = \"b\"\n")
                  .usable());
}

TEST(Config, ShortSecretsAreRefused) {
  const auto loaded = parse(std::string(minimal) +
                            "[[clients]]\nclient_id = \"a\"\nclient_secret = \"short\"\n"
                            "redirect_uris = [\"https://a.example/cb\"]\n");
  ASSERT_FALSE(loaded.usable());
  EXPECT_NE(loaded.problems[0].text().find("shorter than 32 characters"), std::string::npos);
  EXPECT_EQ(loaded.problems[0].text().find("short\""), std::string::npos)
      << "the value is not repeated";
}

// oidc-17: nobody can register for unsigned ID tokens, or for a secret-keyed or unknown algorithm
TEST(Config, IdTokensAreAlwaysSigned) {
  for (const auto* name : {"none", "None", "HS256", "RS512", ""}) {
    const auto loaded =
        parse(std::string(minimal) +
              "[[clients]]\nclient_id = \"a\"\ntoken_endpoint_auth_method = \"none\"\n"
              "redirect_uris = [\"https://a.example/cb\"]\n"
              "id_token_signed_response_alg = \"" +
              name + "\"\n");
    EXPECT_EQ(only_problem(loaded),
              "cardea.toml:6: clients[0].id_token_signed_response_alg: must be one of \"RS256\", "
              "\"ES256\", "
              "\"EdDSA\", \"PS256\"");
  }
}

// F04: neither a person nor a scope can bring a claim that the server asserts
TEST(Config, ReservedClaimsAreRefused) {
  for (const auto* claim : {"sub", "iss", "act", "may_act", "cnf", "events"}) {
    const std::string name(claim);
    EXPECT_EQ(only_problem(parse(std::string(minimal) + "[[users]]\nlogin = \"a\"\nclaims = { " +
                                 name + " = \"root\" }\n")),
              "cardea.toml:4: users[0].claims: \"" + name + "\" is asserted by the server");
    EXPECT_EQ(
        only_problem(parse(std::string(minimal) + "[scopes.mine]\nclaims = [\"" + name + "\"]\n")),
        "cardea.toml:3: scopes.mine.claims: \"" + name + "\" is asserted by the server");
  }
}

// A07; I02: a proxy is an address, never a name; what the listener would refuse is found before
TEST(Config, TrustedProxiesAreAddresses) {
  for (const auto* proxy :
       {"localhost", "proxy.example", "127.0.0.1.evil.test", "10.0.0.0/33", "10.0.0.1/8", ""}) {
    EXPECT_FALSE(parse(std::string(minimal) + "trusted_proxies = [\"" + proxy + "\"]\n").usable())
        << proxy;
  }
  EXPECT_TRUE(parse(std::string(minimal) +
                    "trusted_proxies = [\"127.0.0.1\", \"10.0.0.0/8\", \"::1\", \"unix\"]\n")
                  .usable());
}

// SC16: whoever writes "true" in quotes learns it at start, not from a client
// RFC8705-5; RFC8705-6.5: certificates come by a listener of ours or by a listed proxy's header
TEST(Config, ClientCertificatesHaveAWayIn) {
  const auto with = [](std::string_view top, std::string_view mtls, std::string_view rest = "") {
    return parse(std::string(minimal) + std::string(top) + "[mtls]\n" + std::string(mtls) +
                 std::string(rest));
  };
  const std::string tls = "[tls]\ncertificate = \"c.pem\"\nkey = \"k.pem\"\n";
  const std::string listen = "listen = [\"127.0.0.1:9445\"]\norigin = \"https://mtls.example\"\n";
  const auto good = with(tls, listen);
  EXPECT_TRUE(good.usable()) << only_problem(good);
  EXPECT_TRUE(good.config.settings.has_mutual_tls);
  EXPECT_FALSE(parse(minimal).config.settings.has_mutual_tls);
  EXPECT_NE(only_problem(with("", listen)).find("needs [tls]"), std::string::npos);
  EXPECT_NE(only_problem(with(tls, "listen = [\"127.0.0.1:9445\"]\n")).find("mtls.origin"),
            std::string::npos);
  EXPECT_NE(only_problem(with("", "origin = \"https://mtls.example\"\n")).find("mtls.listen"),
            std::string::npos);
  for (const auto* origin : {"https://login.example", "http://mtls.example",
                             "https://mtls.example/", "https://MTLS.example", "mtls.example"}) {
    EXPECT_NE(only_problem(with(tls, "listen = [\"127.0.0.1:9445\"]\norigin = \"" +
                                         std::string(origin) + "\"\n"))
                  .find("must be an https origin"),
              std::string::npos)
        << origin;
  }
  const std::string header = "certificate_header = \"Client-Cert\"\n";
  const std::string proxies = "trusted_proxies = [\"192.0.2.1\"]\n";
  const auto proxied = with(proxies, header);
  EXPECT_TRUE(proxied.usable()) << only_problem(proxied);
  EXPECT_TRUE(proxied.config.settings.has_mutual_tls);
  EXPECT_NE(only_problem(with("", header)).find("there are none"), std::string::npos);
  EXPECT_NE(only_problem(with(proxies, "certificate_header = \"a b\"\n")).find("no name"),
            std::string::npos);
}

// RFC8705-2.1: a client that nobody could let in is noticed at start
TEST(Config, ClientsByCertificateNeedAuthoritiesAndAWayIn) {
  const std::string client =
      "[[clients]]\nclient_id = \"m\"\ntoken_endpoint_auth_method = \"tls_client_auth\"\n"
      "tls_client_auth_san_dns = \"app.example\"\ngrant_types = [\"client_credentials\"]\n"
      "response_types = []\n";
  const std::string top = std::string(minimal) + "trusted_proxies = [\"192.0.2.1\"]\n";
  const std::string mtls = "[mtls]\ncertificate_header = \"Client-Cert\"\n";
  const auto good = parse(top + mtls + "ca_file = \"ca.pem\"\n" + client);
  EXPECT_TRUE(good.usable()) << only_problem(good);
  EXPECT_NE(only_problem(parse(top + mtls + client)).find("mtls.ca_file"), std::string::npos);
  EXPECT_NE(only_problem(parse(top + "[mtls]\nca_file = \"ca.pem\"\n" + client))
                .find("no certificate comes in"),
            std::string::npos);
}

TEST(Config, StandardClaimsHaveTheirType) {
  const auto loaded = parse(std::string(minimal) +
                            "[[users]]\nlogin = \"a\"\nclaims = { email_verified = \"true\" }\n");
  EXPECT_FALSE(loaded.usable());
  EXPECT_NE(only_problem(loaded).find("\"email_verified\" must be true or false"),
            std::string::npos);
}

TEST(Config, EnvironmentWinsOverFileAndNamesItself) {
  const auto loaded =
      parse(std::string(minimal) + "[lifetimes]\naccess_token = \"5m\"\n",
            {{"CARDEA_LIFETIMES__ACCESS_TOKEN", "7m"}, {"CARDEA_LISTEN", "127.0.0.1:1, [::1]:1"}});
  ASSERT_TRUE(loaded.usable()) << only_problem(loaded);
  EXPECT_EQ(loaded.config.settings.lifetimes.access_token, minutes(7));
  EXPECT_EQ(loaded.config.listen.size(), 2u);
  EXPECT_EQ(loaded.config.origins.at("lifetimes.access_token"), "CARDEA_LIFETIMES__ACCESS_TOKEN");
}

TEST(Config, EnvironmentMistakesAreRefused) {
  EXPECT_EQ(only_problem(parse(minimal, {{"CARDEA_LISENT", "x"}})),
            "CARDEA_LISENT: is not a known setting. Did you mean \"CARDEA_LISTEN\"?");
  EXPECT_FALSE(
      parse(minimal, {{"CARDEA_ISSUER", "https://a.example"}, {"CARDEA_ISSUER_FILE", "/nowhere"}})
          .usable());
  EXPECT_FALSE(parse(minimal, {{"CARDEA_ISSUER_FILE", "/nowhere"}}).usable());
}

// Decision Q15: serve refuses every setting of dev.
TEST(Config, DevVariablesAreRefused) {
  EXPECT_FALSE(parse(minimal, {{"CARDEA_DEV_HOME", "/tmp"}}).usable());
  EXPECT_FALSE(parse(std::string(minimal) + "strictness = \"open\"\n").usable());
}

// Decision Q5: a resource is not the issuer, not below it, and not a client.
TEST(Config, ResourceIdentifiers) {
  for (const auto* id :
       {"https://login.example", "https://login.example/token", "web", "https://api.example#f"}) {
    EXPECT_FALSE(
        parse(std::string(minimal) + "[[resources]]\nidentifier = \"" + id + "\"\n").usable())
        << id;
  }
  EXPECT_TRUE(parse(std::string(minimal) + "[[resources]]\nidentifier = \"https://api.example\"\n")
                  .usable());
}

TEST(Config, DoublesAreRefused) {
  const std::string user = "[[users]]\nlogin = \"alice\"\n";
  EXPECT_FALSE(parse(std::string(minimal) + user + "[[users]]\nlogin = \"ALICE\"\n").usable());
}

TEST(Config, NearestNames) {
  EXPECT_EQ(app::nearest_name("isuer", {"issuer", "listen"}), "issuer");
  EXPECT_EQ(app::nearest_name("zzzzzz", {"issuer", "listen"}), "");
}

TEST(Config, DurationsReadWhatTheyWrite) {
  for (const std::int64_t seconds : {0, 1, 59, 60, 3600, 5400, 86400, 7776000}) {
    EXPECT_EQ(app::parse_duration(app::write_duration(seconds)), seconds);
  }
  EXPECT_EQ(app::parse_duration("-1s"), std::nullopt);
  EXPECT_EQ(app::parse_duration("1w"), std::nullopt);
  EXPECT_EQ(app::parse_duration("99999999999999999999d"), std::nullopt);
}

// FAPI 2.0 Security Profile 5.3.2: naming a profile is all there is to do, and a door beside it is
// refused
TEST(Config, AProfileSettlesItsMembers) {
  const std::string base = R"(issuer = "https://id.test"
[[clients]]
client_id = "bank"
redirect_uris = ["https://bank.test/cb"]
jwks_uri = "https://bank.test/jwks"
profile = "fapi2-message-signing"
)";
  const auto client = parse(base).config.clients.at(0).client;
  EXPECT_TRUE(parse(base).problems.empty());
  EXPECT_TRUE(client.require_pushed_authorization_requests);
  EXPECT_TRUE(client.require_signed_request_object);
  EXPECT_TRUE(client.dpop_bound_access_tokens);
  EXPECT_EQ(client.token_endpoint_auth_method, ClientAuthMethod::private_key_jwt);
  EXPECT_EQ(client.id_token_signed_response_alg, crypto::SignatureAlgorithm::ES256);
  EXPECT_TRUE(parse(base + "id_token_signed_response_alg = \"PS256\"").problems.empty());
  EXPECT_FALSE(parse(base + "require_pushed_authorization_requests = false").problems.empty());
  EXPECT_FALSE(parse(base + "id_token_signed_response_alg = \"RS256\"").problems.empty());
}

TEST(Config, SchemaKnowsEverySetting) {
  const auto schema = app::config_schema();
  const auto* properties = schema.find("properties")->if_object();
  for (const auto& row : app::setting_rows()) {
    const auto dot = row.key.find('.');
    const auto* top = properties->find(row.key.substr(0, dot));
    ASSERT_NE(top, nullptr) << row.key;
    if (dot != std::string_view::npos) {
      EXPECT_NE(top->if_object()->find("properties")->if_object()->find(row.key.substr(dot + 1)),
                nullptr)
          << row.key;
    }
  }
}

TEST(Config, ReferencePageIsUpToDate) {
  std::ifstream page(support::source_dir() + "/docs/settings.md", std::ios::binary);
  std::ostringstream text;
  text << page.rdbuf();
  EXPECT_EQ(text.str(), app::settings_reference()) << "run `make docs`";
}

// Q5; 7521-01: who is trusted is written whole, and never ourselves
TEST(Config, TrustedIssuersAreJudged) {
  const std::string key = R"({ keys = [{ kty = "EC", crv = "P-256", kid = "p1", alg = "ES256", )"
                          R"(x = "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU", )"
                          R"(y = "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0" }] })";
  const auto with = [&](const std::string& members) {
    return parse(std::string(minimal) + "[[trusted_issuers]]\n" + members);
  };
  const std::string whole = "issuer = \"https://partner.example\"\njwks = " + key +
                            "\nclients = [\"web\"]\nscopes = [\"profile\"]\n";
  const auto loaded =
      with(whole + "subjects = { u-17 = \"Alice\" }\nassertion_lifetime = \"5m\"\n");
  ASSERT_TRUE(loaded.usable()) << only_problem(loaded);
  const auto* issuer = loaded.config.settings.find_trusted_issuer("https://partner.example");
  ASSERT_NE(issuer, nullptr);
  EXPECT_EQ(issuer->clients, std::vector{ClientId("web")});
  EXPECT_EQ(issuer->subjects.at("u-17"), "Alice");
  EXPECT_EQ(issuer->assertion_lifetime_max, minutes(5));
  EXPECT_EQ(loaded.config.settings.find_trusted_issuer("https://partner.example/"), nullptr);

  const auto has_problem = [&](const std::string& members, std::string_view text) {
    const auto found = with(members);
    return !found.usable() && only_problem(found).find(text) != std::string::npos;
  };
  EXPECT_TRUE(has_problem(whole + "assertion_lifetime = \"2h\"\n", "1 second to 1 hour"));
  EXPECT_TRUE(has_problem(whole + "subjects = { u-17 = 1 }\n", "does not name a login"));
  EXPECT_TRUE(has_problem(
      "issuer = \"https://login.example\"\njwks = " + key + "\nclients = [\"web\"]\nscopes = []\n",
      "is our own issuer"));
  EXPECT_TRUE(
      has_problem("issuer = \"https://partner.example\"\nclients = [\"web\"]\nscopes = []\n",
                  "jwks: is required"));
  EXPECT_TRUE(has_problem(whole + "[[trusted_issuers]]\n" + whole, "given twice"));
  EXPECT_TRUE(
      has_problem("issuer = \"https://partner.example\"\njwks = { keys = [] }\nclients = []\n"
                  "scopes = []\n",
                  "holds no key"));
}

// 8693-05: a policy of exchange is whole or refused
TEST(Config, TokenExchangeIsJudged) {
  const auto with = [](const std::string& policy) {
    return parse(std::string(minimal) +
                 "[[clients]]\nclient_id = \"orders\"\nresponse_types = []\n"
                 "client_secret = \"0123456789abcdef0123456789abcdef\"\n"
                 "grant_types = [\"urn:ietf:params:oauth:grant-type:token-exchange\"]\n" +
                 policy);
  };
  const auto loaded = with(
      "token_exchange = { subject_clients = [\"shop\"], resources = [\"https://s.example\"], "
      "mode = \"impersonation\" }\n");
  ASSERT_TRUE(loaded.usable()) << only_problem(loaded);
  EXPECT_EQ(loaded.config.clients.front().client.token_exchange->mode,
            TokenExchangePolicy::Mode::impersonation);
  for (const auto* bad : {"{}", "{ subject_clients = [], resources = [\"https://s.example\"] }",
                          "{ subject_clients = [\"shop\"] }",
                          "{ subject_clients = [\"shop\"], resources = [\"https://s.example\"], "
                          "mode = \"both\" }",
                          "{ subject_clients = [\"shop\"], resources = [\"https://s.example\"], "
                          "other = 1 }"}) {
    EXPECT_FALSE(with("token_exchange = " + std::string(bad) + "\n").usable()) << bad;
  }
  EXPECT_FALSE(with("").usable());
}

}  // namespace cardea::config_test

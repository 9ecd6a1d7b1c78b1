// cardea doctor --profile: every row that is judged, both ways; every row that holds by
// construction, by the requirement that ensures it.
#include "app/doctor/profile.h"

#include <gtest/gtest.h>

#include <fstream>
#include <functional>
#include <map>
#include <set>

#include "app/doctor/report.h"
#include "base/ascii.h"
#include "domain/client_profile.h"
#include "support/source_dir.h"

namespace cardea::doctor_profile_test {

using app::ConformanceProfile;
using app::ProfileRow;
using app::Verdict;

struct World {
  Settings settings;
  std::vector<Client> clients;
};

// Meets FAPI 2.0: one client under the profile.
World fapi_world() {
  World world;
  world.settings = with_issuer({}, "https://login.example").value();
  Client client;
  client.client_id = ClientId("bank");
  client.redirect_uris = {"https://bank.example/cb"};
  client.scope = {"openid", "files.read"};
  client.grant_types.push_back(GrantType::ciba);
  client.backchannel_authentication_request_signing_alg = crypto::SignatureAlgorithm::PS256;
  settle_by_profile(client, Profile::fapi2_security, TokenBinding::dpop);
  world.clients = {client};
  return world;
}

// Meets OAuth 2.1 and MCP: strangers may come, and a public client is registered.
World open_world() {
  World world;
  world.settings = with_issuer({}, "https://login.example").value();
  Resource api;
  api.identifier = ResourceId("https://mcp.example");
  api.scopes = {"files.read"};
  world.settings.resources = {api};
  world.settings.registration.mode = RegistrationSettings::Mode::open;
  world.settings.registration.scopes = {"openid", "files.read"};
  world.settings.client_documents.enabled = true;
  Client client;
  client.client_id = ClientId("cli");
  client.application_type = ApplicationType::native;
  client.token_endpoint_auth_method = ClientAuthMethod::none;
  client.redirect_uris = {"http://127.0.0.1/cb"};
  client.scope = {"openid", "files.read"};
  world.clients = {client};
  return world;
}

World world_of(ConformanceProfile profile) {
  return profile == ConformanceProfile::fapi2 ? fapi_world() : open_world();
}

std::map<std::string, ProfileRow> rows_of(ConformanceProfile profile, const World& world) {
  std::map<std::string, ProfileRow> rows;
  for (auto& row : app::judge_profile(profile, world.settings, world.clients)) {
    rows.emplace(row.id, row);
  }
  return rows;
}

// One change after which the row is no longer met.
struct Broken {
  const char* id;
  ConformanceProfile profile;
  std::function<void(World&)> spoil;
  Verdict verdict = Verdict::fails;
};

Client& client_of(World& world) {
  return world.clients.front();
}
void plain_http(World& world) {
  world.settings = with_issuer(world.settings, "http://localhost:9443").value();
}
void pkce_optional(World& world) {
  client_of(world).pkce = PkcePolicy::optional;
}
void no_profile(World& world) {
  client_of(world).profile.reset();
}
void public_client(World& world) {
  client_of(world).token_endpoint_auth_method = ClientAuthMethod::none;
}
void rotates_no_more(World& world) {
  client_of(world).refresh_rotation = RefreshRotation::off;
}
void development_address(World& world) {
  client_of(world).application_type = ApplicationType::web;
  client_of(world).development = true;
  client_of(world).redirect_uris = {"http://localhost:3000/cb"};
}
void long_codes(World& world) {
  world.settings.lifetimes.authorization_code = minutes(5);
}

const std::vector<Broken>& fapi_breaks() {
  using enum ConformanceProfile;
  static const std::vector<Broken> all{
      {"fapi2.tls", fapi2, plain_http},
      {"fapi2.confidential", fapi2, public_client},
      {"fapi2.no_strangers", fapi2,
       [](World& w) { w.settings.registration.mode = RegistrationSettings::Mode::token; }},
      {"fapi2.no_strangers", fapi2, [](World& w) { w.settings.client_documents.enabled = true; }},
      {"fapi2.sender_constrained", fapi2,
       [](World& w) { client_of(w).dpop_bound_access_tokens = false; }},
      {"fapi2.binding_offered", fapi2,
       [](World& w) { client_of(w).tls_client_certificate_bound_access_tokens = true; }},
      {"fapi2.client_authentication", fapi2,
       [](World& w) {
         client_of(w).token_endpoint_auth_method = ClientAuthMethod::client_secret_basic;
       }},
      {"fapi2.assertion_audience", fapi2, no_profile},
      {"fapi2.no_rotation", fapi2,
       [](World& w) { client_of(w).refresh_rotation = RefreshRotation::on; }},
      {"fapi2.code_lifetime", fapi2,
       [](World& w) {
         no_profile(w);
         long_codes(w);
       }},
      {"fapi2.response_type", fapi2,
       [](World& w) {
         client_of(w).response_types = {ResponseType::code, ResponseType::code_id_token};
       }},
      {"fapi2.par_required", fapi2,
       [](World& w) { client_of(w).require_pushed_authorization_requests = false; }},
      {"fapi2.pkce", fapi2, pkce_optional},
      {"fapi2.redirect_uri_sent", fapi2, no_profile},
      {"fapi2.redirect_uris", fapi2, development_address},
      {"fapi2.par_lifetime", fapi2,
       [](World& w) { w.settings.lifetimes.pushed_request = Seconds{600}; }},
      {"fapi2.algorithms", fapi2,
       [](World& w) {
         client_of(w).id_token_signed_response_alg = crypto::SignatureAlgorithm::RS256;
       }},
      {"fapi2.api_algorithms", fapi2,
       [](World& w) {
         w.settings.resources.emplace_back().access_token_signing_alg =
             crypto::SignatureAlgorithm::RS256;
       }},
      {"fapi2.algorithms", fapi2,
       [](World& w) {
         client_of(w).id_token_signed_response_alg = crypto::SignatureAlgorithm::ES384;
       }},
      {"fapi2.client_algorithms", fapi2,
       [](World& w) {
         client_of(w).backchannel_authentication_request_signing_alg =
             crypto::SignatureAlgorithm::ES384;
       }},
      {"fapi2.signed_ciba", fapi2,
       [](World& w) { client_of(w).backchannel_authentication_request_signing_alg.reset(); }},
  };
  return all;
}

const std::vector<Broken>& open_breaks() {
  using enum ConformanceProfile;
  using Mode = RegistrationSettings::Mode;
  static const std::vector<Broken> all{
      {"oauth21.tls", oauth21, plain_http},
      {"oauth21.redirect_uris", oauth21, development_address},
      {"oauth21.pkce", oauth21, pkce_optional},
      {"oauth21.code_lifetime", oauth21, long_codes, Verdict::advised},
      {"oauth21.refresh", oauth21, rotates_no_more},
      {"mcp.tls", mcp, plain_http},
      {"mcp.resource", mcp, [](World& w) { w.settings.resources.clear(); }},
      {"mcp.clients", mcp,
       [](World& w) {
         w.settings.client_documents.enabled = false;
         w.settings.registration.mode = Mode::token;
         client_of(w).enabled = false;
       }},
      {"mcp.client_documents", mcp, [](World& w) { w.settings.client_documents.enabled = false; },
       Verdict::advised},
      {"mcp.registration", mcp, [](World& w) { w.settings.registration.mode = Mode::token; },
       Verdict::advised},
      {"mcp.registration", mcp, [](World& w) { w.settings.registration.mode = Mode::off; },
       Verdict::advised},
      {"mcp.strangers_scope", mcp, [](World& w) { w.settings.registration.scopes = {"openid"}; }},
      {"mcp.strangers_codes", mcp,
       [](World& w) { w.settings.registration.grant_types = {GrantType::device_code}; }},
      {"mcp.plain_requests", mcp,
       [](World& w) { w.settings.require_pushed_authorization_requests = true; }},
      {"mcp.plain_requests", mcp,
       [](World& w) { w.settings.require_signed_request_object = true; }},
      {"mcp.pkce", mcp, pkce_optional},
      {"mcp.redirect_uris", mcp,
       [](World& w) { client_of(w).redirect_uris = {"com.example.app:/cb"}; }},
      {"mcp.loopback_client", mcp,
       [](World& w) { client_of(w).application_type = ApplicationType::web; }},
      {"mcp.client_scope", mcp, [](World& w) { client_of(w).scope = {"openid"}; }},
      {"mcp.client_scope", mcp, [](World& w) { client_of(w).scope = {}; }},
      {"mcp.plain_client", mcp,
       [](World& w) { client_of(w).require_pushed_authorization_requests = true; }},
      {"mcp.plain_client", mcp,
       [](World& w) { client_of(w).require_signed_request_object = true; }},
      {"mcp.plain_client", mcp, [](World& w) { client_of(w).dpop_bound_access_tokens = true; }},
      {"mcp.plain_client", mcp,
       [](World& w) { client_of(w).tls_client_certificate_bound_access_tokens = true; }},
      {"mcp.refresh", mcp, rotates_no_more},
  };
  return all;
}

std::vector<Broken> all_breaks() {
  auto all = fapi_breaks();
  for (const auto& each : open_breaks()) all.push_back(each);
  return all;
}

constexpr ConformanceProfile profiles[] = {ConformanceProfile::fapi2, ConformanceProfile::oauth21,
                                           ConformanceProfile::mcp};

TEST(DoctorProfile, WhoMeetsTheProfileFailsNoRow) {
  for (const auto profile : profiles) {
    for (const auto& [id, row] : rows_of(profile, world_of(profile))) {
      const bool is_good = row.verdict == Verdict::holds || row.verdict == Verdict::always ||
                           id == "fapi2.binding_offered";
      EXPECT_TRUE(is_good) << id << " " << app::name_of(row.verdict) << " " << row.found;
      EXPECT_TRUE(row.fix.empty()) << id;
    }
  }
}

TEST(DoctorProfile, EachBreachIsSeenByItsRow) {
  for (const auto& broken : all_breaks()) {
    World world = world_of(broken.profile);
    broken.spoil(world);
    const auto row = rows_of(broken.profile, world).at(broken.id);
    EXPECT_EQ(app::name_of(row.verdict), app::name_of(broken.verdict)) << broken.id;
    EXPECT_FALSE(row.found.empty()) << broken.id;
    EXPECT_FALSE(row.fix.empty()) << broken.id;
    EXPECT_FALSE(row.section.empty()) << broken.id;
  }
}

TEST(DoctorProfile, WhatRegistrationDemandsHasARow) {
  World world = fapi_world();
  Client client;  // meets nothing that the profile asks
  client.client_id = ClientId("shop");
  client.pkce = PkcePolicy::optional;
  client.token_endpoint_auth_method = ClientAuthMethod::client_secret_basic;
  client.grant_types = {GrantType::authorization_code, GrantType::refresh_token, GrantType::ciba};
  client.response_types = {ResponseType::code, ResponseType::code_id_token};
  client.request_object_signing_alg = crypto::SignatureAlgorithm::RS256;
  world.clients = {client};
  const auto rows = rows_of(ConformanceProfile::fapi2, world);
  for (const auto& demand : demands_of(Profile::fapi2_security)) {
    EXPECT_FALSE(demand.is_met(client)) << demand.member;
    EXPECT_TRUE(std::ranges::any_of(rows, [&](const auto& each) {
      return each.second.verdict == Verdict::fails && each.second.fix.contains(demand.needs);
    })) << demand.member;
  }
}

TEST(DoctorProfile, EachRowIsJudgedOrSaysWhatEnsuresIt) {
  std::set<std::string> judged;
  for (const auto& broken : all_breaks()) judged.insert(broken.id);
  for (const auto profile : profiles) {
    for (const auto& [id, row] : rows_of(profile, world_of(profile))) {
      EXPECT_EQ(row.verdict != Verdict::always, judged.contains(id)) << id;
      EXPECT_EQ(row.verdict == Verdict::always, !row.ensured_by.empty()) << id;
    }
  }
}

// Ids of docs/requirements.tsv that wait for nothing: tools/spec_map wants a test for each of them.
std::set<std::string> tested_requirements() {
  std::ifstream file(support::source_dir() + "/docs/requirements.tsv");
  std::set<std::string> ids;
  for (std::string line; std::getline(file, line);) {
    const auto fields = ascii::split(line, '\t');
    if (fields.size() >= 3 && (fields.size() == 3 || fields[3].empty())) ids.emplace(fields[0]);
  }
  return ids;
}

TEST(DoctorProfile, WhatAlwaysHoldsIsARequirementWithATest) {
  const auto ids = tested_requirements();
  ASSERT_GT(ids.size(), 100U);
  for (const auto profile : profiles) {
    for (const auto& [id, row] : rows_of(profile, world_of(profile))) {
      for (const auto part : ascii::split(row.ensured_by, ',')) {
        const auto named = ascii::trim(part);
        if (!named.empty()) EXPECT_TRUE(ids.contains(std::string(named))) << id << " " << named;
      }
    }
  }
}

// What a row is not about does not hold: nothing was seen that could.
TEST(DoctorProfile, WithoutClientsRowsAboutThemAreUnused) {
  World world = fapi_world();
  world.clients.clear();
  const auto rows = rows_of(ConformanceProfile::fapi2, world);
  for (const auto* id : {"fapi2.confidential", "fapi2.pkce", "fapi2.redirect_uris"}) {
    EXPECT_EQ(rows.at(id).verdict, Verdict::unused) << id;
  }
  World closed = open_world();
  closed.settings.registration.mode = RegistrationSettings::Mode::off;
  closed.settings.client_documents.enabled = false;
  EXPECT_EQ(rows_of(ConformanceProfile::mcp, closed).at("mcp.strangers_scope").verdict,
            Verdict::unused);
}

TEST(DoctorProfile, DisabledClientsCountForNothing) {
  World world = fapi_world();
  Client loose;
  loose.client_id = ClientId("loose");
  world.clients.push_back(loose);
  EXPECT_EQ(rows_of(ConformanceProfile::fapi2, world).at("fapi2.no_rotation").verdict,
            Verdict::fails);
  world.clients.back().enabled = false;
  EXPECT_EQ(rows_of(ConformanceProfile::fapi2, world).at("fapi2.no_rotation").verdict,
            Verdict::holds);
}

TEST(DoctorProfile, ALongListOfClientsIsCutShort) {
  World world = open_world();
  pkce_optional(world);
  world.clients.resize(9, world.clients.front());
  EXPECT_TRUE(rows_of(ConformanceProfile::oauth21, world)
                  .at("oauth21.pkce")
                  .found.ends_with("; and 1 client more"));
  world.clients.pop_back();
  EXPECT_TRUE(rows_of(ConformanceProfile::oauth21, world)
                  .at("oauth21.pkce")
                  .found.ends_with("cli: pkce is optional"));
}

TEST(DoctorProfile, WhatTheIssuerDemandsCountsForItsClients) {
  World world = fapi_world();
  client_of(world).require_pushed_authorization_requests = false;
  world.settings.require_pushed_authorization_requests = true;
  EXPECT_EQ(rows_of(ConformanceProfile::fapi2, world).at("fapi2.par_required").verdict,
            Verdict::holds);
}

TEST(DoctorProfile, CertificatesAreOfferedWhereTheyCanCome) {
  World world = fapi_world();
  client_of(world).dpop_bound_access_tokens = false;
  client_of(world).tls_client_certificate_bound_access_tokens = true;
  world.settings.has_mutual_tls = true;
  EXPECT_EQ(rows_of(ConformanceProfile::fapi2, world).at("fapi2.binding_offered").verdict,
            Verdict::holds);
}

TEST(DoctorProfile, RowsComeBackFromJson) {
  const World world = open_world();
  const auto rows = app::judge_profile(ConformanceProfile::mcp, world.settings, world.clients);
  const auto object = app::profile_object(ConformanceProfile::mcp, rows);
  const auto read = app::read_rows(object);
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(json::write(app::profile_object(ConformanceProfile::mcp, *read)), json::write(object));
  EXPECT_FALSE(app::read_rows({{"rows", json::Array{json::Object{{"verdict", "fine"}}}}}));
  EXPECT_FALSE(app::read_rows({}));
}

}  // namespace cardea::doctor_profile_test

// Sectors of clients (OIDC Core 8.1, OIDC Registration 5): whoever wants to be of one must be named
// by the list at sector_identifier_uri.
#include <gtest/gtest.h>

#include "base/limits.h"
#include "domain/sector.h"
#include "support/authorize_answers.h"
#include "support/registration.h"

namespace cardea::sector_test {

using test::ask;
using test::is_json_refusal;
using test::is_page;
using test::registration_of;
using Texts = std::vector<std::string>;

const std::string address = "https://sector.example/list.json";

struct Sector : testing::Test {
  test::Harness harness{test::open_registration()};

  void publish(const Texts& uris) {
    harness.fetcher.answer(address, 200, json::write(json::Value(uris)),
                           {{"Content-Type", "application/json"}});
  }
  http::Response enter(const json::Object& changed = {}) {
    harness.clock.advance(Seconds{16});  // the pause between two requests for one address
    auto metadata =
        registration_of({{"sector_identifier_uri", address},
                         {"subject_type", "pairwise"},
                         {"redirect_uris", Texts{"https://a.example/cb", "https://b.example/cb"}}});
    for (const auto& member : changed.members()) metadata.set(member.name, member.value);
    return test::register_client(harness, metadata);
  }
};

// OIDCREGISTRATION-5; oidc-13: the list of the sector is fetched, and holds every redirect URI
TEST_F(Sector, S5_TheSectorListsEveryAddress) {
  publish({"https://b.example/cb", "https://x.example/", "https://a.example/cb"});
  const auto response = enter();
  EXPECT_EQ(response.status, 201) << response.body;
  EXPECT_EQ(harness.fetcher.sent().front().lane, http::FetchLane::anybody);
  EXPECT_EQ(name_of(harness.fetcher.sent().front().purpose), "sector_identifier");
  const auto client = harness.client(test::text_of(test::json_of(response), "client_id"));
  EXPECT_EQ(sector_of(client), "sector.example");
  EXPECT_TRUE(is_json_refusal(enter({{"redirect_uris", Texts{"https://a.example/cb/"}}}), 400,
                              "invalid_client_metadata"));
}

// OIDCREGISTRATION-5; oidc-13; E03: a list that leaves one out, is none or cannot be had confirms
// nobody
TEST_F(Sector, S5_AnythingElseConfirmsNobody) {
  const auto before = harness.registry->all().size();
  publish({"https://a.example/cb"});
  EXPECT_TRUE(is_json_refusal(enter(), 400, "invalid_client_metadata"));
  publish({});
  harness.clock.advance(minutes(6));
  EXPECT_TRUE(is_json_refusal(enter(), 400, "invalid_client_metadata"));
  for (const std::string body : {R"({"redirect_uris":["https://a.example/cb"]})", "<html>",
                                 R"(["https://a.example/cb","https://b.example/cb",1])"}) {
    harness.clock.advance(hours(3));
    harness.fetcher.answer(address, 200, body);
    EXPECT_TRUE(is_json_refusal(enter(), 400, "invalid_client_metadata")) << body;
  }
  harness.fetcher.answer(address, 302, "", {{"Location", "https://x.example/"}});
  EXPECT_TRUE(is_json_refusal(enter(), 400, "invalid_client_metadata"));
  EXPECT_EQ(harness.fetcher.sent_to("https://x.example/"), 0U);
  EXPECT_EQ(harness.registry->all().size(), before);
}

// OIDCC-8.1; oidc-13: redirect URIs of two hosts need a sector
TEST_F(Sector, S8_1_TwoHostsNeedASector) {
  auto metadata =
      registration_of({{"subject_type", "pairwise"},
                       {"redirect_uris", Texts{"https://a.example/cb", "https://b.example/cb"}}});
  EXPECT_TRUE(
      is_json_refusal(test::register_client(harness, metadata), 400, "invalid_client_metadata"));
}

// OIDCREGISTRATION-5; oidc-13: clients of a configuration are asked about when they first come, and
// then no more
TEST_F(Sector, S5_AConfiguredClientIsAskedAboutOnce) {
  harness.edit_client("cA", [](Client& client) { client.sector_identifier_uri = address; });
  test::Browser browser(harness);
  publish({"https://app.example/cb"});
  EXPECT_TRUE(is_page(ask(harness, browser)));
  EXPECT_TRUE(is_json_refusal(
      harness.send(harness.as_client("cA", "/par", test::authorize_form(harness, "cA"))), 400,
      "invalid_request"));
  harness.clock.advance(hours(3));
  publish({"https://app.example/cb", "https://app.example/other"});
  EXPECT_EQ(ask(harness, browser).status, 303);
  const auto asked = harness.fetcher.sent_to(address);
  harness.clock.advance(days(3));
  harness.fetcher.answer(address, 500, "");
  EXPECT_EQ(ask(harness, browser).status, 303);
  EXPECT_EQ(harness.fetcher.sent_to(address), asked);
  // Other addresses are another question.
  harness.edit_client("cA",
                      [](Client& client) { client.redirect_uris.push_back("https://y.example/"); });
  EXPECT_TRUE(is_page(ask(harness, browser)));
}

// J11; E10: strangers' documents are kept up to a weight, whatever they hold
TEST_F(Sector, S5_ManyLargeListsWeighOnlySoMuch) {
  std::string list = "[\"https://x.example/cb\"";
  while (list.size() < limits::sector_document_bytes_max - 8) list += ",\"\"";
  list += "]";
  const auto ask_for = [&](int n) {
    const auto url = "https://sector.example/" + std::to_string(n);
    harness.clock.advance(Seconds{1});
    harness.fetcher.answer(url, 200, list, {{"Cache-Control", "max-age=3600"}});
    EXPECT_EQ(
        test::register_client(harness, registration_of({{"sector_identifier_uri", url}})).status,
        400);
    return harness.fetcher.sent_to(url);
  };
  const auto fits = static_cast<int>(limits::fetched_bytes_kept_max / list.size());
  for (int n = 0; n <= fits; ++n) EXPECT_EQ(ask_for(n), 1u);
  EXPECT_EQ(ask_for(fits), 1u);  // kept
  EXPECT_EQ(ask_for(0), 2u);     // the oldest made room
}

}  // namespace cardea::sector_test

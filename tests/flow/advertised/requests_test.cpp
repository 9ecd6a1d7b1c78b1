// Every advertised response, mode, prompt, language and parameter of an authorization request.
#include "flow/advertised/world.h"
#include "support/html_reader.h"

namespace cardea::advertised_test {
namespace {

// What a page or a redirect carries to the client, the JWT of JARM opened.
std::map<std::string, std::string> carried(World& world, const http::Response& response) {
  auto parts = test::reply_of(response);
  for (const auto& tag : test_pages::read_tags(response.body)) {
    if (tag.name == "form") EXPECT_EQ(tag.attributes.at("action"), callback);
    if (tag.name == "input") parts[tag.attributes.at("name")] = tag.attributes.at("value");
  }
  if (!parts.contains("response")) return parts;
  const auto claims = world.verified(parts["response"], "RS256");
  for (const auto& member : claims.members()) {
    if (const auto* text = member.value.if_string()) parts[member.name] = *text;
  }
  return parts;
}

void response_type(World& world, const std::string& type) {
  world.edit([&](Client& client) { client.response_types = {response_type_named(type).value()}; });
  auto parts = carried(world, world.browser.authorize("cA", {{"response_type", type}}));
  const auto words = ascii::words(type);
  for (const std::string part : {"code", "id_token"}) {
    EXPECT_EQ(!parts[part].empty(), std::ranges::find(words, part) != words.end()) << part;
  }
}

void response_mode(World& world, const std::string& mode) {
  const auto answer = world.browser.authorize("cA", {{"response_mode", mode}});
  if (mode.starts_with("form_post")) {
    EXPECT_EQ(answer.status, 200);
  } else {
    const char separator = mode.starts_with("fragment") ? '#' : '?';
    EXPECT_TRUE(test::location_of(answer).starts_with(callback + separator));
  }
  auto parts = carried(world, answer);
  EXPECT_EQ(parts.contains("response"), mode.ends_with("jwt"));
  EXPECT_EQ(parts["iss"], world.harness.settings.issuer);
  const auto tokens = test::tokens_of(
      world.harness.send(world.harness.as_client("cA", "/token",
                                                 {{"grant_type", "authorization_code"},
                                                  {"code", parts["code"]},
                                                  {"redirect_uri", callback},
                                                  {"code_verifier", test::verifier}})));
  EXPECT_EQ(tokens.status, 200) << tokens.response.body;
}

void code_challenge_method(World& world, const std::string& method) {
  const http::FormPairs changed{{"code_challenge_method", method}};
  EXPECT_EQ(world.sign_in(changed).status, 200);
  const auto answer = world.browser.authorize("cA", changed);
  const auto wrong =
      world.harness.send(world.harness.as_client("cA", "/token",
                                                 {{"grant_type", "authorization_code"},
                                                  {"code", test::reply_of(answer)["code"]},
                                                  {"redirect_uri", callback},
                                                  {"code_verifier", std::string(43, 'w')}}));
  EXPECT_EQ(test::error_of(wrong), "invalid_grant");
}

void prompt(World& world, const std::string& value) {
  EXPECT_TRUE(test::has_code(world.harness, world.browser.authorize("cA")));
  const http::FormPairs changed{{"prompt", value}};
  if (value == "none") {
    EXPECT_TRUE(test::has_code(world.harness, test::ask(world.harness, world.browser, changed)));
    return;
  }
  const auto page = test::visit(world.harness, world.browser, changed);
  const std::map<std::string, std::string> buttons{
      {"login", "sign-in"}, {"consent", "allow"}, {"select_account", "other"}};
  ASSERT_TRUE(buttons.contains(value));
  EXPECT_TRUE(test::offers(page, buttons.at(value)));
  EXPECT_TRUE(test::has_code(world.harness, world.browser.complete(page)));
}

void display(World& world, const std::string& value) {
  EXPECT_TRUE(
      test::offers(test::visit(world.harness, world.browser, {{"display", value}}), "sign-in"));
}

void ui_locale(World& world, const std::string& value) {
  const auto page = test::visit(world.harness, world.browser, {{"ui_locales", value}});
  EXPECT_NE(page.body.find("lang=\"" + value + "\""), std::string::npos);
}

void scope(World& world, const std::string& value) {
  world.edit([&](Client& client) { client.scope.push_back(value); });
  const auto tokens = world.sign_in({{"scope", value == "openid" ? value : "openid " + value}});
  const auto granted = ascii::words(tokens.scope);
  EXPECT_NE(std::ranges::find(granted, value), granted.end()) << tokens.scope;
  if (value != "offline_access") return;
  // OIDC Core 11: access goes on when the person has left.
  (void)world.browser.get("/logout?" + http::write_form({{"id_token_hint", tokens.id_token}}));
  EXPECT_EQ(world.harness.refresh("cA", tokens.refresh_token).status, 200);
}

void details_type(World& world, const std::string& type) {
  world.edit([&](Client& client) { client.authorization_details_types = {type}; });
  const auto asked = json::write(json::Array{json::Object{{"type", type}}});
  const auto tokens = world.sign_in({{"authorization_details", asked}, {"resource", test::api}});
  const auto answer = test::json_of(tokens.response);
  ASSERT_TRUE(answer.contains("authorization_details"));
  EXPECT_EQ(json::write(*answer.find("authorization_details")), asked);
}

// --- flags: what is said to work works, and what is not is refused

void request_parameter(World& world, const std::string& flag) {
  EXPECT_EQ(flag, "true");
  const http::FormPairs form{{"client_id", "cK"}, {"request", world.harness.request_object()}};
  const auto answer =
      world.browser.complete(world.browser.get("/authorize?" + http::write_form(form)));
  EXPECT_TRUE(test::has_code(world.harness, answer, "https://k.example/cb"));
}

http::Response ask_by_address(World& world, const std::string& address) {
  const http::FormPairs form{{"client_id", "cK"}, {"request_uri", address}};
  world.harness.fetcher.answer(address, 200, world.harness.request_object());
  return world.browser.complete(world.browser.get("/authorize?" + http::write_form(form)));
}

void request_uri_parameter(World& world, const std::string& flag) {
  EXPECT_EQ(flag, "true");
  const std::string address = "https://k.example/request";
  world.harness.edit_client("cK", [&](Client& client) { client.request_uris = {address}; });
  EXPECT_TRUE(
      test::has_code(world.harness, ask_by_address(world, address), "https://k.example/cb"));
}

void request_uri_registration(World& world, const std::string& flag) {
  EXPECT_EQ(flag, "true");
  EXPECT_TRUE(test::is_page(ask_by_address(world, "https://k.example/request"), 400,
                            "invalid_request_uri"));
  EXPECT_TRUE(world.harness.fetcher.sent().empty());
}

void issuer_in_answer(World& world, const std::string& flag) {
  EXPECT_EQ(flag, "true");
  EXPECT_EQ(test::reply_of(world.browser.authorize("cA"))["iss"], world.harness.settings.issuer);
}

// Nothing is asked for that these worlds do not say they ask for.
void nothing_required(World& world, const std::string& flag) {
  EXPECT_EQ(flag, "false");
  EXPECT_TRUE(test::has_code(world.harness, world.browser.authorize("cA")));
}

}  // namespace

Rows request_rows() {
  static constexpr std::array rows{
      Row{"response_types_supported", response_type},
      Row{"response_modes_supported", response_mode},
      Row{"code_challenge_methods_supported", code_challenge_method},
      Row{"prompt_values_supported", prompt},
      Row{"display_values_supported", display},
      Row{"ui_locales_supported", ui_locale},
      Row{"scopes_supported", scope},
      Row{"authorization_details_types_supported", details_type},
      Row{"request_parameter_supported", request_parameter},
      Row{"request_uri_parameter_supported", request_uri_parameter},
      Row{"require_request_uri_registration", request_uri_registration},
      Row{"authorization_response_iss_parameter_supported", issuer_in_answer},
      Row{"require_pushed_authorization_requests", nothing_required},
      Row{"require_signed_request_object", nothing_required},
  };
  return rows;
}

// RFC8414-2; OIDC-Discovery-3; RFC9207-3; RFC9396-10; oidc-22: each advertised value works
TEST(Advertised, S2_Requests) {
  exercise(request_rows());
}

// RFC9126-5; RFC9101-10.5; oidc-22: where they are said to be required, a request without is
// refused
TEST(Advertised, S2_WhatIsRequiredIsRequired) {
  struct Requirement {
    std::string member;
    bool Settings::* setting;
  };
  for (const auto& [member, setting] :
       {Requirement{"require_pushed_authorization_requests",
                    &Settings::require_pushed_authorization_requests},
        Requirement{"require_signed_request_object", &Settings::require_signed_request_object}}) {
    test::Harness harness(
        {.settings = [&, at = setting](Settings& settings) { settings.*at = true; }});
    const auto metadata =
        test::json_of(harness.send(harness.get("/.well-known/openid-configuration")));
    EXPECT_EQ(json::bool_member(metadata, member), true) << member;
    test::Browser browser(harness);
    EXPECT_FALSE(test::has_code(harness, browser.authorize("cA"))) << member;
  }
}

}  // namespace cardea::advertised_test

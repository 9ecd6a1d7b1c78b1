// Journey and steps; see journey.h.
#include "journey.h"

#include <utility>

#include "base/ascii.h"
#include "support/authorize_answers.h"
#include "support/registration.h"

namespace cardea::disk_test {
namespace {

const std::string app = "cA";
const std::string scope = "openid profile email offline_access";

std::string authorize_url(const test::Harness& server) {
  return test::authorize_target(server, app, {{"scope", scope}});
}

bool shows(const http::Response& response, const std::string& button) {
  return response.status == 200 &&
         response.body.find("value=\"" + button + "\"") != std::string::npos;
}

bool is_at_app(const std::string& url) {
  return url.starts_with("https://app.example/");
}

std::string code_in(const http::Response& response) {
  return is_at_app(test::location_of(response)) ? test::reply_of(response)["code"] : "";
}

std::array<int, every_harm.size()> looks{};

}  // namespace

std::string_view name_of(Harm harm) {
  constexpr std::array<std::string_view, every_harm.size()> names{"lost", "twice", "stuck"};
  return names.at(static_cast<std::size_t>(harm));
}

void expect_no(Harm harm, bool holds, const std::string& what) {
  ++looks.at(static_cast<std::size_t>(harm));
  if (!holds) ADD_FAILURE() << name_of(harm) << ": " << what;
}

std::array<int, every_harm.size()> take_looks() {
  return std::exchange(looks, {});
}

void Journey::open() {
  auto options = test::open_registration();
  options.store_path = path;
  server = std::make_unique<test::Harness>(std::move(options));
  server->fetcher.hold();  // the app is away: what it must be told stays in the store
  if (server->client(app).backchannel_logout_uri.empty()) {
    server->edit_client(
        app, [](Client& client) { client.backchannel_logout_uri = "https://app.example/told"; });
  }
  if (!server->client(app).allows(GrantType::device_code)) {
    server->edit_client(app, [](Client& it) { it.grant_types.push_back(GrantType::device_code); });
  }
}

http::Response Journey::look_at(http::Response response) {
  if (response.status >= 500) {
    EXPECT_EQ(response.status, 503) << response.body;
    EXPECT_TRUE(response.headers.contains("Retry-After"));
  }
  return response;
}

http::Response Journey::look_at(http::Response response, const test::Browser& browser) {
  ledger.cookies = browser.cookies;
  if (response.status == 303) ledger.next_url = test::location_of(response);
  return look_at(std::move(response));
}

http::Response Journey::visit(const std::string& url) {
  test::Browser browser(*server);
  browser.cookies = ledger.cookies;
  return look_at(browser.get(url), browser);
}

http::Response Journey::submit(const std::string& button, const http::FormPairs& typed) {
  test::Browser browser(*server);
  browser.cookies = ledger.cookies;
  auto response = look_at(browser.submit(ledger.page, button, typed), browser);
  if (response.status == 303 && button == "sign-in") ledger.signed_in = true;
  if (const auto code = code_in(response); !code.empty()) {
    ledger.code = code;
    ledger.consented = true;
  }
  if (response.status == 303 && ledger.next_url.ends_with("/device/approved")) {
    ledger.device_allowed = ledger.consented = true;
  }
  return response;
}

test::Tokens Journey::redeem(const std::string& code) {
  auto tokens = test::tokens_of(
      look_at(server->send(server->as_client(app, "/token",
                                             {{"grant_type", "authorization_code"},
                                              {"code", code},
                                              {"redirect_uri", "https://app.example/cb"},
                                              {"code_verifier", test::verifier}}))));
  if (tokens.status != 200) return tokens;
  expect_no(Harm::twice, ++ledger.redeemed[code] == 1, "a code was taken again");
  ledger.live.push_back(tokens.refresh_token);
  ledger.hint = tokens.id_token;
  return tokens;
}

test::Tokens Journey::refresh(const std::string& token) {
  auto tokens = test::tokens_of(look_at(server->send(server->refresh_request(app, token))));
  if (tokens.status != 200) return tokens;
  for (auto& newest : ledger.live) {
    if (newest == token) newest = tokens.refresh_token;
  }
  ledger.before[tokens.refresh_token] = token;
  // With the use of a token the one before it is gone for good.
  if (const auto before = ledger.before.find(token); before != ledger.before.end()) {
    ledger.superseded.insert(before->second);
  }
  return tokens;
}

http::Response Journey::revoke(const std::string& token) {
  auto response = look_at(server->revoke(app, token));
  if (response.status != 200) return response;
  if (std::erase(ledger.live, token) > 0) {
    ledger.revoked_refresh.push_back(token);
  } else {
    ledger.revoked_access.push_back(token);
  }
  return response;
}

http::Response Journey::ask_for_device() {
  auto response =
      look_at(server->send(server->as_client(app, "/device_authorization", {{"scope", scope}})));
  if (response.status != 200) return response;
  const auto body = test::json_of(response);
  ledger.device_code = json::string_member(body, "device_code").value_or("");
  ledger.user_code = json::string_member(body, "user_code").value_or("");
  ledger.device_allowed = ledger.device_served = false;
  return response;
}

test::Tokens Journey::poll_device() {
  auto tokens = test::tokens_of(look_at(server->send(
      server->as_client(app, "/token",
                        {{"grant_type", "urn:ietf:params:oauth:grant-type:device_code"},
                         {"device_code", ledger.device_code}}))));
  if (tokens.status != 200) return tokens;
  expect_no(Harm::twice, !ledger.device_served, "a device code was taken again");
  ledger.device_served = true;
  ledger.live.push_back(tokens.refresh_token);
  return tokens;
}

bool Journey::reach_device_page() {
  auto response = until_answered([&] { return visit("/device"); });
  ledger.page = response;
  response = until_answered([&] { return submit("continue", {{"user_code", ledger.user_code}}); });
  for (int hops = 0; hops < 6; ++hops) {
    if (response.status == 303) {
      response = until_answered([&] { return visit(ledger.next_url); });
    } else if (shows(response, "sign-in")) {
      expect_no(Harm::lost, !ledger.signed_in || ledger.signed_out, "asked to sign in again");
      ledger.page = response;
      ledger.signed_out = false;
      response = until_answered([&] { return submit("sign-in", test::credentials()); });
    } else {
      break;
    }
  }
  ledger.page = response;
  return shows(response, "allow");
}

void Journey::reach_device_tokens() {
  if (ledger.device_served) return;
  for (int tries = 0; tries < 3; ++tries) {
    auto tokens = until_answered([&] { return poll_device(); });
    if (tokens.status == 200) return;
    if (tokens.error == "authorization_pending" || tokens.error == "slow_down") {
      expect_no(Harm::lost, !ledger.device_allowed, "an allowed device");
      if (reach_device_page()) until_answered([&] { return submit("allow"); });
    } else {
      // Decision T2: the commit may have happened; the device asks anew.
      EXPECT_EQ(tokens.error, "invalid_grant");
      until_answered([&] { return ask_for_device(); });
      if (reach_device_page()) until_answered([&] { return submit("allow"); });
    }
  }
  expect_no(Harm::stuck, ledger.device_served, "a device gets no tokens");
}

std::string Journey::reach_code() {
  auto response = until_answered([&] { return visit(authorize_url(*server)); });
  for (int hops = 0; hops < 12; ++hops) {
    if (const auto code = code_in(response); !code.empty()) {
      ledger.signed_in = ledger.consented = true;
      return code;
    }
    if (response.status == 303) {
      response = until_answered([&] { return visit(ledger.next_url); });
    } else if (shows(response, "sign-in")) {
      expect_no(Harm::lost, !ledger.signed_in || ledger.signed_out, "asked to sign in again");
      ledger.page = response;
      ledger.signed_out = false;
      response = until_answered([&] { return submit("sign-in", test::credentials()); });
    } else if (shows(response, "allow")) {
      expect_no(Harm::lost, !ledger.consented, "asked for consent again");
      ledger.page = response;
      response = until_answered([&] { return submit("allow"); });
    } else {
      // A page that says that this request is over: the person goes back to the app.
      EXPECT_LT(response.status, 500);
      response = until_answered([&] { return visit(authorize_url(*server)); });
    }
  }
  expect_no(Harm::stuck, false, std::to_string(response.status) + " " + response.body);
  return "";
}

void Journey::reach_tokens() {
  const auto code = reach_code();
  const auto tokens = until_answered([&] { return redeem(code); });
  expect_no(Harm::stuck, tokens.status == 200, "a fresh code is refused: " + tokens.error);
}

void Journey::check() {
  for (std::size_t i = 0; i < ledger.live.size(); ++i) {
    // By value: a refresh that works moves the family on.
    const auto tokens = until_answered([&, newest = ledger.live[i]] { return refresh(newest); });
    expect_no(Harm::lost, tokens.status == 200, "a family: " + tokens.error);
    if (tokens.status == 200) EXPECT_EQ(server->userinfo(tokens.access_token).status, 200);
  }
  for (const auto& token : ledger.revoked_refresh) {
    expect_no(Harm::lost, refresh(token).error == "invalid_grant", "a revoked family lives");
  }
  for (const auto& token : ledger.revoked_access) {
    expect_no(Harm::lost, server->userinfo(token).status == 401, "a revoked access token lives");
  }
  check_browser();
  check_notices();
  check_factor();
  check_registration();
  check_keys();
}

// An acknowledged sign-out has left the word for the app that took part in the session.
void Journey::check_notices() {
  if (!ledger.signed_out) return;
  const auto sid = json::string_member(test::claims_of(ledger.hint), "sid");
  const auto notices = server->stored(server->store->due_notices(
      {ClientId(app), ClientNotice::Kind::logout}, server->clock.now() + hours(1), 1000));
  const auto is_about_it = [&](const ClientNotice& notice) {
    return notice.session_id.value() == sid;
  };
  const auto found = std::ranges::count_if(notices, is_about_it);
  expect_no(Harm::lost, found > 0, "the notice of a sign-out");
  expect_no(Harm::twice, found < 2, "the notice of a sign-out");
}

void Journey::check_browser() {
  auto response = visit(authorize_url(*server));
  if (ledger.signed_in && ledger.consented && !ledger.signed_out) {
    expect_no(Harm::lost, !code_in(response).empty(), "a session or an approval");
    return;
  }
  for (int hops = 0; response.status == 303 && hops < 4; ++hops) {
    if (is_at_app(ledger.next_url)) {
      expect_no(Harm::lost, !ledger.signed_out, "an ended session gave a code");
      return;
    }
    response = visit(ledger.next_url);
  }
  if (ledger.signed_out) {
    expect_no(Harm::lost, shows(response, "sign-in"), "an ended session lives");
  } else if (ledger.signed_in) {
    expect_no(Harm::lost, shows(response, "allow"), "a session");
  }
}

void Journey::check_keys() {
  EXPECT_TRUE(server->await(server->keys->ensure_next(server->clock.now())).ok());
  const auto rows = server->stored(server->store->server_keys());
  for (const auto algorithm : server->settings.signing_algorithms) {
    EXPECT_EQ(std::ranges::count_if(rows,
                                    [&](const ServerKey& row) {
                                      return row.algorithm == KeyAlgorithm(algorithm) &&
                                             row.state == ServerKey::State::active;
                                    }),
              1);
  }
  const auto published = server->keys->published();
  if (ledger.rotated_to) {
    const auto signs = server->keys->signing_key(crypto::SignatureAlgorithm::ES256)->kid;
    expect_no(Harm::lost, signs == ledger.rotated_to, "a rotation");
  }
  EXPECT_EQ(published.size(), rows.size());
  for (const auto& row : rows) {
    EXPECT_EQ(std::ranges::count_if(
                  published,
                  [&](const auto& key) { return key.kid == row.kid && key.state == row.state; }),
              1)
        << "the ring does not show what the store holds";
  }
}

void Journey::check_spent() {
  for (const auto& token : ledger.superseded) {
    expect_no(Harm::twice, refresh(token).error == "invalid_grant", "a superseded refresh token");
  }
  for (const auto& newest : ledger.live) {
    const auto sent = ledger.before.find(newest);
    const bool was_reused = sent != ledger.before.end() && ledger.before.contains(sent->second);
    if (!was_reused) continue;
    expect_no(Harm::lost, refresh(newest).error == "invalid_grant", "its reuse, the family lives");
  }
  if (ledger.device_served) {
    expect_no(Harm::twice, poll_device().error == "invalid_grant", "a spent device code");
  }
  for (const auto& [code, times] : std::map(ledger.redeemed)) {
    EXPECT_EQ(times, 1);
    expect_no(Harm::twice, redeem(code).error == "invalid_grant", "a spent code");
  }
}

// --- the steps ---

namespace {

void nothing(Journey&) {}

// The page behind the last redirect.
void see_page(Journey& at) {
  at.ledger.page = at.visit(at.ledger.next_url);
}

// The person presses the same button once more, then starts over if that was too late.
void press_again(Journey& at, const std::string& button, const http::FormPairs& typed) {
  at.until_answered([&] { return at.submit(button, typed); });
}

// Done or not, an operator whose command failed looks and repeats.
void rotate_keys(Journey& at) {
  const auto es256 = crypto::SignatureAlgorithm::ES256;
  const auto done =
      at.server->await(at.server->keys->rotate(es256, RotateWhen::now, at.server->clock.now()));
  EXPECT_TRUE(done.ok() || !done.error().empty());
  if (done.ok()) at.ledger.rotated_to = at.server->keys->signing_key(es256)->kid;
}

void sign_out(Journey& at) {
  const auto response = at.visit(
      "/logout?" + http::write_form({{"id_token_hint", at.ledger.hint},
                                     {"post_logout_redirect_uri", "https://app.example/bye"}}));
  if (response.status == 303 && is_at_app(at.ledger.next_url)) at.ledger.signed_out = true;
}

std::vector<Step> browser_steps() {
  return {
      {.name = "first page",
       .prepare = nothing,
       .perform = [](Journey& at) { at.visit(authorize_url(*at.server)); },
       .go_on = [](Journey& at) { at.reach_tokens(); }},
      {.name = "sign-in",
       .prepare = see_page,
       .perform = [](Journey& at) { at.submit("sign-in", test::credentials()); },
       .go_on =
           [](Journey& at) {
             if (!at.ledger.signed_in) press_again(at, "sign-in", test::credentials());
             at.reach_tokens();
           }},
      {.name = "consent",
       .prepare = see_page,
       .perform = [](Journey& at) { at.submit("allow"); },
       .go_on =
           [](Journey& at) {
             if (!at.ledger.consented) press_again(at, "allow", {});
             at.reach_tokens();
           }},
  };
}

std::vector<Step> device_steps() {
  return {
      {.name = "device request",
       .prepare = nothing,
       .perform = [](Journey& at) { at.ask_for_device(); },
       .go_on =
           [](Journey& at) {
             if (at.ledger.device_code.empty())
               at.until_answered([&] { return at.ask_for_device(); });
             at.reach_device_tokens();
           }},
      {.name = "device approval",
       .prepare = [](Journey& at) { EXPECT_TRUE(at.reach_device_page()); },
       .perform = [](Journey& at) { at.submit("allow"); },
       .go_on =
           [](Journey& at) {
             if (!at.ledger.device_allowed) press_again(at, "allow", {});
             at.reach_device_tokens();
           }},
      {.name = "device exchange",
       .prepare = nothing,
       .perform = [](Journey& at) { at.poll_device(); },
       .go_on = [](Journey& at) { at.reach_device_tokens(); }},
  };
}

std::vector<Step> token_steps() {
  return {
      {.name = "exchange",
       .prepare = nothing,
       .perform = [](Journey& at) { at.redeem(at.ledger.code); },
       .go_on =
           [](Journey& at) {
             if (at.ledger.redeemed.contains(at.ledger.code)) return;
             const auto again = at.until_answered([&] { return at.redeem(at.ledger.code); });
             // Decision T2: the commit may have happened; a new authorization asks nobody.
             if (again.status != 200) {
               EXPECT_EQ(again.error, "invalid_grant");
               at.reach_tokens();
             }
           }},
      {.name = "refresh",
       .prepare = nothing,
       .perform = [](Journey& at) { at.refresh(at.ledger.live.front()); },
       .go_on =
           [](Journey& at) {
             // RT10: the token that was sent when the answer was lost.
             const auto token = at.ledger.live.front();
             const auto again = at.until_answered([&] { return at.refresh(token); });
             expect_no(Harm::stuck, again.status == 200, "a lost answer ended it: " + again.error);
           }},
      {.name = "revoke refresh token",
       .prepare =
           [](Journey& at) {
             at.reach_tokens();
             at.ledger.revoking = at.ledger.live.back();
           },
       .perform = [](Journey& at) { at.revoke(at.ledger.revoking); },
       .go_on =
           [](Journey& at) {
             if (!at.ledger.revoked_refresh.empty()) return;
             at.until_answered([&] { return at.revoke(at.ledger.revoking); });
           }},
      {.name = "revoke access token",
       .prepare =
           [](Journey& at) {
             at.ledger.revoking = at.refresh(at.ledger.live.front()).access_token;
           },
       .perform = [](Journey& at) { at.revoke(at.ledger.revoking); },
       .go_on =
           [](Journey& at) {
             if (!at.ledger.revoked_access.empty()) return;
             at.until_answered([&] { return at.revoke(at.ledger.revoking); });
           }},
      {.name = "key rotation", .prepare = nothing, .perform = rotate_keys, .go_on = nothing},
  };
}

std::vector<Step> last_steps() {
  return {
      {.name = "sign-out",
       .prepare = nothing,
       .perform = sign_out,
       .go_on =
           [](Journey& at) {
             const std::int64_t give_up = monotonic_ms() + 20'000;
             while (!at.ledger.signed_out && monotonic_ms() < give_up) sign_out(at);
             expect_no(Harm::stuck, at.ledger.signed_out, "cannot sign out");
           }},
  };
}

}  // namespace

const std::vector<Step>& steps() {
  static const std::vector<Step> all = [] {
    auto list = browser_steps();
    for (auto more :
         {token_steps(), device_steps(), factor_steps(), registration_steps(), last_steps()}) {
      for (auto& step : more) list.push_back(std::move(step));
    }
    return list;
  }();
  return all;
}

}  // namespace cardea::disk_test

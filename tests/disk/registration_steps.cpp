// An app that registers itself on the journey, changes its registration and removes it (RFC 7591,
// RFC 7592). What was acknowledged is there as a whole, a token that was replaced is dead, and a
// change whose answer was lost happened as a whole or not at all.
#include "journey.h"
#include "support/registration.h"

namespace cardea::disk_test {
namespace {

json::Object metadata_of(const std::string& name) {
  return test::registration_of(
      {{"client_name", name},
       {"redirect_uris", std::vector<std::string>{"https://" + name + ".example/cb"}}});
}

std::string path_of(const RegistrationLedger& mine) {
  return "/register/" + mine.client_id;
}

http::Response manage(Journey& at, const std::string& method, const std::string& token,
                      const std::string& body = "") {
  return at.ask(
      test::json_request(*at.server, method, path_of(at.ledger.registration), body, token));
}

http::Response register_app(Journey& at) {
  auto& mine = at.ledger.registration;
  auto response = at.ask(
      test::json_request(*at.server, "POST", "/register", json::write(metadata_of("first"))));
  if (response.status != 201) return response;
  const auto answer = test::json_of(response);
  mine = {.client_id = test::text_of(answer, "client_id"),
          .secret = test::text_of(answer, "client_secret"),
          .token = test::text_of(answer, "registration_access_token"),
          .name = "first"};
  return response;
}

http::Response change(Journey& at) {
  auto& mine = at.ledger.registration;
  auto body = metadata_of("second");
  body.set("client_id", mine.client_id);
  auto response = manage(at, "PUT", mine.token, json::write(body));
  if (response.status != 200) return response;
  mine.dead_token = std::exchange(
      mine.token, test::text_of(test::json_of(response), "registration_access_token"));
  mine.name = "second";
  return response;
}

http::Response remove(Journey& at) {
  auto response = manage(at, "DELETE", at.ledger.registration.token);
  if (response.status == 204) at.ledger.registration.is_removed = true;
  return response;
}

// Whether the app proves itself at the token side.
bool is_known(Journey& at) {
  const auto& mine = at.ledger.registration;
  return at.ask(at.server->post("/revoke", {{"token", "x"}},
                                {{"Authorization", test::basic(mine.client_id, mine.secret)}}))
             .status == 200;
}

// Name and address were changed together.
bool is_whole(const Client& client) {
  return client.redirect_uris == std::vector{"https://" + client.client_name + ".example/cb"};
}

void go_on_changing(Journey& at) {
  auto& mine = at.ledger.registration;
  if (mine.name == "second") return;
  const auto again = at.until_answered([&] { return change(at); });
  if (again.status == 200) return;
  // The commit may have happened, and its token is lost: the app registers anew (RFC 7592 2.2).
  EXPECT_EQ(again.status, 401);
  expect_no(Harm::lost, is_known(at), "a client whose registration was changed");
  EXPECT_EQ(at.server->client(mine.client_id).client_name, "second");
  at.until_answered([&] { return register_app(at); });
}

void go_on_removing(Journey& at) {
  auto& mine = at.ledger.registration;
  if (mine.is_removed) return;
  const auto again = at.until_answered([&] { return remove(at); });
  expect_no(Harm::stuck, again.status == 204 || again.status == 401, "a client cannot be removed");
  mine.is_removed = true;
}

}  // namespace

std::vector<Step> registration_steps() {
  return {
      {.name = "registration",
       .prepare = [](Journey&) {},
       .perform = [](Journey& at) { register_app(at); },
       .go_on =
           [](Journey& at) {
             if (!at.ledger.registration.client_id.empty()) return;
             const auto again = at.until_answered([&] { return register_app(at); });
             expect_no(Harm::stuck, again.status == 201, "a client cannot register");
           }},
      {.name = "change of a registration",
       .prepare = [](Journey&) {},
       .perform = [](Journey& at) { change(at); },
       .go_on = go_on_changing},
      {.name = "removal of a registration",
       .prepare = [](Journey&) {},
       .perform = [](Journey& at) { remove(at); },
       .go_on = go_on_removing},
  };
}

void Journey::check_registration() {
  const auto& mine = ledger.registration;
  if (mine.client_id.empty()) return;
  const auto shown = until_answered([&] { return manage(*this, "GET", mine.token); });
  if (mine.is_removed) {
    expect_no(Harm::lost, shown.status == 401 && !is_known(*this), "a removal, the client lives");
    return;
  }
  expect_no(Harm::lost, shown.status == 200 && is_known(*this), "a registration");
  expect_no(Harm::lost, test::text_of(test::json_of(shown), "client_name") == mine.name,
            "a change of a registration");
  EXPECT_TRUE(is_whole(server->client(mine.client_id)));
  if (mine.dead_token.empty()) return;
  const auto old = until_answered([&] { return manage(*this, "GET", mine.dead_token); });
  expect_no(Harm::twice, old.status == 401, "a registration access token that was replaced");
}

}  // namespace cardea::disk_test

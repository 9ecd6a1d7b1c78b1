// Bob's second factor on the journey: he adds an authenticator app, and signs in with its code. A
// factor that was acknowledged asks for its code, and a code is taken once. RFC 6238 5.2, INV1.
#include "journey.h"
#include "support/authenticator.h"

namespace cardea::disk_test {
namespace {

http::Response press(Journey& at, const std::string& button, const http::FormPairs& typed) {
  return at.as_bob(
      [&](test::Browser& bob) { return bob.submit(at.ledger.bob.page, button, typed); });
}

// The page behind the password, in a browser that nobody is signed in with.
http::Response at_password(Journey& at) {
  at.ledger.bob.cookies.clear();
  return at.until_answered([&] {
    return at.as_bob([&](test::Browser& bob) {
      const auto page = bob.follow(bob.get("/account"));
      if (page.status == 503) return page;
      return bob.press(page, "sign-in", test::credentials("bob"));
    });
  });
}

void open_enrolment(Journey& at) {
  at_password(at);
  at.ledger.bob.page = at.until_answered(
      [&] { return at.as_bob([](test::Browser& bob) { return bob.get("/account/factor"); }); });
  at.ledger.bob.app = test::Authenticator(at.ledger.bob.page);
}

void add_factor(Journey& at) {
  auto& bob = at.ledger.bob;
  const auto answer = press(at, "add-factor",
                            {{"password", std::string(test::user_password)},
                             {"code", bob.app.code(at.server->clock.now())}});
  if (test::recovery_codes_on(answer).size() == 10) bob.has_factor = true;
}

// A lost answer may have been a commit: then the password leads to the code, else to the account.
void go_on_adding(Journey& at) {
  if (at.ledger.bob.has_factor) return;
  if (test::offers(at_password(at), "verify")) {
    at.ledger.bob.has_factor = true;
    return;
  }
  open_enrolment(at);
  at.until_answered([&] {
    add_factor(at);
    return at.ledger.bob.has_factor ? http::Response{.status = 200} : http::Response{.status = 503};
  });
}

// A step later than every code that was sent so far, also on a server that was started anew.
void open_second_factor(Journey& at) {
  ++at.ledger.bob.steps_on;
  at.server->clock.set(test::start + Seconds{totp::step_seconds * at.ledger.bob.steps_on});
  at.ledger.bob.page = at_password(at);
  expect_no(Harm::lost, bool(test::offers(at.ledger.bob.page, "verify")), "a second factor");
  at.ledger.bob.code = at.ledger.bob.app.code(at.server->clock.now());
}

http::Response verify(Journey& at) {
  auto& bob = at.ledger.bob;
  auto answer = press(at, "verify", {{"code", bob.code}});
  if (answer.status == 303 && test::location_of(answer).ends_with("/account")) {
    expect_no(Harm::twice, ++bob.uses[bob.code] == 1, "a one-time code");
  }
  return answer;
}

// The code that was sent when the answer was lost, then the next one.
void go_on_verifying(Journey& at) {
  auto& bob = at.ledger.bob;
  if (!bob.uses.contains(bob.code)) at.until_answered([&] { return verify(at); });
  if (bob.uses.contains(bob.code)) return;
  open_second_factor(at);
  at.until_answered([&] { return verify(at); });
  expect_no(Harm::stuck, bob.uses.contains(bob.code), "cannot sign in with a code");
}

}  // namespace

std::vector<Step> factor_steps() {
  return {
      {.name = "add factor",
       .prepare = open_enrolment,
       .perform = add_factor,
       .go_on = go_on_adding},
      {.name = "second factor",
       .prepare = open_second_factor,
       .perform = [](Journey& at) { verify(at); },
       .go_on = go_on_verifying},
  };
}

void Journey::check_factor() {
  if (!ledger.bob.has_factor) return;
  ledger.bob.page = at_password(*this);
  expect_no(Harm::lost, bool(test::offers(ledger.bob.page, "verify")), "a second factor");
  for (const auto& [code, times] : std::map(ledger.bob.uses)) {
    const auto again = until_answered([&] { return press(*this, "verify", {{"code", code}}); });
    expect_no(Harm::twice, again.status != 303, "a one-time code");
  }
}

}  // namespace cardea::disk_test

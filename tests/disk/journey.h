// A person and an app on their way through a server, one write at a time, with a ledger of all that
// was acknowledged to them. After any fault the two go on as real ones would (try again, start
// over), and the ledger is compared with what the server says: nothing acknowledged is lost,
// nothing that happens once happened twice, nobody is stuck. Security corpus 5.4, INV1-INV3, INV8.
#pragma once

#include <array>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "support/authenticator.h"
#include "support/harness.h"

namespace cardea::disk_test {

// What a fault may do to clients: something acknowledged is gone, something that happens once
// happened again, somebody cannot go on. A failure begins with the harm's name; every look is
// counted.
enum class Harm { lost, twice, stuck };
inline constexpr std::array every_harm{Harm::lost, Harm::twice, Harm::stuck};
std::string_view name_of(Harm harm);
void expect_no(Harm harm, bool holds, const std::string& what);
// How often each was looked for since the last call.
std::array<int, every_harm.size()> take_looks();

// Another person, who has a second factor; and what was acknowledged to them.
struct BobsLedger {
  std::map<std::string, std::string> cookies;
  http::Response page;
  test::Authenticator app;
  std::string code;           // typed last
  std::int64_t steps_on = 0;  // of the clock, since the start
  bool has_factor = false;
  std::map<std::string, int> uses;  // acknowledged sign-ins of each code
};

// An app that registered itself, as was acknowledged to it.
struct RegistrationLedger {
  std::string client_id;  // "": not yet
  std::string secret;
  std::string token;       // manages the registration
  std::string dead_token;  // the one before it, if any
  std::string name;
  bool is_removed = false;
};

// What was acknowledged, and what the client side holds.
struct Ledger {
  std::map<std::string, std::string> cookies;
  std::string next_url;    // where the browser was sent last
  http::Response page;     // the page before the person
  std::string code;        // not redeemed yet
  std::string hint;        // an ID token, for signing out
  std::string revoking;    // the token that is being revoked
  bool signed_in = false;  // acknowledged: a session, an approval, its end
  bool consented = false;
  bool signed_out = false;
  std::map<std::string, int> redeemed;  // acknowledged successes of each code
  std::vector<std::string> live;        // the newest refresh token of each family
  std::vector<std::string> revoked_refresh;
  std::vector<std::string> revoked_access;
  std::map<std::string, std::string> before;  // of a refresh token: the one it was given for
  std::set<std::string> superseded;           // refresh tokens whose successor was used
  BobsLedger bob;
  RegistrationLedger registration;
  std::optional<KeyId> rotated_to;  // the key of an acknowledged rotation
  std::string device_code;          // of the device that asks now
  std::string user_code;
  bool device_allowed = false;  // acknowledged
  bool device_served = false;
};

class Journey {
 public:
  explicit Journey(std::string store_path) : path(std::move(store_path)) { open(); }

  void open();
  void close() { server.reset(); }
  void restart() { close(), open(); }

  // One request as the browser or as the app; each answer keeps to INV8: no 5xx but 503 with
  // Retry-After.
  http::Response visit(const std::string& url);
  http::Response submit(const std::string& button, const http::FormPairs& typed = {});
  test::Tokens redeem(const std::string& code);
  test::Tokens refresh(const std::string& token);
  http::Response revoke(const std::string& token);
  http::Response ask_for_device();
  test::Tokens poll_device();
  http::Response ask(http::Request request) { return look_at(server->send(std::move(request))); }
  // Tries again while the answer is 503; gives up, with a failure, when the server stays so.
  template <class Ask>
  auto until_answered(Ask ask) -> decltype(ask()) {
    const std::int64_t give_up = monotonic_ms() + 20'000;
    auto answer = ask();
    while (status_of(answer) == 503 && monotonic_ms() < give_up) answer = ask();
    expect_no(Harm::stuck, status_of(answer) != 503, "the server does not recover");
    return answer;
  }

  // The browser on its way to a code: follows, signs in and allows where it is asked, but must not
  // be asked for what was acknowledged.
  std::string reach_code();
  // The same, then redeemed by the app; the family is live.
  void reach_tokens();
  // The consent page of the device that asks; nothing when it was answered already.
  bool reach_device_page();
  // The device, from whatever was done so far, to its tokens.
  void reach_device_tokens();
  // Whatever was acknowledged, and once-only values only once. Ends with every family refreshed.
  void check();
  // A factor asks for its code, and no code is taken again.
  void check_factor();
  // The app that registered itself is there as it was last acknowledged.
  void check_registration();
  // INV10: one key signs for each algorithm, and what the ring publishes is what the store holds.
  void check_keys();
  // The last check of a journey, for it ends families: no code and no superseded refresh token is
  // taken again.
  void check_spent();

  // What bob does in his own browser.
  template <class Act>
  http::Response as_bob(Act act) {
    test::Browser browser(*server);
    browser.cookies = ledger.bob.cookies;
    auto response = look_at(act(browser));
    ledger.bob.cookies = browser.cookies;
    return response;
  }

  std::string path;
  Ledger ledger;
  std::unique_ptr<test::Harness> server;

 private:
  static int status_of(const http::Response& response) { return response.status; }
  static int status_of(const test::Tokens& tokens) { return tokens.status; }
  static http::Response look_at(http::Response response);
  http::Response look_at(http::Response response, const test::Browser& browser);
  void check_browser();
  void check_notices();
};

// One acknowledged write of the journey.
struct Step {
  std::string name;
  std::function<void(Journey&)> prepare;  // up to, not including, the write
  std::function<void(Journey&)> perform;  // the write; the answer goes to the ledger
  std::function<void(Journey&)> go_on;    // what the client does when the answer did not come
};
// In their order: first page, sign-in, consent, exchange, refresh, revocations, key rotation,
// device request, approval and exchange, the second factor, a registration with its change and
// removal, sign-out.
const std::vector<Step>& steps();
std::vector<Step> factor_steps();
std::vector<Step> registration_steps();

}  // namespace cardea::disk_test

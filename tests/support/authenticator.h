// An authenticator app as tests hold it: it reads the secret off the page that shows it, and tells
// the code of the moment. RFC 6238.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "base/base32.h"
#include "protocol/totp.h"
#include "support/authorize_answers.h"
#include "support/harness.h"
#include "support/html_reader.h"

namespace cardea::test {

class Authenticator {
 public:
  Authenticator() = default;
  explicit Authenticator(const http::Response& page) {
    const auto begin = page.body.find("<code id=\"secret\"");
    const auto open = page.body.find('>', begin);
    std::string text = page.body.substr(open + 1, page.body.find('<', open) - open - 1);
    std::erase(text, ' ');
    const auto bytes = base32_decode(text);
    EXPECT_TRUE(begin != std::string::npos && bytes && bytes->size() == 20) << page.body;
    if (bytes) secret_ = totp::SharedSecret(*bytes);
  }

  std::string code(Instant at) const { return totp::code_of(secret_, totp::step_at(at)); }
  // Six digits that are the code of no step near.
  std::string wrong_code(Instant at) const {
    for (int n = 0;; ++n) {
      std::string text = std::to_string(1'000'000 + n).substr(1);
      if (!totp::find_step(secret_, text, at)) return text;
    }
  }

 private:
  totp::SharedSecret secret_;
};

inline std::vector<std::string> recovery_codes_on(const http::Response& page) {
  std::vector<std::string> codes;
  const std::string_view begin = "<li><code dir=\"ltr\">";
  for (auto at = page.body.find(begin); at != page.body.npos; at = page.body.find(begin, at + 1)) {
    codes.push_back(page.body.substr(at + begin.size(), 14));
  }
  return codes;
}

// A person with a second factor, added on the account page. The clock is then a step further.
struct Enrolled {
  Authenticator app;
  std::vector<std::string> recovery_codes;
};
inline Enrolled enrol(Harness& harness, Browser& browser, const std::string& login = "alice") {
  auto account = browser.follow(browser.get("/account"));
  if (offers(account, "sign-in")) account = browser.press(account, "sign-in", credentials(login));
  const auto page = browser.get("/account/factor");
  Enrolled made{.app = Authenticator(page), .recovery_codes = {}};
  const auto shown = browser.submit(
      page, "add-factor",
      {{"password", std::string(user_password)}, {"code", made.app.code(harness.clock.now())}});
  made.recovery_codes = recovery_codes_on(shown);
  EXPECT_EQ(made.recovery_codes.size(), 10u) << shown.status << test_pages::read_text(shown.body);
  harness.clock.advance(Seconds{totp::step_seconds});
  return made;
}

}  // namespace cardea::test

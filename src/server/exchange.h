// One request on its way through the server: the message, the one instant by which it is judged
// (style rule 18), and the notes of every rule that was applied, for the log and the inspector.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/time.h"
#include "http/message.h"
#include "protocol/confirmation.h"
#include "protocol/error.h"

namespace cardea {

// A rule's verdict. Reasons may hold compared values, never a credential.
struct CheckNote {
  enum class Verdict { passed, refused, warned };
  Verdict verdict = Verdict::passed;
  std::string_view rule;  // "CARDEA-PKCE-002"
  SpecRef spec;
  std::string text;  // "code_challenge_method is S256"
  std::string fix;   // what to change, for refused and warned; "" otherwise
};

struct Exchange {
  http::Request request;
  Instant now{};
  std::string request_id;     // 22 characters; also the X-Request-Id of the answer
  std::string_view endpoint;  // a constant: "authorize", "token", ... for log, metrics, inspector
  std::string client_id;      // as far as known
  // The key that the request proved to hold (server/client_auth/possession.h): what tokens are
  // bound to.
  Confirmation confirmation;
  std::string dpop_nonce;  // to be sent with the answer; "" for none (RFC 9449 8.2)
  // Of the browser as the answer leaves it (server/sessions/browser_state.h); "" where nobody
  // looked at its sessions. A browser that has another one is sent it.
  std::string browser_state;
  // Whether anybody will read the notes and parameters below; they are left out otherwise.
  bool is_shown = true;
  // The decoded parameters as they arrived, in order, credentials masked (protocol/parameters.h).
  std::vector<std::pair<std::string, std::string>> shown_parameters;
  std::vector<CheckNote> notes;
  std::optional<OAuthError> refusal;

  // The text is the parts, one after another.
  template <class... Parts>
  void pass(std::string_view rule, SpecRef spec, const Parts&... parts) {
    if (!is_shown) return;
    std::string text;
    (text.append(parts), ...);
    notes.push_back({CheckNote::Verdict::passed, rule, spec, std::move(text), {}});
  }
  void warn(std::string_view rule, SpecRef spec, std::string_view text, std::string_view fix) {
    if (!is_shown) return;
    notes.push_back({CheckNote::Verdict::warned, rule, spec, std::string(text), std::string(fix)});
  }
  // Records why the request is refused; every endpoint calls it exactly once per refusal.
  void refuse_with(OAuthError error, std::string_view fix = {}) {
    if (is_shown) {
      notes.push_back(
          {CheckNote::Verdict::refused, error.rule, error.spec, error.reason, std::string(fix)});
    }
    refusal = std::move(error);
  }
};

// Sees every finished exchange: metrics, access log, inspector. Thread-safe; must not block.
class Observer {
 public:
  virtual ~Observer() = default;
  // Whether notes and parameters are to be gathered for it; asked for each exchange.
  virtual bool reads_notes() const = 0;
  virtual void finished(const Exchange& exchange, const http::Response& response) = 0;
  // A request of our own has ended; both are words of closed lists.
  virtual void fetched(std::string_view purpose, std::string_view outcome) {
    static_cast<void>(purpose);
    static_cast<void>(outcome);
  }
};

}  // namespace cardea

// The answer to a request that may not pass: RFC 6750 3. Two texts: what the client gets, which is
// the same for every bad token, and the reason, which is for the log.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "http/message.h"
#include "protocol/error.h"

namespace cardea::resource {

struct Challenge {
  // 400 malformed request, 401 no or bad token or too weak a sign-in, 403 too little scope, 503 the
  // token cannot be judged now (keys or introspection unreachable).
  int status = 401;
  std::string www_authenticate;    // "" for 503
  std::string body;                // JSON, "" when there is nothing to say
  std::optional<int> retry_after;  // seconds, for 503
  // Private: which rule refused, with the compared values. Never holds a token.
  std::string reason;
};

// The whole answer, not to be cached (RFC 6750 5.3).
http::Response to_response(const Challenge& challenge);

// What a request needs of the sign-in behind its token (RFC 9470 3).
struct NeededAuthentication {
  std::vector<std::string> acr_values;  // one of these, in order of preference; empty: any
  std::optional<Seconds> max_age;       // since auth_time
};

// One resource's way of challenging.
class Challenger {
 public:
  explicit Challenger(std::string realm, std::string resource_metadata = "")
      : realm_(std::move(realm)), resource_metadata_(std::move(resource_metadata)) {}

  // The same, answering a request that tried DPoP (RFC 9449 7.1).
  Challenger for_dpop() const;

  // The same, for a call that needs these scopes: its 401 names them (RFC 6750 3), so that a client
  // asks for them at once.
  Challenger for_scope(std::vector<std::string> needed) const;

  // RFC 6750 3.1: no authentication was tried, so no error is named.
  Challenge no_token(std::string reason) const;
  Challenge invalid_request(std::string reason) const;                                      // 400
  Challenge invalid_token(std::string reason) const;                                        // 401
  Challenge insufficient_scope(std::vector<std::string> needed, std::string reason) const;  // 403
  Challenge insufficient_authentication(NeededAuthentication needed,
                                        std::string reason) const;  // 401
  Challenge unavailable(std::string reason) const;                  // 503

 private:
  Challenge make(ErrorCode code, int status, std::string description, std::string reason,
                 std::vector<std::string> scope = {}) const;
  std::string_view scheme() const;
  std::string algs() const;  // "" but for DPoP
  std::string realm_;
  std::string resource_metadata_;
  std::vector<std::string> scope_;
  bool is_dpop_ = false;
};

}  // namespace cardea::resource

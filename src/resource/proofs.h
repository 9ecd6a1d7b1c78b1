// Proofs of possession at an API (RFC 9449 7): the DPoP header of a request, and which proofs were
// used.
#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"
#include "http/message.h"
#include "protocol/dpop.h"

namespace cardea::resource {

// Remembers the proofs of the last minute (RFC 9449 11.1), so that each is used once in this
// process; several processes behind one address each remember their own. Thread-safe and bounded:
// when it is full of proofs that may still be used, the next one counts as used.
class UsedProofs {
 public:
  explicit UsedProofs(std::size_t entries_max = 100'000) : entries_max_(entries_max) {}
  // True for the first use.
  bool use(const DpopProof& proof, Instant now);

 private:
  const std::size_t entries_max_;
  std::mutex mutex_;
  std::map<std::string, Instant, std::less<>> until_;  // by digest of key and jti
  std::multimap<Instant, std::string> by_end_;
};

// The proof of a request that came with an access token. public_url: of the request, as clients
// know it. Refuses with a reason: none, several, a malformed, foreign or old one (RFC 9449 4.3).
Result<DpopProof, std::string> find_proof(const http::Request& request, std::string_view public_url,
                                          std::string_view access_token, Instant now);

}  // namespace cardea::resource

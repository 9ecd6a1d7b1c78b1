// Proofs of possession; see proofs.h.
#include "resource/proofs.h"

#include "crypto/hash.h"

namespace cardea::resource {

bool UsedProofs::use(const DpopProof& proof, Instant now) {
  auto digest = crypto::sha256(proof.thumbprint + std::string(1, '\0') + proof.token_id);
  const std::scoped_lock alone(mutex_);
  while (!by_end_.empty() && by_end_.begin()->first <= now) {
    until_.erase(by_end_.begin()->second);
    by_end_.erase(by_end_.begin());
  }
  if (until_.size() >= entries_max_ || until_.contains(digest)) return false;
  by_end_.emplace(proof.usable_until, digest);
  until_.emplace(std::move(digest), proof.usable_until);
  return true;
}

Result<DpopProof, std::string> find_proof(const http::Request& request, std::string_view public_url,
                                          std::string_view access_token, Instant now) {
  const auto headers = request.headers.all("dpop");
  if (headers.size() != 1) {
    return refuse(
        std::string(headers.empty() ? "there is no DPoP header" : "several DPoP headers"));
  }
  auto proof = check_dpop_proof(
      headers.front(), {.method = request.method, .url = public_url, .access_token = access_token},
      now);
  if (!proof) return refuse("the DPoP proof: " + proof.error().reason);
  return *std::move(proof);
}

}  // namespace cardea::resource

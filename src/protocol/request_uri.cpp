// Judging addresses of request objects; see request_uri.h.
#include "protocol/request_uri.h"

#include "base/base64url.h"
#include "base/limits.h"

namespace cardea {
namespace {

constexpr std::size_t sha256_bytes = 32;

}  // namespace

std::optional<std::string> request_uri_defect(std::string_view text, OutgoingReach reach) {
  if (text.size() > limits::request_uri_bytes_max) {
    return "is longer than 512 characters (RFC 9101 5.2)";
  }
  const auto hash = text.find('#');
  if (hash != std::string_view::npos) {
    const auto digest = base64url_decode(text.substr(hash + 1));
    if (!digest || digest->size() != sha256_bytes) {
      return "must have a SHA-256 in base64url as its fragment, or none (OIDC Registration 2)";
    }
  }
  return outgoing_url_defect(text.substr(0, hash), reach);
}

}  // namespace cardea

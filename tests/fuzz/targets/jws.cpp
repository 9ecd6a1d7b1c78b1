// Compact JWS (security corpus 7.7): a token is accepted if and only if it is one that a key of the
// set signed, unchanged in every byte, and its header says what that key may do. The reference
// knows what was signed; it verifies nothing itself. Input: key byte, allowed byte, header line,
// payload line, then edits of the finished token: place and byte, or in place of all a raw token.
#include "jose/jws.h"

#include <optional>
#include <string>

#include "base/base64url.h"
#include "base/limits.h"
#include "fuzz/bytes.h"
#include "fuzz/finding.h"
#include "fuzz/signing_keys.h"

namespace cardea::fuzz {
namespace {

constexpr std::uint8_t raw_token = 0xff;

struct Signed {
  std::string token;
  std::size_t key = 0;
  std::string header;
  std::string payload;
};

Signed sign(std::size_t key, std::string_view header, std::string_view payload) {
  Signed out{.token = base64url_encode(header) + "." + base64url_encode(payload),
             .key = key,
             .header = std::string(header),
             .payload = std::string(payload)};
  out.token += "." + base64url_encode(signing_keys().keys[key].sign(out.token));
  return out;
}

bool is_absent_or_string(const json::Object& object, std::string_view name) {
  const auto* value = object.find(name);
  return value == nullptr || value->if_string() != nullptr;
}

// RFC 7515 5.2, RFC 8725 3.1: what of a genuinely signed token must be accepted.
bool reference_accepts(const Signed& token, const std::vector<SignatureAlgorithm>& allowed) {
  const auto header = json::parse_object(token.header);
  if (!header || header->contains("crit") || header->contains("b64")) return false;
  if (!is_absent_or_string(*header, "kid") || !is_absent_or_string(*header, "typ")) return false;
  const auto own = jose::name_of(signing_algorithms[token.key]);
  if (json::string_member(*header, "alg") != own) return false;
  const auto kid = json::string_member(*header, "kid").value_or("");
  if (!kid.empty() && kid != "k" + std::to_string(token.key)) return false;
  const bool is_allowed =
      std::ranges::find(allowed, signing_algorithms[token.key]) != allowed.end();
  return is_allowed && json::parse_object(token.payload).has_value() &&
         token.token.size() <= limits::jwt_bytes_max;
}

void expect_verdict(std::string_view token, bool good,
                    const std::vector<SignatureAlgorithm>& allowed) {
  const auto verified = jose::verify_jwt(token, signing_keys().set, allowed);
  expect(verified.ok() == good, good ? "a genuine token is refused" : "a forged token is accepted");
  const auto unverified = jose::parse_unverified(token);
  if (!verified) return;
  expect(unverified.ok() && unverified->unverified_claims == verified->claims &&
             unverified->unverified_header == verified->header,
         "verified and unverified content differ");
}

}  // namespace

void jws(std::string_view input) {
  Bytes bytes(input);
  const auto choice = bytes.byte();
  const auto mask = bytes.byte();
  std::vector<SignatureAlgorithm> allowed;
  for (std::size_t i = 0; i < signing_algorithms.size(); ++i) {
    if ((mask >> i & 1) != 0) allowed.push_back(signing_algorithms[i]);
  }
  if (choice == raw_token) return expect_verdict(bytes.rest(), false, allowed);

  const auto header = bytes.line();
  const auto payload = bytes.line();
  auto token = sign(choice % signing_algorithms.size(), header, payload);
  auto edited = token.token;
  for (int edits = 0; edits < 8 && !bytes.empty(); ++edits) {
    const auto place = (bytes.byte() * 256U + bytes.byte()) % (edited.size() + 1);
    if (const auto byte = static_cast<char>(bytes.byte()); place < edited.size()) {
      edited[place] = byte;
    } else {
      edited += byte;
    }
  }
  const bool good = edited == token.token && reference_accepts(token, allowed);
  expect_verdict(edited, good, allowed);
}

}  // namespace cardea::fuzz

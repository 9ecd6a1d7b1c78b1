// What a token is bound to: nothing, a key whose holder proves it in each request (DPoP, RFC 9449
// 6), or a client certificate (RFC 8705 3). Written as the `cnf` claim (RFC 7800 3).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/json.h"

namespace cardea {

struct Confirmation {
  enum class Method { none, jkt, x5t_s256 };
  Method method = Method::none;
  // base64url of a SHA-256: of the key (RFC 7638) or of the certificate. "" for none.
  std::string thumbprint;

  bool binds() const { return method != Method::none; }
  friend bool operator==(const Confirmation&, const Confirmation&) = default;
};

// Of a certificate in DER (RFC 8705 3.1).
Confirmation confirmation_of_certificate(std::string_view der);

// "jkt", "x5t#S256"; "" for none.
std::string_view name_of(Confirmation::Method method);

// {"jkt": "..."}; empty for none.
json::Object write_confirmation(const Confirmation& confirmation);
// Of the claims of a token. Nothing when there is a `cnf` that we do not know how to confirm, which
// makes the token unusable (RFC 7800 3.1).
std::optional<Confirmation> read_confirmation(const json::Object& claims);

// One text for a row or a sealed value, and back: "", "jkt:<thumbprint>", "x5t#S256:<thumbprint>".
std::string text_of(const Confirmation& confirmation);
std::optional<Confirmation> confirmation_of(std::string_view text);

}  // namespace cardea

// Making secrets; see client_secret.h.
#include "domain/client_secret.h"

#include <string_view>

namespace cardea {

std::string generate_client_secret(Random& random) {
  constexpr std::string_view alphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
  std::string out;
  while (out.size() < 43) {
    // Bytes of 248 and above would favour the first letters.
    for (const char c : random.bytes(64)) {
      const auto byte = static_cast<unsigned char>(c);
      if (byte < 248 && out.size() < 43) out += alphabet[byte % 62];
    }
  }
  return out;
}

}  // namespace cardea

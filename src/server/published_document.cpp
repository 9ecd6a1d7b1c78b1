// Writing public documents; see published_document.h.
#include "server/published_document.h"

#include <utility>

#include "base/base64url.h"
#include "crypto/hash.h"

namespace cardea {

PublishedDocument publish(const json::Object& content) {
  auto body = json::write(content);
  auto etag = "\"" + base64url_encode(crypto::sha256(body)).substr(0, 22) + "\"";
  return {std::move(body), std::move(etag)};
}

}  // namespace cardea

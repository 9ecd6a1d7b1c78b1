// A public document (metadata, keys) as it goes out: written and given its ETag once, when what it
// is made of changes, not for every request. RFC 9110 8.8.3.
#pragma once

#include <string>

#include "base/json.h"

namespace cardea {

struct PublishedDocument {
  std::string body;
  std::string etag;  // strong, quoted: of the body
};
PublishedDocument publish(const json::Object& content);

}  // namespace cardea

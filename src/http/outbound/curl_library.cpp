// Loading libcurl; see curl_library.h.
#include "http/outbound/curl_library.h"

#include <optional>

#include "base/loaded_library.h"

namespace cardea::http {
namespace {

std::optional<CurlLibrary> load() {
  void* library = load_library("libcurl.so.4");
  if (library == nullptr) return std::nullopt;
  CurlLibrary out;
  const bool found = find_function(library, "curl_global_init", out.global_init) &&
                     find_function(library, "curl_easy_init", out.easy_init) &&
                     find_function(library, "curl_easy_cleanup", out.easy_cleanup) &&
                     find_function(library, "curl_easy_reset", out.easy_reset) &&
                     find_function(library, "curl_easy_setopt", out.setopt) &&
                     find_function(library, "curl_easy_perform", out.perform) &&
                     find_function(library, "curl_easy_getinfo", out.getinfo) &&
                     find_function(library, "curl_easy_strerror", out.strerror) &&
                     find_function(library, "curl_slist_append", out.slist_append) &&
                     find_function(library, "curl_slist_free_all", out.slist_free_all);
  if (!found || out.global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) return std::nullopt;
  return out;
}

}  // namespace

const CurlLibrary* curl_library() {
  static const std::optional<CurlLibrary> loaded = load();
  return loaded ? &*loaded : nullptr;
}

}  // namespace cardea::http

// Loading libcurl; see curl_library.h.
#include "http/outbound/curl_library.h"

#include <dlfcn.h>

#include <optional>

namespace cardea::http {
namespace {

template <class Function>
bool find(void* library, const char* name, Function& target) {
  target = reinterpret_cast<Function>(dlsym(library, name));
  return target != nullptr;
}

std::optional<CurlLibrary> load() {
  void* library =
      dlopen("libcurl.so.4", RTLD_NOW | RTLD_LOCAL);  // stays for the life of the process
  if (library == nullptr) return std::nullopt;
  CurlLibrary out;
  const bool found = find(library, "curl_global_init", out.global_init) &&
                     find(library, "curl_easy_init", out.easy_init) &&
                     find(library, "curl_easy_cleanup", out.easy_cleanup) &&
                     find(library, "curl_easy_reset", out.easy_reset) &&
                     find(library, "curl_easy_setopt", out.setopt) &&
                     find(library, "curl_easy_perform", out.perform) &&
                     find(library, "curl_easy_getinfo", out.getinfo) &&
                     find(library, "curl_easy_strerror", out.strerror) &&
                     find(library, "curl_slist_append", out.slist_append) &&
                     find(library, "curl_slist_free_all", out.slist_free_all);
  if (!found || out.global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) return std::nullopt;
  return out;
}

}  // namespace

const CurlLibrary* curl_library() {
  static const std::optional<CurlLibrary> loaded = load();
  return loaded ? &*loaded : nullptr;
}

}  // namespace cardea::http

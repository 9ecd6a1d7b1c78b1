// libcurl, loaded when the first outgoing request is made. It brings some forty libraries along
// (LDAP, Kerberos, RTMP,
// ...), which would cost every idle server four megabytes and a third of its start-up;
// docs/decisions/0004-libcurl-on-demand.md.
#pragma once

#include <curl/curl.h>

namespace cardea::http {

// The functions in use, typed by the library's own header.
struct CurlLibrary {
  decltype(&::curl_global_init) global_init = nullptr;
  decltype(&::curl_easy_init) easy_init = nullptr;
  decltype(&::curl_easy_cleanup) easy_cleanup = nullptr;
  decltype(&::curl_easy_reset) easy_reset = nullptr;
  decltype(&::curl_easy_setopt) setopt = nullptr;
  decltype(&::curl_easy_perform) perform = nullptr;
  decltype(&::curl_easy_getinfo) getinfo = nullptr;
  decltype(&::curl_easy_strerror) strerror = nullptr;
  decltype(&::curl_slist_append) slist_append = nullptr;
  decltype(&::curl_slist_free_all) slist_free_all = nullptr;
};

// Loads and sets up the library once; null when it is not there or cannot be set up. Thread-safe.
const CurlLibrary* curl_library();

}  // namespace cardea::http

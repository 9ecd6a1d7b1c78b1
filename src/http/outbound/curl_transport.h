// The optional default transport of cardea::client and cardea::resource: libcurl, blocking, no
// redirects, TLS verified always. The only room that includes libcurl.
#pragma once

#include <string>

#include "base/time.h"
#include "http/transport.h"

namespace cardea::http {

struct CurlOptions {
  std::string ca_file;  // PEM file to trust instead of the system's; "" for the system's
  Seconds timeout{10};
  std::size_t body_bytes_max = 1024 * 1024;
  std::string user_agent = "cardea";
};

// Thread-safe: each call uses a handle of its own from a small pool, which keeps connections alive.
Transport curl_transport(CurlOptions options = {});

}  // namespace cardea::http

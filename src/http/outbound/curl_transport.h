// The optional default transport of cardea::client and cardea::resource: libcurl, blocking, no
// redirects, TLS verified always. The only room that includes libcurl.
#pragma once

#include <string>

#include "base/time.h"
#include "http/transport.h"

namespace cardea::http {

struct CurlOptions {
  std::string ca_file;  // PEM file to trust instead of the system's; "" for the system's
  // PEM files of a client certificate, with what leads to its authority, and of its key: presented
  // to servers that ask for one (RFC 8705 2). Both or neither; files that cannot be read fail each
  // request as `tls`.
  std::string certificate_file;
  std::string key_file;
  Seconds timeout{10};
  std::size_t body_bytes_max = 1024 * 1024;
  std::string user_agent = "cardea";
};

// Thread-safe: each call uses a handle of its own from a small pool, which keeps connections alive.
Transport curl_transport(CurlOptions options = {});

}  // namespace cardea::http

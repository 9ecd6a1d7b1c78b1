// One request over one libcurl handle, by rules that the caller gives. Nothing of the surroundings
// takes part: no proxy variables, no .netrc, no cookies, no redirects.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>

#include "base/ip_address.h"
#include "base/time.h"
#include "http/outbound/curl_library.h"
#include "http/transport.h"

namespace cardea::http {

struct CloseHandle {
  void operator()(CURL* handle) const { curl_library()->easy_cleanup(handle); }
};
using CurlHandle = std::unique_ptr<CURL, CloseHandle>;

struct RequestRules {
  std::string ca_file;           // PEM file to trust instead of the system's; "" for the system's
  std::string extra_ca_file;     // PEM file to trust besides the system's
  std::string certificate_file;  // PEM files of a client certificate and its key; "" for none
  std::string key_file;
  std::string user_agent;
  Seconds timeout{10};          // in total
  Seconds connect_timeout{10};  // until the connection stands
  std::size_t header_bytes_max = 64 * 1024;
  std::size_t body_bytes_max = 1024 * 1024;
  // Asked for each address before a socket is opened to it; empty: any.
  std::function<bool(const IpAddress&)> may_connect;
  // Whether the connection may serve another request of the handle.
  bool keeps_connection = true;
  // Once true, the request ends within a second; may be null.
  const std::atomic<bool>* stopping = nullptr;
};

// Blocks. curl_library() is there.
TransportResult perform(CURL* handle, const OutgoingRequest& request, const RequestRules& rules);

}  // namespace cardea::http

// What holds of every request that the listener accepts, in whatever version of HTTP it came.
#pragma once

#include <string>
#include <string_view>

#include "base/ascii.h"
#include "base/limits.h"
#include "fuzz/finding.h"
#include "http/message.h"

namespace cardea::fuzz {

inline bool is_token(std::string_view text) {
  if (text.empty()) return false;
  for (const char c : text) {
    if (!ascii::is_alnum(c) && std::string_view("!#$%&'*+-.^_`|~").find(c) == text.npos) {
      return false;
    }
  }
  return true;
}

inline void check_request(const http::Request& request) {
  const auto& [method, target, headers, body, peer, certificates] = request;
  expect(is_token(method) && target.starts_with('/'), "method or target is malformed");
  expect(target.find_first_of(" \t\r\n#") == target.npos, "the target has a separator");
  expect(target.size() <= limits::target_bytes_max, "the target is too long");
  expect(body.size() <= limits::body_bytes_max, "the body is too large");
  expect(headers.single("Host").has_value(), "not exactly one Host");
  expect(peer.empty() && certificates.empty(), "who asks is not for the request to say");
  for (const auto& [name, value] : headers.fields()) {
    expect(is_token(name), "a field name is no token: " + std::string(name));
    for (const char c : value) {
      expect(c == '\t' || (static_cast<unsigned char>(c) >= 0x20 && c != 0x7f),
             "a field value has a control character");
    }
  }
}

}  // namespace cardea::fuzz

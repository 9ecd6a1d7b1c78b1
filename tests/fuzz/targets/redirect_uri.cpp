// Redirect URIs (security corpus 7.1, 3.7): the matcher against one written anew as a pattern, and
// the URL parser against curl's. Input: "n" or "w", the registered URI, a line feed, the presented.
#include <arpa/inet.h>
#include <curl/curl.h>

#include <array>
#include <memory>
#include <optional>
#include <regex>
#include <string>

#include "base/ascii.h"
#include "base/url.h"
#include "fuzz/bytes.h"
#include "fuzz/finding.h"
#include "protocol/redirect_uri.h"

namespace cardea::fuzz {
namespace {

// Decision Q9 in one pattern: what floats is group 2.
bool reference_match(const std::string& registered, const std::string& presented, bool native) {
  static const std::regex loopback(
      R"(http://(127\.0\.0\.1|\[::1\]|localhost)(:[1-9][0-9]{0,4})?(|[/?][^#]*))");
  if (presented.size() > 2048) return false;
  for (const unsigned char c : presented) {
    if (c <= 0x20 || c >= 0x7f || c == '\\') return false;
  }
  if (registered == presented) return true;
  std::smatch a;
  std::smatch b;
  if (!native || !std::regex_match(registered, a, loopback) ||
      !std::regex_match(presented, b, loopback)) {
    return false;
  }
  const auto port = [](const std::smatch& m) {
    return m[2].matched ? std::stoi(m[2].str().substr(1)) : 80;
  };
  return a[1] == b[1] && a[3] == b[3] && port(a) <= 65535 && port(b) <= 65535;
}

// The host as curl reads it: lower case, numeric addresses in their usual form.
std::optional<std::string> curl_part(const std::string& text, CURLUPart part) {
  const std::unique_ptr<CURLU, decltype(&curl_url_cleanup)> url(curl_url(), curl_url_cleanup);
  if (curl_url_set(url.get(), CURLUPART_URL, text.c_str(), CURLU_PATH_AS_IS) != CURLUE_OK) {
    return std::nullopt;
  }
  char* found = nullptr;
  if (curl_url_get(url.get(), part, &found, CURLU_DEFAULT_PORT) != CURLUE_OK) return std::nullopt;
  std::string copy(found);
  curl_free(found);
  return copy;
}

// Spellings of one IPv6 address are one host.
std::string comparable(const std::string& host) {
  std::array<char, 16> bytes{};
  if (!host.starts_with('[')) return ascii::lower(host);
  if (inet_pton(AF_INET6, host.substr(1, host.size() - 2).c_str(), bytes.data()) != 1) return host;
  return "[" + std::string(bytes.data(), bytes.size()) + "]";
}

// What our parser accepts, curl reads in the same way.
void compare_with_curl(const std::string& text) {
  const auto ours = url::parse(text);
  if (!ours) return;
  const auto host = curl_part(text, CURLUPART_HOST);
  const auto port = curl_part(text, CURLUPART_PORT);
  expect(host.has_value(), "curl refuses the URL that url::parse accepts: " + text);
  expect(comparable(*host) == comparable(ours->host), "curl reads another host in " + text);
  expect(port == std::to_string(ours->effective_port()), "curl reads another port in " + text);
  const auto again = url::parse(ours->origin() + ours->path);
  expect(again && again->host == ours->host && again->origin() == ours->origin(),
         "an origin does not read back");
}

bool is_ipv4_loopback(const std::string& host) {
  std::array<unsigned char, 4> bytes{};
  return inet_pton(AF_INET, host.c_str(), bytes.data()) == 1 && bytes[0] == 127;
}

bool is_registrable(const std::string& uri, RedirectUriPolicy policy) {
  for (const auto& problem : check_redirect_uri_registration(uri, policy)) {
    if (!problem.is_warning) return false;
  }
  return true;
}

// What holds of everything that may be registered (security corpus 3.4).
void check_registration(const std::string& uri, ApplicationType type) {
  if (!is_registrable(uri, {.application_type = type})) return;
  expect(match_redirect_uri(uri, uri, type), "a registered URI does not match itself: " + uri);
  expect(uri.find_first_of("#*\"<>") == std::string::npos, "registered with a mark: " + uri);
  const auto scheme = ascii::lower(uri.substr(0, uri.find(':')));
  if (scheme != "http" && scheme != "https") {
    expect(type == ApplicationType::native && scheme.find('.') != std::string::npos,
           "a private scheme without a dot, or for a web client: " + uri);
    return;
  }
  const auto host = curl_part(uri, CURLUPART_HOST);
  expect(host.has_value(), "curl refuses a registered URI: " + uri);
  const auto bare = comparable(*host);
  const bool loopback = bare == "localhost" || bare == "localhost." ||
                        bare.ends_with(".localhost") || bare.ends_with(".localhost.") ||
                        is_ipv4_loopback(bare) || bare == comparable("[::1]") ||
                        bare.starts_with(comparable("[::ffff:127.0.0.0]").substr(0, 14));
  expect(loopback == is_local_redirect_uri(uri), "curl and we differ on who is local: " + uri);
  expect(!loopback || type == ApplicationType::native, "a web client is local: " + uri);
  expect(loopback || scheme == "https", "http beyond loopback: " + uri);
}

}  // namespace

void redirect_uri(std::string_view input) {
  Bytes bytes(input);
  const auto type = bytes.byte() == 'n' ? ApplicationType::native : ApplicationType::web;
  const std::string registered(bytes.line());
  const std::string presented(bytes.rest());
  const bool matched = match_redirect_uri(registered, presented, type);
  expect(matched == reference_match(registered, presented, type == ApplicationType::native),
         "the reference decides otherwise: " + registered + " " + presented);
  expect(matched == match_redirect_uri(presented, registered, type), "matching is not symmetric");
  if (registered.find('\0') == std::string::npos) {
    compare_with_curl(registered);
    check_registration(registered, type);
  }
}

}  // namespace cardea::fuzz

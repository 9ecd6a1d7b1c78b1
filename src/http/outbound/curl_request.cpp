// Options and callbacks of libcurl; see curl_request.h.
#include "http/outbound/curl_request.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include <cstring>
#include <optional>
#include <utility>

#include "base/ascii.h"

namespace cardea::http {
namespace {

using Kind = TransportFailure::Kind;

// Where Debian keeps the system's certificates by hash, so that a file of one's own adds to them.
constexpr const char* system_ca_directory = "/etc/ssl/certs";

struct FreeList {
  void operator()(curl_slist* list) const { curl_library()->slist_free_all(list); }
};
using HeaderList = std::unique_ptr<curl_slist, FreeList>;

// What the callbacks fill. They throw nothing: a refusal ends the transfer.
struct Receiving {
  Response response;
  std::size_t header_bytes_max = 0;
  std::size_t body_bytes_max = 0;
  std::size_t header_bytes = 0;
  bool too_large = false;
};

std::size_t take_body(char* bytes, std::size_t, std::size_t size, void* user) noexcept {
  auto& receiving = *static_cast<Receiving*>(user);
  if (receiving.response.body.size() + size > receiving.body_bytes_max) {
    receiving.too_large = true;
    return 0;
  }
  receiving.response.body.append(bytes, size);
  return size;
}

std::size_t take_header(char* bytes, std::size_t, std::size_t size, void* user) noexcept {
  auto& receiving = *static_cast<Receiving*>(user);
  receiving.header_bytes += size;
  if (receiving.header_bytes > receiving.header_bytes_max) {
    receiving.too_large = true;
    return 0;
  }
  std::string_view line(bytes, size);
  while (line.ends_with('\n') || line.ends_with('\r')) line.remove_suffix(1);
  if (line.starts_with("HTTP/")) {
    receiving.response.headers = {};  // after an interim response the final one begins
    return size;
  }
  if (const auto colon = line.find(':'); colon != std::string_view::npos) {
    receiving.response.headers.add(line.substr(0, colon), ascii::trim(line.substr(colon + 1)));
  }
  return size;
}

Kind kind_of(CURLcode code) {
  switch (code) {
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_CONNECT:
      return Kind::connect;
    case CURLE_OPERATION_TIMEDOUT:
      return Kind::timeout;
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CIPHER:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_ISSUER_ERROR:
      return Kind::tls;
    default:
      return Kind::other;
  }
}

bool is_one_line(std::string_view text) {
  return text.find_first_of(std::string_view("\r\n\0", 3)) == std::string_view::npos;
}

// Null when a field holds a line break: it would become another field (security corpus I06).
HeaderList header_list(const Headers& headers) {
  // Without this, libcurl asks for "100 Continue" before bodies above 1 MiB and waits for it.
  HeaderList list(curl_library()->slist_append(nullptr, "Expect:"));
  for (const auto& [name, value] : headers.fields()) {
    if (name.empty() || !is_one_line(name) || !is_one_line(value)) return nullptr;
    // "Name;" is libcurl's way to send a field without a value.
    std::string line(name);
    line.append(value.empty() ? ";" : ": ").append(value);
    auto* longer = curl_library()->slist_append(list.get(), line.c_str());
    if (longer == nullptr) return nullptr;
    static_cast<void>(list.release());
    list.reset(longer);
  }
  return list;
}

// What a guarded connection asks, and what it was told.
struct Guarding {
  const RequestRules& rules;
  bool refused = false;
};

std::optional<IpAddress> address_of(const curl_sockaddr& peer) {
  if (peer.family == AF_INET) {
    const auto& v4 = reinterpret_cast<const sockaddr_in&>(peer.addr);
    return ip_from_v4(reinterpret_cast<const std::uint8_t*>(&v4.sin_addr));
  }
  if (peer.family == AF_INET6) {
    const auto& v6 = reinterpret_cast<const sockaddr_in6&>(peer.addr);
    IpAddress address;
    std::memcpy(address.bytes.data(), &v6.sin6_addr, address.bytes.size());
    return address;
  }
  return std::nullopt;
}

// The address itself is judged, not the name that led to it, so that a name which resolves
// differently the second time changes nothing (security corpus 2.E, rebinding).
curl_socket_t open_guarded(void* user, curlsocktype, curl_sockaddr* peer) noexcept {
  auto& guarding = *static_cast<Guarding*>(user);
  const auto address = address_of(*peer);
  if (!address || !guarding.rules.may_connect(*address)) {
    guarding.refused = true;
    return CURL_SOCKET_BAD;
  }
  return socket(peer->family, peer->socktype | SOCK_CLOEXEC, peer->protocol);
}

int look_for_stop(void* user, curl_off_t, curl_off_t, curl_off_t, curl_off_t) noexcept {
  return *static_cast<const std::atomic<bool>*>(user) ? 1 : 0;
}

void set_trust(CURL* handle, const RequestRules& rules) {
  const CurlLibrary& curl = *curl_library();
  if (!rules.ca_file.empty()) {
    curl.setopt(handle, CURLOPT_CAINFO, rules.ca_file.c_str());
    curl.setopt(handle, CURLOPT_CAPATH, static_cast<char*>(nullptr));
  } else if (!rules.extra_ca_file.empty()) {
    curl.setopt(handle, CURLOPT_CAINFO, rules.extra_ca_file.c_str());
    curl.setopt(handle, CURLOPT_CAPATH, system_ca_directory);
  }
}

// A server's address cannot make the client present it elsewhere: redirects are not followed.
void set_certificate(CURL* handle, const RequestRules& rules) {
  if (rules.certificate_file.empty()) return;
  const CurlLibrary& curl = *curl_library();
  curl.setopt(handle, CURLOPT_SSLCERT, rules.certificate_file.c_str());
  curl.setopt(handle, CURLOPT_SSLKEY, rules.key_file.c_str());
}

void set_policy(CURL* handle, const RequestRules& rules) {
  const CurlLibrary& curl = *curl_library();
  curl.setopt(handle, CURLOPT_PROTOCOLS_STR, "http,https");
  curl.setopt(handle, CURLOPT_FOLLOWLOCATION, 0L);
  curl.setopt(handle, CURLOPT_PROXY, "");
  curl.setopt(handle, CURLOPT_NETRC, long{CURL_NETRC_IGNORED});
  curl.setopt(handle, CURLOPT_NOSIGNAL, 1L);
  curl.setopt(handle, CURLOPT_TIMEOUT_MS, static_cast<long>(rules.timeout.count * 1000));
  curl.setopt(handle, CURLOPT_CONNECTTIMEOUT_MS,
              static_cast<long>(rules.connect_timeout.count * 1000));
  curl.setopt(handle, CURLOPT_HTTP_VERSION, long{CURL_HTTP_VERSION_1_1});
  curl.setopt(handle, CURLOPT_SSLVERSION, long{CURL_SSLVERSION_TLSv1_2});
  curl.setopt(handle, CURLOPT_SSL_VERIFYPEER, 1L);
  curl.setopt(handle, CURLOPT_SSL_VERIFYHOST, 2L);
  curl.setopt(handle, CURLOPT_USERAGENT, rules.user_agent.c_str());
  if (!rules.keeps_connection) curl.setopt(handle, CURLOPT_FORBID_REUSE, 1L);
  set_trust(handle, rules);
  set_certificate(handle, rules);
}

void set_request(CURL* handle, const OutgoingRequest& request, const HeaderList& headers) {
  const CurlLibrary& curl = *curl_library();
  curl.setopt(handle, CURLOPT_URL, request.url.c_str());
  curl.setopt(handle, CURLOPT_HTTPHEADER, headers.get());
  if (request.method == "HEAD") {
    curl.setopt(handle, CURLOPT_NOBODY, 1L);
  } else if (request.method != "GET" || !request.body.empty()) {
    curl.setopt(handle, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
    curl.setopt(handle, CURLOPT_POSTFIELDS, request.body.data());
  }
  curl.setopt(handle, CURLOPT_CUSTOMREQUEST, request.method.c_str());
}

}  // namespace

TransportResult perform(CURL* handle, const OutgoingRequest& request, const RequestRules& rules) {
  const CurlLibrary& curl = *curl_library();
  const auto headers = header_list(request.headers);
  if (!headers || !is_one_line(request.method)) {
    return refuse(TransportFailure{Kind::other, "a header field cannot be sent"});
  }
  Receiving receiving;
  receiving.header_bytes_max = rules.header_bytes_max;
  receiving.body_bytes_max = rules.body_bytes_max;
  Guarding guarding{rules};
  set_policy(handle, rules);
  set_request(handle, request, headers);
  curl.setopt(handle, CURLOPT_WRITEFUNCTION, take_body);
  curl.setopt(handle, CURLOPT_WRITEDATA, &receiving);
  curl.setopt(handle, CURLOPT_HEADERFUNCTION, take_header);
  curl.setopt(handle, CURLOPT_HEADERDATA, &receiving);

  if (rules.may_connect) {
    curl.setopt(handle, CURLOPT_OPENSOCKETFUNCTION, open_guarded);
    curl.setopt(handle, CURLOPT_OPENSOCKETDATA, &guarding);
  }
  if (rules.stopping != nullptr) {
    curl.setopt(handle, CURLOPT_NOPROGRESS, 0L);
    curl.setopt(handle, CURLOPT_XFERINFOFUNCTION, look_for_stop);
    curl.setopt(handle, CURLOPT_XFERINFODATA, rules.stopping);
  }

  const auto code = curl.perform(handle);
  if (receiving.too_large) {
    return refuse(TransportFailure{Kind::too_large, "the response is too large"});
  }
  if (code == CURLE_COULDNT_CONNECT && guarding.refused) {
    return refuse(TransportFailure{Kind::refused, "the host's address may not be called"});
  }
  if (code != CURLE_OK) return refuse(TransportFailure{kind_of(code), curl.strerror(code)});
  long status = 0;
  curl.getinfo(handle, CURLINFO_RESPONSE_CODE, &status);
  receiving.response.status = static_cast<int>(status);
  return std::move(receiving.response);
}

}  // namespace cardea::http

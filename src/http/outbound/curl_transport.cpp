// The libcurl transport; see curl_transport.h.
#include "http/outbound/curl_transport.h"

#include <algorithm>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "base/ascii.h"
#include "base/url.h"
#include "http/outbound/curl_library.h"

namespace cardea::http {
namespace {

using Kind = TransportFailure::Kind;

constexpr std::size_t idle_handles_max = 8;
constexpr std::size_t header_bytes_max = 64 * 1024;

struct CloseHandle {
  void operator()(CURL* handle) const { curl_library()->easy_cleanup(handle); }
};
struct FreeList {
  void operator()(curl_slist* list) const { curl_library()->slist_free_all(list); }
};
using Handle = std::unique_ptr<CURL, CloseHandle>;
using HeaderList = std::unique_ptr<curl_slist, FreeList>;

// Handles that wait for their next request, each with the connections it keeps alive. Thread-safe.
class HandlePool {
 public:
  Handle take() {
    {
      const std::lock_guard lock(mutex_);
      if (!idle_.empty()) {
        auto handle = std::move(idle_.back());
        idle_.pop_back();
        return handle;
      }
    }
    return Handle(curl_library()->easy_init());
  }
  void give_back(Handle handle) {
    curl_library()->easy_reset(handle.get());  // forgets the request, keeps the connections
    const std::lock_guard lock(mutex_);
    if (idle_.size() < idle_handles_max) idle_.push_back(std::move(handle));
  }

 private:
  std::mutex mutex_;
  std::vector<Handle> idle_;
};

// What the callbacks fill. They throw nothing: a refusal ends the transfer.
struct Receiving {
  Response response;
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
  if (receiving.header_bytes > header_bytes_max) {
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
    receiving.response.headers.add(std::string(line.substr(0, colon)),
                                   std::string(ascii::trim(line.substr(colon + 1))));
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

// Nothing of the surroundings takes part: no proxy variables, no .netrc, no cookies, no redirects.
void set_policy(CURL* handle, const CurlOptions& options) {
  const CurlLibrary& curl = *curl_library();
  const auto milliseconds = static_cast<long>(options.timeout.count * 1000);
  curl.setopt(handle, CURLOPT_PROTOCOLS_STR, "http,https");
  curl.setopt(handle, CURLOPT_FOLLOWLOCATION, 0L);
  curl.setopt(handle, CURLOPT_PROXY, "");
  curl.setopt(handle, CURLOPT_NETRC, long{CURL_NETRC_IGNORED});
  curl.setopt(handle, CURLOPT_NOSIGNAL, 1L);
  curl.setopt(handle, CURLOPT_TIMEOUT_MS, milliseconds);
  curl.setopt(handle, CURLOPT_CONNECTTIMEOUT_MS, milliseconds);
  curl.setopt(handle, CURLOPT_HTTP_VERSION, long{CURL_HTTP_VERSION_1_1});
  curl.setopt(handle, CURLOPT_SSLVERSION, long{CURL_SSLVERSION_TLSv1_2});
  curl.setopt(handle, CURLOPT_SSL_VERIFYPEER, 1L);
  curl.setopt(handle, CURLOPT_SSL_VERIFYHOST, 2L);
  curl.setopt(handle, CURLOPT_USERAGENT, options.user_agent.c_str());
  if (!options.ca_file.empty()) {
    curl.setopt(handle, CURLOPT_CAINFO, options.ca_file.c_str());
    curl.setopt(handle, CURLOPT_CAPATH, static_cast<char*>(nullptr));
  }
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

TransportResult perform(CURL* handle, const OutgoingRequest& request, const CurlOptions& options) {
  const CurlLibrary& curl = *curl_library();
  const auto headers = header_list(request.headers);
  if (!headers || !is_one_line(request.method)) {
    return refuse(TransportFailure{Kind::other, "a header field cannot be sent"});
  }
  Receiving receiving;
  receiving.body_bytes_max = options.body_bytes_max;
  set_policy(handle, options);
  set_request(handle, request, headers);
  curl.setopt(handle, CURLOPT_WRITEFUNCTION, take_body);
  curl.setopt(handle, CURLOPT_WRITEDATA, &receiving);
  curl.setopt(handle, CURLOPT_HEADERFUNCTION, take_header);
  curl.setopt(handle, CURLOPT_HEADERDATA, &receiving);

  const auto code = curl.perform(handle);
  if (receiving.too_large) {
    return refuse(TransportFailure{Kind::too_large, "the response is too large"});
  }
  if (code != CURLE_OK) return refuse(TransportFailure{kind_of(code), curl.strerror(code)});
  long status = 0;
  curl.getinfo(handle, CURLINFO_RESPONSE_CODE, &status);
  receiving.response.status = static_cast<int>(status);
  return std::move(receiving.response);
}

}  // namespace

Transport curl_transport(CurlOptions options) {
  const auto pool = std::make_shared<HandlePool>();
  return [pool, options = std::move(options)](const OutgoingRequest& request) -> TransportResult {
    if (!url::parse(request.url)) {
      return refuse(TransportFailure{Kind::other, "the URL is not an http or https URL"});
    }
    if (curl_library() == nullptr) {
      return refuse(TransportFailure{Kind::other, "libcurl (libcurl.so.4) cannot be loaded"});
    }
    auto handle = pool->take();
    if (!handle) return refuse(TransportFailure{Kind::other, "libcurl cannot be set up"});
    auto result = perform(handle.get(), request, options);
    pool->give_back(std::move(handle));
    return result;
  };
}

}  // namespace cardea::http

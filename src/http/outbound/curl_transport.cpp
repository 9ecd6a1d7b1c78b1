// The libcurl transport; see curl_transport.h.
#include "http/outbound/curl_transport.h"

#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "base/url.h"
#include "http/outbound/curl_request.h"

namespace cardea::http {
namespace {

using Kind = TransportFailure::Kind;

constexpr std::size_t idle_handles_max = 8;

// Handles that wait for their next request, each with the connections it keeps alive. Thread-safe.
class HandlePool {
 public:
  CurlHandle take() {
    {
      const std::lock_guard lock(mutex_);
      if (!idle_.empty()) {
        auto handle = std::move(idle_.back());
        idle_.pop_back();
        return handle;
      }
    }
    return CurlHandle(curl_library()->easy_init());
  }
  void give_back(CurlHandle handle) {
    curl_library()->easy_reset(handle.get());  // forgets the request, keeps the connections
    const std::lock_guard lock(mutex_);
    if (idle_.size() < idle_handles_max) idle_.push_back(std::move(handle));
  }

 private:
  std::mutex mutex_;
  std::vector<CurlHandle> idle_;
};

}  // namespace

Transport curl_transport(CurlOptions options) {
  const auto pool = std::make_shared<HandlePool>();
  RequestRules rules{.ca_file = std::move(options.ca_file),
                     .certificate_file = std::move(options.certificate_file),
                     .key_file = std::move(options.key_file),
                     .user_agent = std::move(options.user_agent),
                     .timeout = options.timeout,
                     .connect_timeout = options.timeout,
                     .body_bytes_max = options.body_bytes_max};
  return [pool, rules = std::move(rules)](const OutgoingRequest& request) -> TransportResult {
    if (!url::parse(request.url)) {
      return refuse(TransportFailure{Kind::other, "the URL is not an http or https URL"});
    }
    if (curl_library() == nullptr) {
      return refuse(TransportFailure{Kind::other, "libcurl (libcurl.so.4) cannot be loaded"});
    }
    auto handle = pool->take();
    if (!handle) return refuse(TransportFailure{Kind::other, "libcurl cannot be set up"});
    auto result = perform(handle.get(), request, rules);
    pool->give_back(std::move(handle));
    return result;
  };
}

}  // namespace cardea::http

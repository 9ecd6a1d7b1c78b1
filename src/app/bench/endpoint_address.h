// Where requests go: origins looked up once, and the rule that a load stays on this machine unless
// its owner said otherwise.
#pragma once

#include <sys/socket.h>

#include <map>
#include <string>

#include "base/result.h"
#include "base/url.h"

namespace cardea::app::bench {

// Whether other machines may be put under load.
enum class Reach { this_machine, anywhere };

struct EndpointAddress {
  sockaddr_storage address{};
  socklen_t size = 0;
  std::string host;  // for TLS; as in the URL
  bool is_tls = false;
};

// Looks names up in /etc/hosts and keeps what it found. Nothing else is asked: this program links
// no resolver, so that no request can make a server ask one. For one thread.
class EndpointAddresses {
 public:
  explicit EndpointAddresses(Reach reach) : reach_(reach) {}
  // The pointer lasts as long as this object. Refuses, with a sentence: a name that is not found,
  // another machine where the load is to stay here.
  Result<const EndpointAddress*, std::string> find(const url::Parts& url);

 private:
  Reach reach_;
  std::map<std::string, EndpointAddress> known_;  // by origin
};

}  // namespace cardea::app::bench

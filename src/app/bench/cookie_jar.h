// The cookies of one browser, as far as a sign-in needs them (RFC 6265 5.3, 5.4): which were set,
// and which go with a request. No public suffixes, no dates but "delete this". Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/url.h"

namespace cardea::app::bench {

class CookieJar {
 public:
  // set_cookie: the value of a Set-Cookie field that came from `from`. What is malformed, or set
  // for another host, is ignored.
  void store(const url::Parts& from, std::string_view set_cookie);
  // The value of the Cookie field for that URL; "" when none is to be sent. Secure ones go over
  // https and to loopback hosts, as browsers do.
  std::string header_for(const url::Parts& to) const;
  bool is_empty() const { return cookies_.empty(); }

 private:
  struct Cookie {
    std::string name;
    std::string value;
    std::string host;
    std::string path;
    bool for_subdomains = false;
    bool secure = false;
  };
  std::vector<Cookie> cookies_;
};

}  // namespace cardea::app::bench

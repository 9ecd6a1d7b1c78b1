// A browser that signs a person in by script: follows redirects with a cookie jar, fills the form
// that asks for a password, presses the button that accepts. Works with servers whose pages are
// plain forms; those that need a script, a second factor or a captcha end in a refusal that says
// so.
#pragma once

#include <string>

#include "app/bench/cookie_jar.h"
#include "app/bench/endpoint_address.h"
#include "app/bench/html_forms.h"
#include "base/result.h"
#include "http/transport.h"

namespace cardea::app::bench {

class Browser {
 public:
  // transport and addresses outlive it; the latter judges every address that it is sent to.
  Browser(const http::Transport& transport, EndpointAddresses& addresses)
      : transport_(transport), addresses_(addresses) {}

  // From `url` to the first redirect that begins with `until`, which is not followed: that URL.
  // Blocks. Refuses, with a sentence without credentials, when a page has no form to go on with,
  // the password was asked for twice, or 20 pages did not lead there.
  Result<std::string, std::string> go(const std::string& url, const std::string& until,
                                      const Credentials& credentials);
  const CookieJar& cookies() const { return jar_; }

 private:
  struct Visit {
    http::OutgoingRequest request;
    url::Parts at;
  };
  Result<http::Response, std::string> load(Visit& visit);
  Result<Visit, std::string> next_visit(const Visit& from, const http::Response& page,
                                        const Credentials& credentials);
  Result<Visit, std::string> visit_of(const std::string& url) const;

  const http::Transport& transport_;
  EndpointAddresses& addresses_;
  CookieJar jar_;
  bool password_sent_ = false;
};

}  // namespace cardea::app::bench

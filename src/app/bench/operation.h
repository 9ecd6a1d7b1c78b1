// What one connection does again and again: an operation is one or more requests, each judged by
// its reply. Machines without sockets or clock; the load loop moves the bytes.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "app/bench/cookie_jar.h"
#include "app/bench/endpoint_address.h"
#include "app/bench/provider.h"
#include "app/bench/reply_reader.h"
#include "app/bench/workload.h"
#include "protocol/pkce.h"

namespace cardea::app::bench {

class Operation {
 public:
  virtual ~Operation() = default;

  struct Request {
    const EndpointAddress* to = nullptr;  // never null
    std::string_view text;                // valid until the next call
  };
  // The request to send now.
  virtual Request next() = 0;

  enum class Progress { more, done, failed };
  struct Verdict {
    Progress progress = Progress::done;
    std::string error;  // of a failed one: "401 invalid_client"; holds no text of the reply's but
                        // the code of RFC 6749 5.2
  };
  // Judges the reply to it. After `done` and `failed`, next() begins anew.
  virtual Verdict take(const Reply& reply) = 0;
  // The connection broke: next() begins anew.
  virtual void start_over() {}
};

// What a connection starts with. Which of it a workload needs: refresh a refresh token,
// introspection and userinfo an access token, code the cookies of somebody signed in.
struct Material {
  BenchToken token;
  CookieJar cookies;
  pkce::Verifier verifier;
};

// provider and addresses outlive it. Refuses, with a sentence, when an endpoint is missing or may
// not be put under load.
Result<std::unique_ptr<Operation>, std::string> make_operation(Workload workload,
                                                               const Provider& provider,
                                                               const Material& material,
                                                               EndpointAddresses& addresses);

// "401 invalid_client", "200 without access_token": for the tally of errors. A code that is not
// one (RFC 6749 5.2: visible ASCII) is left out.
std::string describe_failure(const Reply& reply, std::string_view missing);

}  // namespace cardea::app::bench

// The fetcher over libcurl: a few threads that start when they are needed, each busy with one
// request. Refuses what outgoing_url_defect refuses, and every address that is not public at the
// moment of connecting (security corpus 2.E).
#pragma once

#include <memory>
#include <string>

#include "base/outgoing_url.h"
#include "http/fetcher.h"

namespace cardea::http {

struct CurlFetcherOptions {
  OutgoingReach reach = OutgoingReach::open_internet;
  std::string extra_ca_file;  // PEM file to trust besides the system's; "" for none
  std::string user_agent = "cardea";
};

class CurlFetcher final : public Fetcher {
 public:
  explicit CurlFetcher(CurlFetcherOptions options);
  ~CurlFetcher() override;  // as stop()

  void submit(Fetch fetch, Done done) override;
  // Ends what is under way within a second and refuses what waits and what comes. Blocks until no
  // done is called any more. Thread-safe.
  void stop();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace cardea::http

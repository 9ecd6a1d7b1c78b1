// What `cardea bench` was asked for, as it was parsed; run.h judges it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "app/bench/endpoint_address.h"
#include "app/bench/load.h"
#include "app/bench/provider.h"

namespace cardea::app::bench {

struct BenchOptions {
  std::string issuer;
  std::vector<std::string> workloads{"discovery"};

  std::string client_id;
  std::string client_secret_file;  // "-": standard input; "": the environment, or none
  std::optional<ClientAuthentication> client_authentication;
  std::string redirect_uri;
  std::string scope = "openid";
  std::string client_scope;
  std::string resource;
  std::string introspection_endpoint;  // "": the metadata's

  std::string user;
  std::string password_file;  // as client_secret_file
  std::string prompt;

  int connections = 32;
  int threads = 1;
  double seconds = 5;
  double warm_up_seconds = 1;
  std::optional<double> rate;  // operations a second; nothing: closed loop
  Waiting waiting = Waiting::sleeps;
  std::vector<int> pids;
  std::string curve_file;  // "": none
  std::string ca_file;     // "": the system's
  Reach reach = Reach::this_machine;
};

}  // namespace cardea::app::bench

// /livez, /readyz and /metrics on a loopback listener of their own.
#pragma once

#include "app/metrics.h"
#include "app/node.h"
#include "http/listener/listener.h"

namespace cardea::app {

// The handler; node and metrics outlive it.
//   /livez    200 while the process answers at all
//   /readyz   200 when the store answers and signing keys are there, else 503; ?verbose names each
//   check /metrics  Prometheus text
http::Handler management_handler(Node& node, const Metrics& metrics);

}  // namespace cardea::app

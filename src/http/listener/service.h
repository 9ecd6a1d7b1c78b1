// What every connection of a listener shares and none may change: options, handler, proxies, log,
// clock.
#pragma once

#include <string>
#include <string_view>

#include "base/log.h"
#include "base/time.h"
#include "http/listener/admission.h"
#include "http/listener/listener.h"
#include "http/listener/peer.h"

namespace cardea::http {

struct Service {
  Service(ListenerOptions given, Handler to_call, TrustedProxies proxies, Log& events)
      : options(std::move(given)),
        handler(std::move(to_call)),
        trusted(std::move(proxies)),
        log(events),
        clock(options.clock != nullptr ? *options.clock : system_clock),
        admission({.total = options.connections_max,
                   .per_address = options.connections_per_address_max}) {}

  const ListenerOptions options;
  const Handler handler;
  const TrustedProxies trusted;
  Log& log;
  const SystemClock system_clock;
  const Clock& clock;
  Admission admission;
};

}  // namespace cardea::http

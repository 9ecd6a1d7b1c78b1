// The words of transport.h.
#include "http/transport.h"

namespace cardea::http {

std::string_view name_of(TransportFailure::Kind kind) {
  switch (kind) {
    case TransportFailure::Kind::connect:
      return "connect";
    case TransportFailure::Kind::tls:
      return "tls";
    case TransportFailure::Kind::timeout:
      return "timeout";
    case TransportFailure::Kind::too_large:
      return "too_large";
    case TransportFailure::Kind::refused:
      return "refused";
    case TransportFailure::Kind::overloaded:
      return "overloaded";
    case TransportFailure::Kind::other:
      return "other";
  }
  ensure(false);
  return {};
}

}  // namespace cardea::http

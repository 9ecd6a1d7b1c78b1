// The words of fetcher.h.
#include "http/fetcher.h"

#include "base/result.h"

namespace cardea::http {

std::string_view name_of(FetchPurpose purpose) {
  switch (purpose) {
    case FetchPurpose::client_keys:
      return "client_keys";
    case FetchPurpose::backchannel_logout:
      return "backchannel_logout";
    case FetchPurpose::ciba_ping:
      return "ciba_ping";
    case FetchPurpose::client_metadata:
      return "client_metadata";
    case FetchPurpose::sector_identifier:
      return "sector_identifier";
    case FetchPurpose::request_object:
      return "request_object";
  }
  ensure(false);
  return {};
}

}  // namespace cardea::http

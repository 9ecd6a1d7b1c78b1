// The grant of backchannel authentication, by polling (CIBA Core 10.1).
#include "server/grants/poll.h"

namespace cardea::grants {

Task<Exchanged> ciba(const Deps& deps, Exchange& exchange, const RawParameters& parameters,
                     const AuthenticatedClient& caller) {
  const auto text = parameters.find("auth_req_id");
  if (!text) {
    co_return refuse(missing_parameter("CARDEA-CIBA-009", ciba_core("10.1"),
                                       "The auth_req_id parameter is missing."));
  }
  co_return co_await poll(
      deps, exchange, parameters, caller.client(),
      {.purpose = SealPurpose::auth_req_id, .text = std::string(*text), .spec = ciba_core("11")});
}

}  // namespace cardea::grants

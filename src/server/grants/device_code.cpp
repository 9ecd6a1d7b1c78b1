// The device grant (RFC 8628 3.4).
#include "server/grants/poll.h"

namespace cardea::grants {

Task<Exchanged> device_code(const Deps& deps, Exchange& exchange, const RawParameters& parameters,
                            const AuthenticatedClient& caller) {
  const auto text = parameters.find("device_code");
  if (!text) {
    co_return refuse(missing_parameter("CARDEA-DEVICE-004", rfc8628("3.4"),
                                       "The device_code parameter is missing."));
  }
  co_return co_await poll(
      deps, exchange, parameters, caller.client(),
      {.purpose = SealPurpose::device_code, .text = std::string(*text), .spec = rfc8628("3.5")});
}

}  // namespace cardea::grants

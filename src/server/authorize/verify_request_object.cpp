// Keys, then the checks; see verify_request_object.h.
#include "server/authorize/verify_request_object.h"

#include "jose/jws.h"
#include "server/outgoing/client_keys.h"

namespace cardea {

Task<Result<RequestObject, RequestObjectRefusal>> verify_request_object(const Deps& deps,
                                                                        const Client& client,
                                                                        RequestObjectKind kind,
                                                                        std::string object,
                                                                        Instant now) {
  const auto kid = jose::unverified_kid(object);
  const auto keys = co_await client_keys(deps, client, holding_kid(kid), now);
  if (!keys) co_return refuse(RequestObjectRefusal{rfc9101("6.2"), keys.error()});
  const bool is_backchannel = kind == RequestObjectKind::backchannel_authentication;
  const RequestObjectExpectations expected{
      .kind = kind,
      .client_id = client.client_id.value(),
      .issuer = deps.settings.issuer,
      .algorithm = is_backchannel ? client.backchannel_authentication_request_signing_alg
                                  : client.request_object_signing_alg,
      .profile = client.profile};
  co_return check_request_object(object, **keys, expected, now);
}

}  // namespace cardea

// What a request presents to prove its client, read but not judged: strict Basic (RFC 6749 2.3.1,
// Appendix B; RFC 7617), body secret, assertion or nothing.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "base/result.h"
#include "base/secret.h"
#include "protocol/parameters.h"
#include "server/json_answer.h"

namespace cardea {

using ClientSecret = Secret<struct ClientSecretTag>;

struct PresentedSecret {
  ClientAuthMethod method = ClientAuthMethod::client_secret_basic;
  // Readings of the same bytes, the preferred one first: libraries differ in whether they
  // form-encode Basic credentials (experience 1.5).
  std::vector<std::string> client_ids;
  std::vector<ClientSecret> secrets;
};
struct PresentedAssertion {
  std::string client_id;  // the parameter; "" when absent
  std::string type;
  ClientSecret assertion;
};
struct PresentedNothing {
  std::string client_id;  // "" when absent
};
using Presented = std::variant<PresentedSecret, PresentedAssertion, PresentedNothing>;

// Refuses more than one method (RFC 6749 2.3) and an unreadable header.
Result<Presented, JsonRefusal> read_presented(const Exchange& exchange,
                                              const RawParameters& parameters);

// The one refusal of a client that is not who it says (RFC 6749 5.2): the public sentence never
// tells why.
JsonRefusal invalid_client(const Exchange& exchange, std::string_view rule, SpecRef spec,
                           std::string reason, std::string fix = {});

}  // namespace cardea

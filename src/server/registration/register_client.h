// From the body of a registration request to a client that could be kept: software statement,
// metadata, rules, keys, sector. One way for registering and for changing a registration
// (RFC 7591 3.1, RFC 7592 2.2), so that a change passes every rule again (7592-01).
#pragma once

#include <string>

#include "base/json.h"
#include "base/result.h"
#include "domain/client.h"
#include "server/deps.h"
#include "server/exchange.h"
#include "server/json_answer.h"
#include "task/task.h"

namespace cardea {

// A client as it may be kept, and what only this answer can tell it.
struct AcceptedRegistration {
  Client client;
  std::string client_secret;              // made now; "": it has none, or has one already
  std::string registration_access_token;  // made now (RFC 7592 1.2)
};

// The JSON object of the body. Refuses invalid_client_metadata: another content type, a coding, or
// anything but one JSON object.
Result<json::Object, JsonRefusal> read_registration_body(const http::Request& request);

// former: the client that is changed, null for a new one; outlives the task. What the metadata
// leaves out has its default again (RFC 7592 2.2). Secrets stay while there is a method that uses
// them. Refuses: invalid_redirect_uri, invalid_client_metadata, invalid_software_statement,
// unapproved_software_statement. Reads, and fetches the sector's list; writes nothing.
Task<Result<AcceptedRegistration, JsonRefusal>> accept_registration(const Deps& deps,
                                                                    const Exchange& exchange,
                                                                    json::Object metadata,
                                                                    const Client* former);

// What the store keeps of a registration access token.
RegistrationTokenDigest registration_token_digest(std::string_view token);

// The client information response (RFC 7591 3.2.1, RFC 7592 3).
http::Response registration_answer(const Deps& deps, int status,
                                   const AcceptedRegistration& registration);

}  // namespace cardea

// How an authorization request reached us. A client may send it by value, as a request object that
// it signed (RFC 9101), publish such an object and send its address, or push it and send a
// reference (RFC 9126). Whatever the way, one set of parameters comes out that alone counts, and
// every rule after this looks at that.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "protocol/parameters.h"
#include "protocol/spec.h"
#include "server/authorize/objection.h"
#include "server/deps.h"
#include "task/task.h"

namespace cardea {

struct AskedRequest {
  enum class Way { plain, request_object, pushed };
  Way way = Way::plain;
  bool is_signed = false;  // by a request object, whatever its way
  RawParameters parameters;
  // Of a pushed request, which is completed once (RFC 9126 7.3).
  std::optional<OneTime> completes;
};

// Resolves `request` and `request_uri` in the parameters of a browser's request; others pass as
// they are. Refuses with a page, because no address is proven yet: both at once, either one
// repeated, an unknown, expired, used or foreign reference, an address that the client does not
// register or that gives nothing (invalid_request_uri), an object that is not this client's or in
// any way wrong (invalid_request_object). Reads; writes nothing; fetches from registered addresses
// alone, and waits for that without holding anybody up.
Task<store::Answer<Result<AskedRequest, PageError>>> take_request(const Deps& deps,
                                                                  Exchange& exchange,
                                                                  RawParameters raw);

// The request object of a pushed request resolved the same way; `client` is authenticated. A
// request without an object passes as it is.
Task<Result<AskedRequest, PageError>> take_pushed(const Deps& deps, Exchange& exchange,
                                                  const Client& client, RawParameters raw);

// Whether requests of this client count only when they were pushed (RFC 9126 5 and 6).
bool must_push(const Settings& settings, const Client& client);

// The refusal of a pushed request that was completed meanwhile.
PageError completed_before();

// As text for a parked interaction, and back; nothing when the text is not one that write made.
std::string write_asked(const AskedRequest& asked);
std::optional<AskedRequest> read_asked(std::string_view text);

// --- references (RFC 9126 2.2)

struct PushedReference {
  std::string request_uri;
  Seconds lifetime{};
};
// Nothing when this source has left too many large requests. `source`: the client, or for one that
// cannot prove itself its address. Writes only a request that is too large to travel in the
// reference.
Task<store::Answer<std::optional<PushedReference>>> mint_reference(const Deps& deps,
                                                                   const Exchange& exchange,
                                                                   const Client& client,
                                                                   const AskedRequest& asked);

}  // namespace cardea

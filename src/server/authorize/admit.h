// From the parameters that count to an admitted authorization request: client, redirect_uri, then
// the check table. What fails before a ReplyTarget exists is a PageError; what fails after goes
// there.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "protocol/authorization_request.h"
#include "server/authorize/asked_request.h"
#include "server/authorize/id_token_hint.h"
#include "server/authorize/objection.h"
#include "server/authorize/reply_target.h"
#include "server/deps.h"

namespace cardea {

// A device that polls for the answer (RFC 8628), in place of an address to send it to.
struct WaitingDevice {
  GrantId request_id;
  std::string user_code;  // as it is shown: "WDJB-MJHT"
  std::string address;    // where the device asked from
  Instant asked_at{};
  Instant expires_at{};
};

// A request that every rule let pass, with what follows from it alone.
struct Admitted {
  std::shared_ptr<const Client> client;
  std::variant<ReplyTarget, WaitingDevice> destination;
  AuthorizationRequest request;
  std::optional<IdTokenHint> hint;
  std::vector<std::string> scopes;  // effective_scopes()
  // What must be approved beside scopes: claims_beyond_scopes(), and words_of() the
  // authorization_details.
  std::vector<std::string> claims_words;
  std::vector<ResourceId> resources;  // choose_resources()

  // Null where a device waits, and the other way round.
  const ReplyTarget* target() const { return std::get_if<ReplyTarget>(&destination); }
  const WaitingDevice* device() const { return std::get_if<WaitingDevice>(&destination); }
};

// Refused after the address was proven: the client is told.
struct Rejected {
  ReplyTarget target;
  Objection objection;
};

using Judgement = std::variant<Admitted, Rejected, PageError>;

// Reads memory only (registry, keys, settings): pure but for the notes on the exchange. Called
// again at every step of an interaction, so a withdrawn client or redirect URI holds at once (X25).
Judgement admit(const Deps& deps, Exchange& exchange, const AskedRequest& asked);

}  // namespace cardea

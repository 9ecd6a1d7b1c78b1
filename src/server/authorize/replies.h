// The answers of the browser endpoints: pages of ours, redirects of ours, and responses to a proven
// ReplyTarget. Every refusal is recorded on the exchange here, once.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/parameters.h"
#include "server/authorize/objection.h"
#include "server/authorize/reply_target.h"
#include "server/deps.h"
#include "server/tokens/recipient.h"
#include "task/task.h"

namespace cardea {

PageFrame frame_of(const Exchange& exchange, const std::vector<std::string>& ui_locales);

// A refusal shown in place: never a Location, the OAuth code in visible text (decision P5).
http::Response page_error(const Deps& deps, Exchange& exchange, const PageError& refusal,
                          const std::vector<std::string>& ui_locales = {});

// What the modes of JARM need: the key that signs, and the one of the client to encrypt to where it
// registered that. Empty for the other modes.
struct Envelope {
  std::shared_ptr<const ReadyKey> key;
  std::optional<Recipient> recipient;
};
// Before anything is minted. Refuses with a page, for what cannot be signed or encrypted as the
// client registered is sent in no other way: server_error (no key to sign with), invalid_request
// (no key to encrypt to, or it cannot be had). target: outlives the task, here and below.
Task<Result<Envelope, PageError>> find_envelope(const Deps& deps, const Exchange& exchange,
                                                const ReplyTarget& target);

// Sends parameters to the client: 303 (RFC 9700 4.12), or the form_post page; as one JWT where the
// mode says so (JARM 2). envelope: of this target.
http::Response reply(const Deps& deps, const Exchange& exchange, const ReplyTarget& target,
                     const Envelope& envelope, const ParameterPairs& parameters);
// Tells the client why it is refused, with state and iss; a page where find_envelope() refuses. A
// client that registered itself is told when the person says so on a page (RFC 9700 4.11.2).
Task<http::Response> reply_refusal(const Deps& deps, Exchange& exchange, const ReplyTarget& target,
                                   Objection objection);
// The same where the person has just pressed a button that leads there.
Task<http::Response> reply_denial(const Deps& deps, Exchange& exchange, const ReplyTarget& target,
                                  Objection objection);

// 303 to an address of ours below the issuer: "/interaction/...". Never built from input.
http::Response go_to(const Settings& settings, std::string_view path);

// The store failed: 503 with Retry-After; logged here, once. Nothing was done that the person must
// know of.
http::Response unavailable(const Deps& deps, Exchange& exchange, const store::Failure& failure);

// The parameters of a query or of a form body. Refuses with a page: malformed encoding, a body that
// is no form (415), a body and a query both (X05).
Result<RawParameters, PageError> read_parameters(Exchange& exchange);

}  // namespace cardea

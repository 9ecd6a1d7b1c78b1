// Resolving request objects and references; see asked_request.h.
#include "server/authorize/asked_request.h"

#include <algorithm>
#include <utility>

#include "base/ascii.h"
#include "base/limits.h"
#include "domain/one_time.h"
#include "http/form.h"
#include "jose/jwe.h"
#include "server/authorize/verify_request_object.h"
#include "server/outgoing/client_keys.h"
#include "server/outgoing/request_object_documents.h"
#include "server/seals/carried.h"
#include "server/sign_in/throttle.h"

namespace cardea {
namespace {

using Taken = Result<AskedRequest, PageError>;

constexpr std::string_view reference_prefix = "urn:ietf:params:oauth:request_uri:";

PageError page(OAuthError error, std::string fix) {
  return {std::move(error), std::move(fix), 400};
}

PageError bad_reference(std::string_view rule, SpecRef spec, std::string reason) {
  return page(
      {ErrorCode::invalid_request_uri, rule, spec,
       "The request_uri is unknown, expired or used, or not this client's.", std::move(reason)},
      "Push the request again and send the new request_uri once.");
}

PageError bad_address(std::string_view rule, SpecRef spec, std::string reason) {
  return page(
      {ErrorCode::invalid_request_uri, rule, spec,
       "The request_uri is not registered for this client, or gives no request.",
       std::move(reason)},
      "Register it in request_uris, byte by byte, and answer there with the signed object.");
}

PageError bad_object(SpecRef spec, std::string reason) {
  return page({ErrorCode::invalid_request_object, "CARDEA-OBJECT-001", spec,
               "The request object is not valid for this client.", std::move(reason)},
              "Sign it with a key of the client's jwks: iss and client_id the client_id, aud the "
              "issuer, exp ahead, and every parameter inside.");
}

PageError twice(std::string_view rule, SpecRef spec, std::string_view description,
                std::string reason) {
  return page({ErrorCode::invalid_request, rule, spec, description, std::move(reason)},
              "Send one of request and request_uri, once.");
}

// Q12: what the inspector shows of an object is what it says.
void show(Exchange& exchange, const AskedRequest& asked) {
  if (exchange.is_shown) exchange.shown_parameters = masked(asked.parameters.pairs());
}

// The signed object inside of an encrypted one (RFC 9101 6.1); one that is not encrypted is itself.
// What a client may encrypt with it has registered (RFC 8725 3.1).
Result<std::string, PageError> decrypted(const Deps& deps, const Client& client,
                                         std::string object) {
  if (!jose::has_jwe_form(object)) return object;
  const auto& management = client.request_object_encryption_alg;
  const auto& encryption = client.request_object_encryption_enc;
  if (!management || !encryption) {
    return refuse(bad_object(rfc9101("6.1"), "encrypted, and the client registers no algorithm"));
  }
  auto opened = jose::decrypt(object, *deps.keys.decryption_keys(), {{*management}, {*encryption}});
  if (!opened) {
    return refuse(bad_object(rfc9101("6.1"), std::string(jose::name_of(opened.error()))));
  }
  return std::move(opened->plaintext);
}

// client: outlives the task.
Task<Taken> by_object(const Deps& deps, Exchange& exchange, const Client& client, std::string sent,
                      AskedRequest::Way way) {
  const auto object = decrypted(deps, client, std::move(sent));
  if (!object) co_return refuse(object.error());
  auto read = co_await verify_request_object(deps, client, RequestObjectKind::authorization,
                                             *object, exchange.now);
  if (!read) co_return refuse(bad_object(read.error().spec, read.error().reason));
  exchange.pass("CARDEA-OBJECT-001", rfc9101("6.3"), "the request object is this client's");
  AskedRequest asked{
      .way = way, .is_signed = true, .parameters = RawParameters(std::move(read->parameters))};
  show(exchange, asked);
  co_return asked;
}

// RFC 9101 5.2.3, 10.4: only what the client registered is ever fetched. client: outlives the task.
Task<Taken> by_address(const Deps& deps, Exchange& exchange, const Client& client,
                       std::string uri) {
  if (must_push(deps.settings, client)) {
    co_return refuse(page({ErrorCode::invalid_request, "CARDEA-AUTHORIZE-003", rfc9126("5"),
                           "The request must be pushed first.",
                           "pushed requests are required and this one is published"},
                          "Push the request, and send the request_uri that this gives."));
  }
  if (std::ranges::find(client.request_uris, uri) == client.request_uris.end()) {
    co_return refuse(bad_address("CARDEA-OBJECT-005", rfc9101("10.4"),
                                 "request_uri is not one of the client's request_uris"));
  }
  using Documents = RequestObjectDocuments;
  const auto lane = lane_of(client);
  const auto kept =
      co_await deps.request_object_documents.find(uri, exchange.now, Documents::Wish::usable, lane);
  if (!kept) co_return refuse(bad_address("CARDEA-OBJECT-006", rfc9101("5.2.3"), kept.error()));
  auto asked =
      co_await by_object(deps, exchange, client, **kept, AskedRequest::Way::request_object);
  if (asked) co_return asked;
  // What was kept may have expired, or been signed with a key that is gone, and another be there.
  const auto newer =
      co_await deps.request_object_documents.find(uri, exchange.now, Documents::Wish::newer, lane);
  if (!newer || **newer == **kept) co_return asked;
  co_return co_await by_object(deps, exchange, client, **newer, AskedRequest::Way::request_object);
}

// A reference is no secret to the browser, and what it stands for is nothing that the address bar
// should show; sealed, it is both short-lived and mute.
struct Reference {
  ParkedId value_id;
  Instant expires_at{};
  AskedRequest asked;
};

std::string write_reference(const Reference& reference) {
  FactWriter facts = begin_carried();
  facts.identifier(reference.value_id.value());
  facts.instant(reference.expires_at);
  facts.number(reference.asked.is_signed ? 1 : 0);
  const auto& pairs = reference.asked.parameters.pairs();
  facts.number(pairs.size());
  for (const auto& [name, value] : pairs) {
    facts.word(name);
    facts.word(value);
  }
  return facts.take();
}

std::optional<Reference> read_reference(std::string_view body) {
  FactReader facts(body);
  Reference reference;
  reference.value_id = ParkedId(facts.identifier());
  reference.expires_at = facts.instant();
  reference.asked.way = AskedRequest::Way::pushed;
  reference.asked.is_signed = facts.number() == 1;
  const auto count = std::min<std::uint64_t>(facts.number(), limits::parameters_max);
  ParameterPairs pairs;
  for (std::uint64_t i = 0; i < count; ++i) {
    auto name = facts.word();
    pairs.emplace_back(std::move(name), facts.word());
  }
  if (!facts.complete()) return std::nullopt;
  reference.asked.parameters = RawParameters(std::move(pairs));
  return reference;
}

Task<store::Answer<Taken>> by_reference(const Deps& deps, Exchange& exchange, RawParameters raw,
                                        std::string uri) {
  const auto bad = [](SpecRef spec, std::string reason) {
    return Taken(refuse(bad_reference("CARDEA-PAR-010", spec, std::move(reason))));
  };
  const auto text = std::string_view(uri).substr(reference_prefix.size());
  const auto body = co_await open_carried(deps, SealPurpose::pushed_request, text);
  if (!body) co_return refuse(body.error());
  auto reference = *body ? read_reference(**body) : std::nullopt;
  if (!reference) co_return bad(rfc9126("4"), "no request was pushed under this request_uri");
  if (exchange.now >= reference->expires_at) {
    co_return bad(rfc9126("2.2"), "the pushed request has expired");
  }
  AskedRequest& asked = reference->asked;
  // RFC 9126 4: client_id is sent beside the reference, and must be that of the client that pushed.
  if (raw.repeated("client_id") || raw.get("client_id") != asked.parameters.get("client_id")) {
    co_return bad(rfc9126("2.2"), "client_id is not that of the client that pushed the request");
  }
  // The person has as long as an interaction may take, once its first page was shown in time.
  asked.completes =
      OneTime{.digest = once_digest("pushed_request", {reference->value_id.value()}),
              .until = reference->expires_at + deps.settings.lifetimes.interaction + minutes(1)};
  const auto used = co_await deps.store.is_spent(asked.completes->digest, exchange.now);
  if (!used) co_return refuse(used.error());
  if (*used) co_return Taken(refuse(completed_before()));
  exchange.pass("CARDEA-PAR-010", rfc9126("4"), "the request was pushed by this client, in time");
  show(exchange, asked);
  co_return Taken(std::move(asked));
}

}  // namespace

Task<store::Answer<Result<AskedRequest, PageError>>> take_request(const Deps& deps,
                                                                  Exchange& exchange,
                                                                  RawParameters raw) {
  for (const std::string_view name : {"request", "request_uri"}) {
    if (raw.repeated(name)) {
      co_return Taken(
          refuse(twice("CARDEA-OBJECT-002", rfc6749("3.1"), "A parameter was sent more than once.",
                       "repeated: " + std::string(name))));
    }
  }
  const auto object = raw.find("request");
  const auto uri = raw.find("request_uri");
  if (object && uri) {
    co_return Taken(refuse(twice("CARDEA-OBJECT-003", rfc9101("5"),
                                 "Send either request or request_uri, not both.",
                                 "request and request_uri were sent")));
  }
  if (!object && !uri) co_return Taken(AskedRequest{.parameters = std::move(raw)});
  if (uri && uri->size() > limits::request_uri_bytes_max) {
    co_return Taken(refuse(bad_address("CARDEA-OBJECT-004", rfc9101("5.2"),
                                       "request_uri is longer than 512 characters")));
  }
  if (uri && uri->starts_with(reference_prefix)) {
    co_return co_await by_reference(deps, exchange, raw, std::string(*uri));
  }
  // RFC 9101 5: client_id is outside too, and names whose keys must have signed.
  const auto client = raw.repeated("client_id")
                          ? nullptr
                          : deps.registry.find(ClientId(std::string(raw.get("client_id"))));
  if (client == nullptr || !client->enabled) {
    const std::string reason = "client_id names no enabled client";
    co_return Taken(refuse(uri ? bad_address("CARDEA-OBJECT-005", rfc9101("5"), reason)
                               : bad_object(rfc9101("5"), reason)));
  }
  exchange.client_id = client->client_id.value();
  if (uri) co_return co_await by_address(deps, exchange, *client, std::string(*uri));
  co_return co_await by_object(deps, exchange, *client, std::string(*object),
                               AskedRequest::Way::request_object);
}

Task<Result<AskedRequest, PageError>> take_pushed(const Deps& deps, Exchange& exchange,
                                                  const Client& client, RawParameters raw) {
  const auto object = raw.find("request");
  if (!object) {
    co_return AskedRequest{.way = AskedRequest::Way::pushed, .parameters = std::move(raw)};
  }
  co_return co_await by_object(deps, exchange, client, std::string(*object),
                               AskedRequest::Way::pushed);
}

bool must_push(const Settings& settings, const Client& client) {
  return client.require_pushed_authorization_requests ||
         settings.require_pushed_authorization_requests;
}

PageError completed_before() {
  return bad_reference("CARDEA-PAR-011", rfc9126("7.3"), "the pushed request was completed before");
}

std::string write_asked(const AskedRequest& asked) {
  FactWriter facts;
  facts.number(static_cast<std::uint64_t>(asked.way));
  facts.number(asked.is_signed ? 1 : 0);
  facts.text(http::write_form(asked.parameters.pairs()));
  return facts.take();
}

std::optional<AskedRequest> read_asked(std::string_view text) {
  FactReader facts(text);
  AskedRequest asked;
  const auto way = facts.number();
  asked.way = static_cast<AskedRequest::Way>(way);
  asked.is_signed = facts.number() == 1;
  const auto form = facts.text();
  if (!facts.complete() || way > static_cast<std::uint64_t>(AskedRequest::Way::pushed)) {
    return std::nullopt;
  }
  auto pairs = http::parse_form(form);
  if (!pairs) return std::nullopt;
  asked.parameters = RawParameters(*std::move(pairs));
  return asked;
}

Task<store::Answer<std::optional<PushedReference>>> mint_reference(const Deps& deps,
                                                                   const Exchange& exchange,
                                                                   const Client& client,
                                                                   const AskedRequest& asked) {
  using Minted = std::optional<PushedReference>;
  const auto lifetime = deps.settings.lifetimes.pushed_request;
  const Reference reference{.value_id = ParkedId(new_dated_identifier(deps.random, exchange.now)),
                            .expires_at = exchange.now + lifetime,
                            .asked = asked};
  // A client that proved itself answers for what it leaves; for others their address does.
  const bool is_proven = !client.is_public();
  auto text = co_await carry(
      deps, {.purpose = SealPurpose::pushed_request,
             .value_id = reference.value_id,
             .body = write_reference(reference),
             .bytes_max = limits::request_uri_bytes_max - reference_prefix.size(),
             .keep_until = reference.expires_at,
             .source = is_proven ? "client " + client.client_id.value()
                                 : "address " + counted_address(exchange.request.peer_address),
             .open_max = is_proven ? limits::pushed_requests_of_client_max
                                   : deps.settings.interactions_per_address_max,
             .now = exchange.now});
  if (!text) co_return refuse(text.error());
  if (!*text) co_return Minted();
  co_return Minted(PushedReference{std::string(reference_prefix) + **text, lifetime});
}

}  // namespace cardea

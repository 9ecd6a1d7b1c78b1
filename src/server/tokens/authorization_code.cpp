// Sealing and opening authorization codes; see authorization_code.h.
//
// A code is a seal around one of two bodies: the facts themselves, or the id of a row that holds
// them. The row is sealed too, and opens only through such a code, so a stolen store gives no code.
#include "server/tokens/authorization_code.h"

#include <utility>

#include "base/limits.h"
#include "server/tokens/fact_bytes.h"

namespace cardea {
namespace {

// First byte of a sealed body. A parked body is never accepted from a client.
enum class Body : std::uint64_t { carried = 1, pointer = 2, parked = 3 };

enum Flag : std::uint64_t { outlives_session = 1, redirect_sent = 2, same_redirect = 4 };

std::uint64_t flags_of(const AuthorizationCode& code) {
  std::uint64_t flags = 0;
  if (code.session_binding == SessionBinding::outlives_session) flags |= outlives_session;
  if (code.redirect_uri_was_sent) flags |= redirect_sent;
  if (code.presented_redirect_uri == code.registered_redirect_uri) flags |= same_redirect;
  return flags;
}

std::string write_body(Body body, const AuthorizationCode& code) {
  FactWriter facts;
  facts.number(static_cast<std::uint64_t>(body));
  facts.identifier(code.code_id.value());
  facts.instant(code.expires_at);
  facts.text(code.client_id.value());
  facts.identifier(code.user_id.value());
  facts.number(static_cast<std::uint64_t>(code.security_version));
  facts.identifier(code.session_id.value());
  facts.identifier(code.consent_id.value());
  const auto flags = flags_of(code);
  facts.number(flags);
  facts.text(code.registered_redirect_uri.value());
  if ((flags & same_redirect) == 0) facts.text(code.presented_redirect_uri.value());
  facts.text(code.code_challenge);
  facts.words(code.scopes);
  facts.text(code.resource ? code.resource->value() : "");
  facts.text(code.nonce);
  facts.text(code.claims_request);
  facts.instant(code.authentication.auth_time);
  facts.word(code.authentication.acr);
  facts.words(code.authentication.amr);
  return facts.take();
}

// Nothing when the body is not of the expected kind or not whole.
std::optional<AuthorizationCode> read_body(std::string_view bytes, Body expected) {
  FactReader facts(bytes);
  if (facts.number() != static_cast<std::uint64_t>(expected)) return std::nullopt;
  AuthorizationCode code;
  code.code_id = GrantId(facts.identifier());
  code.expires_at = facts.instant();
  code.client_id = ClientId(facts.text());
  code.user_id = UserId(facts.identifier());
  code.security_version = static_cast<std::int64_t>(facts.number());
  code.session_id = SessionId(facts.identifier());
  code.consent_id = ConsentId(facts.identifier());
  const auto flags = facts.number();
  code.session_binding = (flags & outlives_session) != 0 ? SessionBinding::outlives_session
                                                         : SessionBinding::ends_with_session;
  code.redirect_uri_was_sent = (flags & redirect_sent) != 0;
  code.registered_redirect_uri = RedirectUriDigest(facts.text());
  code.presented_redirect_uri =
      (flags & same_redirect) != 0 ? code.registered_redirect_uri : RedirectUriDigest(facts.text());
  code.code_challenge = facts.text();
  code.scopes = facts.words();
  if (auto resource = facts.text(); !resource.empty()) code.resource = ResourceId(resource);
  code.nonce = facts.text();
  code.claims_request = facts.text();
  code.authentication.auth_time = facts.instant();
  code.authentication.acr = facts.word();
  code.authentication.amr = facts.words();
  if (!facts.complete()) return std::nullopt;
  return code;
}

std::string write_pointer(const GrantId& code_id) {
  FactWriter pointer;
  pointer.number(static_cast<std::uint64_t>(Body::pointer));
  pointer.identifier(code_id.value());
  return pointer.take();
}

std::optional<GrantId> read_pointer(std::string_view bytes) {
  FactReader pointer(bytes);
  if (pointer.number() != static_cast<std::uint64_t>(Body::pointer)) return std::nullopt;
  GrantId code_id(pointer.identifier());
  if (!pointer.complete()) return std::nullopt;
  return code_id;
}

}  // namespace

Task<store::Answer<CodeText>> mint_code(const Deps& deps, const AuthorizationCode& code,
                                        Instant now) {
  constexpr auto purpose = SealPurpose::authorization_code;
  auto text = deps.seals.seal(purpose, write_body(Body::carried, code), deps.random);
  if (text.size() <= limits::code_bytes_max) co_return CodeText(std::move(text));
  ensure(now < code.expires_at);
  store::ParkCode park{
      .code_id = code.code_id,
      .sealed = deps.seals.seal(purpose, write_body(Body::parked, code), deps.random),
      .expires_at = code.expires_at};
  auto pointer = deps.seals.seal(purpose, write_pointer(code.code_id), deps.random);
  const auto parked = co_await deps.store.perform(std::move(park));
  if (!parked) co_return refuse(parked.error());
  co_return CodeText(std::move(pointer));
}

Task<store::Answer<std::optional<AuthorizationCode>>> open_code(const Deps& deps,
                                                                std::string_view text) {
  constexpr auto purpose = SealPurpose::authorization_code;
  using Opened = std::optional<AuthorizationCode>;
  if (text.size() > limits::code_bytes_max) co_return Opened();
  const auto body = deps.seals.open(purpose, text);
  if (!body) co_return Opened();
  const auto pointer = read_pointer(*body);
  if (!pointer) co_return read_body(*body, Body::carried);
  const auto sealed = co_await deps.store.find_parked_code(*pointer);
  if (!sealed) co_return refuse(sealed.error());
  if (!*sealed) co_return Opened();
  const auto parked = deps.seals.open(purpose, **sealed);
  if (!parked) co_return Opened();
  co_return read_body(*parked, Body::parked);
}

}  // namespace cardea

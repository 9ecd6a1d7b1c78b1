// Sealing and opening authorization codes; see authorization_code.h.
#include "server/tokens/authorization_code.h"

#include <utility>

#include "base/limits.h"
#include "server/seals/carried.h"
#include "server/tokens/fact_bytes.h"

namespace cardea {
namespace {

enum Flag : std::uint64_t { outlives_session = 1, redirect_sent = 2, same_redirect = 4 };

std::uint64_t flags_of(const AuthorizationCode& code) {
  std::uint64_t flags = 0;
  if (code.session_binding == SessionBinding::outlives_session) flags |= outlives_session;
  if (code.redirect_uri_was_sent) flags |= redirect_sent;
  if (code.presented_redirect_uri == code.registered_redirect_uri) flags |= same_redirect;
  return flags;
}

std::string write_body(const AuthorizationCode& code) {
  FactWriter facts = begin_carried();
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
  facts.text(code.dpop_jkt);
  facts.words(code.scopes);
  facts.text(write_resources(code.resources));
  facts.text(code.nonce);
  facts.text(code.claims_request);
  facts.text(code.authorization_details);
  facts.instant(code.authentication.auth_time);
  facts.word(code.authentication.acr);
  facts.words(code.authentication.amr);
  return facts.take();
}

// Nothing when the body is not whole.
std::optional<AuthorizationCode> read_body(std::string_view body) {
  FactReader facts(body);
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
  code.dpop_jkt = facts.text();
  code.scopes = facts.words();
  code.resources = read_resources(facts.text());
  code.nonce = facts.text();
  code.claims_request = facts.text();
  code.authorization_details = facts.text();
  code.authentication.auth_time = facts.instant();
  code.authentication.acr = facts.word();
  code.authentication.amr = facts.words();
  if (!facts.complete()) return std::nullopt;
  return code;
}

}  // namespace

Task<store::Answer<CodeText>> mint_code(const Deps& deps, const AuthorizationCode& code,
                                        Instant now) {
  ensure(now < code.expires_at);
  auto text = co_await carry(deps, {.purpose = SealPurpose::authorization_code,
                                    .value_id = ParkedId(code.code_id.value()),
                                    .body = write_body(code),
                                    .bytes_max = limits::code_bytes_max,
                                    .keep_until = code.expires_at,
                                    .now = now});
  if (!text) co_return refuse(text.error());
  // No source, no quota: somebody signed in for it.
  ensure(text->has_value());
  co_return CodeText(**std::move(text));
}

Task<store::Answer<std::optional<AuthorizationCode>>> open_code(const Deps& deps,
                                                                std::string_view text) {
  using Opened = std::optional<AuthorizationCode>;
  if (text.size() > limits::code_bytes_max) co_return Opened();
  const auto body = co_await open_carried(deps, SealPurpose::authorization_code, text);
  if (!body) co_return refuse(body.error());
  if (!*body) co_return Opened();
  co_return read_body(**body);
}

}  // namespace cardea

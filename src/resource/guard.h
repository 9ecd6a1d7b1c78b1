// The resource server's one call: a request becomes a Permit or a Challenge. JWT access tokens are
// judged here, per RFC 9068, with keys fetched when needed; opaque ones are asked about, per RFC
// 7662. Tokens are never logged and never part of a reason.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "base/time.h"
#include "http/message.h"
#include "http/transport.h"
#include "jose/key_source.h"
#include "protocol/access_token_jwt.h"
#include "protocol/provider_metadata.h"
#include "resource/bearer.h"
#include "resource/challenge.h"
#include "resource/introspection.h"
#include "resource/proofs.h"

namespace cardea::resource {

// What a good token allows.
struct Permit {
  std::string subject;
  std::string client_id;
  std::vector<std::string> scope;
  std::optional<Instant> expires_at;
  Confirmation confirmation;  // what the request proved, where the token is bound to it
  json::Object claims;        // of the token, or of the introspection answer

  bool has_scope(std::string_view name) const;
};

// Opaque tokens, or all tokens, go to the issuer.
struct Introspection {
  IntrospectionCredentials credentials;
  enum class Of { tokens_that_are_no_jwt, all_tokens } of = Of::tokens_that_are_no_jwt;
};

struct GuardOptions {
  std::string issuer;  // https; http only on a loopback host
  // The identifier of this resource (RFC 8707): what `aud` must hold. There is no default.
  std::string resource;
  std::string realm = "api";
  std::vector<jose::SignatureAlgorithm> algorithms{jose::SignatureAlgorithm::ES256,
                                                   jose::SignatureAlgorithm::RS256};
  std::optional<Introspection> introspection;  // absent: JWTs only, no token leaves this process
  // "https://api.example": where clients reach this API, which DPoP proofs name together with the
  // path of the request (RFC 9449 4.3). "": tokens bound to a key are refused.
  std::string public_origin;
  // Tokens that are bound to nothing are refused. One that is bound to a certificate is taken from
  // a request whose client_certificates begin with that (RFC 8705 3): the app puts them there, from
  // its TLS connection or from a proxy of its own that it trusts, never from a stranger's header.
  bool require_bound_tokens = false;
  FormBodyTokens form_body = FormBodyTokens::refused;
  Seconds clock_tolerance{10};
  Seconds discovery_cooldown{5};  // between attempts while the issuer cannot be reached
  jose::JwksCacheOptions keys;
  std::string resource_metadata;  // URL for challenges (RFC 9728 5.1); "" for none
};

// Thread-safe. Has no thread of its own: a check uses the transport when metadata or keys are
// missing or stale, and for every introspection, and blocks for that long. While the issuer cannot
// be reached, tokens of known keys are judged on; with no keys at all the answer is 503.
class Guard {
 public:
  // clock must outlive the guard. issuer and resource must not be empty.
  Guard(GuardOptions options, http::Transport transport, const Clock& clock);

  Result<Permit, Challenge> check(const http::Request& request);
  // The same, and the permit has every one of these scopes; else 403 (RFC 6750 3.1). The 401 of a
  // request without a good token names them too (RFC 6750 3).
  Result<Permit, Challenge> check(const http::Request& request,
                                  const std::vector<std::string>& needed_scope);
  // For a permit that was obtained before.
  Result<Permit, Challenge> require_scope(Permit permit,
                                          const std::vector<std::string>& needed_scope) const;

  // For a permit that was obtained before: its sign-in reached one of the acr values and is no
  // older than max_age; a token that does not say so does not. Else 401 (RFC 9470 3), which a
  // client answers by a new authorization request.
  Result<Permit, Challenge> require_authentication(Permit permit,
                                                   const NeededAuthentication& needed) const;

 private:
  using Metadata = std::shared_ptr<const ProviderMetadata>;
  Result<Metadata, std::string> metadata();
  Result<Metadata, std::string> fetch_metadata() const;
  Result<jose::FetchedJwks, std::string> fetch_keys(std::string_view etag);
  // challenger: of the call that is judged, with the scope that it needs.
  Result<Permit, Challenge> check_token(const http::Request& request, const Challenger& challenger);
  Result<Permit, Challenge> judge(const AccessToken& token, const Confirmation& proven,
                                  const Challenger& challenger);
  Result<Permit, Challenge> judge_bound(const http::Request& request, const AccessToken& token,
                                        const Challenger& unbound);
  Result<Permit, Challenge> judge_jwt(const AccessToken& token, const Confirmation& proven,
                                      const Challenger& challenger);
  Result<Permit, Challenge> introspect(const AccessToken& token, const Confirmation& proven,
                                       const Challenger& challenger);
  // Of the scheme that the permit's token came in.
  Challenger challenger_for(const Permit& permit) const;

  const GuardOptions options_;
  const http::Transport transport_;
  const Clock& clock_;
  const Challenger challenger_;
  jose::KeySource keys_;
  UsedProofs used_proofs_;

  std::mutex mutex_;  // guards the following three
  Metadata metadata_;
  Instant next_discovery_;
  std::string discovery_failure_;
};

}  // namespace cardea::resource

// RFC 9068 4 in its order; see access_token_jwt.h. Decryption (the second rule there) has no place
// here: encrypted access tokens are not offered.
#include "protocol/access_token_jwt.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/ascii.h"
#include "jose/jws.h"

namespace cardea {
namespace {

using Step = Status<AccessTokenRefusal>;

Refusal<AccessTokenRefusal> broken(AccessTokenRule rule, std::string_view section,
                                   std::string reason) {
  return refuse(AccessTokenRefusal{rule, rfc9068(section), std::move(reason)});
}

AccessTokenRule rule_of(jose::JwsError error) {
  switch (error) {
    case jose::JwsError::unknown_algorithm:
    case jose::JwsError::algorithm_not_allowed:
      return AccessTokenRule::alg;
    case jose::JwsError::no_key:
    case jose::JwsError::bad_signature:
      return AccessTokenRule::signature;
    case jose::JwsError::too_large:
    case jose::JwsError::malformed:
    case jose::JwsError::bad_base64url:
    case jose::JwsError::bad_json:
    case jose::JwsError::critical_header:
      break;
  }
  return AccessTokenRule::form;
}

std::string claim_text(const json::Object& claims, std::string_view name) {
  return json::string_member(claims, name).value_or("");
}

}  // namespace

std::string_view name_of(AccessTokenRule rule) {
  constexpr std::array<std::string_view, 10> names{"form", "typ", "alg", "signature", "iss",
                                                   "aud",  "exp", "iat", "claims",    "binding"};
  return names[static_cast<std::size_t>(rule)];
}

class AccessTokenCheck {
 public:
  AccessTokenCheck(const AccessTokenExpectations& expected, Instant now)
      : expected_(expected), now_(now) {}

  Result<VerifiedAccessToken, AccessTokenRefusal> run(std::string_view token,
                                                      const jose::JwkSet& keys) {
    auto verified = jose::verify_jwt(token, keys, expected_.algorithms);
    if (!verified) {
      return broken(rule_of(verified.error()), "4", std::string(jose::name_of(verified.error())));
    }
    // RFC 9068 4, RFC 8725 3.11: this is what keeps ID tokens out.
    if (!jose::typ_matches(verified->typ, access_token_jwt_typ))
      return broken(AccessTokenRule::typ, "4", "typ is \"" + verified->typ + "\"");
    out_.claims_ = std::move(verified->claims);
    using Member = Step (AccessTokenCheck::*)();
    for (const Member member :
         {&AccessTokenCheck::iss, &AccessTokenCheck::aud, &AccessTokenCheck::exp,
          &AccessTokenCheck::iat, &AccessTokenCheck::identifiers, &AccessTokenCheck::scope,
          &AccessTokenCheck::binding}) {
      if (auto step = (this->*member)(); !step) return refuse(step.error());
    }
    return std::move(out_);
  }

 private:
  Step iss() {
    const auto issuer = claim_text(out_.claims_, "iss");
    if (issuer != expected_.issuer || issuer.empty()) {
      return broken(AccessTokenRule::iss, "4",
                    "iss is \"" + issuer + "\", expected \"" + expected_.issuer + "\"");
    }
    return Unit{};
  }

  Step aud() {
    if (auto one = json::string_member(out_.claims_, "aud")) {
      out_.audience_ = {*one};
    } else {
      out_.audience_ =
          json::strings_member(out_.claims_, "aud").value_or(std::vector<std::string>());
    }
    const auto found = std::ranges::find(out_.audience_, expected_.audience);
    if (found == out_.audience_.end() || expected_.audience.empty()) {
      return broken(AccessTokenRule::aud, "4",
                    "aud is \"" + ascii::join(out_.audience_, " ") + "\", expected \"" +
                        expected_.audience + "\"");
    }
    return Unit{};
  }

  Step exp() {
    const auto seconds = jose::numeric_date(out_.claims_, "exp");
    if (!seconds) return broken(AccessTokenRule::exp, "2.2", "exp is missing or not a date");
    out_.expires_at_ = Instant::from_seconds(*seconds);
    if (now_ >= out_.expires_at_ + expected_.clock_tolerance) {
      return broken(
          AccessTokenRule::exp, "4",
          "exp is " + std::to_string(*seconds) + ", now is " + std::to_string(now_.unix_seconds()));
    }
    return Unit{};
  }

  // A token from the future, or one that may not be used yet (RFC 7519 4.1.5).
  Step iat() {
    const auto seconds = jose::numeric_date(out_.claims_, "iat");
    if (!seconds) return broken(AccessTokenRule::iat, "2.2", "iat is missing or not a date");
    out_.issued_at_ = Instant::from_seconds(*seconds);
    const Instant latest = now_ + expected_.clock_tolerance;
    if (out_.issued_at_ > latest)
      return broken(AccessTokenRule::iat, "2.2", "iat " + std::to_string(*seconds) + " is ahead");
    if (!out_.claims_.contains("nbf")) return Unit{};
    const auto not_before = jose::numeric_date(out_.claims_, "nbf");
    if (!not_before || Instant::from_seconds(*not_before) > latest)
      return broken(AccessTokenRule::iat, "2.2", "nbf is ahead or not a date");
    return Unit{};
  }

  Step identifiers() {
    out_.subject_ = claim_text(out_.claims_, "sub");
    out_.client_id_ = claim_text(out_.claims_, "client_id");
    out_.token_id_ = claim_text(out_.claims_, "jti");
    if (out_.subject_.empty() || out_.client_id_.empty() || out_.token_id_.empty())
      return broken(AccessTokenRule::claims, "2.2", "sub, client_id or jti is missing");
    return Unit{};
  }

  Step scope() {
    const json::Value* value = out_.claims_.find("scope");
    if (value == nullptr) return Unit{};
    const std::string* text = value->if_string();
    if (text == nullptr) return broken(AccessTokenRule::claims, "2.2.3", "scope is not a string");
    out_.scope_ = ascii::words(*text);
    return Unit{};
  }

  Step binding() {
    auto confirmation = read_confirmation(out_.claims_);
    if (!confirmation || (confirmation->binds() && *confirmation != expected_.proven))
      return broken(AccessTokenRule::binding, "4",
                    "it is bound (cnf) to what the request does not prove");
    out_.confirmation_ = *std::move(confirmation);
    return Unit{};
  }

  const AccessTokenExpectations& expected_;
  const Instant now_;
  VerifiedAccessToken out_;
};

Result<VerifiedAccessToken, AccessTokenRefusal> check_access_token_jwt(
    std::string_view token, const jose::JwkSet& keys, const AccessTokenExpectations& expected,
    Instant now) {
  return AccessTokenCheck(expected, now).run(token, keys);
}

}  // namespace cardea

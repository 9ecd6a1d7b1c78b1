// OIDC Back-Channel Logout 1.0 2.4 and 2.6, step by step; see logout_token.h. Step 1 (decryption)
// has no place here: encrypted logout tokens are not offered. Steps 8 to 10 (seen before, issued
// for which ID token) need memory, which is the caller's.
#include "protocol/logout_token.h"

#include <algorithm>
#include <array>
#include <utility>

#include "jose/jws.h"

namespace cardea {
namespace {

constexpr std::size_t identifier_bytes_max = 512;

using Step = Status<LogoutTokenRefusal>;

Refusal<LogoutTokenRefusal> broken(LogoutTokenRule rule, std::string_view section,
                                   std::string reason) {
  return refuse(LogoutTokenRefusal{rule, backchannel_logout(section), std::move(reason)});
}

LogoutTokenRule rule_of(jose::JwsError error) {
  switch (error) {
    case jose::JwsError::unknown_algorithm:
    case jose::JwsError::algorithm_not_allowed:
      return LogoutTokenRule::alg;
    case jose::JwsError::no_key:
    case jose::JwsError::bad_signature:
      return LogoutTokenRule::signature;
    default:
      return LogoutTokenRule::form;
  }
}

}  // namespace

json::ObjectText logout_claims(const LogoutFacts& facts, Instant now) {
  json::ObjectText claims;
  claims.add_text("iss", facts.issuer);
  claims.add_text("sub", facts.subject);
  claims.add_text("aud", facts.client_id);
  claims.add_number("iat", now.unix_seconds());
  claims.add_number("exp", now.unix_seconds() + logout_token_lifetime.count);
  claims.add_text("jti", facts.token_id);
  claims.add_text("sid", facts.session_id);
  // 2.4: the value is an object, which should be empty. A nonce is prohibited.
  claims.add("events", json::Object{{std::string(backchannel_logout_event), json::Object{}}});
  return claims;
}

std::string_view name_of(LogoutTokenRule rule) {
  constexpr std::array<std::string_view, 12> names{
      "form", "typ", "alg", "signature",          "iss",    "aud",
      "iat",  "exp", "jti", "subject_or_session", "events", "nonce"};
  return names[static_cast<std::size_t>(rule)];
}

class LogoutTokenCheck {
 public:
  LogoutTokenCheck(const LogoutTokenExpectations& expected, Instant now)
      : expected_(expected), now_(now) {}

  Result<VerifiedLogoutToken, LogoutTokenRefusal> run(std::string_view token,
                                                      const jose::JwkSet& keys) {
    // Steps 2 and 3: signature and algorithm, as for an ID token; never `none`.
    auto jwt = jose::verify_jwt(token, keys, expected_.algorithms);
    if (!jwt) {
      return broken(rule_of(jwt.error()), "2.6", std::string(jose::name_of(jwt.error())));
    }
    claims_ = std::move(jwt->claims);
    if (auto step = typ(jwt->typ); !step) return refuse(step.error());
    using Member = Step (LogoutTokenCheck::*)();
    for (const Member member :
         {&LogoutTokenCheck::iss, &LogoutTokenCheck::aud, &LogoutTokenCheck::times,
          &LogoutTokenCheck::jti, &LogoutTokenCheck::whom, &LogoutTokenCheck::events,
          &LogoutTokenCheck::nonce}) {
      if (auto step = (this->*member)(); !step) return refuse(step.error());
    }
    return std::move(out_);
  }

 private:
  // 2.4 recommends the type, and RFC 8725 3.11 tells kinds of tokens apart by it. Issuers of before
  // send JWT or none; then `events`, which an ID token must not have, tells.
  Step typ(std::string_view typ) const {
    if (typ.empty() || jose::typ_matches(typ, logout_token_type) || jose::typ_matches(typ, "JWT")) {
      return Unit{};
    }
    return broken(LogoutTokenRule::typ, "2.4", "typ is neither logout+jwt nor JWT");
  }

  // Step 3, as for an ID token (Core 3.1.3.7).
  Step iss() {
    const auto issuer = json::string_member(claims_, "iss").value_or("");
    if (issuer == expected_.issuer && !issuer.empty()) return Unit{};
    return broken(
        LogoutTokenRule::iss, "2.6",
        "iss is \"" + issuer.substr(0, 200) + "\", expected \"" + expected_.issuer + "\"");
  }

  Step aud() {
    auto audience = json::strings_member(claims_, "aud").value_or(std::vector<std::string>());
    if (const auto one = json::string_member(claims_, "aud")) audience = {*one};
    if (audience == std::vector{expected_.client_id}) return Unit{};
    return broken(LogoutTokenRule::aud, "2.6", "aud is not \"" + expected_.client_id + "\" alone");
  }

  Step times() {
    const auto at = now_.unix_seconds();
    const auto tolerance = expected_.clock_tolerance.count;
    const auto iat = jose::numeric_date(claims_, "iat");
    if (!iat) return broken(LogoutTokenRule::iat, "2.4", "iat is absent or not a NumericDate");
    if (*iat > at + tolerance) return broken(LogoutTokenRule::iat, "2.6", "iat is ahead");
    if (*iat + expected_.age_max.count + tolerance < at) {
      return broken(LogoutTokenRule::iat, "2.6", "issued too long ago");
    }
    const auto exp = jose::numeric_date(claims_, "exp");
    if (!exp) return broken(LogoutTokenRule::exp, "2.4", "exp is absent or not a NumericDate");
    if (*exp + tolerance <= at) return broken(LogoutTokenRule::exp, "2.6", "expired");
    out_.expires_at_ = Instant::from_seconds(*exp) + expected_.clock_tolerance;
    return Unit{};
  }

  Step jti() {
    auto token_id = json::string_member(claims_, "jti");
    if (!token_id || token_id->empty() || token_id->size() > identifier_bytes_max) {
      return broken(LogoutTokenRule::jti, "2.4", "jti is absent, empty or too long");
    }
    out_.token_id_ = *std::move(token_id);
    return Unit{};
  }

  // Step 4: sub, sid or both; what is there is text.
  Step whom() {
    for (const auto& [name, target] :
         {std::pair{"sub", &out_.subject_}, std::pair{"sid", &out_.session_id_}}) {
      if (!claims_.contains(name)) continue;
      *target = json::string_member(claims_, name);
      if (*target && !(*target)->empty() && (*target)->size() <= identifier_bytes_max) continue;
      return broken(LogoutTokenRule::subject_or_session, "2.6",
                    std::string(name) + " is empty, too long or not text");
    }
    if (out_.subject_ || out_.session_id_) return Unit{};
    return broken(LogoutTokenRule::subject_or_session, "2.6", "neither sub nor sid is there");
  }

  // Step 5.
  Step events() {
    const json::Value* value = claims_.find("events");
    const json::Object* events = value != nullptr ? value->if_object() : nullptr;
    const json::Value* event = events != nullptr ? events->find(backchannel_logout_event) : nullptr;
    if (event != nullptr && event->if_object() != nullptr) return Unit{};
    return broken(LogoutTokenRule::events, "2.6", "events does not hold the logout event");
  }

  // Step 6: so that no ID token passes for a logout token.
  Step nonce() {
    if (!claims_.contains("nonce")) return Unit{};
    return broken(LogoutTokenRule::nonce, "2.6", "a nonce is there");
  }

  const LogoutTokenExpectations& expected_;
  const Instant now_;
  json::Object claims_;
  VerifiedLogoutToken out_;
};

Result<VerifiedLogoutToken, LogoutTokenRefusal> check_logout_token(
    std::string_view token, const jose::JwkSet& keys, const LogoutTokenExpectations& expected,
    Instant now) {
  return LogoutTokenCheck(expected, now).run(token, keys);
}

}  // namespace cardea

// OIDC Core 3.1.3.7, step by step; see id_token.h. Step 1 (decryption) has no place here: encrypted
// ID tokens are not offered. Step 6 lets TLS stand in for the signature in the code flow; we do not
// take that offer, so step 8 (HMAC keys) never applies.
#include "protocol/id_token.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/ascii.h"
#include "crypto/hash.h"
#include "jose/jws.h"

namespace cardea {
namespace {

using Step = Status<IdTokenRefusal>;

Refusal<IdTokenRefusal> broken(IdTokenRule rule, std::string_view section, std::string reason) {
  return refuse(IdTokenRefusal{rule, oidc_core(section), std::move(reason)});
}

// `aud` as a list: a string, or an array of strings (RFC 7519 4.1.3).
std::optional<std::vector<std::string>> audience_of(const json::Object& claims) {
  if (auto one = json::string_member(claims, "aud")) return std::vector<std::string>{*one};
  return json::strings_member(claims, "aud");
}

bool contains(const std::vector<std::string>& list, std::string_view text) {
  return std::ranges::find(list, text) != list.end();
}

std::string seconds_text(Instant at) {
  return std::to_string(at.unix_seconds());
}

}  // namespace

std::string_view name_of(IdTokenRule rule) {
  constexpr std::array<std::string_view, 15> names{"form", "typ",       "iss", "aud",     "azp",
                                                   "alg",  "signature", "exp", "iat",     "nonce",
                                                   "acr",  "auth_time", "sub", "at_hash", "c_hash"};
  return names[static_cast<std::size_t>(rule)];
}

class IdTokenCheck {
 public:
  IdTokenCheck(const IdTokenExpectations& expected, Instant now) : expected_(expected), now_(now) {}

  Result<VerifiedIdToken, IdTokenRefusal> run(std::string_view token, const jose::JwkSet& keys) {
    auto parsed = jose::parse_unverified(token);
    if (!parsed) {
      const bool unknown = parsed.error() == jose::JwsError::unknown_algorithm;
      return broken(unknown ? IdTokenRule::alg : IdTokenRule::form,
                    unknown ? "3.1.3.7-7" : "3.1.3.7-1", std::string(name_of(parsed.error())));
    }
    claims_ = std::move(parsed->unverified_claims);
    algorithm_ = parsed->algorithm;
    using Member = Step (IdTokenCheck::*)();
    const json::Object& header = parsed->unverified_header;
    if (auto step = typ(header); !step) return refuse(step.error());
    for (const Member member : {&IdTokenCheck::iss, &IdTokenCheck::aud, &IdTokenCheck::azp}) {
      if (auto step = (this->*member)(); !step) return refuse(step.error());
    }
    if (auto step = signature(token, keys); !step) return refuse(step.error());
    for (const Member member :
         {&IdTokenCheck::exp, &IdTokenCheck::iat, &IdTokenCheck::nonce, &IdTokenCheck::acr,
          &IdTokenCheck::auth_time, &IdTokenCheck::sub, &IdTokenCheck::hashes}) {
      if (auto step = (this->*member)(); !step) return refuse(step.error());
    }
    out_.claims_ = std::move(claims_);
    return std::move(out_);
  }

 private:
  // RFC 8725 3.11: a token of another declared type (at+jwt, logout+jwt, dpop+jwt ...) is not an ID
  // token, nor is one that carries the events of a logout token (Back-Channel Logout 2.4).
  Step typ(const json::Object& header) {
    const json::Value* value = header.find("typ");
    if (value != nullptr) {
      const std::string* text = value->if_string();
      if (text == nullptr || !jose::typ_matches(*text, "JWT"))
        return broken(IdTokenRule::typ, "2", "typ is not JWT");
    }
    if (claims_.contains("events"))
      return broken(IdTokenRule::typ, "2", "it holds events, as a logout token does");
    return Unit{};
  }

  // Step 2.
  Step iss() {
    out_.issuer_ = json::string_member(claims_, "iss").value_or("");
    if (out_.issuer_ != expected_.issuer || expected_.issuer.empty()) {
      return broken(IdTokenRule::iss, "3.1.3.7-2",
                    "iss is \"" + out_.issuer_ + "\", expected \"" + expected_.issuer + "\"");
    }
    return Unit{};
  }

  // Step 3.
  Step aud() {
    auto audience = audience_of(claims_);
    if (!audience || !contains(*audience, expected_.client_id)) {
      return broken(IdTokenRule::aud, "3.1.3.7-3",
                    "aud does not hold \"" + expected_.client_id + "\"");
    }
    for (const auto& member : *audience) {
      if (member != expected_.client_id && !contains(expected_.trusted_audiences, member)) {
        return broken(IdTokenRule::aud, "3.1.3.7-3",
                      "aud also holds \"" + member + "\", which is not trusted");
      }
    }
    out_.audience_ = std::move(*audience);
    return Unit{};
  }

  // Steps 4 and 5. The token of several audiences must say whom it was issued to (Core 2).
  Step azp() {
    const json::Value* value = claims_.find("azp");
    if (value == nullptr) {
      if (out_.audience_.size() == 1) return Unit{};
      return broken(IdTokenRule::azp, "3.1.3.7-4", "several audiences and no azp");
    }
    const std::string* text = value->if_string();
    if (text == nullptr || *text != expected_.client_id) {
      return broken(IdTokenRule::azp, "3.1.3.7-5", "azp is not \"" + expected_.client_id + "\"");
    }
    return Unit{};
  }

  // Steps 6 and 7.
  Step signature(std::string_view token, const jose::JwkSet& keys) {
    if (std::ranges::find(expected_.algorithms, algorithm_) == expected_.algorithms.end()) {
      return broken(
          IdTokenRule::alg, "3.1.3.7-7",
          "alg is " + std::string(jose::name_of(algorithm_)) + ", which is not configured");
    }
    const auto verified = jose::verify_jwt(token, keys, expected_.algorithms);
    if (!verified) {
      return broken(IdTokenRule::signature, "3.1.3.7-6",
                    std::string(jose::name_of(verified.error())));
    }
    return Unit{};
  }

  // Step 9.
  Step exp() {
    const auto seconds = jose::numeric_date(claims_, "exp");
    if (!seconds) return broken(IdTokenRule::exp, "3.1.3.7-9", "exp is missing or not a date");
    out_.expires_at_ = Instant::from_seconds(*seconds);
    if (now_ >= out_.expires_at_ + expected_.clock_tolerance) {
      return broken(IdTokenRule::exp, "3.1.3.7-9",
                    "exp is " + std::to_string(*seconds) + ", now is " + seconds_text(now_));
    }
    return Unit{};
  }

  // Step 10.
  Step iat() {
    const auto seconds = jose::numeric_date(claims_, "iat");
    if (!seconds) return broken(IdTokenRule::iat, "3.1.3.7-10", "iat is missing or not a date");
    out_.issued_at_ = Instant::from_seconds(*seconds);
    const bool future = out_.issued_at_ > now_ + expected_.clock_tolerance;
    const bool old = out_.issued_at_ + expected_.age_max + expected_.clock_tolerance < now_;
    if (future || old) {
      return broken(IdTokenRule::iat, "3.1.3.7-10",
                    "iat is " + std::to_string(*seconds) + ", now is " + seconds_text(now_));
    }
    return Unit{};
  }

  // Step 11.
  Step nonce() {
    const json::Value* value = claims_.find("nonce");
    if (!expected_.nonce) return Unit{};
    if (value == nullptr) {
      if (expected_.nonce_presence == IdTokenExpectations::NoncePresence::may_be_absent)
        return Unit{};
      return broken(IdTokenRule::nonce, "3.1.3.7-11", "nonce is missing");
    }
    const std::string* text = value->if_string();
    if (text == nullptr || !crypto::constant_time_equal(*text, *expected_.nonce))
      return broken(IdTokenRule::nonce, "3.1.3.7-11", "nonce is not the one that was sent");
    return Unit{};
  }

  // Step 12.
  Step acr() {
    if (expected_.acr_values.empty()) return Unit{};
    const auto value = json::string_member(claims_, "acr");
    if (!value || !contains(expected_.acr_values, *value)) {
      return broken(IdTokenRule::acr, "3.1.3.7-12",
                    "acr is \"" + value.value_or("") + "\", which was not asked for");
    }
    return Unit{};
  }

  // Step 13, and the same for refreshed tokens (12.2).
  Step auth_time() {
    const bool present = claims_.contains("auth_time");
    const auto seconds = jose::numeric_date(claims_, "auth_time");
    if (present && !seconds)
      return broken(IdTokenRule::auth_time, "3.1.3.7-13", "auth_time is not a date");
    if (seconds) out_.auth_time_ = Instant::from_seconds(*seconds);
    if (expected_.max_age) {
      if (!seconds)
        return broken(IdTokenRule::auth_time, "3.1.3.7-13",
                      "max_age was sent, auth_time is missing");
      if (*out_.auth_time_ + *expected_.max_age + expected_.clock_tolerance < now_) {
        return broken(
            IdTokenRule::auth_time, "3.1.3.7-13",
            "auth_time is " + std::to_string(*seconds) + ", now is " + seconds_text(now_));
      }
    }
    if (seconds && expected_.original_auth_time &&
        *seconds != expected_.original_auth_time->unix_seconds())
      return broken(IdTokenRule::auth_time, "12.2", "auth_time is not that of the first sign-in");
    return Unit{};
  }

  // OIDC Core 2: at most 255 ASCII characters. OIDC Core 12.2: the same person after a refresh.
  Step sub() {
    out_.subject_ = json::string_member(claims_, "sub").value_or("");
    const auto is_ascii = [](char c) { return static_cast<unsigned char>(c) < 0x80; };
    if (out_.subject_.empty() || out_.subject_.size() > 255 ||
        !std::ranges::all_of(out_.subject_, is_ascii))
      return broken(IdTokenRule::sub, "2", "sub is missing or malformed");
    if (expected_.subject && *expected_.subject != out_.subject_) {
      return broken(IdTokenRule::sub, "12.2",
                    "sub is \"" + out_.subject_ + "\", expected \"" + *expected_.subject + "\"");
    }
    return Unit{};
  }

  // OIDC Core 3.1.3.8 and 3.3.2.11: compared when present, required beside what the authorization
  // endpoint gave.
  Step hashes() {
    if (auto step = hash("at_hash", IdTokenRule::at_hash, expected_.access_token); !step)
      return step;
    return hash("c_hash", IdTokenRule::c_hash, expected_.code);
  }

  Step hash(std::string_view name, IdTokenRule rule, std::optional<std::string_view> of) {
    if (!of) return Unit{};
    const json::Value* value = claims_.find(name);
    if (value == nullptr) {
      if (expected_.source == IdTokenExpectations::Source::token_endpoint) return Unit{};
      return broken(rule, "3.3.2.11", std::string(name) + " is missing");
    }
    const std::string* text = value->if_string();
    if (text == nullptr || !crypto::constant_time_equal(*text, jose::half_hash(algorithm_, *of))) {
      return broken(rule, rule == IdTokenRule::at_hash ? "3.1.3.8" : "3.3.2.11",
                    std::string(name) + " does not match");
    }
    return Unit{};
  }

  const IdTokenExpectations& expected_;
  const Instant now_;
  json::Object claims_;
  jose::SignatureAlgorithm algorithm_ = jose::SignatureAlgorithm::RS256;
  VerifiedIdToken out_;
};

Result<VerifiedIdToken, IdTokenRefusal> check_id_token(std::string_view token,
                                                       const jose::JwkSet& keys,
                                                       const IdTokenExpectations& expected,
                                                       Instant now) {
  return IdTokenCheck(expected, now).run(token, keys);
}

}  // namespace cardea

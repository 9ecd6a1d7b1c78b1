// An issuer for tests of client and resource: real keys, real signatures, and a transport that is a
// function. Tests change what it answers and look at what it was asked.
#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "base/json.h"
#include "base/log.h"
#include "base/time.h"
#include "crypto/key.h"
#include "crypto/random.h"
#include "http/form.h"
#include "http/transport.h"
#include "jose/jwk.h"
#include "jose/jws.h"
#include "protocol/provider_metadata.h"

namespace cardea::fake_issuer {

using crypto::SignatureAlgorithm;

inline const Instant start = Instant::from_seconds(1'800'000'000);

// Generated once: RSA keys take a while.
inline const crypto::PrivateKey& rs256_key() {
  static const auto key = crypto::PrivateKey::generate(SignatureAlgorithm::RS256);
  return key;
}
inline const crypto::PrivateKey& es256_key() {
  static const auto key = crypto::PrivateKey::generate(SignatureAlgorithm::ES256);
  return key;
}

inline http::Response json_answer(const json::Object& body, int status = 200) {
  return {.status = status,
          .headers = {{"Content-Type", "application/json"}},
          .body = json::write(body)};
}

// Thread-safe as far as the transport goes; tests change `answers` only while nothing is sent.
class FakeIssuer {
 public:
  using Answer = std::function<http::TransportResult(const http::OutgoingRequest&)>;

  explicit FakeIssuer(std::string issuer = "https://issuer.example") : issuer_(std::move(issuer)) {
    answers[issuer_ + "/.well-known/openid-configuration"] = [this](const auto&) {
      return http::TransportResult(json_answer(write(metadata())));
    };
    answers[issuer_ + "/jwks"] = [this](const auto&) {
      return http::TransportResult(json_answer(jwks()));
    };
  }

  const std::string& issuer() const { return issuer_; }
  SettableClock clock{start};
  crypto::SystemRandom random;
  NullLog log;
  // By URL; any other URL answers 404.
  std::map<std::string, Answer, std::less<>> answers;
  std::string kid_suffix;  // change it to rotate the keys' names

  ProviderMetadata metadata() const {
    ProviderMetadata out;
    out.issuer = issuer_;
    out.authorization_endpoint = issuer_ + "/authorize";
    out.token_endpoint = issuer_ + "/token";
    out.userinfo_endpoint = issuer_ + "/userinfo";
    out.jwks_uri = issuer_ + "/jwks";
    out.introspection_endpoint = issuer_ + "/introspect";
    out.revocation_endpoint = issuer_ + "/revoke";
    out.end_session_endpoint = issuer_ + "/logout";
    out.code_challenge_methods_supported = {"S256"};
    out.authorization_response_iss_parameter_supported = true;
    return out;
  }

  json::Object jwks() const {
    return {{"keys", json::Array{jose::write_jwk(rs256_key(), "rs" + kid_suffix),
                                 jose::write_jwk(es256_key(), "es" + kid_suffix)}}};
  }
  jose::JwkSet keys() const { return jose::JwkSet::parse(jwks()).value(); }

  json::Object id_token_claims(std::string_view nonce) const {
    const auto now = clock.now().unix_seconds();
    return {{"iss", issuer_}, {"sub", "alice"},       {"aud", "web"},  {"exp", now + 600},
            {"iat", now},     {"auth_time", now - 5}, {"nonce", nonce}};
  }
  std::string sign_id_token(const json::Object& claims, std::string_view typ = "JWT") const {
    return jose::sign_jwt(rs256_key(), "rs" + kid_suffix, typ, claims);
  }

  json::Object access_token_claims() const {
    const auto now = clock.now().unix_seconds();
    return {{"iss", issuer_},     {"sub", "alice"},
            {"client_id", "web"}, {"aud", "https://api.example"},
            {"jti", "t1"},        {"scope", "openid calendar.read"},
            {"exp", now + 600},   {"iat", now}};
  }
  std::string sign_access_token(const json::Object& claims, std::string_view typ = "at+jwt") const {
    return jose::sign_jwt(es256_key(), "es" + kid_suffix, typ, claims);
  }

  http::Transport transport() {
    return [this](const http::OutgoingRequest& request) -> http::TransportResult {
      Answer answer;
      {
        const std::scoped_lock alone(mutex_);
        requests_.push_back(request);
        const auto found = answers.find(request.url);
        if (found != answers.end()) answer = found->second;
      }
      if (!answer) return http::Response{.status = 404};
      return answer(request);
    };
  }

  // What was asked of a URL so far.
  std::vector<http::OutgoingRequest> requests_to(std::string_view url) const {
    const std::scoped_lock alone(mutex_);
    std::vector<http::OutgoingRequest> out;
    for (const auto& request : requests_) {
      if (request.url == url) out.push_back(request);
    }
    return out;
  }
  std::size_t count(std::string_view path) const {
    return requests_to(issuer_ + std::string(path)).size();
  }

 private:
  const std::string issuer_;
  mutable std::mutex mutex_;
  std::vector<http::OutgoingRequest> requests_;
};

// The value of a form parameter; "" when absent.
inline std::string parameter(std::string_view form, std::string_view name) {
  const auto pairs = http::parse_form(form);
  if (!pairs) return "";
  for (const auto& [key, value] : *pairs) {
    if (key == name) return value;
  }
  return "";
}

}  // namespace cardea::fake_issuer

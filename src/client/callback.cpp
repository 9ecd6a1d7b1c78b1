// Callback validation; see callback.h.
#include "client/callback.h"

#include <map>

#include "crypto/hash.h"
#include "http/form.h"

namespace cardea::client {
namespace {

using Parameters = std::map<std::string, std::string, std::less<>>;

// RFC 6749 3.1: no parameter more than once. Unknown ones are tolerated, doubled ones are not.
Result<Parameters, std::string> read_once(std::string_view text) {
  auto pairs = http::parse_form(text);
  if (!pairs) return refuse(std::string("not a form"));
  Parameters parameters;
  for (auto& [name, value] : *pairs) {
    if (!parameters.try_emplace(name, std::move(value)).second)
      return refuse("\"" + name + "\" appears twice");
  }
  return parameters;
}

std::string_view value_of(const Parameters& parameters, std::string_view name) {
  const auto found = parameters.find(name);
  return found == parameters.end() ? std::string_view() : std::string_view(found->second);
}

}  // namespace

class Callback {
 public:
  Callback(const Configuration& configuration, const ProviderMetadata& metadata,
           PendingAuthorization pending)
      : configuration_(configuration), metadata_(metadata), pending_(std::move(pending)) {}

  Result<ValidatedCallback, Error> judge(const Parameters& parameters, Instant now) {
    if (auto fine = check_state(parameters); !fine) return refuse(std::move(fine.error()));
    if (auto fine = check_time(now); !fine) return refuse(std::move(fine.error()));
    if (auto fine = check_issuer(parameters); !fine) return refuse(std::move(fine.error()));
    if (parameters.contains("error")) {
      return refuse(
          Error{.code = "callback.refused",
                .message = "the issuer refused the authorization request",
                .refusal = IssuerRefusal{
                    .error = std::string(value_of(parameters, "error")),
                    .error_description = std::string(value_of(parameters, "error_description"))}});
    }
    const auto code = value_of(parameters, "code");
    if (code.empty())
      return refuse(Error{.code = "callback.code", .message = "the answer holds no code"});
    return accept(code);
  }

 private:
  // RFC 6749 10.12, in constant time.
  Status<Error> check_state(const Parameters& parameters) const {
    if (crypto::constant_time_equal(value_of(parameters, "state"), pending_.state_)) return Unit{};
    return refuse(Error{.code = "callback.state",
                        .message = "the answer belongs to no sign-in of this browser",
                        .cause = parameters.contains("state") ? "state differs" : "no state"});
  }

  Status<Error> check_time(Instant now) const {
    if (now <= pending_.started_at_ + configuration_.sign_in_lifetime) return Unit{};
    return refuse(Error{.code = "callback.late",
                        .message = "the sign-in was started too long ago; start it again"});
  }

  // RFC 9207 2.4: byte for byte, before the code or the error means anything.
  Status<Error> check_issuer(const Parameters& parameters) const {
    const auto found = parameters.find("iss");
    if (found == parameters.end()) {
      const bool advertised =
          metadata_.authorization_response_iss_parameter_supported.value_or(false);
      if (!advertised || configuration_.relaxations.callback_without_iss())
        return same_issuer(pending_.issuer_);
      return refuse(Error{.code = "callback.iss",
                          .message = "the issuer promises iss in its answers, and this has none"});
    }
    if (auto fine = same_issuer(found->second); !fine) return fine;
    return same_issuer(pending_.issuer_);
  }

  Status<Error> same_issuer(std::string_view issuer) const {
    if (issuer == metadata_.issuer && issuer == configuration_.issuer) return Unit{};
    return refuse(Error{.code = "callback.iss",
                        .message = "the answer comes from another issuer",
                        .cause = "iss is \"" + std::string(issuer) + "\", expected \"" +
                                 configuration_.issuer + "\""});
  }

  ValidatedCallback accept(std::string_view code) {
    ValidatedCallback out;
    out.code_ = AuthorizationCode(std::string(code));
    out.verifier_ = std::move(pending_.verifier_);
    out.nonce_ = std::move(pending_.nonce_);
    out.redirect_uri_ = std::move(pending_.redirect_uri_);
    out.scope_ = std::move(pending_.scope_);
    out.acr_values_ = std::move(pending_.acr_values_);
    out.max_age_ = pending_.max_age_;
    return out;
  }

  const Configuration& configuration_;
  const ProviderMetadata& metadata_;
  PendingAuthorization pending_;
};

std::optional<std::string> state_of(std::string_view parameters) {
  const auto read = read_once(parameters);
  if (!read) return std::nullopt;
  const auto state = value_of(*read, "state");
  if (state.empty()) return std::nullopt;
  return std::string(state);
}

Result<ValidatedCallback, Error> validate_callback(const Configuration& configuration,
                                                   const ProviderMetadata& metadata,
                                                   PendingAuthorization pending,
                                                   std::string_view parameters, Instant now) {
  const auto read = read_once(parameters);
  if (!read) {
    return refuse(Error{
        .code = "callback.malformed", .message = "the answer is malformed", .cause = read.error()});
  }
  return Callback(configuration, metadata, std::move(pending)).judge(*read, now);
}

}  // namespace cardea::client

// token decode and token verify: tokens come from a file or standard input, never from a flag.
#include <algorithm>
#include <fstream>
#include <iostream>
#include <sstream>

#include "app/cli/commands.h"
#include "app/log_sink.h"
#include "base/time.h"
#include "base/url.h"
#include "client/issuer.h"
#include "http/outbound/curl_transport.h"
#include "jose/jws.h"

namespace cardea::app {
namespace {

using TokenText = Secret<struct CommandTokenTag>;

std::optional<TokenText> read_token(const std::string& file) {
  std::string text;
  if (file.empty() || file == "-") {
    std::getline(std::cin, text);
  } else {
    std::ifstream stream(file, std::ios::binary);
    if (!stream) return std::nullopt;
    std::getline(stream, text);
  }
  while (!text.empty() && (text.back() == '\r' || text.back() == ' ')) text.pop_back();
  return TokenText(std::move(text));
}

// The dates a token carries, and what they mean now.
std::string date_note(const json::Object& claims, std::string_view name, Instant now) {
  const auto at = jose::numeric_date(claims, name);
  if (!at) return "";
  std::string text = rfc3339(Instant::from_seconds(*at));
  if (name == "exp" && *at <= now.unix_seconds()) text += " (expired)";
  if (name == "nbf" && *at > now.unix_seconds()) text += " (not yet valid)";
  return text;
}

void print_token(OutputForm form, const json::Object& header, const json::Object& claims,
                 Instant now) {
  if (form == OutputForm::json) {
    print_line(json::write(json::Object{{"header", header}, {"claims", claims}}));
    return;
  }
  print_line("header " + json::write_pretty(json::Value(header)));
  print_line("claims " + json::write_pretty(json::Value(claims)));
  for (const auto* name : {"iat", "nbf", "exp", "auth_time"}) {
    const auto note = date_note(claims, name, now);
    if (!note.empty()) print_line(std::string(name) + "  " + note);
  }
}

AdminError as_admin_error(const client::Error& error) {
  const bool is_network = error.code.starts_with("network.");
  return {is_network ? ExitCode::network : ExitCode::protocol,
          error.message + (error.cause.empty() ? "" : ": " + error.cause)};
}

// The keys that the issuer publishes for a token of this kid, found as an app of ours finds them.
Result<std::shared_ptr<const jose::JwkSet>, AdminError> issuer_keys(
    const TokenVerifyOptions& options, const std::string& issuer, std::string_view kid) {
  client::Configuration configuration{.issuer = issuer, .client_id = {}, .redirect_uri = {}};
  const auto parts = url::parse(issuer);
  if (parts && url::is_loopback_host(parts->host)) {
    configuration.relaxations.accept_plain_http_issuer("an issuer on this machine");
  }
  const auto transport = http::curl_transport({.ca_file = options.ca_file});
  const auto metadata = client::fetch_metadata(configuration, transport);
  if (!metadata) return refuse(as_admin_error(metadata.error()));
  jose::KeySource source(client::fetch_keys(transport, metadata->jwks_uri));
  auto keys = source.keys_for(SystemClock().now(), kid);
  if (!keys)
    return refuse(AdminError{ExitCode::protocol, metadata->jwks_uri + ": " + keys.error()});
  return std::move(*keys);
}

bool names_audience(const json::Object& claims, const std::string& audience) {
  if (json::string_member(claims, "aud") == audience) return true;
  const auto list = json::strings_member(claims, "aud");
  return list && std::find(list->begin(), list->end(), audience) != list->end();
}

}  // namespace

int token_decode(const CommonOptions& common, const std::string& file) {
  const auto token = read_token(file);
  if (!token) return print_error(common.form, {ExitCode::usage, "cannot read " + file});
  const auto parsed = jose::parse_unverified(token->reveal());
  if (!parsed) {
    return print_error(common.form, {ExitCode::check_failed,
                                     "not a JWT: " + std::string(jose::name_of(parsed.error())) +
                                         "; opaque tokens are looked up with introspection"});
  }
  print_token(common.form, parsed->unverified_header, parsed->unverified_claims,
              SystemClock().now());
  if (common.form == OutputForm::people)
    print_diagnostic("Nothing was verified; see `cardea token verify`.");
  return 0;
}

int token_verify(const CommonOptions& common, const TokenVerifyOptions& options) {
  const auto token = read_token(options.file);
  if (!token) return print_error(common.form, {ExitCode::usage, "cannot read " + options.file});
  const auto failed = [&](std::string reason) {
    return print_error(common.form, {ExitCode::check_failed, std::move(reason)});
  };
  const auto parsed = jose::parse_unverified(token->reveal());
  if (!parsed) return failed("not a JWT: " + std::string(jose::name_of(parsed.error())));
  const auto claimed = json::string_member(parsed->unverified_claims, "iss").value_or("");
  const std::string issuer = options.issuer.empty() ? claimed : options.issuer;
  if (claimed != issuer) return failed("iss is \"" + claimed + "\", not \"" + issuer + "\"");
  const auto kid = json::string_member(parsed->unverified_header, "kid").value_or("");
  const auto keys = issuer_keys(options, issuer, kid);
  if (!keys) return print_error(common.form, keys.error());
  using crypto::SignatureAlgorithm;
  const auto verified = jose::verify_jwt(
      token->reveal(), **keys,
      {SignatureAlgorithm::RS256, SignatureAlgorithm::PS256, SignatureAlgorithm::ES256,
       SignatureAlgorithm::ES384, SignatureAlgorithm::EdDSA});
  if (!verified)
    return failed("the signature does not hold: " + std::string(jose::name_of(verified.error())));
  const Instant now = SystemClock().now();
  const auto expiry = jose::numeric_date(verified->claims, "exp");
  if (!expiry || *expiry <= now.unix_seconds()) return failed("exp has passed or is missing");
  if (!options.audience.empty() && !names_audience(verified->claims, options.audience)) {
    return failed("aud does not name \"" + options.audience + "\"");
  }
  print_token(common.form, verified->header, verified->claims, now);
  if (common.form == OutputForm::people) print_diagnostic("Signature, issuer and dates hold.");
  return 0;
}

}  // namespace cardea::app

// Credentials of a request (security corpus 7.13): Basic of the client and Bearer of the API, each
// against a reading of its own. Input: header value line, then a form body.
#include <optional>
#include <string>

#include "base/ascii.h"
#include "base/base64url.h"
#include "crypto/hash.h"
#include "fuzz/bytes.h"
#include "fuzz/finding.h"
#include "http/form.h"
#include "resource/bearer.h"
#include "server/client_auth/presented.h"

namespace cardea::fuzz {
namespace {

constexpr std::string_view alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

// RFC 4648 4, bit by bit: padding complete, bits behind the end zero.
std::optional<std::string> naive_base64(std::string_view text) {
  if (text.size() % 4 != 0) return std::nullopt;
  std::size_t padding = 0;
  while (padding < 2 && text.ends_with('=')) text.remove_suffix(1), ++padding;
  std::string out;
  unsigned bits = 0;
  unsigned held = 0;
  for (const char c : text) {
    const auto value = alphabet.find(c);
    if (value == alphabet.npos) return std::nullopt;
    held = held << 6 | static_cast<unsigned>(value);
    bits += 6;
    if (bits >= 8) out += static_cast<char>(held >> (bits -= 8) & 0xff);
  }
  if ((held & ((1U << bits) - 1)) != 0) return std::nullopt;
  return out;
}

// id and secret as they stand in the header, not decoded further.
std::optional<std::string> naive_basic(std::string_view header) {
  if (header.size() < 6 || ascii::lower(header.substr(0, 6)) != "basic ") return std::nullopt;
  auto pair = naive_base64(header.substr(6));
  if (!pair || pair->find(':') == pair->npos) return std::nullopt;
  for (const char c : *pair) {
    if (c < 0x20 || c == 0x7f) return std::nullopt;
  }
  return pair;
}

void check_basic(const std::string& header, const RawParameters& form) {
  Exchange exchange;
  exchange.request.headers.add("Authorization", header);
  const auto presented = read_presented(exchange, form);
  const bool is_alone = !form.contains("client_secret") && !form.contains("client_assertion") &&
                        !form.contains("client_assertion_type");
  const auto pair = naive_basic(header);
  if (!is_alone || !pair) return expect(!presented, "credentials out of a header that has none");
  const auto id = pair->substr(0, pair->find(':'));
  const auto secret = pair->substr(id.size() + 1);
  if (!presented) {
    const auto named = form.get("client_id");
    return expect(!named.empty() && named != id, "good Basic credentials are refused");
  }
  const auto& read = std::get<PresentedSecret>(*presented);
  expect(read.client_ids.size() == read.secrets.size() && read.client_ids.back() == id,
         "the bytes of the header are not the last reading");
  expect(crypto::constant_time_equal(read.secrets.back().reveal(), secret), "another secret");
  expect(base64_decode(base64_encode(*pair)) == *pair, "base64 does not read back");
}

// b64token of RFC 6750 2.1, by a walk, under one of the two schemes (RFC 9449 7.1).
std::optional<std::string> naive_token(std::string_view header, std::string_view scheme) {
  const auto before = std::string(scheme) + " ";
  if (header.size() <= before.size() || ascii::lower(header.substr(0, before.size())) != before) {
    return std::nullopt;
  }
  const auto token = header.substr(before.size());
  bool padding = false;
  for (std::size_t at = 0; at < token.size(); ++at) {
    const char c = token[at];
    if (c == '=' && at > 0) padding = true;
    const bool ok = c == '=' ? padding
                             : !padding && (ascii::is_alnum(c) ||
                                            std::string_view("-._~+/").find(c) != token.npos);
    if (!ok) return std::nullopt;
  }
  return std::string(token);
}

void check_bearer(const std::string& header, const std::string& body) {
  const resource::Challenger challenger("api");
  const http::Request request{.method = "POST",
                              .target = "/",
                              .headers = {{"Authorization", header}},
                              .body = {},
                              .peer_address = {}};
  const auto found =
      resource::find_access_token(request, challenger, resource::FormBodyTokens::refused);
  const auto dpop = naive_token(header, "dpop");
  const auto naive = dpop ? dpop : naive_token(header, "bearer");
  expect(found.ok() == naive.has_value(), "the reference decides otherwise on Bearer and DPoP");
  if (found) expect(found->by_dpop == dpop.has_value(), "another scheme");
  if (found) expect(crypto::constant_time_equal(found->token.reveal(), *naive), "another token");

  // A form body: one token, in one way, once (RFC 6750 2.2).
  const http::Request form{.method = "POST",
                           .target = "/",
                           .headers = {{"Content-Type", "application/x-www-form-urlencoded"}},
                           .body = body,
                           .peer_address = {}};
  const auto pairs = http::parse_form(body);
  const auto in_body =
      resource::find_access_token(form, challenger, resource::FormBodyTokens::accepted);
  const RawParameters parameters(pairs ? *pairs : http::FormPairs());
  if (in_body) {
    expect(!parameters.repeated("access_token"), "a token out of a form that has two");
    expect(crypto::constant_time_equal(in_body->token.reveal(), parameters.get("access_token")),
           "another token than the form's");
  }
}

}  // namespace

void authorization_header(std::string_view input) {
  Bytes bytes(input);
  const std::string header(bytes.line());
  const std::string body(bytes.rest());
  const auto pairs = http::parse_form(body);
  check_basic(header, RawParameters(pairs ? *pairs : http::FormPairs()));
  check_bearer(header, body);
}

}  // namespace cardea::fuzz

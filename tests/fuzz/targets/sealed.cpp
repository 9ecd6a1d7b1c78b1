// Values that leave the server and come back (security corpus 7.6, 7.17): sealed facts, codes,
// opaque access tokens and refresh tokens open where they belong and unchanged, nowhere else and
// not with one byte altered; facts are never read beyond their end. Input: what to make, how to
// read it, edits; or raw bytes.
#include <algorithm>
#include <array>
#include <string>

#include "base/ascii.h"
#include "base/base64url.h"
#include "base/limits.h"
#include "fuzz/bytes.h"
#include "fuzz/finding.h"
#include "fuzz/trial.h"
#include "server/tokens/access_token.h"
#include "server/tokens/authorization_code.h"
#include "server/tokens/fact_bytes.h"
#include "server/tokens/refresh_token.h"

namespace cardea::fuzz {
namespace {

constexpr std::array sealing_purposes{SealPurpose::authorization_code, SealPurpose::access_token,
                                      SealPurpose::interaction, SealPurpose::server_key};

// The value with up to four bytes changed, or cut, or with more behind it.
std::string edited(std::string value, Bytes& bytes) {
  const auto edits = bytes.below(5);
  for (std::size_t i = 0; i < edits; ++i) {
    const auto place = (bytes.byte() * 256U + bytes.byte()) % (value.size() + 2);
    const auto byte = static_cast<char>(bytes.byte());
    if (place < value.size()) {
      value[place] = byte;
    } else if (place == value.size()) {
      value += byte;
    } else {
      value.resize(value.size() - std::min<std::size_t>(value.size(), 1));
    }
  }
  return value;
}

void check_seal(test::Harness& server, Bytes& bytes) {
  const auto made = sealing_purposes[bytes.below(sealing_purposes.size())];
  const auto asked = sealing_purposes[bytes.below(sealing_purposes.size())];
  const std::string plain(bytes.line());
  const auto sealed = server.seals->seal(made, plain, server.random);
  const auto presented = edited(sealed, bytes);
  const auto opened = server.seals->open(asked, presented);
  expect(opened.has_value() == (made == asked && presented == sealed),
         "opened for another purpose, altered, or not at all");
  if (opened) expect(*opened == plain, "opened as something else");
}

void check_code(test::Harness& server, Bytes& bytes) {
  AuthorizationCode code{.code_id = GrantId(std::string(bytes.line())),
                         .client_id = ClientId(std::string(bytes.line())),
                         .user_id = UserId(std::string(bytes.line())),
                         .session_id = SessionId("s"),
                         .registered_redirect_uri = RedirectUriDigest(std::string(bytes.line())),
                         .scopes = ascii::words(bytes.line()),
                         .nonce = std::string(bytes.line())};
  for (const auto& word : code.scopes) code.resources.emplace_back(word);
  code.expires_at = server.clock.now() + minutes(1);
  if (code.code_id.empty() || code.nonce.size() > 250) return;  // those are parked in a row
  const auto text = server.stored(mint_code(*server.deps, code, server.clock.now()));
  const std::string sealed(text.reveal());
  if (sealed.size() > limits::code_bytes_max) return;
  const auto presented = edited(sealed, bytes);
  const auto opened = server.stored(open_code(*server.deps, presented));
  expect(opened.has_value() == (presented == sealed), "an altered code opens, or a good one not");
  if (!opened) return;
  expect(opened->code_id == code.code_id && opened->client_id == code.client_id &&
             opened->user_id == code.user_id && opened->scopes == code.scopes &&
             opened->resources == code.resources && opened->nonce == code.nonce &&
             opened->expires_at == code.expires_at,
         "a code opens as another");
  expect(
      !read_access_token(*server.deps, sealed) && !read_access_token(*server.deps, "at1_" + sealed),
      "a code passes for an access token");
}

void check_access_token(test::Harness& server, Bytes& bytes) {
  AccessTokenFacts facts{.token_id = TokenId(std::string(bytes.line())),
                         .client_id = ClientId(std::string(bytes.line())),
                         .subject = std::string(bytes.line()),
                         .resources = {},
                         .scopes = ascii::words(bytes.line()),
                         .issued_at = server.clock.now(),
                         .expires_at = server.clock.now() + minutes(10)};
  for (const auto& word : facts.scopes) facts.resources.emplace_back(word);
  const auto minted = mint_access_token(*server.deps, facts);
  expect(minted.has_value(), "no opaque token");
  const std::string text(minted->reveal());
  const auto presented = edited(text, bytes);
  const auto read = read_access_token(*server.deps, presented);
  expect(read.has_value() == (presented == text), "an altered token is read, or a good one not");
  if (!read) return;
  expect(read->token_id == facts.token_id && read->client_id == facts.client_id &&
             read->subject == facts.subject && read->scopes == facts.scopes &&
             read->resources == facts.resources && read->expires_at == facts.expires_at,
         "a token reads as another");
  expect(!server.stored(open_code(*server.deps, text.substr(4))), "a token passes for a code");
}

void check_refresh_token(test::Harness& server, Bytes& bytes) {
  const GrantId grant_id(new_dated_identifier(server.random, Instant{1'764'104'400'000}));
  const auto generation = 1 + static_cast<std::int64_t>(bytes.byte()) * 1'000'003;
  const auto token = mint_refresh_token(*server.seals, grant_id, generation, server.random);
  const std::string text(token.reveal());
  const auto presented = edited(text, bytes);
  const auto read = read_refresh_token(*server.seals, presented);
  expect(read.has_value() == (presented == text), "an altered token is read, or a good one not");
  if (!read) return;
  expect(read->presented.grant_id == grant_id && read->presented.generation == generation,
         "a refresh token reads as another");
  const auto next = mint_refresh_token(*server.seals, grant_id, generation + 1, server.random);
  const auto sealed = seal_successor(*read, next, server.random);
  const auto altered = edited(sealed, bytes);
  const auto opened = open_successor(*read, altered);
  expect(opened.has_value() == (altered == sealed), "an altered successor opens");
  const auto other = read_refresh_token(*server.seals, next.reveal());
  expect(other && !open_successor(*other, sealed), "the successor opens its own seal");
}

// Facts of any bytes: no read beyond the end, and what is complete is written back the same.
void check_facts(std::string_view bytes) {
  FactReader reader(bytes);
  const auto number = reader.number();
  const auto text = reader.text();
  const auto identifier = reader.identifier();
  const auto words = reader.words();
  expect(text.size() <= bytes.size() && words.size() <= 1000, "more than was there");
  if (!reader.complete()) return;
  FactWriter writer;
  writer.number(number);
  writer.text(text);
  writer.identifier(identifier);
  writer.words(words);
  const auto written = writer.take();
  FactReader again(written);
  expect(again.number() == number && again.text() == text && again.identifier() == identifier &&
             again.words() == words && again.complete(),
         "facts do not read back");
}

// Bytes that nobody made open nothing.
void check_raw(test::Harness& server, const std::string& raw) {
  for (const auto purpose : sealing_purposes) {
    expect(!server.seals->open(purpose, raw), "made-up bytes open");
    const auto id = server.seals->newest_key_id(purpose);
    expect(!server.seals->open(purpose, id + "." + base64url_encode(raw)), "made-up bytes open");
  }
  expect(!read_refresh_token(*server.seals, raw) && !read_access_token(*server.deps, raw) &&
             !server.stored(open_code(*server.deps, raw)),
         "made-up bytes are a token");
}

}  // namespace

void sealed(std::string_view input) {
  const Trial trial;  // for codes too large to be carried, which are parked in a row
  auto& server = trial.server();
  Bytes bytes(input);
  switch (bytes.below(6)) {
    case 0:
      return check_seal(server, bytes);
    case 1:
      return check_code(server, bytes);
    case 2:
      return check_access_token(server, bytes);
    case 3:
      return check_refresh_token(server, bytes);
    case 4:
      return check_facts(bytes.rest());
    default:
      return check_raw(server, std::string(bytes.rest()));
  }
}

}  // namespace cardea::fuzz

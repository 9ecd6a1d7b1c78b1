// Small languages of the authorization request (security corpus 7.14): scope, prompt and claims
// against naive readings, and their round trips. Input: a line each of scope, prompt, allowed
// scope; the rest is the claims parameter.
#include "protocol/parameters.h"

#include <algorithm>
#include <set>
#include <sstream>
#include <string>

#include "base/limits.h"
#include "fuzz/bytes.h"
#include "fuzz/finding.h"
#include "protocol/claims_request.h"
#include "protocol/prompt.h"
#include "protocol/scope.h"

namespace cardea::fuzz {
namespace {

std::vector<std::string> naive_words(std::string_view text) {
  std::vector<std::string> words(1);
  for (const char c : text) {
    if (c != ' ') {
      words.back() += c;
    } else if (!words.back().empty()) {
      words.emplace_back();
    }
  }
  if (words.back().empty()) words.pop_back();
  return words;
}

void check_scope(std::string_view text, std::string_view allowed_text) {
  const auto scope = parse_scope(text);
  const auto words = naive_words(text);
  const std::set<std::string> distinct(words.begin(), words.end());
  bool good = text.size() <= limits::scope_bytes_max && distinct.size() <= limits::words_max;
  for (const unsigned char c : text) {
    good = good && c >= 0x20 && c < 0x7f && c != '"' && c != '\\';
  }
  expect(scope.ok() == good, "the naive reading of scope decides otherwise");
  if (!scope) return;
  expect(std::set<std::string>(scope->begin(), scope->end()) == distinct &&
             scope->size() == distinct.size(),
         "other words of scope");
  const auto again = parse_scope(write_scope(*scope));
  expect(again.ok() && *again == *scope, "a written scope does not read back");
  const auto allowed = naive_words(allowed_text);
  const auto kept = narrowed(*scope, allowed);
  expect(is_within(kept, *scope) && is_within(kept, allowed), "narrowing widens");
  expect((kept == *scope) == is_within(*scope, allowed), "narrowing and containment differ");
  for (const auto& word : *scope) {
    expect(!has_scope(without(*scope, word), word), "a word taken away is still there");
  }
}

void check_prompt(std::string_view text) {
  const auto words = naive_words(text);
  const auto prompt = parse_prompt(text);
  const std::set<std::string> known{"none", "login", "consent", "select_account"};
  const bool good = words.size() <= limits::words_max &&
                    std::ranges::all_of(words, [&](const auto& w) { return known.contains(w); });
  expect(prompt.has_value() == good, "the naive reading of prompt decides otherwise");
  if (!prompt) return;
  const std::set<std::string> sent(words.begin(), words.end());
  const Prompt naive{sent.contains("none"), sent.contains("login"), sent.contains("consent"),
                     sent.contains("select_account")};
  expect(*prompt == naive, "another prompt");
  expect(prompt->contradicts_itself() == (sent.contains("none") && sent.size() > 1),
         "a contradiction is not seen");
}

void check_claims(std::string_view text) {
  const auto claims = parse_claims_request(text);
  const auto object = json::parse_object(text);
  if (!claims) return;
  expect(object.has_value() && text.size() <= limits::claims_request_bytes_max,
         "claims that are no object, or too long");
  std::set<std::string> named;
  for (const auto* target : {"id_token", "userinfo"}) {
    const auto* value = object->find(target);
    const auto* members = value != nullptr ? value->if_object() : nullptr;
    expect(value == nullptr || value->is_null() || members != nullptr, "a target is no object");
    const auto& read = target == std::string("id_token") ? claims->id_token : claims->userinfo;
    expect(read.size() == (members != nullptr ? members->size() : 0), "claims are lost");
    for (const auto& claim : read) {
      named.insert(claim.name);
      expect(members->contains(claim.name), "a claim that nobody asked for");
      const auto* how = members->find(claim.name)->if_object();
      expect(claim.essential == (how && json::bool_member(*how, "essential").value_or(false)),
             "essential is wrong");
    }
  }
  const auto names = claims->names();
  expect(std::set<std::string>(names.begin(), names.end()) == named && names.size() == named.size(),
         "names() is wrong");
}

}  // namespace

void parameters(std::string_view input) {
  Bytes bytes(input);
  const auto scope = bytes.line();
  check_prompt(bytes.line());
  check_scope(scope, bytes.line());
  check_claims(bytes.rest());
}

}  // namespace cardea::fuzz

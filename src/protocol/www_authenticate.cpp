// Bearer challenges; see www_authenticate.h.
#include "protocol/www_authenticate.h"

#include <algorithm>

#include "base/ascii.h"

namespace cardea {
namespace {

// RFC 6750 3: %x20-21 / %x23-5B / %x5D-7E, so nothing in here ever needs a backslash.
std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) out += ascii::is_vschar(c) && c != '"' && c != '\\' ? c : '?';
  return out + '"';
}

// tchar of RFC 9110 5.6.2.
bool is_tchar(char c) {
  return ascii::is_alnum(c) ||
         std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}

// Reads from the front of a header value; each member gives nothing when the text is another.
class Reader {
 public:
  explicit Reader(std::string_view text) : rest_(text) {}

  bool ended() const { return rest_.empty(); }
  void skip_space() {
    while (!rest_.empty() && (rest_.front() == ' ' || rest_.front() == '\t'))
      rest_.remove_prefix(1);
  }
  void skip_commas() {
    for (skip_space(); !rest_.empty() && rest_.front() == ','; skip_space()) rest_.remove_prefix(1);
  }
  bool take(char c) {
    if (rest_.empty() || rest_.front() != c) return false;
    rest_.remove_prefix(1);
    return true;
  }
  std::string_view token() {
    std::size_t size = 0;
    while (size < rest_.size() && is_tchar(rest_[size])) ++size;
    const auto found = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return found;
  }
  std::optional<std::string> quoted_string() {
    if (!take('"')) return std::nullopt;
    std::string out;
    while (!rest_.empty() && rest_.front() != '"') {
      if (rest_.front() == '\\' && rest_.size() > 1) rest_.remove_prefix(1);
      out += rest_.front();
      rest_.remove_prefix(1);
    }
    if (!take('"')) return std::nullopt;
    return out;
  }
  // `name = value`; restores the position when what follows is not a parameter.
  std::optional<std::pair<std::string, std::string>> parameter() {
    const auto before = rest_;
    const auto name = token();
    skip_space();
    if (name.empty() || !take('=')) return rest_ = before, std::nullopt;
    skip_space();
    const bool is_quoted = !rest_.empty() && rest_.front() == '"';
    auto value = is_quoted ? quoted_string() : std::optional(std::string(token()));
    if (!value || (value->empty() && !is_quoted)) return rest_ = before, std::nullopt;
    return std::pair(ascii::lower(name), std::move(*value));
  }

 private:
  std::string_view rest_;
};

// RFC 9470 3: a non-negative integer. Nine digits are thirty years.
std::optional<Seconds> seconds_of(std::string_view text) {
  if (text.empty() || text.size() > 9 || !std::ranges::all_of(text, ascii::is_digit)) {
    return std::nullopt;
  }
  Seconds seconds;
  for (const char c : text) seconds.count = seconds.count * 10 + (c - '0');
  return seconds;
}

void keep(ReceivedBearerChallenge& challenge, const std::pair<std::string, std::string>& read) {
  const auto& [name, value] = read;
  if (name == "realm") challenge.realm = value;
  if (name == "error") challenge.error = value;
  if (name == "error_description") challenge.description = value;
  if (name == "scope") challenge.scope = value;
  if (name == "acr_values") challenge.acr_values = value;
  if (name == "max_age") challenge.max_age = seconds_of(value);
}

}  // namespace

std::string write(const BearerChallenge& challenge) {
  std::string out = std::string(challenge.scheme) + " realm=" + quoted(challenge.realm);
  if (challenge.error) {
    // RFC 6750 3.1
    out += ", error=" + quoted(name_of(*challenge.error));
    if (!challenge.description.empty())
      out += ", error_description=" + quoted(challenge.description);
  }
  if (!challenge.scope.empty()) out += ", scope=" + quoted(ascii::join(challenge.scope, " "));
  if (!challenge.algs.empty()) out += ", algs=" + quoted(challenge.algs);
  // RFC 9470 3: one of these values, in order of preference; the age may be a quoted string too.
  if (!challenge.acr_values.empty())
    out += ", acr_values=" + quoted(ascii::join(challenge.acr_values, " "));
  if (challenge.max_age) out += ", max_age=\"" + std::to_string(challenge.max_age->count) + '"';
  if (!challenge.resource_metadata.empty())
    out += ", resource_metadata=" + quoted(challenge.resource_metadata);
  return out;
}

std::optional<ReceivedBearerChallenge> parse_bearer_challenge(std::string_view value) {
  Reader reader(value);
  for (reader.skip_commas(); !reader.ended(); reader.skip_commas()) {
    const auto scheme = reader.token();
    if (scheme.empty()) return std::nullopt;
    reader.skip_space();
    ReceivedBearerChallenge found;
    while (const auto parameter = reader.parameter()) {
      keep(found, *parameter);
      reader.skip_commas();
    }
    if (ascii::equal_ignoring_case(scheme, "Bearer")) return found;
  }
  return std::nullopt;
}

}  // namespace cardea

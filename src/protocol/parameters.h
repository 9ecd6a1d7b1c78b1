// The parameters of a request as they arrived, before any of them means something: duplicates are
// noticed, empty values are absent, unknown names are kept and ignored. RFC 6749 3.1, 3.2.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cardea {

// Decoded name-value pairs in the order they came (the type of http::parse_form).
using ParameterPairs = std::vector<std::pair<std::string, std::string>>;

// Reads are linear: a request has at most limits::parameters_max pairs. The views it gives point
// into it.
class RawParameters {
 public:
  RawParameters() = default;
  explicit RawParameters(ParameterPairs pairs) : pairs_(std::move(pairs)) {}

  // The first value that is not empty; nothing when there is none (RFC 6749 3.1: a parameter
  // without a value counts as omitted). Ask repeated() before trusting it.
  std::optional<std::string_view> find(std::string_view name) const;
  // The same, "" when absent.
  std::string_view get(std::string_view name) const { return find(name).value_or(""); }
  bool contains(std::string_view name) const { return find(name).has_value(); }
  // Every value of a parameter that may repeat, empty ones left out.
  std::vector<std::string> all(std::string_view name) const;

  // Whether a name was sent more than once; identical and empty copies count.
  bool repeated(std::string_view name) const;
  // The first name sent more than once, save those that may repeat: `resource` (RFC 8707 2).
  std::optional<std::string_view> first_repeated() const;

  const ParameterPairs& pairs() const { return pairs_; }

 private:
  ParameterPairs pairs_;
};

// Whether the parameter carries a credential: its value is never logged or shown.
bool is_secret_parameter(std::string_view name);
// The pairs as log and inspector may see them: values of secret parameters are replaced by their
// length.
ParameterPairs masked(const ParameterPairs& pairs);

}  // namespace cardea

// Strict form parsing; see form.h.
#include "http/form.h"

#include <algorithm>

#include "base/ascii.h"
#include "base/limits.h"
#include "base/url.h"

namespace cardea::http {
namespace {

Result<std::string, FormError> decode_half(std::string_view text) {
  auto decoded = url::form_decode(text);
  if (!decoded) return refuse(FormError::malformed_escape);
  if (!ascii::is_utf8(*decoded)) return refuse(FormError::not_utf8);
  if (decoded->find('\0') != std::string::npos) return refuse(FormError::control_character);
  return std::move(*decoded);
}

}  // namespace

Result<FormPairs, FormError> parse_form(std::string_view text) {
  FormPairs pairs;
  const auto count = static_cast<std::size_t>(std::ranges::count(text, '&')) + 1;
  pairs.reserve(std::min(count, limits::parameters_max));
  for (const auto part : ascii::Parts(text, '&')) {
    if (part.empty()) continue;
    if (pairs.size() == limits::parameters_max) return refuse(FormError::too_many_parameters);
    const auto equals = part.find('=');
    auto name = decode_half(part.substr(0, equals));
    if (!name) return refuse(name.error());
    auto value = decode_half(equals == std::string_view::npos ? "" : part.substr(equals + 1));
    if (!value) return refuse(value.error());
    pairs.emplace_back(std::move(*name), std::move(*value));
  }
  return pairs;
}

std::string write_form(const FormPairs& pairs) {
  std::string out;
  for (const auto& [name, value] : pairs) {
    if (!out.empty()) out += '&';
    out += url::form_encode(name) + '=' + url::form_encode(value);
  }
  return out;
}

}  // namespace cardea::http

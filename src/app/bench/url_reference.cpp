// References made absolute; see url_reference.h.
#include "app/bench/url_reference.h"

#include <vector>

#include "base/ascii.h"

namespace cardea::app::bench {
namespace {

// RFC 3986 5.2.4
std::string without_dots(std::string_view path) {
  std::vector<std::string_view> kept;
  bool ends_in_folder = false;
  for (const auto part : ascii::Parts(path.substr(1), '/')) {
    ends_in_folder = part == "." || part == "..";
    if (part == ".." && !kept.empty()) kept.pop_back();
    if (!ends_in_folder) kept.push_back(part);
  }
  std::string out;
  for (const auto part : kept) out.append("/").append(part);
  if (ends_in_folder || out.empty()) out += "/";
  return out;
}

}  // namespace

std::string resolve_reference(const url::Parts& base, std::string_view reference) {
  reference = ascii::trim(reference.substr(0, reference.find('#')));
  const auto path_end = reference.find_first_of("?/");
  const auto colon = reference.find(':');
  if (colon != reference.npos && (path_end == reference.npos || colon < path_end)) {
    return std::string(reference);
  }
  if (reference.starts_with("//")) return base.scheme + ":" + std::string(reference);
  const std::string path = base.path.empty() ? "/" : base.path;
  if (reference.empty()) return base.origin() + path + (base.query ? "?" + *base.query : "");
  if (reference.starts_with('?')) return base.origin() + path + std::string(reference);
  const auto query = reference.find('?');
  const auto named = reference.substr(0, query);
  const std::string rest(query == reference.npos ? std::string_view() : reference.substr(query));
  const std::string folder = named.starts_with('/') ? "" : path.substr(0, path.rfind('/') + 1);
  return base.origin() + without_dots(folder + std::string(named)) + rest;
}

std::string request_target(const url::Parts& parts) {
  return (parts.path.empty() ? "/" : parts.path) + (parts.query ? "?" + *parts.query : "");
}

std::string query_parameter(const url::Parts& parts, std::string_view name) {
  if (!parts.query) return "";
  for (const auto pair : ascii::Parts(*parts.query, '&')) {
    const auto equals = pair.find('=');
    if (equals != pair.npos && pair.substr(0, equals) == name) {
      return url::form_decode(pair.substr(equals + 1)).value_or("");
    }
  }
  return "";
}

}  // namespace cardea::app::bench

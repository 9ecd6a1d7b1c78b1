// Header lookup and request targets; see message.h.
#include "http/message.h"

#include "base/ascii.h"

namespace cardea::http {

std::vector<std::string_view> Headers::all(std::string_view name) const {
  std::vector<std::string_view> values;
  for (const auto& [field, value] : fields_) {
    if (ascii::equal_ignoring_case(field, name)) values.push_back(value);
  }
  return values;
}

const std::pair<std::string, std::string>* Headers::find(std::string_view name) const {
  for (const auto& field : fields_) {
    if (ascii::equal_ignoring_case(field.first, name)) return &field;
  }
  return nullptr;
}

std::optional<std::string_view> Headers::single(std::string_view name) const {
  std::optional<std::string_view> found;
  for (const auto& [field, value] : fields_) {
    if (!ascii::equal_ignoring_case(field, name)) continue;
    if (found) return std::nullopt;
    found = value;
  }
  return found;
}

std::string_view Headers::first(std::string_view name) const {
  const auto* field = find(name);
  return field == nullptr ? std::string_view() : field->second;
}

void Headers::add(std::string name, std::string value) {
  fields_.emplace_back(std::move(name), std::move(value));
}

void Headers::set(std::string name, std::string value) {
  std::erase_if(fields_,
                [&](const auto& field) { return ascii::equal_ignoring_case(field.first, name); });
  add(std::move(name), std::move(value));
}

std::string_view Request::path() const {
  const std::string_view all = target;
  return all.substr(0, all.find('?'));
}

std::optional<std::string_view> Request::query() const {
  const std::string_view all = target;
  const auto at = all.find('?');
  if (at == std::string_view::npos) return std::nullopt;
  return all.substr(at + 1);
}

}  // namespace cardea::http

// Names of what keys are for; see server_key.h.
#include "domain/server_key.h"

#include "jose/jwk.h"

namespace cardea {

std::string_view name_of(const KeyAlgorithm& algorithm) {
  return std::visit([](auto each) { return jose::name_of(each); }, algorithm);
}

std::optional<KeyAlgorithm> key_algorithm_named(std::string_view name) {
  if (const auto signature = jose::algorithm_named(name)) return *signature;
  if (const auto management = jose::key_management_named(name)) return *management;
  return std::nullopt;
}

}  // namespace cardea

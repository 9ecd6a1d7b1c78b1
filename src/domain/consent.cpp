// Whether a remembered approval is enough; see consent.h.
#include "domain/consent.h"

#include <algorithm>

namespace cardea {
namespace {

bool holds_all(const std::vector<std::string>& approved, const std::vector<std::string>& asked) {
  return std::ranges::all_of(asked, [&](const std::string& each) {
    return std::ranges::find(approved, each) != approved.end();
  });
}

}  // namespace

bool covers(const Consent& consent, const std::vector<std::string>& scopes,
            const std::vector<std::string>& resources) {
  return holds_all(consent.scopes, scopes) && holds_all(consent.resources, resources);
}

}  // namespace cardea

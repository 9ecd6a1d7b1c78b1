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

std::vector<std::string> approvals_of(const std::vector<std::string>& scopes,
                                      const std::vector<std::string>& resources) {
  std::vector<std::string> approvals;
  for (const auto& resource : resources) {
    // No URI holds a quotation mark (RFC 3986 2), so two pairs are never one.
    for (const auto& scope : scopes) approvals.push_back(resource + '"' + scope);
  }
  return approvals;
}

bool covers(const Consent& consent, const std::vector<std::string>& scopes,
            const std::vector<std::string>& resources) {
  return holds_all(consent.scopes, scopes) &&
         holds_all(consent.approvals, approvals_of(scopes, resources));
}

}  // namespace cardea

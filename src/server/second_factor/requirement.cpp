// The requirement of two factors; see requirement.h.
#include "server/second_factor/requirement.h"

namespace cardea {

bool requires_second_factor(const Settings& settings, const Client& client) {
  return client.require_second_factor || settings.second_factor == Settings::SecondFactor::required;
}

bool lacks_second_factor(const Settings& settings, const Client& client,
                         const Authentication& sign_in) {
  return requires_second_factor(settings, client) && !has_two_factors(sign_in);
}

}  // namespace cardea

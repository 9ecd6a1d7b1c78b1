// The frame by which apps notice that somebody signed in or out. OIDC Session Management 3.2; what
// it does is web/scripts/check_session.js.
#include "server/endpoints/endpoints.h"

namespace cardea::endpoints {

Task<http::Response> check_session(const Deps& deps, Exchange&) {
  co_return deps.pages.check_session();
}

}  // namespace cardea::endpoints

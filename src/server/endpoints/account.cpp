// Stands in until the endpoint lands in this file.
#include "server/endpoints/endpoints.h"

namespace cardea::endpoints {

Task<http::Response> account(const Deps&, Exchange&) {
  co_return http::Response{501, {}, "not built yet"};
}

Task<http::Response> password_link(const Deps&, Exchange&) {
  co_return http::Response{501, {}, "not built yet"};
}

}  // namespace cardea::endpoints

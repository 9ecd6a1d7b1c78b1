// Styles, images and the form_post script of the pages, by content-addressed names.
#include "server/endpoints/endpoints.h"

namespace cardea::endpoints {

Task<http::Response> assets(const Deps& deps, Exchange& exchange) {
  auto path = exchange.request.path();
  const std::string_view base = deps.settings.issuer_path;
  if (path.starts_with(base)) path.remove_prefix(base.size());
  co_return deps.pages.asset(path);
}

}  // namespace cardea::endpoints

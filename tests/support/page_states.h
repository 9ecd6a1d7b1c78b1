// Every page in every state worth looking at, in one language: what the rendering tests, the
// accessibility checks and the screenshots go through.
#pragma once

#include <string>
#include <vector>

#include "server/pages/pages.h"

namespace cardea::test_pages {

struct PageState {
  std::string name;     // "sign_in.bad_credentials": page, then state
  std::string heading;  // the key of its h1 in web/text
  http::Response response;
};

// For the Pages whose states are collected.
Settings page_settings();
std::vector<PageState> page_states(const Pages& pages, Locale locale);

}  // namespace cardea::test_pages

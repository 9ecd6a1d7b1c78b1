// The demo app's pages: HTML without script, one style sheet, light and dark.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "http/message.h"

namespace demo {

struct SignedInView {
  std::string name;
  std::string email;
  std::string subject;
  std::string api_answer;   // as the API sent it
  std::string token_facts;  // when the access token runs out, how often it was renewed
};

// issuer_origin: where forms may lead besides here; browsers apply form-action to the redirect that
// follows signing out.
cardea::http::Response page(std::string_view title, std::string_view content,
                            std::string_view issuer_origin, int status = 200);
std::string home_content();
std::string signed_in_content(const SignedInView& view);
std::string failure_content(std::string_view what, std::string_view detail);
cardea::http::Response style_sheet();

}  // namespace demo

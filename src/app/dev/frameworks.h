// The names under which frameworks expect issuer, client id, secret and callback, and what each
// needs of the client.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "protocol/vocabulary.h"

namespace cardea::app::dev {

struct Framework {
  std::string_view name;        // "authjs"
  std::string_view callback;    // the redirect URI that its middleware listens on in development
  std::string_view signed_out;  // where it sends people after sign-out
  std::vector<ResponseType> response_types;
  bool needs_optional_pkce = false;  // its library has no PKCE, or leaves it out by default
  // Lines of the environment block; @issuer, @id, @secret, @callback, @host are filled in.
  std::vector<std::pair<std::string_view, std::string_view>> variables;
  std::string_view note;  // one sentence that saves a search; "" for none
};

// The plain names when `name` is "".
const Framework* find_framework(std::string_view name);
std::vector<std::string> framework_names();

struct FrameworkValues {
  std::string issuer;
  std::string client_id;
  std::string client_secret;
};
// Name and value, in order.
std::vector<std::pair<std::string, std::string>> environment_block(const Framework& framework,
                                                                   const FrameworkValues& values);

}  // namespace cardea::app::dev

// What `cardea dev` prints once it is ready: for people, and as one JSON line for programs.
#pragma once

#include <string>

#include "app/dev/seed.h"

namespace cardea::app::dev {

struct Ready {
  const DevOptions& options;
  const Seed& seed;
  const Framework& framework;
  std::string issuer;
  std::string ca_file;     // "" for http
  std::string management;  // "http://127.0.0.1:9444"
  std::int64_t milliseconds = 0;
};

std::string banner(const Ready& ready);
// {"issuer", "ca_file", "management", "users", "clients", "env"}
std::string ready_line(const Ready& ready);
// The environment block between two marks, put into (or replaced in) the text of an env file.
std::string with_env_block(std::string_view file, const Ready& ready);
// The line that makes each runtime trust the CA.
std::string trust_lines(const std::string& ca_file);

}  // namespace cardea::app::dev

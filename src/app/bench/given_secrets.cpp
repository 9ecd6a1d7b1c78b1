// Reading secrets; see given_secrets.h.
#include "app/bench/given_secrets.h"

#include <cstdlib>
#include <fstream>
#include <iostream>

namespace cardea::app::bench {
namespace {

Result<BenchSecret, AdminError> read_secret(const std::string& file, const char* variable) {
  std::string text;
  if (file.empty()) {
    const char* const value = std::getenv(variable);
    return BenchSecret(value == nullptr ? "" : value);
  }
  if (file == "-") {
    std::getline(std::cin, text);
  } else {
    std::ifstream stream(file, std::ios::binary);
    if (!stream) return refuse(AdminError{ExitCode::usage, "cannot read " + file});
    std::getline(stream, text);
  }
  while (!text.empty() && (text.back() == '\r' || text.back() == ' ')) text.pop_back();
  return BenchSecret(std::move(text));
}

}  // namespace

Result<GivenSecrets, AdminError> read_given_secrets(const BenchOptions& options) {
  if (options.client_secret_file == "-" && options.password_file == "-") {
    return refuse(AdminError{ExitCode::usage, "only one secret can come from standard input"});
  }
  auto secret = read_secret(options.client_secret_file, "CARDEA_BENCH_CLIENT_SECRET");
  if (!secret) return refuse(secret.error());
  auto password = read_secret(options.password_file, "CARDEA_BENCH_PASSWORD");
  if (!password) return refuse(password.error());
  return GivenSecrets{.client_secret = *std::move(secret), .password = *std::move(password)};
}

}  // namespace cardea::app::bench

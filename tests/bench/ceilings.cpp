// What this machine can do at best, in the same run as the bench: signatures by the contexts that
// the server reuses, password hashes, flushes. One line of JSON. Arguments: seconds for each, the
// folder whose disk is flushed, and a name when only that one is wanted, as one round beside
// others.
#include <fcntl.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include "base/json.h"
#include "bench/meter.h"
#include "crypto/key.h"
#include "crypto/password_hash.h"

namespace cardea::bench {
namespace {

int rounds = 3;

// Operations a second: the best of the rounds, since another process can only slow one down.
template <class Operation>
double rate_of(double seconds, Operation operation) {
  double best = 0;
  for (int run = 0; run < rounds; ++run) {
    std::int64_t count = 0;
    const auto began = now_ns();
    auto now = began;
    while (static_cast<double>(now - began) < seconds / rounds * 1e9) {
      operation();
      ++count;
      now = now_ns();
    }
    best = std::max(best, static_cast<double>(count) * 1e9 / static_cast<double>(now - began));
  }
  return best;
}

double signatures(crypto::SignatureAlgorithm algorithm, double seconds) {
  const auto key = crypto::PrivateKey::generate(algorithm);
  const std::string message(700, 'm');
  return rate_of(seconds, [&] {
    if (key.sign(message).empty()) std::exit(2);
  });
}

// Appends of one 4 KiB page, each flushed, as a commit of the write-ahead log is.
double flushes(const std::string& folder, double seconds) {
  const std::string path = folder + "/flushes";
  const int file = ::open(path.c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0600);
  if (file < 0) std::exit(2);
  const std::string page(4096, 'p');
  const auto rate = rate_of(seconds, [&] {
    if (::write(file, page.data(), page.size()) < 0 || ::fdatasync(file) != 0) std::exit(2);
  });
  ::close(file);
  ::unlink(path.c_str());
  return rate;
}

}  // namespace
}  // namespace cardea::bench

int main(int count, char** arguments) {
  using namespace cardea;
  using enum crypto::SignatureAlgorithm;
  if (count != 3 && count != 4) return 2;
  const double seconds = std::atof(arguments[1]);
  const std::string_view only = count == 4 ? arguments[3] : "";
  if (!only.empty()) bench::rounds = 1;
  const crypto::PasswordCost cost;
  json::Object found;
  const auto measure = [&](std::string_view name, auto rate) {
    if (only.empty() || only == name) found.set(std::string(name), rate());
  };
  measure("es256_signatures", [&] { return bench::signatures(ES256, seconds); });
  measure("rs256_signatures", [&] { return bench::signatures(RS256, seconds); });
  measure("eddsa_signatures", [&] { return bench::signatures(EdDSA, seconds); });
  measure("argon2id_hashes", [&] {
    return bench::rate_of(seconds, [&] { crypto::hash_password("correct horse", cost); });
  });
  measure("flushes", [&] { return bench::flushes(arguments[2], seconds); });
  std::puts(json::write(found).c_str());
  return 0;
}

// Files as the operating system shows them: who may read them, what the certificate says, how much
// room is left; see checks.h.
#include <sys/stat.h>
#include <sys/statvfs.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "app/doctor/checks.h"
#include "app/root_key.h"
#include "base/url.h"

namespace cardea::app {
namespace {

using Level = Finding::Level;

constexpr std::uint64_t room_mib_min = 256;

struct Guarded {
  std::string check;
  std::string path;
  mode_t forbidden;  // bits that nobody may have
  std::string why;
};

std::string octal(mode_t mode) {
  std::ostringstream out;
  out << std::oct << (mode & 07777);
  return "0" + out.str();
}

Finding look_at_mode(const Guarded& file) {
  Finding finding{
      .level = Level::ok, .check = file.check, .text = file.path, .why = file.why, .fix = ""};
  struct stat facts{};
  if (stat(file.path.c_str(), &facts) != 0) {
    finding.level = Level::warning;
    finding.text += " cannot be seen";
    finding.fix = "run this as the server's user; the server makes it at its first start";
    return finding;
  }
  finding.text += " has mode " + octal(facts.st_mode);
  if ((facts.st_mode & file.forbidden) != 0) {
    finding.level = Level::failure;
    finding.fix = "chmod " + octal(facts.st_mode & 0777 & ~file.forbidden) + " " + file.path;
  }
  return finding;
}

std::optional<Finding> look_at_room(const std::string& store_path) {
  const auto folder = std::filesystem::path(store_path).parent_path().string();
  struct statvfs facts{};
  if (statvfs(folder.c_str(), &facts) != 0) return std::nullopt;
  const std::uint64_t room = facts.f_bavail * facts.f_frsize / (1024 * 1024);
  const bool is_short = room < room_mib_min;
  return Finding{.level = is_short ? Level::failure : Level::ok,
                 .check = "disk",
                 .text = std::to_string(room) + " MiB left at " + folder,
                 .why = "On a full disk nobody can sign in.",
                 .fix = is_short ? "make room, or move the store" : ""};
}

std::string read_file(const std::string& path) {
  std::ifstream stream(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

bool holds_secrets(const Config& config) {
  for (const auto& client : config.clients) {
    if (client.secret) return true;
  }
  for (const auto& user : config.users) {
    if (user.password) return true;
  }
  return false;
}

}  // namespace

Findings look_at_files(const Config& config, Instant now) {
  const auto folder = std::filesystem::path(config.store_path).parent_path().string();
  Findings out;
  out.push_back(look_at_mode({"root key", config.root_key_file, root_key_forbidden_mode,
                              "It opens every key in the store."}));
  if (config.store_database.empty()) {
    out.push_back(look_at_mode({"store", folder, 027, "It holds accounts, grants and keys."}));
  }
  if (holds_secrets(config) && !config.file.empty()) {
    out.push_back(
        look_at_mode({"configuration", config.file, 007, "Secrets and passwords are set there."}));
  }
  if (!config.tls_certificate.empty()) {
    const auto issuer = url::parse(config.issuer);
    out.push_back(look_at_mode(
        {"tls key", config.tls_key, 007, "Whoever reads it can pose as this server."}));
    out.push_back(check_certificate(read_file(config.tls_certificate), config.tls_certificate,
                                    issuer ? issuer->host : "", now));
  }
  auto room = config.store_database.empty() ? look_at_room(config.store_path) : std::nullopt;
  if (room) out.push_back(*std::move(room));
  return out;
}

}  // namespace cardea::app

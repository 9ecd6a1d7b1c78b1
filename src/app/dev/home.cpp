// Reading and keeping development's files; see home.h.
#include "app/dev/home.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "base/base64url.h"
#include "base/json.h"
#include "crypto/aead.h"
#include "crypto/hash.h"

namespace cardea::app::dev {
namespace {

std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream content;
  content << file.rdbuf();
  return content.str();
}

// Whole or not at all: written under another name, then renamed.
bool write_private(const std::string& path, std::string_view text) {
  const std::string temporary = path + "." + std::to_string(getpid());
  const int file = ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (file < 0) return false;
  const bool written = write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  close(file);
  return written && rename(temporary.c_str(), path.c_str()) == 0;
}

crypto::AeadKey file_key(const RootKey& root_key) {
  return crypto::AeadKey(
      crypto::hkdf_sha256(root_key.reveal(), "", "cardea dev keys", crypto::aead_key_bytes));
}

std::string environment(const char* name) {
  const char* value = getenv(name);
  return value == nullptr ? "" : value;
}

}  // namespace

std::string home_directory(const std::string& override) {
  if (!override.empty()) return std::filesystem::absolute(override).lexically_normal().string();
  if (const auto set = environment("CARDEA_DEV_HOME"); !set.empty()) return set;
  if (const auto data = environment("XDG_DATA_HOME"); !data.empty()) return data + "/cardea/dev";
  return environment("HOME") + "/.local/share/cardea/dev";
}

Result<Home, std::string> Home::open(const std::string& directory) {
  std::error_code error;
  std::filesystem::create_directories(directory, error);
  if (error || chmod(directory.c_str(), 0700) != 0) {
    return refuse("cannot use " + directory + ": " + (error ? error.message() : strerror(errno)));
  }
  return Home(directory);
}

Result<crypto::CertificateAndKey, std::string> Home::authority(Instant now) const {
  const std::string key_file = directory_ + "/ca-key.pem";
  const std::string certificate = read_file(ca_file());
  std::string key = read_file(key_file);
  if (!certificate.empty() && !key.empty()) {
    const auto facts = crypto::read_certificate(certificate);
    if (facts && now + days(30) < facts->not_after) {
      return crypto::CertificateAndKey{certificate, crypto::PrivateKeyPem(std::move(key))};
    }
  }
  auto made =
      crypto::make_certificate_authority("Cardea development CA", {"localhost"}, now, days(3650));
  if (!made) return refuse(made.error());
  if (!write_private(key_file, made->key_pem.reveal()) ||
      !write_private(ca_file(), made->certificate_pem)) {
    return refuse("cannot write to " + directory_);
  }
  chmod(ca_file().c_str(), 0644);
  return std::move(*made);
}

Result<http::TlsFiles, std::string> Home::server_certificate(
    Instant now, const std::vector<std::string>& names) const {
  auto ca = authority(now);
  if (!ca) return refuse(ca.error());
  auto made = crypto::make_server_certificate(*ca, names, now, days(90));
  if (!made) return refuse(made.error());
  // Named by process: two development issuers may run at once.
  const std::string base = directory_ + "/server-" + std::to_string(getpid());
  http::TlsFiles files{base + ".pem", base + "-key.pem"};
  if (!write_private(files.certificate, made->certificate_pem) ||
      !write_private(files.key, made->key_pem.reveal())) {
    return refuse("cannot write to " + directory_);
  }
  return files;
}

std::vector<ImportedKey> Home::signing_keys(const RootKey& root_key) const {
  const auto sealed = base64url_decode(read_file(directory_ + "/signing-keys"));
  if (!sealed) return {};
  const auto opened = crypto::open(file_key(root_key), "signing keys", *sealed);
  const auto document = opened ? json::parse_object(*opened) : std::nullopt;
  if (!document) return {};
  std::vector<ImportedKey> out;
  for (const auto& member : document->members()) {
    const auto* object = member.value.if_object();
    if (object == nullptr) return {};
    const auto algorithm = jose::algorithm_named(json::string_member(*object, "alg").value_or(""));
    const auto der = base64url_decode(json::string_member(*object, "der").value_or("!"));
    if (!algorithm || !der) return {};
    auto key = crypto::PrivateKey::from_der(*algorithm, crypto::PrivateKeyBytes(*der));
    if (!key) return {};
    out.push_back({std::move(*key),
                   json::string_member(*object, "state") == "next" ? ServerKey::State::next
                                                                   : ServerKey::State::active,
                   Instant::from_seconds(json::integer_member(*object, "created_at").value_or(0))});
  }
  return out;
}

void Home::keep_signing_keys(const RootKey& root_key, const std::vector<ImportedKey>& keys,
                             Random& random) const {
  json::Object document;
  for (const auto& key : keys) {
    document.set(std::to_string(document.size()),
                 json::Object{{"alg", jose::name_of(key.key.algorithm())},
                              {"der", base64url_encode(key.key.to_der().reveal())},
                              {"state", key.state == ServerKey::State::next ? "next" : "active"},
                              {"created_at", key.created_at.unix_seconds()}});
  }
  std::string text = json::write(document);
  write_private(directory_ + "/signing-keys",
                base64url_encode(crypto::seal(file_key(root_key), "signing keys", text, random)));
  wipe(text);
}

std::map<std::string, std::string> Home::password_hashes() const {
  std::map<std::string, std::string> out;
  const auto document = json::parse_object(read_file(directory_ + "/password-hashes.json"));
  if (!document) return out;
  for (const auto& member : document->members()) {
    if (member.value.if_string() != nullptr) out.emplace(member.name, *member.value.if_string());
  }
  return out;
}

void Home::keep_password_hashes(const std::map<std::string, std::string>& hashes) const {
  json::Object document;
  for (const auto& [login, hash] : hashes) document.set(login, hash);
  write_private(directory_ + "/password-hashes.json", json::write(document));
}

}  // namespace cardea::app::dev

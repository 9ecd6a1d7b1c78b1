// Where development keeps what outlives a run: the local certificate authority, the root key,
// signing keys and hashed seed passwords. One directory per user, 0700; a project may name its own.
// Nothing here is for production.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "app/node.h"
#include "base/result.h"
#include "crypto/certificate.h"
#include "http/listener/listener.h"

namespace cardea::app::dev {

// override, else $CARDEA_DEV_HOME, else $XDG_DATA_HOME/cardea/dev, else ~/.local/share/cardea/dev.
std::string home_directory(const std::string& override);

class Home {
 public:
  static Result<Home, std::string> open(const std::string& directory);

  const std::string& directory() const { return directory_; }
  std::string ca_file() const { return directory_ + "/ca.pem"; }

  // Reads the authority, making it on first use (and when it expires within 30 days).
  Result<crypto::CertificateAndKey, std::string> authority(Instant now) const;
  // A fresh certificate for loopback names; written beside the authority for the listener to read.
  Result<http::TlsFiles, std::string> server_certificate(
      Instant now, const std::vector<std::string>& names) const;

  // Signing keys of earlier runs, so that a second start makes no RSA key. Sealed under the root
  // key.
  std::vector<ImportedKey> signing_keys(const RootKey& root_key) const;
  void keep_signing_keys(const RootKey& root_key, const std::vector<ImportedKey>& keys,
                         Random& random) const;

  // PHC strings of seed passwords by login: hashing them at each start would cost more than the
  // start itself.
  std::map<std::string, std::string> password_hashes() const;
  void keep_password_hashes(const std::map<std::string, std::string>& hashes) const;

 private:
  explicit Home(std::string directory) : directory_(std::move(directory)) {}
  std::string directory_;
};

}  // namespace cardea::app::dev

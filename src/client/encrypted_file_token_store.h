// Tokens on disk for servers, encrypted at rest: XChaCha20-Poly1305, a key file of mode 0600, one
// file per grant. Security corpus 6.1; architecture 5.
//
//   directory (0700)/
//     <HMAC of the grant key>.tokens   header line, then nonce, ciphertext, tag (0600)
//     <HMAC of the grant key>.lock     empty; held with flock while the grant is refreshed
//     <name>.tmp-<random>              a write under way, or what a crash left of one
//
// The associated data is issuer, client_id, subject, slot and format version, so a record that is
// copied to another name does not open. An older copy of the same record does: whoever can write
// the directory can set one grant back, which the issuer answers as reuse. The key file is not
// rotated here.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "base/random.h"
#include "client/token_store.h"
#include "crypto/aead.h"

namespace cardea::client {

struct EncryptedFileTokenStoreOptions {
  std::string directory;  // made with mode 0700 when absent
  std::string key_file;   // 64 hexadecimal digits; made with mode 0600 when absent
  // Called after a new record is on disk and before it takes the old one's place; for tests that
  // die there.
  std::function<void()> before_rename;
};

// Thread-safe, and safe between processes on one machine that share the directory.
class EncryptedFileTokenStore final : public TokenStore {
 private:
  struct Private {
    explicit Private() = default;
  };
  struct Keys {
    crypto::AeadKey seal;
    Secret<struct FileNameKeyTag> name;
  };

 public:
  // Refuses store.failed (cannot be made or read), store.key (a key file that others may read, that
  // belongs to somebody else, is a link, or holds no key). random must outlive the store.
  static Result<std::unique_ptr<EncryptedFileTokenStore>, Error> open(
      EncryptedFileTokenStoreOptions options, Random& random);

  Result<std::optional<StoredTokens>, Error> load(const GrantKey& key) override;
  Status<Error> save(const GrantKey& key, const StoredTokens& tokens) override;
  Status<Error> erase(const GrantKey& key) override;
  Result<std::unique_ptr<Lock>, Error> lock(const GrantKey& key) override;

  // For open() alone.
  EncryptedFileTokenStore(Private, EncryptedFileTokenStoreOptions options, Keys keys,
                          Random& random);

 private:
  std::string path_of(const GrantKey& key, std::string_view ending) const;

  const EncryptedFileTokenStoreOptions options_;
  const Keys keys_;
  Random& random_;
};

}  // namespace cardea::client

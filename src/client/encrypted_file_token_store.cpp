// The encrypted file store; see encrypted_file_token_store.h.
#include "client/encrypted_file_token_store.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <system_error>

#include "base/base64url.h"
#include "base/json.h"
#include "client/durable_file.h"
#include "crypto/hash.h"

namespace cardea::client {
namespace {

constexpr std::string_view header = "cardea tokens 1\n";
constexpr std::size_t record_bytes_max = 256 * 1024;  // three tokens and their facts, with room
constexpr std::size_t key_file_bytes = 65;            // 64 digits and a newline

Error failed(std::string cause) {
  return {.code = "store.failed",
          .message = "the token store cannot be read or written",
          .cause = std::move(cause)};
}

Refusal<Error> bad_key(std::string cause) {
  return refuse(Error{.code = "store.key",
                      .message = "the token store's key file cannot be used",
                      .cause = std::move(cause)});
}

Refusal<Error> unreadable(std::string cause) {
  return refuse(Error{.code = "store.unreadable",
                      .message = "a record was made with another key, moved or changed",
                      .cause = std::move(cause)});
}

// Length-prefixed, so that no two grant keys give the same bytes.
std::string associated(const GrantKey& key) {
  std::string out(header);
  for (const auto& part : {key.issuer, key.client_id, key.subject, key.slot})
    out += std::to_string(part.size()) + ":" + part;
  return out;
}

void set_text(json::Object& object, std::string name, std::string_view text) {
  object.set(std::move(name), text);
}

std::string write_record(const StoredTokens& tokens) {
  json::Object out{{"revision", static_cast<std::int64_t>(tokens.revision)},
                   {"access_token", tokens.access_token.reveal()},
                   {"scope", tokens.scope}};
  if (tokens.access_token_expires_at)
    out.set("access_token_expires_at_ms", tokens.access_token_expires_at->unix_ms);
  if (tokens.refresh_token) set_text(out, "refresh_token", tokens.refresh_token->reveal());
  if (tokens.id_token) set_text(out, "id_token", tokens.id_token->reveal());
  if (tokens.auth_time) out.set("auth_time_ms", tokens.auth_time->unix_ms);
  return json::write(out);
}

std::optional<StoredTokens> parse_record(std::string_view text) {
  const auto read = json::parse_object(text);
  if (!read) return std::nullopt;
  const auto revision = json::integer_member(*read, "revision");
  auto access_token = json::string_member(*read, "access_token");
  auto scope = json::strings_member(*read, "scope");
  if (!revision || !access_token || !scope) return std::nullopt;
  StoredTokens tokens;
  tokens.revision = static_cast<std::uint64_t>(*revision);
  tokens.access_token = AccessToken(std::move(*access_token));
  tokens.scope = std::move(*scope);
  if (const auto at = json::integer_member(*read, "access_token_expires_at_ms"))
    tokens.access_token_expires_at = Instant{*at};
  if (auto text_of = json::string_member(*read, "refresh_token"))
    tokens.refresh_token.emplace(std::move(*text_of));
  if (auto text_of = json::string_member(*read, "id_token"))
    tokens.id_token.emplace(std::move(*text_of));
  if (const auto at = json::integer_member(*read, "auth_time_ms")) tokens.auth_time = Instant{*at};
  return tokens;
}

// A key that others can read protects nothing, so it is refused rather than mended.
Status<Error> check_key_file(const std::string& path) {
  struct stat status{};
  if (::lstat(path.c_str(), &status) != 0) return refuse(failed("the key file cannot be seen"));
  if (!S_ISREG(status.st_mode)) return bad_key("it is not a plain file");
  if (status.st_uid != ::geteuid()) return bad_key("it belongs to another user");
  if ((status.st_mode & 0077) != 0) return bad_key("others may read it; its mode must be 0600");
  return Unit{};
}

Status<Error> make_key_file(const std::string& path, Random& random) {
  const std::string content = hex_encode(random.bytes(crypto::aead_key_bytes)) + "\n";
  const auto made = replace_file({.path = path,
                                  .temporary = path + ".tmp-" + hex_encode(random.bytes(8)),
                                  .content = content,
                                  .existing = Replacement::Existing::keep});
  if (!made) return refuse(failed("key file: " + made.error()));
  return Unit{};  // also when another process was faster: its key is read next
}

Result<crypto::AeadKey, Error> load_key(const std::string& path, Random& random) {
  auto content = read_file(path, key_file_bytes);
  if (content && !content->has_value()) {
    if (auto made = make_key_file(path, random); !made) return refuse(std::move(made.error()));
    content = read_file(path, key_file_bytes);
  }
  if (!content || !content->has_value()) return bad_key(content ? "it vanished" : content.error());
  if (auto fine = check_key_file(path); !fine) return refuse(std::move(fine.error()));
  std::string_view digits = **content;
  if (digits.ends_with('\n')) digits.remove_suffix(1);
  auto key = hex_decode(digits);
  if (!key || key->size() != crypto::aead_key_bytes) return bad_key("it holds no 64 hex digits");
  // What people see in a file is input to key derivation, never a key itself.
  return crypto::AeadKey(crypto::hkdf_sha256(*key, "", "cardea token store", 32));
}

Status<Error> make_directory(const std::string& path) {
  std::error_code error;
  const auto parent = std::filesystem::path(path).parent_path();
  if (!parent.empty()) std::filesystem::create_directories(parent, error);
  if (!error && ::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST)
    error = std::error_code(errno, std::generic_category());
  if (error) return refuse(failed("directory: " + error.message()));
  return Unit{};
}

class FileLock final : public TokenStore::Lock {
 public:
  explicit FileLock(Descriptor file) : file_(std::move(file)) {}
  // Said outright: a process forked meanwhile shares the open file, so closing it here alone would
  // not release the lock. The end of every holder does, too.
  ~FileLock() override { ::flock(file_.number(), LOCK_UN); }

 private:
  Descriptor file_;
};

}  // namespace

EncryptedFileTokenStore::EncryptedFileTokenStore(Private, EncryptedFileTokenStoreOptions options,
                                                 Keys keys, Random& random)
    : options_(std::move(options)), keys_(std::move(keys)), random_(random) {}

Result<std::unique_ptr<EncryptedFileTokenStore>, Error> EncryptedFileTokenStore::open(
    EncryptedFileTokenStoreOptions options, Random& random) {
  if (auto made = make_directory(options.directory); !made) return refuse(std::move(made.error()));
  const auto key = load_key(options.key_file, random);
  if (!key) return refuse(key.error());
  Keys keys{.seal = crypto::AeadKey(
                crypto::hkdf_sha256(key->reveal(), "", "cardea token store seal", 32)),
            .name = Secret<struct FileNameKeyTag>(
                crypto::hkdf_sha256(key->reveal(), "", "cardea token store name", 32))};
  return std::make_unique<EncryptedFileTokenStore>(Private{}, std::move(options), std::move(keys),
                                                   random);
}

std::string EncryptedFileTokenStore::path_of(const GrantKey& key, std::string_view ending) const {
  const auto name = crypto::hmac_sha256(keys_.name.reveal(), associated(key));
  return options_.directory + "/" + hex_encode(name) + std::string(ending);
}

Result<std::optional<StoredTokens>, Error> EncryptedFileTokenStore::load(const GrantKey& key) {
  const auto content = read_file(path_of(key, ".tokens"), record_bytes_max);
  if (!content) return refuse(failed(content.error()));
  if (!content->has_value()) return std::optional<StoredTokens>();
  const std::string_view record = **content;
  if (!record.starts_with(header)) return unreadable("the header is not ours");
  const auto opened = crypto::open(keys_.seal, associated(key), record.substr(header.size()));
  if (!opened) return unreadable("the seal does not hold");
  auto tokens = parse_record(*opened);
  if (!tokens) return unreadable("the content is malformed");
  return tokens;
}

Status<Error> EncryptedFileTokenStore::save(const GrantKey& key, const StoredTokens& tokens) {
  const std::string content = std::string(header) + crypto::seal(keys_.seal, associated(key),
                                                                 write_record(tokens), random_);
  const std::string path = path_of(key, ".tokens");
  const auto replaced = replace_file({.path = path,
                                      .temporary = path + ".tmp-" + hex_encode(random_.bytes(8)),
                                      .content = content},
                                     options_.before_rename);
  if (!replaced) return refuse(failed(replaced.error()));
  return Unit{};
}

Status<Error> EncryptedFileTokenStore::erase(const GrantKey& key) {
  // The lock file stays: removing it under a waiter would let two hold "the" lock.
  if (auto removed = remove_file(path_of(key, ".tokens")); !removed)
    return refuse(failed(removed.error()));
  return Unit{};
}

Result<std::unique_ptr<TokenStore::Lock>, Error> EncryptedFileTokenStore::lock(
    const GrantKey& key) {
  Descriptor file(
      ::open(path_of(key, ".lock").c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!file.is_open()) return refuse(failed("the lock file cannot be opened"));
  while (::flock(file.number(), LOCK_EX) != 0) {
    if (errno != EINTR) return refuse(failed("the lock cannot be taken"));
  }
  return std::unique_ptr<Lock>(std::make_unique<FileLock>(std::move(file)));
}

}  // namespace cardea::client

// The encrypted file store: what is kept comes back; another key, a changed bit, a moved record and
// open permissions are refused; a process that dies while saving leaves the old record.
#include "client/encrypted_file_token_store.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <thread>

#include "crypto/random.h"

namespace cardea::encrypted_file_token_store_test {

namespace fs = std::filesystem;
using client::EncryptedFileTokenStore;
using client::GrantKey;
using client::StoredTokens;

const GrantKey alice{"https://issuer.example", "web", "alice", ""};
const GrantKey bob{"https://issuer.example", "web", "bob", ""};

// A directory of this test's own, removed at its end.
class Folder {
 public:
  Folder() {
    std::string name = (fs::temp_directory_path() / "cardea-store-XXXXXX").string();
    if (::mkdtemp(name.data()) != nullptr) path_ = name;
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() { fs::remove_all(path_); }
  fs::path path() const { return path_; }
  fs::path records() const { return path_ / "tokens"; }
  fs::path key_file() const { return path_ / "keys" / "tokens.key"; }

  Result<std::unique_ptr<EncryptedFileTokenStore>, client::Error> open(
      std::function<void()> before_rename = {}) const {
    fs::create_directories(key_file().parent_path());
    return EncryptedFileTokenStore::open(
        {.directory = records(), .key_file = key_file(), .before_rename = std::move(before_rename)},
        random_);
  }
  // The only file with this ending.
  std::vector<fs::path> files(std::string_view part) const {
    std::vector<fs::path> found;
    for (const auto& entry : fs::directory_iterator(records())) {
      if (entry.path().filename().string().find(part) != std::string::npos)
        found.push_back(entry.path());
    }
    return found;
  }

 private:
  fs::path path_;
  static inline crypto::SystemRandom random_;
};

StoredTokens tokens(std::string_view refresh_token) {
  StoredTokens out;
  out.revision = 7;
  out.access_token = AccessToken("access-token-of-the-test");
  out.access_token_expires_at = Instant::from_seconds(1'800'000'000);
  out.refresh_token.emplace(std::string(refresh_token));
  out.id_token.emplace("a.b.c");
  out.auth_time = Instant::from_seconds(1'700'000'000);
  out.scope = {"openid", "profile"};
  return out;
}

std::string read(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

void write(const fs::path& path, std::string_view content) {
  std::ofstream(path, std::ios::binary | std::ios::trunc) << content;
}

mode_t mode_of(const fs::path& path) {
  struct stat status{};
  return ::stat(path.c_str(), &status) == 0 ? status.st_mode & 0777 : 0;
}

std::string code_of(const Result<std::optional<StoredTokens>, client::Error>& loaded) {
  return loaded ? "ok" : std::string(loaded.error().code);
}

TEST(EncryptedFileTokenStore, KeepsEverythingAcrossRestarts) {
  const Folder folder;
  EXPECT_TRUE((*folder.open())->save(alice, tokens("rt1")));
  const auto loaded = (*folder.open())->load(alice);
  ASSERT_TRUE(loaded && *loaded);
  const auto& kept = **loaded;
  EXPECT_EQ(kept.revision, 7u);
  EXPECT_EQ(kept.access_token.reveal(), "access-token-of-the-test");
  EXPECT_EQ(kept.access_token_expires_at, Instant::from_seconds(1'800'000'000));
  EXPECT_EQ(kept.refresh_token->reveal(), "rt1");
  EXPECT_EQ(kept.id_token->reveal(), "a.b.c");
  EXPECT_EQ(kept.auth_time, Instant::from_seconds(1'700'000'000));
  EXPECT_EQ(kept.scope, (std::vector<std::string>{"openid", "profile"}));
}

TEST(EncryptedFileTokenStore, AbsentErasedAndOtherSlotsAreAbsent) {
  const Folder folder;
  const auto store = std::move(*folder.open());
  EXPECT_FALSE((*store->load(alice)).has_value());
  EXPECT_TRUE(store->save(alice, tokens("rt1")));
  auto other_slot = alice;
  other_slot.slot = "second browser";
  EXPECT_FALSE((*store->load(other_slot)).has_value());
  EXPECT_FALSE((*store->load(bob)).has_value());
  EXPECT_TRUE(store->erase(alice));
  EXPECT_FALSE((*store->load(alice)).has_value());
  EXPECT_TRUE(store->erase(alice));
}

// SEC-6.1: neither names nor contents of the files tell a token or a person.
TEST(EncryptedFileTokenStore, NothingIsReadableOnDisk) {
  const Folder folder;
  const auto store = std::move(*folder.open());
  EXPECT_TRUE(store->save(alice, tokens("refresh-token-of-the-test")));
  for (const auto& path : folder.files("")) {
    for (const std::string_view secret :
         {"refresh-token", "access-token", "a.b.c", "alice", "issuer.example"}) {
      EXPECT_EQ(read(path).find(secret), std::string::npos) << secret;
      EXPECT_EQ(path.string().find(secret), std::string::npos) << secret;
    }
  }
}

TEST(EncryptedFileTokenStore, NoTwoRecordsShareANonce) {
  const Folder folder;
  const auto store = std::move(*folder.open());
  EXPECT_TRUE(store->save(alice, tokens("rt1")));
  const auto path = folder.files(".tokens").front();
  const auto first = read(path);
  EXPECT_TRUE(store->save(alice, tokens("rt1")));
  EXPECT_NE(read(path), first);
}

// SEC-6.1: what this process makes is for this user alone.
TEST(EncryptedFileTokenStore, FilesAreForThisUserAlone) {
  const Folder folder;
  const auto store = std::move(*folder.open());
  EXPECT_TRUE(store->save(alice, tokens("rt1")));
  EXPECT_TRUE(store->lock(alice));
  EXPECT_EQ(mode_of(folder.key_file()), 0600u);
  EXPECT_EQ(mode_of(folder.records()), 0700u);
  for (const auto& path : folder.files("")) EXPECT_EQ(mode_of(path), 0600u) << path;
}

// SEC-6.1: a key file that others may read is refused, not used.
TEST(EncryptedFileTokenStore, OpenKeyFilesAreRefused) {
  for (const auto mode : {0640, 0604, 0666, 0610}) {
    const Folder folder;
    ASSERT_TRUE(folder.open());
    ::chmod(folder.key_file().c_str(), static_cast<mode_t>(mode));
    const auto opened = folder.open();
    ASSERT_FALSE(opened) << mode;
    EXPECT_EQ(opened.error().code, "store.key");
  }
}

TEST(EncryptedFileTokenStore, LinksAndOtherTextAreNoKeyFiles) {
  for (const std::string& content :
       {std::string(), std::string("short\n"), std::string(64, 'x'), std::string(200, 'a')}) {
    const Folder folder;
    fs::create_directories(folder.key_file().parent_path());
    write(folder.key_file(), content);
    ::chmod(folder.key_file().c_str(), 0600);
    const auto opened = folder.open();
    ASSERT_FALSE(opened) << content;
    EXPECT_EQ(opened.error().code, "store.key");
  }
  const Folder folder;
  ASSERT_TRUE(folder.open());
  fs::rename(folder.key_file(), folder.path() / "elsewhere");
  fs::create_symlink(folder.path() / "elsewhere", folder.key_file());
  EXPECT_EQ(folder.open().error().code, "store.key");
}

TEST(EncryptedFileTokenStore, AnotherKeyOpensNothing) {
  const Folder folder;
  EXPECT_TRUE((*folder.open())->save(alice, tokens("rt1")));
  const auto record = folder.files(".tokens").front();
  fs::remove(folder.key_file());
  const auto store = std::move(*folder.open());
  // The other key gives the record another name; put it there to see that it does not open either.
  EXPECT_FALSE((*store->load(alice)).has_value());
  EXPECT_TRUE(store->save(alice, tokens("rt2")));
  for (const auto& path : folder.files(".tokens")) {
    if (path != record) fs::copy_file(record, path, fs::copy_options::overwrite_existing);
  }
  EXPECT_EQ(code_of(store->load(alice)), "store.unreadable");
}

TEST(EncryptedFileTokenStore, EveryChangedByteIsNoticed) {
  const Folder folder;
  const auto store = std::move(*folder.open());
  EXPECT_TRUE(store->save(alice, tokens("rt1")));
  const auto path = folder.files(".tokens").front();
  const auto good = read(path);
  for (std::size_t at = 0; at < good.size(); ++at) {
    auto bad = good;
    bad[at] = static_cast<char>(bad[at] ^ 1);
    write(path, bad);
    EXPECT_EQ(code_of(store->load(alice)), "store.unreadable") << at;
  }
  for (const std::string& bad : {std::string(), good.substr(0, 20), good + "x"}) {
    write(path, bad);
    EXPECT_EQ(code_of(store->load(alice)), "store.unreadable");
  }
  write(path, good);
  EXPECT_EQ(code_of(store->load(alice)), "ok");
}

TEST(EncryptedFileTokenStore, SwappedRecordsAreNoticed) {
  const Folder folder;
  const auto store = std::move(*folder.open());
  EXPECT_TRUE(store->save(alice, tokens("of alice")));
  const auto of_alice = folder.files(".tokens").front();
  EXPECT_TRUE(store->save(bob, tokens("of bob")));
  for (const auto& path : folder.files(".tokens")) {
    if (path != of_alice) fs::copy_file(of_alice, path, fs::copy_options::overwrite_existing);
  }
  EXPECT_EQ(code_of(store->load(bob)), "store.unreadable");
  EXPECT_EQ(code_of(store->load(alice)), "ok");
}

TEST(EncryptedFileTokenStore, DeathBeforeTheRenameLeavesTheOldRecord) {
  const Folder folder;
  EXPECT_TRUE((*folder.open())->save(alice, tokens("old")));
  const pid_t child = ::fork();
  if (child == 0) {
    const auto store = folder.open([] { ::_exit(42); });
    const auto saved = (*store)->save(alice, tokens("new"));
    ::_exit(saved ? 0 : 1);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_EQ(WEXITSTATUS(status), 42);
  EXPECT_EQ(folder.files(".tmp-").size(), 1u);  // what the dead process left
  const auto store = std::move(*folder.open());
  EXPECT_EQ((*store->load(alice))->refresh_token->reveal(), "old");
  EXPECT_TRUE(store->save(alice, tokens("newer")));
  EXPECT_EQ((*store->load(alice))->refresh_token->reveal(), "newer");
}

TEST(EncryptedFileTokenStore, FailedSavesLeaveTheOldRecord) {
  const Folder folder;
  const auto store = std::move(*folder.open([&] {
    // Takes away the temporary, so that the rename fails.
    for (const auto& path : folder.files(".tmp-")) fs::remove(path);
  }));
  EXPECT_TRUE((*folder.open())->save(alice, tokens("old")));
  const auto saved = store->save(alice, tokens("new"));
  ASSERT_FALSE(saved);
  EXPECT_EQ(saved.error().code, "store.failed");
  EXPECT_EQ((*store->load(alice))->refresh_token->reveal(), "old");
}

TEST(EncryptedFileTokenStore, LocksExcludeOtherProcesses) {
  const Folder folder;
  const auto store = std::move(*folder.open());
  auto held = store->lock(alice);
  ASSERT_TRUE(held);
  int answer[2];
  ASSERT_EQ(::pipe(answer), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    const auto own = folder.open();
    const auto lock = (*own)->lock(alice);  // waits for the parent
    const auto seen = (*own)->load(alice);
    const char found = seen && *seen ? 'y' : 'n';
    ::_exit(lock && ::write(answer[1], &found, 1) == 1 ? 0 : 1);
  }
  EXPECT_TRUE(store->lock(bob));  // another grant is free
  EXPECT_TRUE(store->save(alice, tokens("saved under the lock")));
  held->reset();
  char found = '?';
  EXPECT_EQ(::read(answer[0], &found, 1), 1);
  EXPECT_EQ(found, 'y');
  int status = 0;
  EXPECT_EQ(::waitpid(child, &status, 0), child);
  ::close(answer[0]);
  ::close(answer[1]);
}

TEST(EncryptedFileTokenStore, ManyOpenersAgreeOnOneKey) {
  const Folder folder;
  std::vector<std::unique_ptr<EncryptedFileTokenStore>> stores(8);
  std::vector<std::thread> threads;
  fs::create_directories(folder.key_file().parent_path());
  for (auto& store : stores) threads.emplace_back([&] { store = std::move(*folder.open()); });
  for (auto& thread : threads) thread.join();
  EXPECT_TRUE(stores.front()->save(alice, tokens("rt1")));
  for (const auto& store : stores) EXPECT_TRUE((*store->load(alice)).has_value());
}

}  // namespace cardea::encrypted_file_token_store_test

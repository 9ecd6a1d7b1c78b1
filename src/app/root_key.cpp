// Reading and making the root key file; see root_key.h.
#include "app/root_key.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/ascii.h"
#include "base/base64url.h"

namespace cardea::app {
namespace {

constexpr std::size_t root_key_bytes = 32;

Result<RootKey, std::string> make(const std::string& path, Random& random) {
  // Written under another name and linked into place, so that a crash leaves no half file and two
  // starts make one key.
  const std::string temporary = path + ".new";
  unlink(temporary.c_str());
  const int file = ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (file < 0) return refuse("cannot make " + path + ": " + strerror(errno));
  std::string key = random.bytes(root_key_bytes);
  std::string text = base64url_encode(key) + "\n";
  const bool written = write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size()) &&
                       fsync(file) == 0;
  close(file);
  wipe(text);
  const bool linked = written && link(temporary.c_str(), path.c_str()) == 0;
  const int reason = errno;
  unlink(temporary.c_str());
  if (!linked && reason == EEXIST) return load_root_key(path, random);
  if (!linked) return refuse("cannot make " + path + ": " + strerror(reason));
  return RootKey(std::move(key));
}

}  // namespace

Result<RootKey, std::string> load_root_key(const std::string& path, Random& random) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) {
    if (errno == ENOENT) return make(path, random);
    return refuse("cannot read " + path + ": " + strerror(errno));
  }
  struct stat facts{};
  std::string text(256, '\0');
  const bool known = fstat(file, &facts) == 0;
  const ssize_t size = read(file, text.data(), text.size());
  close(file);
  if (!known || size < 0) return refuse("cannot read " + path);
  if ((facts.st_mode & root_key_forbidden_mode) != 0) {
    return refuse(path + " may be read by others; run: chmod 600 " + path);
  }
  text.resize(static_cast<std::size_t>(size));
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.pop_back();
  auto key = base64url_decode(text);
  wipe(text);
  if (!key || key->size() != root_key_bytes) {
    return refuse(
        path +
        " does not hold a root key (32 bytes as base64url); restore it from where you keep it");
  }
  return RootKey(std::move(*key));
}

}  // namespace cardea::app

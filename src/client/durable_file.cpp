// Durable files over POSIX; see durable_file.h.
#include "client/durable_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

namespace cardea::client {
namespace {

// The operating system's words for what just failed.
std::string failure(std::string_view what) {
  return std::string(what) + ": " + std::generic_category().message(errno);
}

bool write_all(int file, std::string_view content) {
  while (!content.empty()) {
    const ssize_t written = ::write(file, content.data(), content.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    content.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

Status<std::string> write_temporary(const Replacement& replacement) {
  const Descriptor file(::open(replacement.temporary.c_str(),
                               O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!file.is_open()) return refuse(failure("open"));
  if (!write_all(file.number(), replacement.content)) return refuse(failure("write"));
  if (::fsync(file.number()) != 0) return refuse(failure("fsync"));
  return Unit{};
}

// A new name is durable when its directory is.
Status<std::string> flush_directory(const std::string& path) {
  const auto slash = path.rfind('/');
  const std::string directory = slash == std::string::npos ? "." : path.substr(0, slash + 1);
  const Descriptor opened(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!opened.is_open() || ::fsync(opened.number()) != 0)
    return refuse(failure("flush of the directory"));
  return Unit{};
}

Result<Replaced, std::string> put_in_place(const Replacement& replacement) {
  if (replacement.existing == Replacement::Existing::replace) {
    if (::rename(replacement.temporary.c_str(), replacement.path.c_str()) != 0)
      return refuse(failure("rename"));
  } else {
    // link() never replaces: of two processes that make the same file one wins.
    const bool linked = ::link(replacement.temporary.c_str(), replacement.path.c_str()) == 0;
    const bool exists = !linked && errno == EEXIST;
    if (!linked && !exists) return refuse(failure("link"));
    ::unlink(replacement.temporary.c_str());
    if (exists) return Replaced::exists;
  }
  if (auto flushed = flush_directory(replacement.path); !flushed)
    return refuse(std::move(flushed.error()));
  return Replaced::done;
}

}  // namespace

Descriptor::Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}

Descriptor::~Descriptor() {
  if (number_ >= 0) ::close(number_);
}

Result<std::optional<std::string>, std::string> read_file(const std::string& path,
                                                          std::size_t size_max) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
  if (!file.is_open()) {
    if (errno == ENOENT) return std::optional<std::string>();
    return refuse(failure("open"));
  }
  std::string content(size_max + 1, '\0');
  std::size_t size = 0;
  while (size < content.size()) {
    const ssize_t got = ::read(file.number(), content.data() + size, content.size() - size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return refuse(failure("read"));
    if (got == 0) break;
    size += static_cast<std::size_t>(got);
  }
  if (size > size_max) return refuse(std::string("the file is too large"));
  content.resize(size);
  return std::optional(std::move(content));
}

Result<Replaced, std::string> replace_file(const Replacement& replacement,
                                           const std::function<void()>& before_rename) {
  if (auto written = write_temporary(replacement); !written) {
    ::unlink(replacement.temporary.c_str());
    return refuse(std::move(written.error()));
  }
  if (before_rename) before_rename();
  auto placed = put_in_place(replacement);
  if (!placed) ::unlink(replacement.temporary.c_str());
  return placed;
}

Status<std::string> remove_file(const std::string& path) {
  if (::unlink(path.c_str()) == 0) return flush_directory(path);
  if (errno == ENOENT) return Unit{};
  return refuse(failure("unlink"));
}

}  // namespace cardea::client

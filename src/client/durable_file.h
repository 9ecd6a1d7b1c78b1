// Files that survive a crash whole: read, replace, remove, each durable when it returns. Internal
// to the client room.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace cardea::client {

// A file descriptor that is closed when it ends.
class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(Descriptor&& other) noexcept;
  Descriptor& operator=(Descriptor&&) = delete;
  ~Descriptor();
  int number() const { return number_; }
  bool is_open() const { return number_ >= 0; }

 private:
  int number_;
};

// The content; nothing when there is no such file. Refuses links and files above `size_max`.
Result<std::optional<std::string>, std::string> read_file(const std::string& path,
                                                          std::size_t size_max);

struct Replacement {
  std::string path;
  std::string temporary;  // in the same directory; must not exist
  std::string_view content;
  // Fails with `exists` instead of taking another file's place.
  enum class Existing { replace, keep } existing = Existing::replace;
};
enum class Replaced { done, exists };
// Writes the temporary (mode 0600), flushes it, calls `before_rename`, puts it in place, flushes
// the directory. On failure the temporary is removed and the old file is untouched.
Result<Replaced, std::string> replace_file(const Replacement& replacement,
                                           const std::function<void()>& before_rename = {});

// Success also when there was no such file.
Status<std::string> remove_file(const std::string& path);

}  // namespace cardea::client

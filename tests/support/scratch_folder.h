// A folder for files of one test, removed with everything in it; in memory where the machine has
// such a place, because tests copy stores by the thousand.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <string>

namespace cardea::test {

class ScratchFolder {
 public:
  ScratchFolder() {
    const std::filesystem::path memory = "/dev/shm";
    const auto base =
        std::filesystem::exists(memory) ? memory : std::filesystem::temp_directory_path();
    std::string pattern = (base / "cardea-test-XXXXXX").string();
    path_ = mkdtemp(pattern.data());
  }
  ~ScratchFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;

  std::string file(const std::string& name) const { return path_ + "/" + name; }
  // A file named `name` with the content of `original`; what SQLite keeps beside it is dropped.
  std::string fresh_copy(const std::string& original, const std::string& name) const {
    for (const auto* beside : {"", "-wal", "-shm", ".lock"}) {
      std::filesystem::remove(file(name + beside));
    }
    std::filesystem::copy_file(original, file(name));
    return file(name);
  }

 private:
  std::string path_;
};

}  // namespace cardea::test

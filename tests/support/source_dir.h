// Where the repository lies, found from the running test program upwards. Not compiled in, so that
// objects do not depend on the clone they were built in.
#pragma once

#include <filesystem>
#include <string>

namespace cardea::support {

// The folder of packages.txt, without a trailing slash; "." when the program lies outside a clone.
inline std::string source_dir() {
  std::error_code error;
  auto folder = std::filesystem::read_symlink("/proc/self/exe", error).parent_path();
  while (!folder.empty() && folder != folder.root_path()) {
    if (std::filesystem::exists(folder / "packages.txt", error)) return folder.string();
    folder = folder.parent_path();
  }
  return ".";
}

}  // namespace cardea::support

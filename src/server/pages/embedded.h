// The files of web/, compiled into the binary by cmake/web.cmake: templates, texts, styles, images,
// scripts.
#pragma once

#include <span>
#include <string_view>

namespace cardea {

struct EmbeddedFile {
  std::string_view path;  // below web/: "pages/sign_in.html"
  std::string_view hash;  // 12 hex digits of the content's SHA-256: part of an asset's address
  std::string_view content;
};

std::span<const EmbeddedFile> embedded_files();  // sorted by path

}  // namespace cardea

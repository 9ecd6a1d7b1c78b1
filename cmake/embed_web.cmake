# cmake -DROOT=web -DOUT=embedded_web.cpp -P embed_web.cmake: writes every file below ROOT as a raw string literal,
# with its path and the first 12 hex digits of its SHA-256 (declared in src/server/pages/embedded.h).
file(GLOB_RECURSE paths RELATIVE ${ROOT} ${ROOT}/*)
list(SORT paths)
file(WRITE ${OUT}.new "// Generated from web/ by cmake/embed_web.cmake.\n#include \"server/pages/embedded.h\"\n\n"
                      "namespace cardea {\nnamespace {\nconstexpr EmbeddedFile files[] = {\n")
foreach(path IN LISTS paths)
  file(READ ${ROOT}/${path} content)
  file(SHA256 ${ROOT}/${path} hash)
  string(SUBSTRING ${hash} 0 12 hash)
  if(content MATCHES "\\)cardea\"")
    message(FATAL_ERROR "web/${path} holds the delimiter of its literal")
  endif()
  file(APPEND ${OUT}.new "{\"${path}\", \"${hash}\", R\"cardea(${content})cardea\"},\n")
endforeach()
file(APPEND ${OUT}.new "};\n}  // namespace\n\n"
                       "std::span<const EmbeddedFile> embedded_files() {\n  return files;\n}\n\n}  // namespace cardea\n")
file(RENAME ${OUT}.new ${OUT})

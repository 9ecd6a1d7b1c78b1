// Functions of a library that is loaded on demand (docs/decisions/0004-libcurl-on-demand.md).
#pragma once

#include <dlfcn.h>

namespace cardea {

// Null when it is not there. It stays for the life of the process.
inline void* load_library(const char* name) {
  return dlopen(name, RTLD_NOW | RTLD_LOCAL);
}

// Whether it has the function; its type is what the library's own header says.
template <class Function>
bool find_function(void* library, const char* name, Function& target) {
  target = reinterpret_cast<Function>(dlsym(library, name));
  return target != nullptr;
}

}  // namespace cardea

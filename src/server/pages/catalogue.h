// The texts of one language: web/text/<tag>.txt, `key = text` lines with {name} placeholders.
// Number forms follow the plural rules of Unicode CLDR for our languages.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "base/time.h"
#include "server/pages/locale.h"

namespace cardea {

class Catalogue {
 public:
  // text: the file's content. `#` begins a comment line, an indented line goes on.
  Catalogue(Locale locale, std::string_view text);

  // Aborts when the key is not there: the keys in use are known when the program is built.
  const std::string& text(std::string_view key) const;
  const std::string* find(std::string_view key) const;
  const std::map<std::string, std::string, std::less<>>& texts() const { return texts_; }
  Locale locale() const { return locale_; }

  // "10 minutes": rounded up to minutes below two hours, then to hours, then to days.
  std::string duration(Seconds length) const;
  // The form of `key` for n things, with {n} filled in.
  std::string counted(std::string_view key, std::int64_t n) const;

 private:
  Locale locale_;
  std::map<std::string, std::string, std::less<>> texts_;
};

// Replaces every {name} of a text.
std::string fill_in(std::string_view text, std::string_view name, std::string_view value);

// The CLDR plural category of n: "zero", "one", "two", "few", "many" or "other".
std::string_view plural_category(Locale locale, std::int64_t n);

}  // namespace cardea

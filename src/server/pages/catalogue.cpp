// Reading the text files and choosing number forms.
#include "server/pages/catalogue.h"

#include "base/ascii.h"
#include "base/result.h"

namespace cardea {
namespace {

std::string_view without_carriage_return(std::string_view line) {
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

std::int64_t divided_up(std::int64_t n, std::int64_t by) {
  return (n + by - 1) / by;
}

}  // namespace

Catalogue::Catalogue(Locale locale, std::string_view text) : locale_(locale) {
  std::string* last = nullptr;
  for (auto line : ascii::Parts(text, '\n')) {
    line = without_carriage_return(line);
    if (line.empty() || line.starts_with('#')) continue;
    if (line.starts_with(' ') && last != nullptr) {
      last->append(" ").append(ascii::trim(line));
      continue;
    }
    const auto sign = line.find(" = ");
    ensure(sign != std::string_view::npos);
    last = &texts_[std::string(line.substr(0, sign))];
    *last = ascii::trim(line.substr(sign + 3));
  }
}

const std::string* Catalogue::find(std::string_view key) const {
  const auto found = texts_.find(key);
  return found == texts_.end() ? nullptr : &found->second;
}

const std::string& Catalogue::text(std::string_view key) const {
  const auto* found = find(key);
  ensure(found != nullptr);
  return *found;
}

std::string Catalogue::duration(Seconds length) const {
  std::string_view key = "duration.minutes";
  std::int64_t n = std::max<std::int64_t>(1, divided_up(length.count, 60));
  if (length >= days(2)) {
    key = "duration.days";
    n = divided_up(length.count, days(1).count);
  } else if (length >= hours(2)) {
    key = "duration.hours";
    n = divided_up(length.count, hours(1).count);
  }
  return counted(key, n);
}

std::string Catalogue::counted(std::string_view key, std::int64_t n) const {
  const std::string form = std::string(key) + "." + std::string(plural_category(locale_, n));
  return fill_in(text(form), "n", std::to_string(n));
}

std::string fill_in(std::string_view text, std::string_view name, std::string_view value) {
  const std::string place = "{" + std::string(name) + "}";
  std::string out;
  while (true) {
    const auto at = text.find(place);
    out += text.substr(0, at);
    if (at == std::string_view::npos) return out;
    out += value;
    text.remove_prefix(at + place.size());
  }
}

std::string_view plural_category(Locale locale, std::int64_t n) {
  if (locale == Locale::en) return n == 1 ? "one" : "other";
  if (n <= 2) return n == 0 ? "zero" : n == 1 ? "one" : "two";
  if (n % 100 >= 3 && n % 100 <= 10) return "few";
  return n % 100 >= 11 ? "many" : "other";
}

}  // namespace cardea

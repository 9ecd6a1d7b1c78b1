// Thin words over the template library's dictionary, which copies every value.
#include "server/pages/slots.h"

#include <string>

#include "server/pages/display_text.h"

namespace cardea {

void Slots::text(const char* name, std::string_view value) {
  values_->SetValue(name, inert(value));
}

void Slots::exact(const char* name, std::string_view value) {
  values_->SetValue(name, std::string(value));
}

void Slots::show(const char* section) {
  values_->ShowSection(section);
}

void Slots::show_if(bool condition, const char* section) {
  if (condition) show(section);
}

void Slots::show_text(const char* section, const char* name, std::string_view value) {
  if (value.empty()) return;
  show(section);
  text(name, value);
}

Slots Slots::repeat(const char* section) {
  return Slots(*values_->AddSectionDictionary(section));
}

}  // namespace cardea

// The values of one page on their way into its template. Names are those of web/pages; text is made
// inert (display_text.h), exact values are not.
#pragma once

#include <ctemplate/template.h>

#include <string_view>

namespace cardea {

class Slots {
 public:
  explicit Slots(ctemplate::TemplateDictionary& values) : values_(&values) {}

  // {{NAME}}: something a person reads.
  void text(const char* name, std::string_view value);
  // {{NAME:x-exact}} or our own path: something that is sent back.
  void exact(const char* name, std::string_view value);
  // {{#NAME}}...{{/NAME}}: shown once.
  void show(const char* section);
  void show_if(bool condition, const char* section);
  // Shows the section and its text, unless that is empty.
  void show_text(const char* section, const char* name, std::string_view value);
  // One more repetition of a section.
  Slots repeat(const char* section);

 private:
  ctemplate::TemplateDictionary* values_;
};

}  // namespace cardea

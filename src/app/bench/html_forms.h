// The forms of an HTML page, as far as a scripted sign-in needs them: where they go, what they
// send, which buttons they have. Reads what servers write and guesses at the rest; it is no parser
// for strangers' pages. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "http/form.h"

namespace cardea::app::bench {

struct FormField {
  std::string name;
  std::string type;  // in lower case: "text", "password", "hidden", "checkbox", "radio", …
  std::string value;
  bool is_checked = false;
};

struct FormButton {
  std::string name;  // "": sends nothing of its own
  std::string value;
  std::string label;
};

struct HtmlForm {
  std::string action;  // a reference; "" is the page itself
  std::string method;  // "get" or "post"
  std::vector<FormField> fields;
  std::vector<FormButton> buttons;

  const FormField* field_of_type(std::string_view type) const;  // the first; may be null
};

std::vector<HtmlForm> read_forms(std::string_view html);

// What a browser sends when the button is pressed; null: none. `login` goes into text and e-mail
// fields without a value, `password` into password fields.
struct Credentials {
  std::string_view login;
  std::string_view password;
};
http::FormPairs fill_form(const HtmlForm& form, const FormButton* button,
                          const Credentials& credentials);

// The form to send next, with the button that accepts: one that asks for a password first, then one
// that asks for a name, then the one whose button sounds most like a yes. Nothing when the page has
// none.
struct ChosenForm {
  const HtmlForm* form = nullptr;
  const FormButton* button = nullptr;
  bool asks_for_password = false;
};
std::optional<ChosenForm> choose_form(const std::vector<HtmlForm>& forms);

}  // namespace cardea::app::bench

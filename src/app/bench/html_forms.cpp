// Forms of a page; see html_forms.h.
#include "app/bench/html_forms.h"

#include <algorithm>
#include <array>
#include <map>

#include "base/ascii.h"

namespace cardea::app::bench {
namespace {

constexpr std::string_view blanks = " \t\r\n\f";

std::string decode_entities(std::string_view text) {
  static constexpr std::pair<std::string_view, std::string_view> entities[] = {
      {"&amp;", "&"},  {"&lt;", "<"},   {"&gt;", ">"},   {"&quot;", "\""},
      {"&#34;", "\""}, {"&#39;", "'"},  {"&#x27;", "'"}, {"&apos;", "'"},
      {"&#x2F;", "/"}, {"&#47;", "/"},  {"&#61;", "="},  {"&#x3D;", "="},
      {"&#43;", "+"},  {"&#x2B;", "+"}, {"&nbsp;", " "}, {"&#38;", "&"}};
  std::string out;
  while (!text.empty()) {
    const auto* found = std::ranges::find_if(
        entities, [&](const auto& entity) { return text.starts_with(entity.first); });
    const bool is_entity = found != std::end(entities);
    out.append(is_entity ? found->second : text.substr(0, 1));
    text.remove_prefix(is_entity ? found->first.size() : 1);
  }
  return out;
}

struct Tag {
  std::string name;  // in lower case; an end tag's begins with "/"
  std::map<std::string, std::string> attributes;

  std::string get(const std::string& attribute) const {
    const auto found = attributes.find(attribute);
    return found == attributes.end() ? "" : found->second;
  }
};

// One attribute off the front of what is left of a tag; false when there is none.
bool take_attribute(std::string_view& rest, Tag& tag) {
  rest.remove_prefix(std::min(rest.find_first_not_of(" \t\r\n\f/"), rest.size()));
  if (rest.empty()) return false;
  const auto end = std::min(rest.find_first_of(" \t\r\n\f=/"), rest.size());
  const auto name = ascii::lower(rest.substr(0, std::max<std::size_t>(end, 1)));
  rest.remove_prefix(std::max<std::size_t>(end, 1));
  const auto next = rest.find_first_not_of(blanks);
  std::string_view value;
  if (next != rest.npos && rest[next] == '=') {
    rest.remove_prefix(std::min(rest.find_first_not_of(blanks, next + 1), rest.size()));
    const bool quoted = rest.starts_with('"') || rest.starts_with('\'');
    const auto from = quoted ? 1U : 0U;
    const auto close =
        std::min(quoted ? rest.find(rest[0], 1) : rest.find_first_of(blanks), rest.size());
    value = rest.substr(from, close - from);
    rest.remove_prefix(std::min(close + from, rest.size()));
  }
  tag.attributes.emplace(name, decode_entities(value));
  return true;
}

Tag read_tag(std::string_view inside) {
  const auto end = std::min(inside.find_first_of(blanks), inside.size());
  Tag tag{.name = ascii::lower(inside.substr(0, end)), .attributes = {}};
  auto rest = inside.substr(end);
  while (take_attribute(rest, tag)) {
  }
  return tag;
}

// Where the tag that opens at `open` closes: the first '>' outside quotes.
std::size_t tag_end(std::string_view html, std::size_t open) {
  char quote = '\0';
  for (auto at = open; at < html.size(); ++at) {
    if (quote == '\0' && html[at] == '>') return at;
    if (quote == '\0' && (html[at] == '"' || html[at] == '\'')) {
      quote = html[at];
    } else if (html[at] == quote) {
      quote = '\0';
    }
  }
  return html.size();
}

class Reader {
 public:
  std::vector<HtmlForm> read(std::string_view html) {
    for (auto at = html.find('<'); at != html.npos; at = html.find('<', at)) {
      if (html.substr(at).starts_with("<!--")) {
        at = std::min(html.find("-->", at), html.size());
        continue;
      }
      const auto end = tag_end(html, at + 1);
      const auto tag = read_tag(html.substr(at + 1, end - at - 1));
      at = std::min(end + 1, html.size());
      if (tag.name == "script" || tag.name == "style") {
        at = std::min(html.find("</" + tag.name, at), html.size());
      }
      take(tag, html.substr(at, html.find('<', at) - at));
    }
    return std::move(forms_);
  }

 private:
  void take(const Tag& tag, std::string_view text_behind) {
    if (tag.name == "form") {
      const auto method = ascii::lower(tag.get("method"));
      forms_.push_back({.action = tag.get("action"),
                        .method = method == "post" ? method : "get",
                        .fields = {},
                        .buttons = {}});
      is_inside_ = true;
    }
    if (tag.name == "/form") is_inside_ = false;
    if (!is_inside_ || tag.attributes.contains("disabled")) return;
    auto& form = forms_.back();
    auto type = ascii::lower(tag.get("type"));
    if (tag.name == "button" && (type.empty() || type == "submit")) {
      form.buttons.push_back({tag.get("name"), tag.get("value"), decode_entities(text_behind)});
    } else if (tag.name == "input" && (type == "submit" || type == "image")) {
      form.buttons.push_back({tag.get("name"), tag.get("value"), tag.get("value")});
    } else if (tag.name == "input" && type != "button" && type != "reset") {
      form.fields.push_back({.name = tag.get("name"),
                             .type = type.empty() ? "text" : std::move(type),
                             .value = tag.get("value"),
                             .is_checked = tag.attributes.contains("checked")});
    }
  }

  std::vector<HtmlForm> forms_;
  bool is_inside_ = false;
};

// How much a button sounds like consent: below 0 for a refusal.
int consent_score(const FormButton& button) {
  static constexpr std::array<std::string_view, 11> yes{
      "allow",     "accept",    "approve", "grant", "agree",  "continue",
      "authorize", "authorise", "consent", "yes",   "sign-in"};
  static constexpr std::array<std::string_view, 8> no{"deny",   "reject", "cancel", "decline",
                                                      "refuse", "abort",  "not",    "no "};
  const auto said = ascii::lower(button.name + " " + button.value + " " + button.label + " ");
  const auto is_said = [&](std::string_view word) { return said.contains(word); };
  if (std::ranges::any_of(no, is_said)) return -1;
  return std::ranges::any_of(yes, is_said) ? 2 : 1;
}

int form_score(const HtmlForm& form) {
  if (form.field_of_type("password") != nullptr) return 100;
  if (form.field_of_type("text") != nullptr || form.field_of_type("email") != nullptr) return 50;
  if (form.buttons.empty()) return 0;  // one that a script would send
  int best = -1;
  for (const auto& button : form.buttons) best = std::max(best, consent_score(button));
  return best;
}

}  // namespace

const FormField* HtmlForm::field_of_type(std::string_view type) const {
  const auto found = std::ranges::find(fields, type, &FormField::type);
  return found == fields.end() ? nullptr : &*found;
}

std::vector<HtmlForm> read_forms(std::string_view html) {
  return Reader().read(html);
}

http::FormPairs fill_form(const HtmlForm& form, const FormButton* button,
                          const Credentials& credentials) {
  http::FormPairs pairs;
  for (const auto& field : form.fields) {
    if (field.name.empty()) continue;
    const bool is_choice = field.type == "checkbox" || field.type == "radio";
    if (is_choice && !field.is_checked) continue;
    auto value = is_choice && field.value.empty() ? std::string("on") : field.value;
    if (field.type == "password") value = credentials.password;
    const bool is_text = field.type == "text" || field.type == "email";
    if (is_text && value.empty()) value = credentials.login;
    pairs.emplace_back(field.name, std::move(value));
  }
  if (button != nullptr && !button->name.empty()) pairs.emplace_back(button->name, button->value);
  return pairs;
}

std::optional<ChosenForm> choose_form(const std::vector<HtmlForm>& forms) {
  const auto best = std::ranges::max_element(forms, {}, form_score);
  if (best == forms.end() || form_score(*best) < 0) return std::nullopt;
  const auto button = std::ranges::max_element(best->buttons, {}, consent_score);
  return ChosenForm{.form = &*best,
                    .button = button == best->buttons.end() ? nullptr : &*button,
                    .asks_for_password = best->field_of_type("password") != nullptr};
}

}  // namespace cardea::app::bench

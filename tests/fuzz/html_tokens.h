// Start and end tags of a page, read as the HTML standard's tokenizer reads them (13.2.5: data, tag
// open, attribute, comment, RCDATA and raw text states), character references decoded. Written for
// the escaping target, apart from tests/support/html_reader.h, which only knows what our templates
// write.
#pragma once

#include <array>
#include <cstdlib>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/ascii.h"

namespace cardea::fuzz {

struct HtmlTokens {
  std::string name;  // "input", "/form"
  std::map<std::string, std::string> attributes;

  std::set<std::string> attribute_names() const {
    std::set<std::string> names;
    for (const auto& attribute : attributes) names.insert(attribute.first);
    return names;
  }
};

class HtmlTokenizer {
 public:
  explicit HtmlTokenizer(std::string_view html) : html_(html) {}

  std::vector<HtmlTokens> run() {
    while (at_ < html_.size()) {
      if (html_[at_] != '<') {
        ++at_;
      } else if (starts("<!--")) {
        skip_past("-->");
      } else if (starts("<!") || starts("<?")) {
        skip_past(">");
      } else if (starts("</") && at_ + 2 < html_.size() && ascii::is_alpha(html_[at_ + 2])) {
        at_ += 2;
        tag("/");
      } else if (at_ + 1 < html_.size() && ascii::is_alpha(html_[at_ + 1])) {
        at_ += 1;
        tag("");
      } else {
        ++at_;
      }
    }
    return std::move(tags_);
  }

 private:
  bool starts(std::string_view text) const { return html_.substr(at_).starts_with(text); }
  void skip_past(std::string_view text) {
    const auto end = html_.find(text, at_);
    at_ = end == html_.npos ? html_.size() : end + text.size();
  }
  static bool is_space(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\f' || c == '\r';
  }
  char peek() const { return at_ < html_.size() ? html_[at_] : '>'; }

  void tag(std::string prefix) {
    HtmlTokens tag;
    while (!is_space(peek()) && peek() != '/' && peek() != '>')
      prefix += ascii::lower(html_[at_++]);
    tag.name = prefix;
    while (at_ < html_.size() && peek() != '>') {
      if (is_space(peek()) || peek() == '/') {
        ++at_;
      } else {
        attribute(tag);
      }
    }
    if (at_ < html_.size()) ++at_;
    const auto name = tag.name;
    tags_.push_back(std::move(tag));
    // RCDATA and raw text end at their own end tag only.
    for (const std::string_view raw : {"title", "textarea", "script", "style"}) {
      if (name == raw) skip_to_end_of(name);
    }
  }

  void skip_to_end_of(const std::string& name) {
    while (at_ < html_.size()) {
      if (starts("</") && ascii::equal_ignoring_case(html_.substr(at_ + 2, name.size()), name)) {
        return;
      }
      ++at_;
    }
  }

  void attribute(HtmlTokens& tag) {
    std::string name(1, ascii::lower(html_[at_++]));  // even "=" begins a name
    while (at_ < html_.size() && !is_space(peek()) && peek() != '/' && peek() != '>' &&
           peek() != '=') {
      name += ascii::lower(html_[at_++]);
    }
    while (at_ < html_.size() && is_space(peek())) ++at_;
    std::string value;
    if (at_ < html_.size() && peek() == '=') {
      ++at_;
      while (at_ < html_.size() && is_space(peek())) ++at_;
      value = attribute_value();
    }
    tag.attributes.emplace(name, decoded(value));  // the first of two counts
  }

  std::string attribute_value() {
    std::string value;
    const char quote = peek();
    if (quote == '"' || quote == '\'') {
      ++at_;
      while (at_ < html_.size() && html_[at_] != quote) value += html_[at_++];
      if (at_ < html_.size()) ++at_;
      return value;
    }
    while (at_ < html_.size() && !is_space(peek()) && peek() != '>') value += html_[at_++];
    return value;
  }

  static std::string decoded(std::string_view text) {
    static constexpr std::array<std::pair<std::string_view, std::string_view>, 5> named{
        {{"&amp;", "&"}, {"&lt;", "<"}, {"&gt;", ">"}, {"&quot;", "\""}, {"&apos;", "'"}}};
    std::string out;
    while (!text.empty()) {
      std::size_t taken = 1;
      std::string character(text.substr(0, 1));
      for (const auto& [reference, meaning] : named) {
        if (text.starts_with(reference)) taken = reference.size(), character = meaning;
      }
      if (text.starts_with("&#")) {
        const auto end = text.find(';');
        const std::string digits(text.substr(2, end == text.npos ? 0 : end - 2));
        const bool decimal = !digits.empty() && digits.size() < 4 &&
                             digits.find_first_not_of("0123456789") == digits.npos;
        if (decimal) taken = end + 1, character = static_cast<char>(std::atoi(digits.c_str()));
      }
      out += character;
      text.remove_prefix(taken);
    }
    return out;
  }

  std::string_view html_;
  std::size_t at_ = 0;
  std::vector<HtmlTokens> tags_;
};

inline std::vector<HtmlTokens> html_tags(std::string_view html) {
  return HtmlTokenizer(html).run();
}

}  // namespace cardea::fuzz

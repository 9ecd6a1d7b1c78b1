// A reader of the pages' own HTML for tests: start tags with their attributes, decoded, in order.
// Understands what the templates write: quoted or bare attributes, comments, text. Broken markup is
// read as something, and to its end.
#pragma once

#include <algorithm>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace cardea::test_pages {

struct HtmlTag {
  std::string name;  // "input", "/form", "!doctype"
  std::map<std::string, std::string> attributes;
  friend bool operator==(const HtmlTag&, const HtmlTag&) = default;
};

inline std::string decode_html(std::string_view text) {
  static const std::pair<std::string_view, std::string_view> entities[] = {
      {"&amp;", "&"}, {"&lt;", "<"},   {"&gt;", ">"},   {"&quot;", "\""},
      {"&#39;", "'"}, {"&#13;", "\r"}, {"&#10;", "\n"},
  };
  std::string out;
  while (!text.empty()) {
    std::size_t taken = 1;
    std::string_view decoded = text.substr(0, 1);
    for (const auto& [entity, character] : entities) {
      if (text.starts_with(entity)) taken = entity.size(), decoded = character;
    }
    out += decoded;
    text.remove_prefix(taken);
  }
  return out;
}

// The inside of one tag, without the angle brackets.
inline HtmlTag read_tag(std::string_view inside) {
  const auto spaces = " \n\t";
  HtmlTag tag{std::string(inside.substr(0, inside.find_first_of(spaces))), {}};
  inside.remove_prefix(tag.name.size());
  while (true) {
    const auto begin = inside.find_first_not_of(spaces);
    if (begin == inside.npos) return tag;
    inside.remove_prefix(begin);
    const auto end = inside.find_first_of(" \n\t=");
    const std::string name(inside.substr(0, end));
    inside.remove_prefix(end == inside.npos ? inside.size() : end);
    std::string value;
    if (inside.starts_with("=\"")) {
      const auto close = std::min(inside.find('"', 2), inside.size());
      value = decode_html(inside.substr(2, close - 2));
      inside.remove_prefix(std::min(close + 1, inside.size()));
    } else if (inside.starts_with('=')) {
      inside.remove_prefix(1);
    }
    tag.attributes[name] = value;
  }
}

// Where a tag that opens at `begin` closes: the first '>' outside quotes.
inline std::size_t tag_end(std::string_view html, std::size_t begin) {
  bool quoted = false;
  for (auto at = begin; at < html.size(); ++at) {
    if (html[at] == '"') quoted = !quoted;
    if (html[at] == '>' && !quoted) return at;
  }
  return html.size();
}

inline std::vector<HtmlTag> read_tags(std::string_view html) {
  std::vector<HtmlTag> tags;
  for (auto at = html.find('<'); at != html.npos; at = html.find('<', at)) {
    const auto end = tag_end(html, at);
    tags.push_back(read_tag(html.substr(at + 1, end - at - 1)));
    at = end;
  }
  return tags;
}

// All text between tags, decoded.
inline std::string read_text(std::string_view html) {
  std::string text;
  std::size_t at = 0;
  while (at < html.size()) {
    const auto open = html.find('<', at);
    text += decode_html(html.substr(at, open - at));
    if (open == html.npos) break;
    at = tag_end(html, open) + 1;
  }
  return text;
}

}  // namespace cardea::test_pages

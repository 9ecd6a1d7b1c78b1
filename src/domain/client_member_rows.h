// Makers of rows of the table of client members, one for each type of member: a row says what it is
// and which member of Client it means; how that is set and read follows.
#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "domain/client_members.h"
#include "domain/client_vocabulary.h"

namespace cardea::client_member_rows {

using By = ClientMember::By;
using Reason = std::optional<std::string>;

// What a row says about itself.
struct About {
  std::string_view name;
  By by = By::operator_alone;
  std::string_view standard;
  std::string_view doc;
  std::vector<std::string_view> choices = {};
};

inline ClientMember row(About about, MemberKind kind, decltype(ClientMember::set) set,
                        decltype(ClientMember::get) get) {
  return {about.name,     kind,      about.by, std::move(about.choices),
          about.standard, about.doc, set,      get};
}

// The list with every repeated string left out after its first place.
inline std::vector<std::string> once_each(std::vector<std::string> list) {
  std::vector<std::string> out;
  for (std::string& each : list) {
    if (std::ranges::find(out, each) == out.end()) out.push_back(std::move(each));
  }
  return out;
}

template <class Word>
json::Value spelled(Word word) {
  using jose::name_of;  // beside those of the word's own namespace
  return json::Value(name_of(word));
}

template <auto member>
ClientMember text_row(About about) {
  return row(
      std::move(about), MemberKind::text,
      [](Client& c, const json::Value& v) -> Reason {
        c.*member = *v.if_string();
        return std::nullopt;
      },
      [](const Client& c) { return json::Value(c.*member); });
}

// A text, mostly an address, that a client need not have.
template <auto member>
ClientMember optional_text_row(About about) {
  auto made = text_row<member>(std::move(about));
  made.get = [](const Client& c) {
    return (c.*member).empty() ? json::Value() : json::Value(c.*member);
  };
  return made;
}

template <auto member>
ClientMember list_row(About about) {
  return row(
      std::move(about), MemberKind::list,
      [](Client& c, const json::Value& v) -> Reason {
        c.*member = texts_of(v);
        return std::nullopt;
      },
      [](const Client& c) { return json::Value(once_each(c.*member)); });
}

// A list that is not shown where it is empty.
template <auto member>
ClientMember optional_list_row(About about) {
  auto made = list_row<member>(std::move(about));
  made.get = [](const Client& c) {
    return (c.*member).empty() ? json::Value() : json::Value(once_each(c.*member));
  };
  return made;
}

template <auto member>
ClientMember flag_row(About about) {
  return row(
      std::move(about), MemberKind::flag,
      [](Client& c, const json::Value& v) -> Reason {
        c.*member = *v.if_bool();
        return std::nullopt;
      },
      [](const Client& c) { return json::Value(c.*member); });
}

template <auto member>
ClientMember seconds_row(About about, MemberKind kind) {
  return row(
      std::move(about), kind,
      [](Client& c, const json::Value& v) -> Reason {
        c.*member = Seconds{*v.if_integer()};
        return std::nullopt;
      },
      [](const Client& c) {
        const std::optional<Seconds> seconds = c.*member;
        return seconds ? json::Value(seconds->count) : json::Value();
      });
}

// A member that is one word of a vocabulary, by its choices; the client may leave out an optional
// one.
template <auto member, auto named>
ClientMember word_row(About about) {
  return row(
      std::move(about), MemberKind::text,
      [](Client& c, const json::Value& v) -> Reason {
        c.*member = named(*v.if_string()).value();
        return std::nullopt;
      },
      [](const Client& c) {
        const std::optional word = c.*member;
        return word ? spelled(*word) : json::Value();
      });
}

template <auto member, auto named>
ClientMember words_row(About about) {
  return row(
      std::move(about), MemberKind::list,
      [](Client& c, const json::Value& v) -> Reason {
        (c.*member).clear();
        for (const auto& text : once_each(texts_of(v))) {
          (c.*member).push_back(named(text).value());
        }
        return std::nullopt;
      },
      [](const Client& c) {
        json::Array out;
        for (const auto each : c.*member) out.push_back(spelled(each));
        return json::Value(std::move(out));
      });
}

}  // namespace cardea::client_member_rows

// The text files: both languages complete, numbers in the right form.
#include "server/pages/catalogue.h"

#include <gtest/gtest.h>

#include <set>

#include "server/pages/embedded.h"
#include "server/settings/settings.h"

namespace cardea::catalogue_test {

std::string_view file(std::string_view path) {
  for (const auto& embedded : embedded_files()) {
    if (embedded.path == path) return embedded.content;
  }
  return "";
}

Catalogue english() {
  return Catalogue(Locale::en, file("text/en.txt"));
}
Catalogue arabic() {
  return Catalogue(Locale::ar, file("text/ar.txt"));
}

// Texts about a number, with a form for each kind of it.
bool is_counted(std::string_view key) {
  return key.starts_with("duration.") || key.starts_with("factor.codes_left.");
}

// Keys with the number form taken off: languages have different forms.
std::set<std::string> keys_of(const Catalogue& catalogue) {
  std::set<std::string> keys;
  for (const auto& [key, text] : catalogue.texts()) {
    keys.insert(is_counted(key) ? key.substr(0, key.rfind('.')) : key);
  }
  return keys;
}

// The {names} of a text.
std::set<std::string> placeholders(std::string_view text) {
  std::set<std::string> names;
  for (auto at = text.find('{'); at != text.npos; at = text.find('{', at + 1)) {
    names.emplace(text.substr(at, text.find('}', at) - at + 1));
  }
  return names;
}

TEST(Catalogue, BothLanguagesHaveTheSameKeys) {
  EXPECT_EQ(keys_of(english()), keys_of(arabic()));
  EXPECT_GT(keys_of(english()).size(), 90u);
}

TEST(Catalogue, BothLanguagesNameTheSameValues) {
  const auto ar = arabic();
  for (const auto& [key, text] : english().texts()) {
    if (is_counted(key)) continue;
    EXPECT_EQ(placeholders(text), placeholders(ar.text(key))) << key;
    EXPECT_FALSE(text.empty()) << key;
  }
}

TEST(Catalogue, NothingInArabicIsLeftInEnglish) {
  const auto en = english();
  for (const auto& [key, text] : arabic().texts()) {
    EXPECT_NE(text.find_first_of("\xd8\xd9"), std::string::npos) << key;  // an Arabic letter
    if (const auto* other = en.find(key)) EXPECT_NE(text, *other) << key;
  }
}

TEST(Catalogue, StandardScopesHaveTheTextsOfTheSettings) {
  const auto en = english();
  for (const auto& [name, scope] : standard_scopes()) {
    EXPECT_EQ(en.text("scope." + name), scope.title);
    const auto* description = en.find("scope." + name + ".description");
    EXPECT_EQ(description == nullptr ? "" : *description, scope.description) << name;
  }
}

TEST(Catalogue, EveryNumberHasAForm) {
  for (const auto& catalogue : {english(), arabic()}) {
    for (std::int64_t n = 0; n <= 250; ++n) {
      EXPECT_NE(
          catalogue.find("duration.days." + std::string(plural_category(catalogue.locale(), n))),
          nullptr);
    }
  }
}

TEST(Catalogue, DurationsAreRoundedUpToWhatPeopleSay) {
  const auto en = english();
  EXPECT_EQ(en.duration(Seconds{0}), "1 minute");
  EXPECT_EQ(en.duration(Seconds{61}), "2 minutes");
  EXPECT_EQ(en.duration(minutes(119)), "119 minutes");
  EXPECT_EQ(en.duration(hours(2)), "2 hours");
  EXPECT_EQ(en.duration(hours(47)), "47 hours");
  EXPECT_EQ(en.duration(days(90)), "90 days");
  const auto ar = arabic();
  EXPECT_EQ(ar.duration(minutes(1)), "دقيقة واحدة");
  EXPECT_EQ(ar.duration(minutes(2)), "دقيقتين");
  EXPECT_EQ(ar.duration(minutes(5)), "5 دقائق");
  EXPECT_EQ(ar.duration(minutes(15)), "15 دقيقة");
  EXPECT_EQ(ar.duration(days(90)), "90 يومًا");
  EXPECT_EQ(ar.duration(days(100)), "100 يوم");
}

TEST(Catalogue, IndentedLinesGoOnAndCommentsAreSkipped) {
  const Catalogue catalogue(Locale::en, "# no\n\na.b = one\n  two\r\nc = {n} = {n}\n");
  EXPECT_EQ(catalogue.text("a.b"), "one two");
  EXPECT_EQ(fill_in(catalogue.text("c"), "n", "{n}"), "{n} = {n}");
  EXPECT_EQ(catalogue.texts().size(), 2u);
}

}  // namespace cardea::catalogue_test

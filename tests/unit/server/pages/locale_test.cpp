// Which language a page is in.
#include "server/pages/locale.h"

#include <gtest/gtest.h>

namespace cardea::locale_test {

struct Row {
  std::vector<std::string> ui_locales;
  std::string accept_language;
  Locale expected;
};

// oidc-core: ui_locales is a wish, in order of preference; unknown tags are passed over.
TEST(OidcCore, S3_1_2_1_UiLocalesComeBeforeAcceptLanguage) {
  const Row rows[] = {
      {{}, "", Locale::en},
      {{}, "ar", Locale::ar},
      {{}, "ar-EG,ar;q=0.9,en;q=0.8", Locale::ar},
      {{}, "en-GB, ar;q=0.9", Locale::en},
      {{}, "fr, ar;q=0.2, en;q=0.1", Locale::ar},
      {{}, "ar;q=0, en;q=0.1", Locale::en},
      {{}, "ar;q=0.100, en;q=0.101", Locale::en},
      {{}, "fr, de", Locale::en},
      {{}, "ar;q=oops", Locale::en},
      {{}, ";;;,,,q=,ar;q", Locale::ar},
      {{"ar"}, "en", Locale::ar},
      {{"fr-CA", "AR-sa"}, "en", Locale::ar},
      {{"en", "ar"}, "ar", Locale::en},
      {{"tlh"}, "ar", Locale::ar},
      {{"arq"}, "en", Locale::en},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(negotiate_locale(row.ui_locales, row.accept_language), row.expected)
        << row.accept_language;
  }
}

TEST(Locale, EveryLocaleHasItsTag) {
  EXPECT_EQ(tag_of(Locale::en), "en");
  EXPECT_EQ(tag_of(Locale::ar), "ar");
}

}  // namespace cardea::locale_test

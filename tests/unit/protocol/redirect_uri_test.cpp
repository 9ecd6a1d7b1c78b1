// The redirect-URI attack corpus: every triple through the matching rule, every registration row
// through the registration rule. RFC 6749 3.1.2, RFC 8252 7.3, RFC 9700 4.1.3, decision Q9.
#include "protocol/redirect_uri.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <sstream>

#include "base/ascii.h"
#include "base/json.h"
#include "support/source_dir.h"

namespace cardea::redirect_uri_test {

struct Triple {
  std::string id;
  std::string client_kind;
  std::string registered;
  std::string presented;
  bool is_absent = false;
  bool is_ok = false;
  std::string why;
};

std::string presented_of(const std::string& cell, const std::string& registered) {
  if (cell == "(registered+9000a)") return registered + std::string(9000, 'a');
  const auto value = json::parse(cell);
  return value && value->if_string() != nullptr ? *value->if_string() : "<<unreadable row>>";
}

std::vector<Triple> triples() {
  std::ifstream file(support::source_dir() + "/tests/vectors/redirect-uris.tsv");
  std::vector<Triple> out;
  std::string line;
  std::getline(file, line);  // the head
  while (std::getline(file, line)) {
    const auto cells = ascii::split(line, '\t');
    if (cells.size() != 6) continue;
    Triple row{.id = std::string(cells[0]),
               .client_kind = std::string(cells[1]),
               .registered = std::string(cells[2]),
               .presented = {},
               .is_absent = cells[3] == "(absent)",
               .is_ok = cells[4] == "ok",
               .why = std::string(cells[5])};
    if (!row.is_absent) row.presented = presented_of(std::string(cells[3]), row.registered);
    out.push_back(std::move(row));
  }
  return out;
}

ApplicationType application_type_of(const Triple& row) {
  return row.client_kind == "native" ? ApplicationType::native : ApplicationType::web;
}

// RFC9700-4.1.3; RFC8252-7.3; 6749-06: all rows of the corpus, U-A01 to U-H11
TEST(Rfc9700, S4_1_3_EveryTripleOfTheCorpusMatchesOrNotAsItSays) {
  int seen = 0;
  for (const Triple& row : triples()) {
    if (row.is_absent) continue;
    ++seen;
    EXPECT_EQ(match_redirect_uri(row.registered, row.presented, application_type_of(row)),
              row.is_ok)
        << row.id << ": " << row.why;
    EXPECT_EQ(match_redirect_uri(row.presented, row.registered, application_type_of(row)) ||
                  redirect_uri_defect(row.registered).has_value(),
              row.is_ok)
        << row.id << " the other way round";
  }
  EXPECT_EQ(seen, 170);
}

// RFC9700-4.1.3: each registered string of the corpus may itself be registered
TEST(Rfc9700, S4_1_3_EveryRegisteredStringOfTheCorpusMayBeRegistered) {
  for (const Triple& row : triples()) {
    const RedirectUriPolicy policy{.application_type = application_type_of(row),
                                   .development = row.client_kind == "web-development"};
    for (const auto& problem : check_redirect_uri_registration(row.registered, policy)) {
      EXPECT_TRUE(problem.is_warning) << row.id << " " << row.registered << " " << problem.reason;
    }
  }
}

// RFC9700-4.1.3: what is refused before any comparison (security corpus 3.1 rule 3)
TEST(Rfc9700, S4_1_3_ADefectIsNamedBeforeAnyComparison) {
  EXPECT_EQ(redirect_uri_defect(std::string(2049, 'a')), "is longer than 2048 bytes");
  EXPECT_FALSE(redirect_uri_defect(std::string(2048, 'a')).has_value());
  EXPECT_EQ(redirect_uri_defect("https://a/\xff"), "is not UTF-8");
  EXPECT_EQ(redirect_uri_defect("https://a/ "), "holds a space or control character");
  EXPECT_EQ(redirect_uri_defect("https://a/\x7f"), "holds a space or control character");
  EXPECT_EQ(redirect_uri_defect(std::string("a\0b", 3)), "holds a space or control character");
  EXPECT_EQ(redirect_uri_defect("https://a/\xc3\xa9"), "holds a non-ASCII character");
  EXPECT_EQ(redirect_uri_defect("https://a\\b"), "holds a backslash");
  // Equal bytes do not help.
  EXPECT_FALSE(match_redirect_uri("https://a/ ", "https://a/ ", ApplicationType::web));
}

enum class Verdict { ok, warned, refused };

Verdict verdict_on(std::string_view uri, const RedirectUriPolicy& policy) {
  const auto problems = check_redirect_uri_registration(uri, policy);
  if (problems.empty()) return Verdict::ok;
  return std::ranges::all_of(problems, [](const auto& each) { return each.is_warning; })
             ? Verdict::warned
             : Verdict::refused;
}

constexpr RedirectUriPolicy web{.application_type = ApplicationType::web, .development = false};
constexpr RedirectUriPolicy native{.application_type = ApplicationType::native,
                                   .development = false};
constexpr RedirectUriPolicy development{.application_type = ApplicationType::web,
                                        .development = true};

// RFC6749-3.1.2; security corpus 3.4: rows that a web client may register
TEST(Rfc6749, S3_1_2_WhatAWebClientMayRegister) {
  EXPECT_EQ(verdict_on("https://app.example/cb", web), Verdict::ok);
  EXPECT_EQ(verdict_on("https://app.example:443/cb", web), Verdict::ok);
  EXPECT_EQ(verdict_on("https://app.example/cb?tenant=7", web), Verdict::ok);
  EXPECT_EQ(verdict_on("https://app.example/cb%0a", web), Verdict::warned);
  EXPECT_EQ(verdict_on("https://APP.example/cb", web), Verdict::warned);
  // Stored as given, so the form without port does not match it.
  EXPECT_FALSE(match_redirect_uri("https://app.example:443/cb", "https://app.example/cb",
                                  ApplicationType::web));
}

// 6749-04; 9700-07; RFC6749-3.1.2; RFC9700-4.1.3: rows of corpus 3.4 that nobody may register
TEST(Rfc6749, S3_1_2_WhatNobodyMayRegister) {
  const std::string label = "a.";
  std::string labels;
  for (int i = 0; i < 300; ++i) labels += label;
  const std::vector<std::string> rows{"https://app.example/*",
                                      "https://*.app.example/cb",
                                      "https://app.example*",
                                      "*",
                                      "",
                                      "https://app.example/cb#f",
                                      "https://app.example/cb#",
                                      "/cb",
                                      "//app.example/cb",
                                      "http://app.example/cb",
                                      "https://user:pw@app.example/cb",
                                      "https://app.example\\cb",
                                      "https://app.example/cb ",
                                      "https://app.example/\tcb",
                                      "https://app.example/\ncb",
                                      "https://app.example/\rcb",
                                      std::string("https://app.example/\0cb", 23),
                                      "https://b\xc3\xbc"
                                      "cher.example/cb",
                                      "https://app.example:99999/cb",
                                      "https://app.example:0/cb",
                                      "https:///cb",
                                      "https://app.example/%zz",
                                      "https://app.example/../cb",
                                      "https://app.example/%2e%2e/cb",
                                      "https://app.example/./cb",
                                      "https://app.example/cb?code=x",
                                      "https://app.example/cb?state=x",
                                      "https://app.example/cb?iss=x",
                                      "https://app.example/cb?error=x",
                                      "https://app.example/cb?a=1&c%6fde=x",
                                      "https://app.example/cb?access_token",
                                      "javascript:alert(1)",
                                      "JaVaScRiPt:alert(1)",
                                      "data:text/html,x",
                                      "DATA:text/html,x",
                                      "vbscript:x",
                                      "file:///etc/passwd",
                                      "blob:https://app.example/1",
                                      "about:blank",
                                      "view-source:https://app.example/cb",
                                      "ws://app.example/cb",
                                      "ftp://app.example/cb",
                                      "intent://app.example/cb#Intent;end",
                                      "myapp:/cb",
                                      "urn:ietf:wg:oauth:2.0:oob",
                                      "https://app.example/" + std::string(2048, 'a'),
                                      "https://app.example./cb",
                                      "https://" + labels + "example/cb",
                                      "https://app.example/<script>",
                                      "com.example.app:",
                                      "com.example.app:cb"};
  for (const std::string& uri : rows) {
    EXPECT_EQ(verdict_on(uri, web), Verdict::refused) << uri;
    EXPECT_EQ(verdict_on(uri, native), Verdict::refused) << uri;
    EXPECT_EQ(verdict_on(uri, development), Verdict::refused) << uri;
  }
}

// RFC8252-7.3; RFC8252-8.3; Q9: loopback addresses
TEST(Rfc8252, S7_3_LoopbackAddressesAreForNativeClientsAndThoseInDevelopment) {
  for (const std::string uri :
       {"http://127.0.0.1/cb", "http://[::1]/cb", "http://127.0.0.1:3000/"}) {
    EXPECT_EQ(verdict_on(uri, web), Verdict::refused) << uri;
    EXPECT_EQ(verdict_on(uri, native), Verdict::ok) << uri;
    EXPECT_EQ(verdict_on(uri, development), Verdict::ok) << uri;
  }
  EXPECT_EQ(verdict_on("http://localhost/cb", native), Verdict::warned);
  EXPECT_EQ(verdict_on("http://localhost:3000/cb", development), Verdict::ok);
  EXPECT_EQ(verdict_on("http://localhost/cb", web), Verdict::refused);
  EXPECT_EQ(verdict_on("https://[::1]/cb", web), Verdict::refused);
  EXPECT_EQ(verdict_on("https://localhost:3000/cb", development), Verdict::ok);
  for (const std::string uri : {"http://127.0.0.2/cb", "http://127.1/cb", "http://LOCALHOST/cb",
                                "http://app.localhost/cb", "HTTP://127.0.0.1/cb"}) {
    EXPECT_EQ(verdict_on(uri, native), Verdict::refused) << uri;
    EXPECT_EQ(verdict_on(uri, development), Verdict::refused) << uri;
  }
}

// 8252-04; RFC8252-7.1: private-use schemes
TEST(Rfc8252, S7_1_PrivateUseSchemesAreReversedDomainNamesOfNativeClients) {
  EXPECT_EQ(verdict_on("com.example.app:/cb", native), Verdict::ok);
  EXPECT_EQ(verdict_on("com.example.app:/cb", web), Verdict::refused);
  EXPECT_EQ(verdict_on("com.example.app:/cb", development), Verdict::refused);
  EXPECT_EQ(verdict_on("com.example.app://cb", native), Verdict::warned);
  EXPECT_EQ(verdict_on("com.example.app:/cb?state=1", native), Verdict::refused);
}

// Q20: where any program of the machine may answer
TEST(RedirectUri, LocalMeansLoopbackOrPrivateScheme) {
  EXPECT_TRUE(is_local_redirect_uri("http://127.0.0.1/cb"));
  EXPECT_TRUE(is_local_redirect_uri("https://localhost:3000/cb"));
  EXPECT_TRUE(is_local_redirect_uri("com.example.app:/cb"));
  EXPECT_FALSE(is_local_redirect_uri("https://app.example/cb"));
}

}  // namespace cardea::redirect_uri_test

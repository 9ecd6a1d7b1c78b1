// Discovery says what works and nothing else: every member of the document has an exercise, and
// each runs with every value that is advertised. RFC 8414 2, OIDC Discovery 3; security corpus
// oidc-22, 9700-17.
#include <set>

#include "flow/advertised/world.h"

namespace cardea::advertised_test {

std::vector<std::string> values_of(const json::Value& member) {
  std::vector<std::string> values;
  if (const auto* text = member.if_string()) values.push_back(*text);
  if (const auto* flag = member.if_bool()) values.emplace_back(*flag ? "true" : "false");
  if (const auto* object = member.if_object()) {
    for (const auto& each : object->members()) values.push_back(each.name);
  }
  if (const auto* list = member.if_array()) {
    for (const auto& each : *list) {
      const auto* text = each.if_string();
      values.push_back(text != nullptr ? *text : "not a text");
    }
  }
  return values;
}

void exercise(Rows rows) {
  for (const auto kind : {Kind::least, Kind::most}) {
    const World told(kind);
    for (const auto& row : rows) {
      const auto* member = told.metadata.find(row.member);
      if (member == nullptr) continue;
      const auto values = values_of(*member);
      EXPECT_FALSE(values.empty()) << row.member;
      EXPECT_EQ(std::set(values.begin(), values.end()).size(), values.size()) << row.member;
      World world(kind);
      for (const auto& value : values) {
        SCOPED_TRACE(std::string(row.member) + " " + value);
        row.exercise(world, value);
      }
    }
  }
}

// RFC8414-2; OIDC-Discovery-3; oidc-22: nothing is said that is not used below, and a server with
// everything on says all of it
TEST(Advertised, S2_EveryMemberHasAnExercise) {
  std::set<std::string, std::less<>> exercised;
  for (const auto rows : {endpoint_rows(), algorithm_rows(), client_rows(), request_rows(),
                          claim_rows(), logout_rows()}) {
    for (const auto& row : rows) EXPECT_TRUE(exercised.emplace(row.member).second) << row.member;
  }
  for (const auto kind : {Kind::least, Kind::most}) {
    const World world(kind);
    for (const auto& member : world.metadata.members()) {
      EXPECT_TRUE(exercised.contains(member.name)) << member.name;
      if (kind == Kind::most) exercised.erase(member.name);
    }
  }
  for (const auto& name : exercised) ADD_FAILURE() << name << " is exercised and never advertised";
}

}  // namespace cardea::advertised_test

// The authorization_details parameter and the schemas of its types: what is read is written back
// the same, comparing does not depend on the order of members, and a schema allows nothing that it
// does not name. Input: a line that is a schema, the rest is the parameter.
#include <algorithm>

#include "fuzz/bytes.h"
#include "fuzz/finding.h"
#include "protocol/authorization_details.h"

namespace cardea::fuzz {
namespace {

json::Object turned_round(const json::Object& object) {
  std::vector<json::Member> members = object.members();
  std::ranges::reverse(members);
  return json::Object(std::move(members));
}

}  // namespace

void authorization_details(std::string_view input) {
  Bytes bytes(input);
  const auto written = json::parse_object(bytes.line());
  const auto schema = DetailSchema::read(written.value_or(json::Object{}));
  const auto details = parse_authorization_details(bytes.rest());
  if (!details) return;
  const auto again = parse_authorization_details(write_details(*details));
  expect(again && *again == *details, "what was written is read differently");
  expect(is_within(*details, *details), "the same details are not within themselves");
  for (const auto& each : *details) {
    const auto turned = turned_round(each);
    expect(canonical(turned) == canonical(each), "the order of members counts");
    if (!schema) continue;
    expect(schema->objection(each).has_value() == schema->objection(turned).has_value(),
           "the order of members decides");
    auto more = each;
    more.set("a member of no schema \x01", true);
    expect(schema->objection(more).has_value(), "a member that no schema names is allowed");
  }
}

}  // namespace cardea::fuzz

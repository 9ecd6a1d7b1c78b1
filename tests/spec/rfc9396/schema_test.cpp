// RFC 9396 2 and 5: what an element of authorization_details may hold is what its type says.
#include <gtest/gtest.h>

#include "protocol/authorization_details.h"

namespace cardea::rfc9396_schema_test {

json::Object object(std::string_view text) {
  auto read = json::parse_object(text);
  EXPECT_TRUE(read) << text;
  return read.value_or(json::Object{});
}

const std::string payment_schema = R"({"type":"object","required":["amount"],"properties":{
  "amount":{"type":"object","required":["currency","value"],"properties":{
    "currency":{"type":"string","enum":["EUR","USD"]},"value":{"type":"number"}}},
  "actions":{"type":"array","maxItems":2,"items":{"type":"string","maxLength":8}},
  "urgent":{"type":"boolean"},"count":{"type":"integer"}}})";

bool is_allowed(const DetailSchema& schema, std::string_view text) {
  return !schema.objection(object(text)).has_value();
}

// RFC9396-2; 9396-01: an array of objects that have a type, bounded, and strict JSON
TEST(Rfc9396, S2_TheParameterIsAnArrayOfTypedObjects) {
  const auto read = parse_authorization_details(R"([{"type":"a"},{"type":"b","x":[1]}])");
  ASSERT_TRUE(read);
  ASSERT_EQ(read->size(), 2u);
  EXPECT_EQ(type_of((*read)[1]), "b");
  EXPECT_EQ(write_details(*read), R"([{"type":"a"},{"type":"b","x":[1]}])");
  std::string many = "[";
  for (int i = 0; i < 11; ++i) many += R"({"type":"a"},)";
  many.back() = ']';
  const std::string deep =
      R"([{"type":"a","x":)" + std::string(40, '[') + std::string(40, ']') + "}]";
  for (const auto& bad :
       {std::string(), std::string("[]"), std::string("{}"), std::string(R"({"type":"a"})"),
        std::string(R"(["a"])"), std::string("[{}]"), std::string(R"([{"type":1}])"),
        std::string(R"([{"type":""}])"), std::string(R"([{"type":"a","type":"a"}])"),
        std::string(R"([{"type":"a","x":{"y":1,"y":2}}])"), std::string(R"([{"type":"a"}] )") + "x",
        many, deep, R"([{"type":"a","x":")" + std::string(4096, 'x') + R"("}])"}) {
    EXPECT_FALSE(parse_authorization_details(bad)) << bad.substr(0, 60);
  }
}

// RFC9396-5; 9396-01: unknown and missing members, other types and values, too much of anything
TEST(Rfc9396, S5_AnElementKeepsToItsSchema) {
  const auto schema = DetailSchema::read(object(payment_schema));
  ASSERT_TRUE(schema) << schema.error();
  const std::string amount = R"("amount":{"currency":"EUR","value":12.5})";
  const auto with = [&](const std::string& more) {
    return is_allowed(*schema, R"({"type":"payment",)" + amount + more + "}");
  };
  EXPECT_TRUE(with(""));
  EXPECT_TRUE(with(R"(,"actions":["pay","look"],"urgent":false,"count":3)"));
  EXPECT_TRUE(with(R"(,"actions":["ääääääää"])"));  // characters, not bytes
  for (const auto* bad :
       {R"(,"unknown":1)", R"(,"urgent":"yes")", R"(,"urgent":null)", R"(,"count":1.5)",
        R"(,"actions":"pay")", R"(,"actions":["a","b","c"])", R"(,"actions":["too long a text"])",
        R"(,"actions":[1])", R"(,"actions":[["a"]])"}) {
    EXPECT_FALSE(with(bad)) << bad;
  }
  for (const auto* bad : {R"({"type":"payment"})", R"({"type":"payment","amount":5})",
                          R"({"type":"payment","amount":{"currency":"EUR"}})",
                          R"({"type":"payment","amount":{"currency":"GBP","value":1}})",
                          R"({"type":"payment","amount":{"currency":"EUR","value":"1"}})",
                          R"({"type":"payment","amount":{"currency":"EUR","value":1,"more":1}})"}) {
    EXPECT_FALSE(is_allowed(*schema, bad)) << bad;
  }
  EXPECT_TRUE(is_allowed(DetailSchema(), R"({"type":"bare"})"));
  EXPECT_FALSE(is_allowed(DetailSchema(), R"({"type":"bare","locations":["https://x.example"]})"));
}

// 9396-01: a schema that this validator does not wholly understand is refused at the start
TEST(Rfc9396, SchemasAreUnderstoodOrRefused) {
  std::string deep = R"({"type":"string"})";
  for (int i = 0; i < 9; ++i) deep = R"({"type":"array","items":)" + deep + "}";
  for (const auto& bad :
       {std::string(R"({})"), std::string(R"({"type":"string"})"),
        std::string(R"({"type":"object","pattern":"a"})"),
        std::string(R"({"type":"object","additionalProperties":true})"),
        std::string(R"({"type":"object","properties":[]})"),
        std::string(R"({"type":"object","properties":{"a":{}}})"),
        std::string(R"({"type":"object","properties":{"a":{"type":"date"}}})"),
        std::string(R"({"type":"object","properties":{"a":{"type":"array"}}})"),
        std::string(R"({"type":"object","properties":{"a":{"type":"string","maxLength":-1}}})"),
        std::string(R"({"type":"object","properties":{"a":{"type":"string","enum":[1]}}})"),
        std::string(R"({"type":"object","properties":{"type":{"type":"string"}}})"),
        std::string(R"({"type":"object","required":["a"]})"),
        R"({"type":"object","properties":{"a":)" + deep + "}}"}) {
    EXPECT_FALSE(DetailSchema::read(object(bad))) << bad;
  }
  EXPECT_TRUE(DetailSchema::read(object(R"({"type":"object","additionalProperties":false,
      "title":"A payment","description":"one"})")));
}

// RFC9396-6.1: elements are compared as a whole, whatever the order of their members
TEST(Rfc9396, S6_1_ElementsAreComparedWhole) {
  const auto granted =
      parse_authorization_details(R"([{"type":"a","x":{"p":1,"q":[2,3]}},{"type":"b"}])");
  const auto within = [&](std::string_view text) {
    return is_within(*parse_authorization_details(text), *granted);
  };
  EXPECT_TRUE(within(R"([{"type":"b"}])"));
  EXPECT_TRUE(within(R"([{"x":{"q":[2,3],"p":1},"type":"a"}])"));
  EXPECT_FALSE(within(R"([{"type":"a","x":{"p":1,"q":[3,2]}}])"));
  EXPECT_FALSE(within(R"([{"type":"a"}])"));
  EXPECT_FALSE(within(R"([{"type":"b"},{"type":"c"}])"));
}

}  // namespace cardea::rfc9396_schema_test

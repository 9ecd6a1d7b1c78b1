// FAPI 1.0 Baseline 6.2.1: the interaction id of a call to userinfo.
#include <gtest/gtest.h>

#include "server/interaction_id.h"
#include "support/dpop_proof.h"
#include "support/harness.h"

namespace cardea::fapi1_test {

const std::string header(interaction_id_header);
const std::string uuid = "c770aef3-6784-41f7-8e0e-ff5f97bddb3a";

// fapi-1-6.2.1: the client's own id comes back, or one of ours where it is none; nobody else gets
// one
TEST(Fapi1, S6_2_1_TheInteractionId) {
  test::Harness harness;
  const auto tokens = harness.sign_up_tokens();
  const auto ask = [&](const std::vector<std::string>& ids) {
    auto request = harness.get("/userinfo", {{"Authorization", "Bearer " + tokens.access_token}});
    for (const auto& id : ids) request.headers.add(header, id);
    const auto response = harness.send(std::move(request));
    EXPECT_EQ(response.status, 200);
    return std::string(response.headers.first(header));
  };
  EXPECT_EQ(ask({}), "");
  EXPECT_EQ(ask({uuid}), uuid);
  EXPECT_EQ(harness.log.count("userinfo.interaction"), 1);
  const std::vector<std::vector<std::string>> odd{{"x"},
                                                  {uuid + "0"},
                                                  {"g" + uuid.substr(1)},
                                                  {uuid.substr(0, 8) + "0" + uuid.substr(9)},
                                                  {uuid, uuid}};
  for (const auto& ids : odd) {
    const auto id = ask(ids);
    EXPECT_EQ(id.size(), uuid.size());
    EXPECT_NE(id, ids.front());
    EXPECT_EQ(id[14], '4');
    EXPECT_NE(std::string("89ab").find(id[19]), std::string::npos) << id;
  }
}

// fapi-1-6.2.1: a bound token always has one
TEST(Fapi1, S6_2_1_ABoundTokenAlwaysHasOne) {
  test::Harness harness;
  const test::DpopKey key;
  const auto tokens = test::tokens_of(harness.send(
      test::with_proof(harness.redeem_request("cA", harness.issue_code()), key.proof(harness))));
  const auto ask = [&] {
    return std::string(
        harness
            .send(test::with_proof(
                harness.get("/userinfo", {{"Authorization", "DPoP " + tokens.access_token}}),
                key.proof(harness, {.method = "GET",
                                    .url = "https://id.example/userinfo",
                                    .access_token = tokens.access_token,
                                    .claims = {},
                                    .header = {}})))
            .headers.first(header));
  };
  const auto first = ask();
  EXPECT_EQ(first.size(), uuid.size());
  EXPECT_NE(ask(), first);
}

}  // namespace cardea::fapi1_test

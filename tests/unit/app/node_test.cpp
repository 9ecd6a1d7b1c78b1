// What a node does with its store before it serves.
#include "app/node.h"

#include <gtest/gtest.h>

#include "crypto/random.h"
#include "support/scratch_folder.h"

namespace cardea::node_test {

using namespace app;

const std::string address = "https://app.tool.example/client.json";

struct NodeAtStart : testing::Test {
  test::ScratchFolder folder;
  NullLog log;
  crypto::SystemRandom random;
  ManualExecutor executor;
  struct Blind final : Observer {
    bool reads_notes() const override { return false; }
    void finished(const Exchange&, const http::Response&) override {}
  } observer;

  static Config config(const std::vector<std::string>& refused, bool enabled = true) {
    Config out;
    out.settings = with_issuer({}, "https://id.example").value();
    out.settings.signing_algorithms = {crypto::SignatureAlgorithm::ES256};
    out.settings.client_documents = {
        .enabled = enabled, .admitted_hosts = {}, .refused_hosts = refused};
    return out;
  }
  std::unique_ptr<Node> open(const Config& with) {
    auto node = Node::open({.config = with,
                            .store_path = folder.file("cardea.db"),
                            .root_key = RootKey(std::string(32, 'r')),
                            .made_by = "serve",
                            .log = log,
                            .observer = observer,
                            .random = random,
                            .background_executor = executor,
                            .relaxations = {}});
    EXPECT_TRUE(node.ok()) << (node.ok() ? "" : node.error().reason);
    return node.ok() ? *std::move(node) : nullptr;
  }
  bool is_enabled(Node& node) { return node.registry().find(ClientId(address))->enabled; }
};

// cimd-07; A07: clients of documents that are refused, or of none at all, do not go on
TEST_F(NodeAtStart, ClientsOfRefusedDocumentsAreDisabled) {
  for (const auto& refusing :
       {config({"*.tool.example"}), config({"app.tool.example"}), config({}, false)}) {
    const auto admitting = config({"tool.example", "*.ool.example"});
    {
      const auto node = open(admitting);
      Client client;
      client.client_id = ClientId(address);
      client.redirect_uris = {"https://app.tool.example/cb"};
      client.token_endpoint_auth_method = ClientAuthMethod::none;
      client.id_token_signed_response_alg = crypto::SignatureAlgorithm::ES256;
      client.authorization_signed_response_alg = crypto::SignatureAlgorithm::ES256;
      client.owner.by = Ownership::By::document;
      ASSERT_TRUE(run_blocking(executor, node->store().perform(store::PutClient{client})).ok());
    }
    {
      const auto node = open(admitting);
      EXPECT_TRUE(is_enabled(*node));
    }
    const auto node = open(refusing);
    EXPECT_FALSE(is_enabled(*node));
    const auto kept = run_blocking(executor, node->store().find_client(ClientId(address))).value();
    EXPECT_FALSE(kept->enabled);
  }
}

}  // namespace cardea::node_test

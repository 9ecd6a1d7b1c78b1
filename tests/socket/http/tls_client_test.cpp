// The client's end of TLS and the bench driver's connection over it: a certificate of a strange
// authority or for another name ends the connection before a request is sent.
#include <gtest/gtest.h>
#include <poll.h>

#include "app/bench/connection.h"
#include "running_listener.h"

namespace cardea::http_socket_test::tls_client_test {

using app::bench::Connection;
using app::bench::EndpointAddress;
using app::bench::EndpointAddresses;

class TlsClient : public ::testing::Test {
 protected:
  EndpointAddress address_as(const std::string& host) {
    EndpointAddresses addresses(app::bench::Reach::this_machine);
    const auto found = addresses.find(*url::parse("https://" + server.address()));
    EXPECT_TRUE(found.ok());
    EndpointAddress address = **found;
    address.host = host;
    return address;
  }
  // What one request to that host came to, trusting that authority.
  std::string outcome(const std::string& host, const std::string& ca_file, int requests = 1) {
    const auto tls = http::TlsClient::make(ca_file);
    EXPECT_TRUE(tls.ok());
    const auto address = address_as(host);
    Connection connection(address, *tls);
    std::string said;
    for (int at = 0; at < requests; ++at) {
      connection.send(get("/" + std::to_string(at)));
      if (settle(connection) != Connection::Seen::reply) {
        return connection.failure() + ": " + connection.detail();
      }
      said += std::to_string(connection.reply().status) + " " +
              std::string(connection.reply().body.substr(0, 6)) + ";";
    }
    return said;
  }
  static Connection::Seen settle(Connection& connection) {
    for (int wait = 0; wait < 1000; ++wait) {
      const auto seen = connection.advance();
      if (seen != Connection::Seen::more) return seen;
      pollfd ready{.fd = connection.socket(), .events = POLLIN, .revents = 0};
      ::poll(&ready, 1, 10);
    }
    return Connection::Seen::more;
  }

  Certificates certificates;
  RunningListener server{{.endpoints = {{.address = "127.0.0.1:0", .tls = certificates.files()}}}};
};

TEST_F(TlsClient, TakesTheNameAndTheAddressOfTheCertificate) {
  EXPECT_EQ(outcome("localhost", certificates.ca_file(), 3), "200 GET /0;200 GET /1;200 GET /2;");
  EXPECT_EQ(outcome("127.0.0.1", certificates.ca_file()), "200 GET /0;");
  EXPECT_EQ(outcome("[::1]", certificates.ca_file()), "200 GET /0;");
  EXPECT_FALSE(server.log.text().contains("tls_refused"));
}

TEST_F(TlsClient, RefusesAnotherName) {
  EXPECT_EQ(outcome("id.example", certificates.ca_file()), "tls: hostname mismatch");
  EXPECT_EQ(outcome("127.0.0.2", certificates.ca_file()), "tls: IP address mismatch");
}

TEST_F(TlsClient, RefusesAStrangeAuthority) {
  const Certificates others;
  EXPECT_TRUE(outcome("localhost", others.ca_file()).starts_with("tls: ")) << "accepted";
  EXPECT_FALSE(http::TlsClient::make(certificates.ca_file() + ".none").ok());
}

TEST_F(TlsClient, AServerThatGoesIsNoReply) {
  EndpointAddress address = address_as("localhost");
  address.is_tls = false;
  Connection connection(address, nullptr);
  connection.send("not HTTP\r\n\r\n");
  const auto seen = settle(connection);  // the listener answers 400 and closes
  ASSERT_EQ(seen, Connection::Seen::reply);
  EXPECT_EQ(connection.reply().status, 400);
  EXPECT_FALSE(connection.is_usable());
}

}  // namespace cardea::http_socket_test::tls_client_test

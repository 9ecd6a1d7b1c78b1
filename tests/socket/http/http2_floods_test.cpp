// What made other HTTP/2 servers fall: rapid reset, CONTINUATION without end, floods of frames that
// carry nothing, HPACK bombs. Each client is ended by GOAWAY while others are answered. RFC 9113
// 10.5; security corpus 2.J.
#include <gtest/gtest.h>

#include <atomic>

#include "http2_client.h"

namespace cardea::http_socket_test::http2_floods_test {

// Sends more pieces than the server bears, and says with which word it ended. Together they are
// less than what it still reads behind that word, so that it is not lost.
std::optional<std::uint32_t> flood(Http2Client& client, int pieces,
                                   const std::function<std::string()>& piece) {
  for (int at = 0; at < pieces && client.send(piece()); ++at) {
  }
  return client.await_end();
}

class Http2Floods : public ::testing::Test {
 protected:
  // No deadline of a head ends what is to be ended at once.
  Http2Server server{{.header_deadline = Seconds{60}}, [this](http::Request request) {
                       ++handled;
                       return echo(std::move(request));
                     }};
  std::atomic<int> handled = 0;
};

// J13; 9113-18: rapid reset (CVE-2023-44487). A request that is taken back in the same breath costs
// no handler, and too many of them the connection.
TEST_F(Http2Floods, S10_5_RapidReset) {
  Http2Client client(server.address(), server.client_tls());
  const auto ended = flood(client, 20, [&] {
    std::string bytes;
    for (int at = 0; at < 20; ++at) {
      const auto stream = client.next_stream();
      bytes += frame(headers_frame, end_headers | end_stream, stream, hpack(get_fields("/"))) +
               frame(reset_frame, 0, stream, big_endian(cancel));
    }
    return bytes;
  });
  EXPECT_EQ(ended, enhance_your_calm);
  EXPECT_LT(handled, 300);
  EXPECT_TRUE(server.listener.log.comes("reason=Too many requests were taken back."));
  EXPECT_TRUE(server.answers());
}

// J13; 9113-18: the same by requests that make the server reset them.
TEST_F(Http2Floods, S10_5_RequestsThatAreResetForTheirFaults) {
  Http2Client client(server.address(), server.client_tls());
  const auto ended = flood(client, 300, [&] {
    return frame(headers_frame, end_headers | end_stream, client.next_stream(),
                 hpack({{":method", "GET"}}));
  });
  EXPECT_EQ(ended, enhance_your_calm);
  EXPECT_EQ(handled, 0);
  EXPECT_TRUE(server.answers());
}

// 9113-18: a person who leaves a page full of requests takes back no more than is allowed.
TEST_F(Http2Floods, AHundredRequestsMayBeTakenBack) {
  Http2Client client(server.address(), server.client_tls());
  for (int round = 0; round < 2; ++round) {
    for (int at = 0; at < 90; ++at) {
      const auto stream = client.next_stream();
      client.send(frame(headers_frame, end_headers, stream, hpack(post_fields("/"))));
      client.send(frame(reset_frame, 0, stream, big_endian(cancel)));
    }
    EXPECT_EQ(client.ask(get_fields("/")).status, 200);
  }
}

// J13; 9113-19: CONTINUATION without end (CVE-2024-28182), with fields or with nothing in it.
TEST_F(Http2Floods, S6_10_ContinuationWithoutEnd) {
  for (const auto& piece :
       {std::string(), hpack({{"a", "b"}}), hpack({{"a", std::string(16000, 'b')}})}) {
    Http2Client client(server.address(), server.client_tls(), Http2Client::Manners::none);
    client.send(Http2Client::preface() + frame(settings_frame, 0, 0));
    const auto stream = client.next_stream();
    client.send(frame(headers_frame, end_stream, stream, hpack(get_fields("/"))));
    EXPECT_EQ(flood(client, 20, [&] { return frame(continuation_frame, 0, stream, piece); }),
              enhance_your_calm);
  }
  EXPECT_EQ(handled, 0);
  EXPECT_TRUE(server.answers());
}

// J13; 9113-20: a table entry named over and over (CVE-2016-6581) is not written out.
TEST_F(Http2Floods, S10_5_1_HpackBomb) {
  Http2Client client(server.address(), server.client_tls());
  // RFC 7541 6.2.1: an entry of almost the table's size, which the next frames name by a byte each.
  const auto entry = "\x40" + hpack_text("a") + hpack_text(std::string(3900, 'b'));
  const auto first = client.next_stream();
  client.send(
      frame(headers_frame, end_headers | end_stream, first, hpack(get_fields("/")) + entry));
  EXPECT_EQ(client.await(first).status, 200);
  const auto second = client.next_stream();
  client.send(frame(headers_frame, end_headers | end_stream, second,
                    hpack(get_fields("/")) + std::string(40, '\xbe')));
  EXPECT_EQ(client.await(second).status, 431);
  client.send(frame(headers_frame, end_headers | end_stream, client.next_stream(),
                    hpack(get_fields("/")) + std::string(16000, '\xbe')));
  EXPECT_EQ(client.await_end(), enhance_your_calm);
  EXPECT_TRUE(server.listener.log.comes("reason=A request header is far too large."));
  EXPECT_EQ(handled, 1);
}

// J13; 9113-20: what is behind a body counts alike.
TEST_F(Http2Floods, S10_5_1_HpackBombInATrailer) {
  Http2Client client(server.address(), server.client_tls());
  const auto entry = "\x40" + hpack_text("a") + hpack_text(std::string(3900, 'b'));
  const auto stream = client.next_stream();
  client.send(frame(headers_frame, end_headers, stream, hpack(post_fields("/")) + entry) +
              frame(data_frame, 0, stream, "abc") +
              frame(headers_frame, end_headers | end_stream, stream, std::string(16000, '\xbe')));
  EXPECT_EQ(client.await_end(), enhance_your_calm);
  EXPECT_EQ(handled, 0);
}

// RFC 9113 4.3: a block that cannot be decompressed spoils the connection.
TEST_F(Http2Floods, S4_3_ABrokenBlockEndsTheConnection) {
  Http2Client client(server.address(), server.client_tls());
  client.send(
      frame(headers_frame, end_headers | end_stream, client.next_stream(), "\xff\xff\xff\x7f"));
  EXPECT_EQ(client.await_end(), compression_error);
}

// J13; 9113-21: frames that carry nothing (CVE-2019-9512, 9515, 9518 and their like).
TEST_F(Http2Floods, S10_5_FramesThatCarryNothing) {
  const auto settings = frame(settings_frame, 0, 0);
  const auto ping = frame(ping_frame, 0, 0, "12345678");
  const auto priority = frame(priority_frame, 0, 99, std::string(5, '\0'));
  const auto window = frame(window_frame, 0, 0, big_endian(1));
  const auto unknown = frame(0xfa, 0, 0, "x");
  for (const auto& piece : {settings, ping, priority, window, unknown}) {
    Http2Client client(server.address(), server.client_tls(), Http2Client::Manners::none);
    client.send(Http2Client::preface() + settings);
    EXPECT_EQ(flood(client, 1500, [&] { return piece; }), enhance_your_calm)
        << "type " << int{piece[3]};
  }
  EXPECT_TRUE(server.answers());
}

// J13; 9113-21: the same inside a body that does not end.
TEST_F(Http2Floods, S10_5_EmptyData) {
  for (const auto& piece :
       {frame(data_frame, 0, 1), frame(data_frame, padded, 1, std::string("\2\0\0", 3))}) {
    Http2Client client(server.address(), server.client_tls());
    client.send(frame(headers_frame, end_headers, client.next_stream(), hpack(post_fields("/"))));
    EXPECT_EQ(flood(client, 1500, [&] { return piece; }), enhance_your_calm);
  }
  EXPECT_EQ(handled, 0);
  EXPECT_TRUE(server.answers());
}

// J13; 9113-21: answers that nobody reads are not piled up.
TEST_F(Http2Floods, S10_5_AcknowledgementsThatNobodyReads) {
  Http2Client client(server.address(), server.client_tls(), Http2Client::Manners::none);
  client.send(Http2Client::preface() + frame(settings_frame, 0, 0));
  std::string many;
  for (int at = 0; at < 1000; ++at) many += frame(settings_frame, 0, 0);
  client.send(many);
  EXPECT_EQ(client.await_end(), enhance_your_calm);
}

// 9113-21: an ordinary client pings and opens windows with each request, for as long as it likes.
TEST_F(Http2Floods, AnOrdinaryClientMayGoOn) {
  Http2Client client(server.address(), server.client_tls());
  for (int at = 0; at < 1500; ++at) {
    client.send(frame(ping_frame, 0, 0, "12345678") + frame(window_frame, 0, 0, big_endian(1)));
    ASSERT_EQ(client.ask(get_fields("/")).status, 200);
  }
}

// RFC9113-8.4; 9113-22: nothing may be pushed at a server, and no priority is heeded.
TEST_F(Http2Floods, S8_4_APushIsRefused) {
  Http2Client client(server.address(), server.client_tls());
  const auto stream = client.request(get_fields("/", {{"priority", "u=0, i"}}));
  EXPECT_EQ(client.await(stream).status, 200);
  client.send(frame(priority_frame, 0, 9, big_endian(9) + "\x10"));  // depends on itself
  client.send(frame(push_frame, end_headers, stream, big_endian(2) + hpack(get_fields("/"))));
  EXPECT_EQ(client.await_end(), protocol_error);
}

}  // namespace cardea::http_socket_test::http2_floods_test

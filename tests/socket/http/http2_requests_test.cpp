// What HTTP/2 makes of requests: the same as HTTP/1.1, and what RFC 9113 8 calls malformed is
// reset. Security corpus 2.I.
#include <gtest/gtest.h>

#include <atomic>

#include "base/limits.h"
#include "http2_client.h"

namespace cardea::http_socket_test::http2_requests_test {

// Answers with all that came: the request line, the fields in order, the body.
Task<http::Response> mirror(http::Request request) {
  http::Response response;
  response.body = request.method + " " + request.target + "\n";
  for (const auto& [name, value] : request.headers.fields()) {
    response.body.append(name).append(": ").append(value).append("\n");
  }
  response.body += request.body;
  co_return response;
}

struct Case {
  std::string name;
  Fields fields;
  int status = 0;  // 0: no answer but a reset
  std::string body = {};
};

Fields without(Fields fields, std::string_view name) {
  std::erase_if(fields, [&](const auto& field) { return field.first == name; });
  return fields;
}

Fields with(Fields fields, const std::string& name, const std::string& value) {
  for (auto& field : fields) {
    if (field.first == name) field.second = value;
  }
  return fields;
}

const Fields get_root = get_fields("/");
const Fields post_root = post_fields("/");

// RFC9113-8.1.1; 9113-01: a malformed request is reset and nobody else's time is spent on it.
TEST(Http2Requests, S8_1_1_MalformedRequestsAreReset) {
  const std::vector<Case> cases{
      {"no method", without(get_root, ":method")},
      {"no scheme", without(get_root, ":scheme")},
      {"no path", without(get_root, ":path")},
      {"empty path", with(get_root, ":path", "")},
      {"neither authority nor host", without(get_root, ":authority")},
      {"path twice", get_fields("/", {{":path", "/"}})},
      {"unknown pseudo-header", {{":method", "GET"}, {":magic", "x"}}},
      {"status in a request", get_fields("/", {{":status", "200"}})},
      {"pseudo-header behind a field",
       {{":method", "GET"},
        {":scheme", "https"},
        {"a", "b"},
        {":authority", "localhost"},
        {":path", "/"}}},
      {"upper case", get_fields("/", {{"Accept", "b"}})},
      {"space in a name", get_fields("/", {{"a b", "c"}})},
      {"colon in a name", get_fields("/", {{"a:b", "c"}})},
      {"empty name", get_fields("/", {{"", "c"}})},
      {"LF in a value", get_fields("/", {{"a", "b\nc: d"}})},
      {"CR in a value", get_fields("/", {{"a", "b\rc"}})},
      {"NUL in a value", get_fields("/", {{"a", std::string("b\0c", 3)}})},
      {"space before a value", get_fields("/", {{"a", " b"}})},
      {"tab behind a value", get_fields("/", {{"a", "b\t"}})},
      {"connection", get_fields("/", {{"connection", "close"}})},
      {"proxy-connection", get_fields("/", {{"proxy-connection", "close"}})},
      {"keep-alive", get_fields("/", {{"keep-alive", "x"}})},
      {"transfer-encoding", post_fields("/", {{"transfer-encoding", "chunked"}}), 0, "0\r\n\r\n"},
      {"upgrade", get_fields("/", {{"upgrade", "h2c"}})},
      {"te gzip", get_fields("/", {{"te", "gzip"}})},
      {"length that is none", post_fields("/", {{"content-length", "+3"}}), 0, "abc"},
      {"two lengths", post_fields("/", {{"content-length", "3"}, {"content-length", "3"}}), 0,
       "abc"},
      {"longer than its length", post_fields("/", {{"content-length", "2"}}), 0, "abc"},
      {"shorter than its length", post_fields("/", {{"content-length", "4"}}), 0, "abc"},
      {"length without body", post_fields("/", {{"content-length", "4"}})},
      {"space in the path", with(get_root, ":path", "/a b")},
      {"path without slash", with(get_root, ":path", "a")},
      {"tunnel for a protocol", get_fields("/", {{":protocol", "websocket"}})},
      {"method with a space", with(get_root, ":method", "GE T")},
  };
  std::atomic<int> handled = 0;
  Http2Server server({}, [&](http::Request request) {
    ++handled;
    return mirror(std::move(request));
  });
  Http2Client client(server.address(), server.client_tls());
  for (const auto& one : cases) {
    const auto answer = client.ask(one.fields, one.body);
    EXPECT_EQ(answer.status, 0) << one.name << answer.body;
    EXPECT_EQ(answer.reset, protocol_error) << one.name;
  }
  EXPECT_EQ(handled, 0);
  EXPECT_TRUE(server.listener.log.comes(
      "http.request_refused status=400 reason=The request is malformed. peer=127.0.0.1"));
  EXPECT_EQ(client.ask(get_root).status, 200);
}

// RFC9113-8.3.1; 9113-02; asvs-4.2.1: the rules that both versions have, with the answers of
// HTTP/1.1; and the connection goes on.
TEST(Http2Requests, S8_3_1_RefusesWhatHttp11Refuses) {
  const std::vector<Case> cases{
      {"plain", get_root, 200},
      {"unknown method", with(get_root, ":method", "BREW"), 200},
      {"CONNECT", {{":method", "CONNECT"}, {":authority", "a:443"}}, 501},
      {"TRACE", with(get_root, ":method", "TRACE"), 501},
      {"method too long", with(get_root, ":method", std::string(33, 'A')), 400},
      {"asterisk", with(with(get_root, ":method", "OPTIONS"), ":path", "*"), 400},
      {"fragment in the path", with(get_root, ":path", "/a#b"), 400},
      {"raw byte in the path", with(get_root, ":path", "/\xc3\xa4"), 400},
      {"path too long", with(get_root, ":path", "/" + std::string(12 * 1024, 'a')), 414},
      {"path far too long", with(get_root, ":path", "/" + std::string(20 * 1024, 'a')), 414},
      {"other scheme", with(get_root, ":scheme", "ftp"), 400},
      {"plain scheme", with(get_root, ":scheme", "http"), 200},
      {"authority with a user", with(get_root, ":authority", "u@a"), 400},
      {"authority with a bad port", with(get_root, ":authority", "a:x"), 400},
      {"authority with an IPv6 literal", with(get_root, ":authority", "[::1]:9443"), 200},
      {"host alone",
       {{":method", "GET"}, {":scheme", "https"}, {":path", "/"}, {"host", "a"}},
       200},
      {"host beside authority", get_fields("/", {{"host", "LOCALHOST"}}), 200},
      {"other host", get_fields("/", {{"host", "evil.example"}}), 400},
      {"host with another port", get_fields("/", {{"host", "localhost:1"}}), 400},
      {"te trailers", get_fields("/", {{"te", "trailers"}}), 200},
      {"encoded body", post_fields("/", {{"content-encoding", "gzip"}}), 415, "abc"},
      {"other expectation", post_fields("/", {{"expect", "200-ok"}}), 417, "abc"},
      {"length beyond the limit", post_fields("/", {{"content-length", "65537"}}), 413, "abc"},
      {"99 fields and a host", get_fields("/", Fields(99, {"a", "b"})), 200},
      {"100 fields and a host", get_fields("/", Fields(101, {"a", "b"})), 431},
      {"a field of 17 KiB", get_fields("/", {{"a", std::string(16 * 1024, 'b')}}), 431},
  };
  std::atomic<int> handled = 0;
  Http2Server server({}, [&](http::Request request) {
    ++handled;
    return mirror(std::move(request));
  });
  Http2Client client(server.address(), server.client_tls());
  for (const auto& one : cases) {
    const int before = handled;
    const auto answer = client.ask(one.fields, one.body);
    EXPECT_EQ(answer.status, one.status) << one.name << ": " << answer.body;
    EXPECT_EQ(handled - before, one.status == 200 ? 1 : 0) << one.name;
    if (one.status == 200) continue;
    EXPECT_EQ(answer.headers.first("content-type"), "text/plain; charset=utf-8") << one.name;
    EXPECT_FALSE(answer.headers.contains("connection"));
  }

  EXPECT_EQ(client.ask(with(with(get_root, ":method", "HEAD"), ":path", "/a#b")).body, "");
  EXPECT_EQ(client.ask(get_root).status, 200);
}

// RFC9113-8.2.3; 9113-03: a cookie in pieces is one field, and the authority is the one Host.
TEST(Http2Requests, S8_2_3_CookiesAreJoined) {
  Http2Server server({}, mirror);
  Http2Client client(server.address(), server.client_tls());
  const auto answer = client.ask(get_fields(
      "/x?y=z", {{"cookie", "a=1"}, {"accept", "*/*"}, {"cookie", "b=2"}, {"cookie", "c=3"}}));
  EXPECT_EQ(answer.body, "GET /x?y=z\naccept: */*\nhost: localhost\ncookie: a=1; b=2; c=3\n");
  EXPECT_EQ(client.ask(get_fields("/", Fields(300, {"cookie", "a=1"}))).status, 200);
}

// P8; 9113-04: a host that is not the server's is misdirected (RFC 9110 15.5.20), in HTTP/2 too.
TEST(Http2Requests, AnUnknownAuthorityIsMisdirected) {
  Http2Server server({.accepted_hosts = {"localhost:9443"}}, mirror);
  Http2Client client(server.address(), server.client_tls());
  EXPECT_EQ(client.ask(with(get_root, ":authority", "LocalHost:9443")).status, 200);
  EXPECT_EQ(client.ask(with(get_root, ":authority", "localhost")).status, 421);
  EXPECT_EQ(client.ask(with(get_root, ":authority", "evil.example:9443")).status, 421);
  const auto head = client.ask(with(with(get_root, ":authority", "evil"), ":method", "HEAD"));
  EXPECT_EQ(head.status, 421);
  EXPECT_EQ(head.body, "");
}

// RFC9113-8.1; 9113-05: bodies in any number of pieces, with padding and with a length or without.
TEST(Http2Requests, S8_1_BodiesAreReadWhole) {
  Http2Server server;
  Http2Client client(server.address(), server.client_tls());
  EXPECT_EQ(client.ask(post_root, "abc").body, "POST / 127.0.0.1 abc");
  EXPECT_EQ(client.ask(post_fields("/", {{"content-length", "3"}}), "abc").body,
            "POST / 127.0.0.1 abc");
  const std::string largest(limits::body_bytes_max, 'x');
  EXPECT_EQ(client.ask(post_root, largest).body, "POST / 127.0.0.1 " + largest);
  const auto stream = client.next_stream();
  client.send(frame(headers_frame, end_headers, stream, hpack(post_root)));
  client.send(frame(data_frame, padded, stream, std::string("\3ab\0\0\0", 6)));
  client.send(frame(data_frame, 0, stream, "c"));
  client.send(frame(data_frame, end_stream, stream));
  EXPECT_EQ(client.await(stream).body, "POST / 127.0.0.1 abc");
}

// RFC9113-8.1; 9113-06: who is refused before all is sent is answered, and told to stop.
TEST(Http2Requests, S8_1_ABodyBeyondTheLimitIsRefusedAndStopped) {
  Http2Server server;
  Http2Client client(server.address(), server.client_tls());
  EXPECT_EQ(client.ask(get_root).status, 200);  // by now it has heard of our windows
  const auto stream = client.next_stream();
  client.send(frame(headers_frame, end_headers, stream, hpack(post_root)));
  for (int at = 0; at < 4; ++at) client.send(frame(data_frame, 0, stream, std::string(16384, 'x')));
  client.send(frame(data_frame, 0, stream, "x"));
  auto answer = client.await(stream);
  EXPECT_EQ(answer.status, 413);
  while (!client.answer(stream).reset && client.read_frame()) {
  }
  EXPECT_EQ(client.answer(stream).reset, no_error);
  EXPECT_EQ(client.ask(get_root).status, 200);
}

// RFC9113-8.1; 9113-07: trailer fields are refused, as in HTTP/1.1; an empty section is not.
TEST(Http2Requests, S8_1_TrailerFieldsAreRefused) {
  Http2Server server;
  Http2Client client(server.address(), server.client_tls());
  const auto ask = [&](const Fields& trailer) {
    const auto stream = client.next_stream();
    client.send(frame(headers_frame, end_headers, stream, hpack(post_root)) +
                frame(data_frame, 0, stream, "abc") +
                frame(headers_frame, end_headers | end_stream, stream, hpack(trailer)));
    return client.await(stream);
  };
  EXPECT_EQ(ask({{"host", "b"}}).status, 400);
  EXPECT_EQ(ask({{"x", "y"}}).body, "Trailer fields are not accepted.\n");
  EXPECT_EQ(ask({}).status, 200);
}

// RFC 9110 10.1.1.
TEST(Http2Requests, AContinueComesBeforeTheBody) {
  Http2Server server;
  Http2Client client(server.address(), server.client_tls());
  const auto stream = client.next_stream();
  client.send(frame(headers_frame, end_headers, stream,
                    hpack(post_fields("/", {{"expect", "100-continue"}}))));
  while (client.answer(stream).status == 0 && client.read_frame()) {
  }
  EXPECT_EQ(client.answer(stream).status, 100);
  client.send(frame(data_frame, end_stream, stream, "abc"));
  EXPECT_EQ(client.await(stream).status, 200);
}

// RFC9113-8.2; 9113-08: answers have the fields of HTTP/1.1 in lower case, and none of those that
// are about its connection.
TEST(Http2Requests, S8_2_AnswersHaveDateAndLengthAndNothingOfTheConnection) {
  SettableClock clock(Instant::from_seconds(784111777));
  Http2Server server({.clock = &clock}, [](http::Request request) -> Task<http::Response> {
    co_return http::Response{.status = request.target == "/none" ? 204 : 200,
                             .headers = {{"Content-Length", "1"},
                                         {"Transfer-Encoding", "chunked"},
                                         {"Date", "never"},
                                         {"Server", "name/1"},
                                         {"Connection", "upgrade"},
                                         {"Set-Cookie", "a=1"},
                                         {"Set-Cookie", "b=2"},
                                         {"X-Mixed", "Case"}},
                             .body = "four"};
  });
  Http2Client client(server.address(), server.client_tls());
  const auto answer = client.ask(get_root);
  EXPECT_EQ(answer.headers.fields(),
            (std::vector<http::FieldView>{{"date", "Sun, 06 Nov 1994 08:49:37 GMT"},
                                          {"set-cookie", "a=1"},
                                          {"set-cookie", "b=2"},
                                          {"x-mixed", "Case"},
                                          {"content-length", "4"}}));
  EXPECT_EQ(answer.body, "four");
  const auto none = client.ask(get_fields("/none"));
  EXPECT_EQ(none.status, 204);
  EXPECT_FALSE(none.headers.contains("content-length"));
  EXPECT_EQ(none.body, "");
  const auto head = client.ask(with(get_root, ":method", "HEAD"));
  EXPECT_EQ(head.headers.first("content-length"), "4");
  EXPECT_EQ(head.body, "");
}

// I06; 9113-08: what a handler puts into a header cannot become another one.
TEST(Http2Requests, AnAnswerWithALineBreakInAHeaderIsNotSent) {
  Http2Server server({}, [](http::Request request) -> Task<http::Response> {
    http::Response response;
    if (request.target == "/bad") response.headers.add("Location", "/x\r\nSet-Cookie: a=b");
    if (request.target == "/throw") throw std::runtime_error("the reason");
    co_return response;
  });
  Http2Client client(server.address(), server.client_tls());
  EXPECT_EQ(client.ask(get_fields("/bad")).status, 500);
  EXPECT_EQ(client.ask(get_fields("/throw")).status, 500);
  EXPECT_TRUE(server.listener.log.comes("http.handler_failed reason=the reason"));
  EXPECT_EQ(client.ask(get_root).status, 200);
}

// 8705-06: the certificate of the connection is the client's in HTTP/2, too, and a header of it is
// nobody's.
TEST(Http2Requests, ACertificateHeaderOfAStrangerIsDropped) {
  Http2Server server({.client_certificate_header = "Client-Cert"}, mirror);
  Http2Client client(server.address(), server.client_tls());
  EXPECT_EQ(client.ask(get_fields("/", {{"client-cert", ":AAAA:"}})).body,
            "GET /\nhost: localhost\n");
}

}  // namespace cardea::http_socket_test::http2_requests_test

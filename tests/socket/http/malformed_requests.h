// Requests as raw bytes and what the listener must say to each: the list that the socket test, the
// split test and the reader's own test share. Security corpus 2.I, 2.J, asvs-4.2.1 to 4;
// stack.md 3.
#pragma once

#include <string>
#include <vector>

namespace cardea::http_socket_test {

struct RawCase {
  std::string name;
  std::string bytes;
  int status = 0;  // 200: the handler answers
};

inline std::string with_headers(const std::string& lines) {
  return "GET / HTTP/1.1\r\nHost: a\r\n" + lines + "\r\n";
}

inline std::string post(const std::string& lines, const std::string& body) {
  return "POST / HTTP/1.1\r\nHost: a\r\n" + lines + "\r\n" + body;
}

inline std::vector<RawCase> framing_cases() {
  const std::string chunked = "Transfer-Encoding: chunked\r\n";
  return {
      {"length", post("Content-Length: 3\r\n", "abc"), 200},
      {"length zero", post("Content-Length: 0\r\n", ""), 200},
      {"length with leading zeros", post("Content-Length: 003\r\n", "abc"), 200},
      {"chunked", post(chunked, "3\r\nabc\r\n0\r\n\r\n"), 200},
      {"chunked, other case", post("Transfer-Encoding: ChunKed\r\n", "3\r\nabc\r\n0\r\n\r\n"), 200},
      {"chunk extension", post(chunked, "3;a=b\r\nabc\r\n0;c\r\n\r\n"), 200},
      {"length and coding", post("Content-Length: 3\r\n" + chunked, "abc"), 400},
      {"coding and length", post(chunked + "Content-Length: 3\r\n", "0\r\n\r\n"), 400},
      {"two lengths", post("Content-Length: 3\r\nContent-Length: 4\r\n", "abc"), 400},
      {"the same length twice", post("Content-Length: 3\r\nContent-Length: 3\r\n", "abc"), 400},
      {"list of lengths", post("Content-Length: 3, 3\r\n", "abc"), 400},
      {"length +3", post("Content-Length: +3\r\n", "abc"), 400},
      {"length -3", post("Content-Length: -3\r\n", "abc"), 400},
      {"length 0x3", post("Content-Length: 0x3\r\n", "abc"), 400},
      {"length empty", post("Content-Length:\r\n", "abc"), 400},
      {"length with a letter", post("Content-Length: 3a\r\n", "abc"), 400},
      {"length beyond the limit", post("Content-Length: 65537\r\n", ""), 413},
      {"length beyond 32 bits", post("Content-Length: 4294967299\r\n", ""), 413},
      {"chunked twice", post(chunked + chunked, "0\r\n\r\n"), 400},
      {"chunked, chunked", post("Transfer-Encoding: chunked, chunked\r\n", "0\r\n\r\n"), 501},
      {"chunked, identity", post("Transfer-Encoding: chunked, identity\r\n", "abc"), 501},
      {"gzip, chunked", post("Transfer-Encoding: gzip, chunked\r\n", "0\r\n\r\n"), 501},
      {"identity", post("Transfer-Encoding: identity\r\n", ""), 501},
      {"xchunked", post("Transfer-Encoding: xchunked\r\n", "0\r\n\r\n"), 501},
      {"coding empty", post("Transfer-Encoding:\r\n", "0\r\n\r\n"), 501},
      {"coding with vertical tab", post("Transfer-Encoding: \vchunked\r\n", "0\r\n\r\n"), 400},
      {"coding with space before the colon", post("Transfer-Encoding : chunked\r\n", ""), 400},
      {"chunk size empty", post(chunked, "\r\nabc\r\n0\r\n\r\n"), 400},
      {"chunk size not hex", post(chunked, "g\r\n"), 400},
      {"chunk size with sign", post(chunked, "+3\r\nabc\r\n0\r\n\r\n"), 400},
      {"chunk size with 0x", post(chunked, "0x3\r\nabc\r\n0\r\n\r\n"), 400},
      {"chunk size with space", post(chunked, "3 \r\nabc\r\n0\r\n\r\n"), 400},
      {"chunk size of nine digits", post(chunked, "000000003\r\nabc\r\n0\r\n\r\n"), 400},
      {"chunk size huge", post(chunked, "ffffffff\r\n"), 413},
      {"chunk line with bare LF", post(chunked, "3\nabc\r\n0\r\n\r\n"), 400},
      {"chunk line with bare CR", post(chunked, "3\rabc\r\n0\r\n\r\n"), 400},
      {"chunk data without CRLF", post(chunked, "3\r\nabc0\r\n\r\n"), 400},
      {"chunk data ended by LF", post(chunked, "3\r\nabc\n0\r\n\r\n"), 400},
      {"chunk extension with NUL", post(chunked, std::string("3;\0\r\nabc\r\n0\r\n\r\n", 15)), 400},
      {"chunk extension huge", post(chunked, "3;" + std::string(2000, 'a') + "\r\n"), 400},
      {"trailer field", post(chunked, "0\r\nHost: b\r\n\r\n"), 400},
      {"last chunk ended by LF", post(chunked, "0\r\n\n"), 400},
      {"chunks beyond the limit", post(chunked, "ffff\r\n" + std::string(65535, 'a') + "\r\n2\r\n"),
       413},
      {"encoded body", post("Content-Encoding: gzip\r\nContent-Length: 3\r\n", "abc"), 415},
      {"identity coding of the content", post("Content-Encoding: identity\r\n", ""), 200},
  };
}

inline std::vector<RawCase> request_line_cases() {
  return {
      {"plain", with_headers(""), 200},
      {"one empty line first", "\r\n" + with_headers(""), 200},
      {"two empty lines first", "\r\n\r\n" + with_headers(""), 400},
      {"unknown method", "BREW / HTTP/1.1\r\nHost: a\r\n\r\n", 200},
      {"lower-case method", "get / HTTP/1.1\r\nHost: a\r\n\r\n", 200},
      {"CONNECT", "CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n", 501},
      {"TRACE", "TRACE / HTTP/1.1\r\nHost: a\r\n\r\n", 501},
      {"method with a separator", "GE(T / HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"method too long", std::string(33, 'A') + " / HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"no method", " / HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"two spaces", "GET  / HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"tab for space", "GET\t/ HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"space in the target", "GET /a b HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"fragment in the target", "GET /a#b HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"raw byte in the target", "GET /\xc3\xa4 HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"NUL in the target", std::string("GET /\0 HTTP/1.1\r\nHost: a\r\n\r\n", 28), 400},
      {"target without slash", "GET a HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"asterisk", "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"target too long", "GET /" + std::string(12 * 1024, 'a') + " HTTP/1.1\r\nHost: a\r\n\r\n",
       414},
      {"target without end", "GET /" + std::string(14 * 1024, 'a'), 414},
      {"HTTP/1.0", "GET / HTTP/1.0\r\nHost: a\r\n\r\n", 505},
      {"HTTP/2 preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505},
      {"HTTP/0.9", "GET /\r\n\r\n", 400},
      {"version in lower case", "GET / http/1.1\r\nHost: a\r\n\r\n", 400},
      {"no Host", "GET / HTTP/1.1\r\n\r\n", 400},
      {"two Hosts", "GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", 400},
      {"two Hosts in other case", "GET / HTTP/1.1\r\nHost: a\r\nhOST: b\r\n\r\n", 400},
      {"empty Host", "GET / HTTP/1.1\r\nHost:\r\n\r\n", 400},
      {"Host with user", "GET / HTTP/1.1\r\nHost: u@a\r\n\r\n", 400},
      {"Host with path", "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", 400},
      {"Host with two names", "GET / HTTP/1.1\r\nHost: a, b\r\n\r\n", 400},
      {"Host with a bad port", "GET / HTTP/1.1\r\nHost: a:x\r\n\r\n", 400},
      {"Host with an IPv6 literal", "GET / HTTP/1.1\r\nHost: [::1]:9443\r\n\r\n", 200},
      {"absolute form", "GET http://A/x HTTP/1.1\r\nHost: a\r\n\r\n", 200},
      {"absolute form, other host", "GET http://b/x HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"absolute form, user", "GET http://u@a/x HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"absolute form, other scheme", "GET ftp://a/x HTTP/1.1\r\nHost: a\r\n\r\n", 400},
  };
}

inline std::vector<RawCase> field_cases() {
  return {
      {"obs-fold with space", with_headers("A: b\r\n c\r\n"), 400},
      {"obs-fold with tab", with_headers("A: b\r\n\tc\r\n"), 400},
      {"obs-fold in the first field", "GET / HTTP/1.1\r\n Host: a\r\n\r\n", 400},
      {"bare LF after the request line", "GET / HTTP/1.1\nHost: a\r\n\r\n", 400},
      {"bare LF after a field", "GET / HTTP/1.1\r\nHost: a\n\r\n", 400},
      {"bare LF at the end", "GET / HTTP/1.1\r\nHost: a\r\n\n", 400},
      {"bare LF alone", "GET / HTTP/1.1\nHost: a\n\n", 400},
      {"bare CR in a value", with_headers("A: b\rc\r\n"), 400},
      {"CR CR LF", with_headers("A: b\r\r\n"), 400},
      {"NUL in a value", with_headers(std::string("A: b\0c\r\n", 8)), 400},
      {"NUL in a name", with_headers(std::string("A\0: b\r\n", 7)), 400},
      {"escape in a value", with_headers("A: \x1b[31m\r\n"), 400},
      {"DEL in a value", with_headers("A: \x7f\r\n"), 400},
      {"tab in a value", with_headers("A: b\tc\r\n"), 200},
      {"encoded CR LF stays text", with_headers("A: %0d%0aB: c\r\n"), 200},
      {"space before the colon", with_headers("A : b\r\n"), 400},
      {"space in a name", with_headers("A b: c\r\n"), 400},
      {"empty name", with_headers(": b\r\n"), 400},
      {"no colon", with_headers("abc\r\n"), 400},
      {"100 fields", with_headers([] {
         std::string lines;
         for (int at = 0; at < 99; ++at) lines += "A: b\r\n";
         return lines;
       }()),
       200},
      {"101 fields", with_headers([] {
         std::string lines;
         for (int at = 0; at < 100; ++at) lines += "A: b\r\n";
         return lines;
       }()),
       431},
      {"header of 17 KiB", with_headers("A: " + std::string(17 * 1024, 'b') + "\r\n"), 431},
      {"header without end", "GET / HTTP/1.1\r\nA: " + std::string(100 * 1024, 'b'), 431},
      {"other expectation", with_headers("Expect: 200-ok\r\n"), 417},
      {"expectation without body", with_headers("Expect: 100-Continue\r\n"), 200},
      {"TLS on a plain port", std::string("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 11), 400},
  };
}

inline std::vector<RawCase> raw_cases() {
  auto cases = request_line_cases();
  for (auto& one : field_cases()) cases.push_back(std::move(one));
  for (auto& one : framing_cases()) cases.push_back(std::move(one));
  return cases;
}

}  // namespace cardea::http_socket_test

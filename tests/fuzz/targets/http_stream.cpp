// HTTP/1.1 request streams (security corpus 7.5): the same requests and the same refusal however
// the bytes were cut, rules that hold of every accepted request, and each written out plainly reads
// back as itself. Input: one byte that chooses the cuts, then the stream.
#include <string>
#include <vector>

#include "base/limits.h"
#include "fuzz/bytes.h"
#include "fuzz/cuts.h"
#include "fuzz/finding.h"
#include "fuzz/http_request.h"
#include "http/listener/request_reader.h"

namespace cardea::fuzz {
namespace {

using http::RequestHead;
using http::RequestReader;

struct Transcript {
  std::vector<RequestHead> requests;
  RequestReader::State end = RequestReader::State::empty;
  int status = 0;
  std::string reason;
};

Transcript read(std::string_view stream, Cuts cuts) {
  Transcript out;
  RequestReader reader;
  while (!stream.empty() && reader.state() != RequestReader::State::refused) {
    const auto piece = stream.substr(0, cuts.next());
    const auto used = reader.feed(piece);
    expect(used <= piece.size() && used > 0, "the reader stands still");
    stream.remove_prefix(used);
    if (reader.state() == RequestReader::State::complete) {
      out.requests.push_back(reader.take());
      expect(reader.state() == RequestReader::State::empty, "take() leaves something behind");
    } else {
      expect(used == piece.size() || reader.state() == RequestReader::State::refused,
             "bytes are left over inside a request");
    }
  }
  out.end = reader.state();
  if (out.end == RequestReader::State::refused) {
    out.status = reader.refusal().status;
    out.reason = reader.refusal().reason;
  }
  return out;
}

bool same(const RequestHead& a, const RequestHead& b) {
  return a.request.method == b.request.method && a.request.target == b.request.target &&
         a.request.headers.fields() == b.request.headers.fields() &&
         a.request.body == b.request.body && a.persistence == b.persistence;
}

void expect_same(const Transcript& a, const Transcript& b) {
  expect(a.requests.size() == b.requests.size(), "another number of requests for another cut");
  for (std::size_t i = 0; i < a.requests.size(); ++i) {
    expect(same(a.requests[i], b.requests[i]), "another request for another cut");
  }
  expect(a.end == b.end && a.status == b.status && a.reason == b.reason,
         "another end for another cut");
}

void check_head(const RequestHead& head) {
  check_request(head.request);
  const auto& headers = head.request.headers;
  expect(headers.fields().size() <= limits::header_count_max, "too many fields");
  const auto lengths = headers.all("Content-Length");
  const auto codings = headers.all("Transfer-Encoding");
  expect(lengths.size() + codings.size() <= 1, "two framings");
  expect(!lengths.empty() || !codings.empty() || head.request.body.empty(),
         "a body without framing");
}

std::string written(const RequestHead& head) {
  std::string out = head.request.method + " " + head.request.target + " HTTP/1.1\r\n";
  for (const auto& [name, value] : head.request.headers.fields()) {
    out.append(name).append(": ").append(value).append("\r\n");
  }
  out += "\r\n";
  if (head.request.headers.all("Transfer-Encoding").empty()) return out + head.request.body;
  for (const char c : head.request.body) out += std::string("1\r\n") + c + "\r\n";
  return out + "0\r\n\r\n";
}

}  // namespace

void http_stream(std::string_view input) {
  Bytes bytes(input);
  const unsigned seed = bytes.byte();
  const auto stream = bytes.rest();
  const auto whole = read(stream, Cuts(stream.size()));
  expect_same(whole, read(stream, Cuts(1)));
  expect_same(whole, read(stream, Cuts::random(seed)));
  std::string plain;
  for (const auto& head : whole.requests) {
    check_head(head);
    plain += written(head);
  }
  const auto again = read(plain, Cuts(plain.size()));
  expect(again.requests.size() == whole.requests.size(), "plain requests do not read back");
  for (std::size_t i = 0; i < again.requests.size(); ++i) {
    expect(same(again.requests[i], whole.requests[i]), "a plain request reads back as another");
  }
}

}  // namespace cardea::fuzz

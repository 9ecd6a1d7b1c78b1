// HTTP/1.1 request streams (security corpus 7.5): the same requests and the same refusal however
// the bytes were cut, rules that hold of every accepted request, and each written out plainly reads
// back as itself. Input: one byte that chooses the cuts, then the stream.
#include <string>
#include <vector>

#include "base/ascii.h"
#include "base/limits.h"
#include "fuzz/bytes.h"
#include "fuzz/finding.h"
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

// Cuts of one size, or of sizes that follow from the seed.
class Cuts {
 public:
  explicit Cuts(std::size_t whole) : size_(whole) {}
  static Cuts random(unsigned seed) {
    Cuts cuts(0);
    cuts.state_ = seed * 2654435761U + 1;
    return cuts;
  }
  std::size_t next() {
    if (size_ != 0) return size_;
    state_ = state_ * 1664525U + 1013904223U;
    return 1 + (state_ >> 24) % 61;
  }

 private:
  std::size_t size_;
  unsigned state_ = 0;
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

bool is_token(std::string_view text) {
  if (text.empty()) return false;
  for (const char c : text) {
    if (!ascii::is_alnum(c) && std::string_view("!#$%&'*+-.^_`|~").find(c) == text.npos) {
      return false;
    }
  }
  return true;
}

void check_request(const RequestHead& head) {
  const auto& [method, target, headers, body, peer, certificates] = head.request;
  expect(is_token(method) && target.starts_with('/'), "method or target is malformed");
  expect(target.find_first_of(" \t\r\n#") == target.npos, "the target has a separator");
  expect(target.size() <= limits::target_bytes_max, "the target is too long");
  expect(body.size() <= limits::body_bytes_max, "the body is too large");
  expect(headers.fields().size() <= limits::header_count_max, "too many fields");
  expect(headers.single("Host").has_value(), "not exactly one Host");
  const auto lengths = headers.all("Content-Length");
  const auto codings = headers.all("Transfer-Encoding");
  expect(lengths.size() + codings.size() <= 1, "two framings");
  expect(peer.empty() && certificates.empty(), "who asks is not for the request to say");
  expect(!lengths.empty() || !codings.empty() || body.empty(), "a body without framing");
  for (const auto& [name, value] : headers.fields()) {
    expect(is_token(name), "a field name is no token: " + std::string(name));
    for (const char c : value) {
      expect(c == '\t' || (static_cast<unsigned char>(c) >= 0x20 && c != 0x7f),
             "a field value has a control character");
    }
  }
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
    check_request(head);
    plain += written(head);
  }
  const auto again = read(plain, Cuts(plain.size()));
  expect(again.requests.size() == whole.requests.size(), "plain requests do not read back");
  for (std::size_t i = 0; i < again.requests.size(); ++i) {
    expect(same(again.requests[i], whole.requests[i]), "a plain request reads back as another");
  }
}

}  // namespace cardea::fuzz

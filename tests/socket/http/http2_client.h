// An HTTP/2 client that sends whatever a test wants: frames byte by byte over RawClient, heads
// written plainly (RFC 7541 6.2.2, nothing indexed). It reads answers with nghttp2's decompressor.
#pragma once

#include <netinet/tcp.h>
#include <nghttp2/nghttp2.h>

#include <csignal>
#include <cstdint>

#include "running_listener.h"

namespace cardea::http_socket_test {

// RFC 9113 6.
enum FrameType : std::uint8_t {
  data_frame,
  headers_frame,
  priority_frame,
  reset_frame,
  settings_frame,
  push_frame,
  ping_frame,
  goaway_frame,
  window_frame,
  continuation_frame
};
inline constexpr std::uint8_t end_stream = 0x1;
inline constexpr std::uint8_t ack = 0x1;
inline constexpr std::uint8_t end_headers = 0x4;
inline constexpr std::uint8_t padded = 0x8;

// RFC 9113 7.
enum : std::uint32_t {
  no_error = 0,
  protocol_error = 1,
  refused_stream = 7,
  cancel = 8,
  compression_error = 9,
  enhance_your_calm = 11
};

using Fields = std::vector<std::pair<std::string, std::string>>;

inline std::string big_endian(std::uint32_t value, unsigned bytes = 4) {
  std::string out;
  for (unsigned at = bytes; at-- > 0;) out += static_cast<char>(value >> (8 * at) & 0xff);
  return out;
}

inline std::uint32_t number_in(std::string_view bytes) {
  std::uint32_t value = 0;
  for (const char byte : bytes) value = value << 8 | static_cast<std::uint8_t>(byte);
  return value;
}

inline std::string frame(std::uint8_t type, std::uint8_t flags, std::uint32_t stream,
                         std::string_view payload = {}) {
  return big_endian(static_cast<std::uint32_t>(payload.size()), 3) + static_cast<char>(type) +
         static_cast<char>(flags) + big_endian(stream) + std::string(payload);
}

// RFC 7541 5.1 with a prefix of seven bits, for the lengths of strings.
inline std::string hpack_text(std::string_view text) {
  std::string out;
  std::size_t rest = text.size();
  if (rest < 127) {
    out += static_cast<char>(rest);
  } else {
    out += static_cast<char>(127);
    for (rest -= 127; rest >= 128; rest /= 128) out += static_cast<char>(rest % 128 + 128);
    out += static_cast<char>(rest);
  }
  return out.append(text);
}

inline std::string hpack(const Fields& fields) {
  std::string out;
  for (const auto& [name, value] : fields) out += '\0' + hpack_text(name) + hpack_text(value);
  return out;
}

// A head in as many frames as it takes.
inline std::string head_frames(std::uint32_t stream, std::uint8_t flags, std::string_view block) {
  constexpr std::size_t frame_max = 16384;
  std::string out;
  for (auto type = headers_frame; out.empty() || !block.empty(); type = continuation_frame) {
    const auto piece = block.substr(0, frame_max);
    block.remove_prefix(piece.size());
    const int last = block.empty() ? end_headers : 0;
    out += frame(type, static_cast<std::uint8_t>((type == headers_frame ? flags : 0) | last),
                 stream, piece);
  }
  return out;
}

inline Fields get_fields(const std::string& path, const Fields& more = {}) {
  Fields fields{
      {":method", "GET"}, {":scheme", "https"}, {":authority", "localhost"}, {":path", path}};
  fields.insert(fields.end(), more.begin(), more.end());
  return fields;
}

inline Fields post_fields(const std::string& path, const Fields& more = {}) {
  auto fields = get_fields(path, more);
  fields.front().second = "POST";
  return fields;
}

// What became of a stream.
struct Http2Answer {
  int status = 0;  // 0: none came
  http::Headers headers;
  std::string body;
  bool ended = false;                  // the answer is whole
  std::optional<std::uint32_t> reset;  // the code with which the server reset it
};

class Http2Client {
 public:
  // What the client does by itself: everything that is expected of one, or nothing.
  enum class Manners { good, none };

  // Connects, and with good manners sends the preface and empty SETTINGS (RFC 9113 3.4).
  Http2Client(const std::string& address, SSL_CTX* tls, Manners manners = Manners::good)
      : connection_(address), manners_(manners) {
    const int on = 1;  // many small writes
    ::setsockopt(connection_.fd(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    std::signal(SIGPIPE, SIG_IGN);  // the library writes to a server that is gone
    connection_.begin_tls(tls, "localhost");
    EXPECT_EQ(connection_.protocol(), "h2");
    nghttp2_hd_inflate_new(&inflater_);
    if (manners == Manners::good) send(preface() + frame(settings_frame, 0, 0));
  }
  ~Http2Client() { nghttp2_hd_inflate_del(inflater_); }
  Http2Client(const Http2Client&) = delete;
  Http2Client& operator=(const Http2Client&) = delete;

  static std::string preface() { return "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"; }
  bool send(std::string_view bytes) { return connection_.send(bytes); }
  RawClient& connection() { return connection_; }

  std::uint32_t next_stream() { return std::exchange(next_stream_, next_stream_ + 2); }
  // Sends a request whole and gives its stream.
  std::uint32_t request(const Fields& fields, std::string_view body = {}) {
    const auto stream = next_stream();
    send(head_frames(stream, body.empty() ? end_stream : 0, hpack(fields)));
    while (!body.empty()) {
      const auto piece = body.substr(0, 16384);
      body.remove_prefix(piece.size());
      send(frame(data_frame, body.empty() ? end_stream : 0, stream, piece));
    }
    return stream;
  }
  // Waits until the stream is answered or reset, or the connection ends.
  Http2Answer await(std::uint32_t stream) {
    while (!answers_[stream].ended && !answers_[stream].reset && read_frame()) {
    }
    return answers_[stream];
  }
  Http2Answer ask(const Fields& fields, std::string_view body = {}) {
    return await(request(fields, body));
  }
  // The code of the GOAWAY that ends the connection; nothing when it ended without one.
  std::optional<std::uint32_t> await_end() {
    while (read_frame()) {
    }
    return goaway_;
  }
  // Reads until a GOAWAY has come, and gives the last stream that it names.
  std::optional<std::uint32_t> await_goaway() {
    last_stream_.reset();
    while (!last_stream_ && read_frame()) {
    }
    return last_stream_;
  }
  void forget(std::uint32_t stream) { answers_.erase(stream); }
  const Http2Answer& answer(std::uint32_t stream) { return answers_[stream]; }
  const std::map<std::uint16_t, std::uint32_t>& settings() const { return settings_; }

  // Reads one frame and does what it asks for; false when the connection has ended.
  bool read_frame() {
    const auto head = connection_.read_exactly(9);
    if (head.size() < 9) return false;
    const auto size = number_in(std::string_view(head).substr(0, 3));
    const auto payload = connection_.read_exactly(size);
    if (payload.size() < size) return false;
    take(static_cast<std::uint8_t>(head[3]), static_cast<std::uint8_t>(head[4]),
         number_in(std::string_view(head).substr(5)), payload);
    return true;
  }

 private:
  void take(std::uint8_t type, std::uint8_t flags, std::uint32_t stream, std::string_view payload) {
    const bool good = manners_ == Manners::good;
    if (type == settings_frame && (flags & ack) == 0) {
      for (std::size_t at = 0; at + 6 <= payload.size(); at += 6) {
        settings_[static_cast<std::uint16_t>(number_in(payload.substr(at, 2)))] =
            number_in(payload.substr(at + 2, 4));
      }
      if (good) send(frame(settings_frame, ack, 0));
    }
    if (type == ping_frame && (flags & ack) == 0 && good) send(frame(ping_frame, ack, 0, payload));
    if (type == goaway_frame) {
      last_stream_ = number_in(payload.substr(0, 4));
      goaway_ = number_in(payload.substr(4, 4));
    }
    if (type == reset_frame) answers_[stream].reset = number_in(payload);
    if (type == headers_frame) take_fields(answers_[stream], payload);
    if (type == data_frame) {
      answers_[stream].body += payload;
      const auto room = big_endian(static_cast<std::uint32_t>(payload.size()));
      if (good && !payload.empty()) {
        send(frame(window_frame, 0, 0, room) + frame(window_frame, 0, stream, room));
      }
    }
    if ((type == headers_frame || type == data_frame) && (flags & end_stream) != 0) {
      answers_[stream].ended = true;
    }
  }

  void take_fields(Http2Answer& answer, std::string_view block) {
    const auto* in = reinterpret_cast<const std::uint8_t*>(block.data());
    auto left = block.size();
    for (int flags = 0; (flags & NGHTTP2_HD_INFLATE_FINAL) == 0;) {
      nghttp2_nv field{};
      flags = 0;
      const auto used = nghttp2_hd_inflate_hd2(inflater_, &field, &flags, in, left, 1);
      ASSERT_GE(used, 0);
      in += used;
      left -= static_cast<std::size_t>(used);
      if ((flags & NGHTTP2_HD_INFLATE_EMIT) == 0) continue;
      const std::string name(reinterpret_cast<const char*>(field.name), field.namelen);
      const std::string value(reinterpret_cast<const char*>(field.value), field.valuelen);
      if (name == ":status") {
        answer.status = std::stoi(value);
      } else {
        answer.headers.add(name, value);
      }
    }
    nghttp2_hd_inflate_end_headers(inflater_);
  }

  RawClient connection_;
  Manners manners_;
  nghttp2_hd_inflater* inflater_ = nullptr;
  std::uint32_t next_stream_ = 1;
  std::map<std::uint32_t, Http2Answer> answers_;
  std::map<std::uint16_t, std::uint32_t> settings_;
  std::optional<std::uint32_t> goaway_;
  std::optional<std::uint32_t> last_stream_;
};

// A listener that speaks TLS, and what a client needs to reach it.
class Http2Server {
 public:
  explicit Http2Server(http::ListenerOptions options = {}, http::Handler handler = echo)
      : listener(with_tls(std::move(options)), std::move(handler)) {
    tls.offer("\x02h2");
  }
  std::string address() const { return listener.address(); }
  SSL_CTX* client_tls() const { return tls.get(); }
  // Whether somebody else is answered now.
  bool answers() { return Http2Client(address(), tls.get()).ask(get_fields("/")).status == 200; }

  Certificates certificates;
  TlsClientContext tls{certificates.ca_file()};
  RunningListener listener;

 private:
  http::ListenerOptions with_tls(http::ListenerOptions options) const {
    options.endpoints = {{.address = "127.0.0.1:0", .tls = certificates.files()}};
    return options;
  }
};

}  // namespace cardea::http_socket_test

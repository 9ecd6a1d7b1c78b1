// Frames by nghttp2; see http2_session.h. The only file that includes it. No exception crosses the
// library: one that escapes an event ends the connection.
#include "http/listener/http2_session.h"

#include <nghttp2/nghttp2.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <memory>
#include <stdexcept>
#include <vector>

namespace cardea::http {
namespace {

using Session = nghttp2_session;
using Frame = nghttp2_frame;

// A head of the largest size comes in two frames; who needs more cuts it up for us to keep.
constexpr std::size_t continuations_max = 8;
// Answers to SETTINGS and PING that wait for a peer that does not read.
constexpr std::size_t acknowledgements_max = 100;
constexpr std::size_t settings_entries_max = 32;
// What the library allows is the last resort: http2.cpp counts more kinds of it, and sooner.
constexpr std::uint64_t resets_at_once = 500;
constexpr std::uint64_t resets_per_second = 33;

bool ends_stream(const Frame& frame) {
  return (frame.hd.flags & NGHTTP2_FLAG_END_STREAM) != 0;
}

bool is_request(const Frame& frame) {
  return frame.hd.type == NGHTTP2_HEADERS && frame.headers.cat == NGHTTP2_HCAT_REQUEST;
}

std::string_view view(const std::uint8_t* bytes, std::size_t size) {
  return {reinterpret_cast<const char*>(bytes), size};
}

nghttp2_nv field(std::string_view name, std::string_view value, std::uint8_t flags) {
  const auto bytes = [](std::string_view text) {
    return reinterpret_cast<std::uint8_t*>(const_cast<char*>(text.data()));  // it only reads them
  };
  return {bytes(name), bytes(value), name.size(), value.size(), flags};
}

std::uint8_t flags_of(const OutgoingField& field) {
  const bool never = field.indexed == OutgoingField::Indexed::never;
  const bool lasting = field.text == OutgoingField::Text::lasting;
  return static_cast<std::uint8_t>(
      (never ? NGHTTP2_NV_FLAG_NO_INDEX : NGHTTP2_NV_FLAG_NONE) |
      (lasting ? NGHTTP2_NV_FLAG_NO_COPY_NAME | NGHTTP2_NV_FLAG_NO_COPY_VALUE
               : NGHTTP2_NV_FLAG_NONE));
}

void check(int result) {
  if (result != 0) throw std::runtime_error(nghttp2_strerror(result));
}

}  // namespace

// The library's view of the events.
struct Http2Session::Callbacks {
  using Self = Http2Session;

  template <class Work>
  static int guarded(void* user, Work work) noexcept {
    auto& self = *static_cast<Self*>(user);
    try {
      work(self);
      return self.receiving_ && self.deaf_ ? NGHTTP2_ERR_CALLBACK_FAILURE : 0;
    } catch (...) {
      return NGHTTP2_ERR_CALLBACK_FAILURE;
    }
  }

  static int begin_frame(Session*, const nghttp2_frame_hd* head, void* user) {
    if (head->type == NGHTTP2_HEADERS || head->type == NGHTTP2_DATA) return 0;
    return guarded(user, [&](Self& self) { self.events_.take_idle_frame(); });
  }

  static int begin_headers(Session*, const Frame* frame, void* user) {
    if (!is_request(*frame)) return 0;
    return guarded(user, [&](Self& self) { self.events_.begin_request(frame->hd.stream_id); });
  }

  static int take_field(Session*, const Frame* frame, const std::uint8_t* name,
                        std::size_t name_size, const std::uint8_t* value, std::size_t value_size,
                        std::uint8_t, void* user) {
    return guarded(user, [&](Self& self) {
      self.events_.take_field(frame->hd.stream_id, view(name, name_size), view(value, value_size));
    });
  }

  // RFC 9113 8.2.1: what the library would leave out makes the request malformed.
  static int refuse_field(Session*, const Frame*, const std::uint8_t*, std::size_t,
                          const std::uint8_t*, std::size_t, std::uint8_t, void*) {
    return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
  }

  static int take_data(Session*, std::uint8_t, std::int32_t stream, const std::uint8_t* bytes,
                       std::size_t size, void* user) {
    return guarded(user, [&](Self& self) { self.events_.take_data(stream, view(bytes, size)); });
  }

  static int take_frame(Session*, const Frame* frame, void* user) {
    return guarded(user, [&](Self& self) {
      auto& events = self.events_;
      const auto& head = frame->hd;
      if (head.type == NGHTTP2_PING && (head.flags & NGHTTP2_FLAG_ACK) != 0) {
        return events.ping_answered();
      }
      if (is_request(*frame)) {
        return events.end_head(head.stream_id,
                               ends_stream(*frame) ? Events::More::nothing : Events::More::body);
      }
      if (head.type != NGHTTP2_HEADERS && head.type != NGHTTP2_DATA) return;
      if (ends_stream(*frame)) return events.end_request(head.stream_id);
      const bool is_empty = head.type == NGHTTP2_HEADERS || head.length <= frame->data.padlen;
      if (is_empty) events.take_idle_frame();
    });
  }

  static int refuse_frame(Session*, const Frame* frame, int, void* user) {
    if (frame->hd.stream_id == 0) return 0;
    return guarded(user, [&](Self& self) { self.events_.stream_refused(frame->hd.stream_id); });
  }

  static int sent_frame(Session*, const Frame* frame, void* user) {
    return guarded(user, [&](Self& self) {
      if (frame->hd.type == NGHTTP2_GOAWAY && frame->goaway.error_code != NGHTTP2_NO_ERROR) {
        return self.events_.error_sent();
      }
      if (frame->hd.type != NGHTTP2_DATA && frame->hd.type != NGHTTP2_HEADERS) return;
      if (frame->hd.type == NGHTTP2_DATA) self.events_.data_frame_sent();
      if (ends_stream(*frame)) self.events_.answer_sent(frame->hd.stream_id);
    });
  }

  static int close_stream(Session*, std::int32_t stream, std::uint32_t, void* user) {
    return guarded(user, [&](Self& self) { self.events_.stream_closed(stream); });
  }

  // How much of a body the next frame takes; the bytes themselves go from the body to the output.
  static ssize_t offer_body(Session*, std::int32_t, std::uint8_t*, std::size_t room,
                            std::uint32_t* flags, nghttp2_data_source* source, void*) {
    const auto& body = *static_cast<const OutgoingBody*>(source->ptr);
    const auto size = std::min(room, body.bytes.size() - body.sent);
    *flags |= NGHTTP2_DATA_FLAG_NO_COPY;
    if (body.sent + size == body.bytes.size()) *flags |= NGHTTP2_DATA_FLAG_EOF;
    return static_cast<ssize_t>(size);
  }

  static int send_body(Session*, Frame*, const std::uint8_t* head, std::size_t size,
                       nghttp2_data_source* source, void* user) {
    static constexpr std::size_t frame_head_size = 9;  // RFC 9113 4.1; we never pad
    return guarded(user, [&](Self& self) {
      auto& body = *static_cast<OutgoingBody*>(source->ptr);
      self.out_->append(view(head, frame_head_size));
      self.out_->append(std::string_view(body.bytes).substr(body.sent, size));
      body.sent += size;
    });
  }

  static int ignore_frame(Session*, void**, const nghttp2_frame_hd*, void*) {
    return NGHTTP2_ERR_CANCEL;
  }

  static std::shared_ptr<nghttp2_session_callbacks> make() {
    nghttp2_session_callbacks* made = nullptr;
    check(nghttp2_session_callbacks_new(&made));
    nghttp2_session_callbacks_set_on_begin_frame_callback(made, begin_frame);
    nghttp2_session_callbacks_set_on_begin_headers_callback(made, begin_headers);
    nghttp2_session_callbacks_set_on_header_callback(made, take_field);
    nghttp2_session_callbacks_set_on_invalid_header_callback(made, refuse_field);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(made, take_data);
    nghttp2_session_callbacks_set_on_frame_recv_callback(made, take_frame);
    nghttp2_session_callbacks_set_on_invalid_frame_recv_callback(made, refuse_frame);
    nghttp2_session_callbacks_set_on_frame_send_callback(made, sent_frame);
    nghttp2_session_callbacks_set_on_stream_close_callback(made, close_stream);
    nghttp2_session_callbacks_set_send_data_callback(made, send_body);
    nghttp2_session_callbacks_set_unpack_extension_callback(made, ignore_frame);
    return {made, nghttp2_session_callbacks_del};
  }

  static std::shared_ptr<nghttp2_option> make_options() {
    nghttp2_option* made = nullptr;
    check(nghttp2_option_new(&made));
    nghttp2_option_set_no_closed_streams(made, 1);
    nghttp2_option_set_max_continuations(made, continuations_max);
    nghttp2_option_set_max_outbound_ack(made, acknowledgements_max);
    nghttp2_option_set_max_settings(made, settings_entries_max);
    nghttp2_option_set_stream_reset_rate_limit(made, resets_at_once, resets_per_second);
    // Frames of types that we do not know are ignored (RFC 9113 5.5). The library tells of those
    // alone that it is to hand over, and we count them all.
    for (int type = NGHTTP2_CONTINUATION + 1; type <= 0xff; ++type) {
      nghttp2_option_set_user_recv_extension_type(made, static_cast<std::uint8_t>(type));
    }
    return {made, nghttp2_option_del};
  }
};

Http2Session::Http2Session(Events& events) : events_(events) {
  // Made once and kept: every session copies them.
  static const auto callbacks = Callbacks::make();
  static const auto options = Callbacks::make_options();
  check(nghttp2_session_server_new2(&session_, callbacks.get(), this, options.get()));
  try {
    submit_settings();
  } catch (...) {
    nghttp2_session_del(session_);
    throw;
  }
}

Http2Session::~Http2Session() {
  nghttp2_session_del(session_);
}

void Http2Session::submit_settings() {
  const std::array<nghttp2_settings_entry, 4> entries{{
      {NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, streams_max},
      {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, stream_window},
      {NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, limits::header_bytes_max},
      {NGHTTP2_SETTINGS_NO_RFC7540_PRIORITIES, 1},
  }};
  check(nghttp2_submit_settings(session_, NGHTTP2_FLAG_NONE, entries.data(), entries.size()));
  check(nghttp2_session_set_local_window_size(session_, NGHTTP2_FLAG_NONE, 0, connection_window));
}

void Http2Session::receive(std::string_view bytes) {
  if (deaf_) return;
  receiving_ = true;
  const auto used = nghttp2_session_mem_recv(
      session_, reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
  receiving_ = false;
  if (used >= 0 || deaf_) return;
  switch (used) {
    case NGHTTP2_ERR_BAD_CLIENT_MAGIC:
      return terminate(Http2Error::protocol_error);
    case NGHTTP2_ERR_CALLBACK_FAILURE:
    case NGHTTP2_ERR_NOMEM:
      return terminate(Http2Error::internal_error);
    default:
      return terminate(Http2Error::enhance_your_calm);
  }
}

void Http2Session::collect(std::string& out, std::size_t enough) {
  out_ = &out;
  while (out.size() < enough && !mute_) {
    const std::uint8_t* bytes = nullptr;
    const auto size = nghttp2_session_mem_send(session_, &bytes);
    if (size == 0) break;
    if (size < 0) {
      mute_ = true;
    } else {
      out.append(view(bytes, static_cast<std::size_t>(size)));
    }
  }
  out_ = nullptr;
}

bool Http2Session::is_over() const {
  if (mute_) return true;
  return nghttp2_session_want_write(session_) == 0 &&
         (deaf_ || nghttp2_session_want_read(session_) == 0);
}

void Http2Session::respond(std::int32_t stream, int status, std::span<const OutgoingField> fields,
                           OutgoingBody* body) {
  std::array<char, 3> digits{};
  std::to_chars(digits.data(), digits.data() + digits.size(), status);
  thread_local std::vector<nghttp2_nv> all;  // its memory is kept, its content is not
  all.clear();
  all.push_back(field(":status", {digits.data(), digits.size()}, NGHTTP2_NV_FLAG_NO_COPY_NAME));
  for (const auto& one : fields) all.push_back(field(one.name, one.value, flags_of(one)));
  nghttp2_data_provider provider{.source = {.ptr = body}, .read_callback = Callbacks::offer_body};
  check(nghttp2_submit_response(session_, stream, all.data(), all.size(),
                                body == nullptr ? nullptr : &provider));
}

void Http2Session::send_continue(std::int32_t stream) {
  const auto status = field(":status", "100", NGHTTP2_NV_FLAG_NONE);
  check(nghttp2_submit_headers(session_, NGHTTP2_FLAG_NONE, stream, nullptr, &status, 1, nullptr));
}

void Http2Session::reset(std::int32_t stream, Http2Error error) {
  check(nghttp2_submit_rst_stream(session_, NGHTTP2_FLAG_NONE, stream,
                                  static_cast<std::uint32_t>(error)));
}

void Http2Session::give_notice() {
  check(nghttp2_submit_shutdown_notice(session_));
  check(nghttp2_submit_ping(session_, NGHTTP2_FLAG_NONE, nullptr));
}

void Http2Session::go_away() {
  check(nghttp2_submit_goaway(session_, NGHTTP2_FLAG_NONE,
                              nghttp2_session_get_last_proc_stream_id(session_), NGHTTP2_NO_ERROR,
                              nullptr, 0));
}

void Http2Session::terminate(Http2Error error) {
  deaf_ = true;
  check(nghttp2_session_terminate_session(session_, static_cast<std::uint32_t>(error)));
}

}  // namespace cardea::http

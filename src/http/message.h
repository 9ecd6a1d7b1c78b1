// HTTP message values: what Server::handle takes and gives, and what client and resource exchange
// with a transport. No library type appears here. RFC 9110.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cardea::http {

// Fields that many responses have in common, checked and put together once: one constant of the
// process each, for a response only points to it. A field that cannot be written ends the process.
class SharedFields {
 public:
  explicit SharedFields(
      std::initializer_list<std::pair<std::string_view, std::string_view>> fields);
  using Fields = std::vector<std::pair<std::string, std::string>>;
  const Fields& fields() const { return fields_; }
  const Fields& lower_case_fields() const { return lower_case_fields_; }  // RFC 9113 8.2
  const std::string& text() const { return text_; }                       // lines that end in CRLF

 private:
  Fields fields_;
  Fields lower_case_fields_;
  std::string text_;
};

// A field of some headers: views into them, which last until the headers change.
struct FieldView {
  std::string_view name;
  std::string_view value;
  friend bool operator==(const FieldView&, const FieldView&) = default;
};

// What RFC 9110 5.1 and 5.5 allow: a token, and a value without control characters but tab.
bool is_field_name(std::string_view name);
bool is_field_value(std::string_view value);

// The media type of a Content-Type value: without its parameters, which are the sender's to choose
// and may hold anything. Compared without case (RFC 9110 8.3.1).
std::string_view media_type_of(std::string_view content_type);

// Header fields in order, the shared ones first. Names are compared without case; stored as given.
// The own ones stand in one text, as they go out: every request has a dozen, and a string for each
// name and value would be most of what a small answer costs.
class Headers {
 public:
  Headers() = default;
  Headers(std::initializer_list<FieldView> fields);
  explicit Headers(const SharedFields& shared) : shared_(&shared) {}

  // The only value of a field; nothing when it is absent or appears more than once.
  std::optional<std::string_view> single(std::string_view name) const;
  // The first value, or "" when absent.
  std::string_view first(std::string_view name) const;
  std::vector<std::string_view> all(std::string_view name) const;
  bool contains(std::string_view name) const { return find(name).has_value(); }
  // Name and value may be views into these headers.
  void add(std::string_view name, std::string_view value);
  void set(std::string_view name, std::string_view value);  // replaces all of that name
  void remove(std::string_view name);                       // all of that name
  void reserve(std::size_t count);                          // of fields of usual size
  std::vector<FieldView> fields() const;                    // all of them
  const SharedFields* shared() const { return shared_; }    // may be null
  std::size_t own_count() const { return places_.size(); }
  FieldView own_field(std::size_t at) const;  // at < own_count()
  // Lines that end in CRLF. Nobody has looked yet whether they can be written.
  const std::string& own_text() const { return text_; }

 private:
  // Where a line stands in the text: "name: value" and CRLF.
  struct Place {
    std::uint32_t begin = 0;
    std::uint32_t name_size = 0;
    std::uint32_t value_size = 0;
  };
  template <class Take>
  void visit(Take take) const;
  std::optional<FieldView> find(std::string_view name) const;

  const SharedFields* shared_ = nullptr;
  std::string text_;
  std::vector<Place> places_;
};

// A request as the server sees it. `target` is origin-form: path and optional query, undecoded.
struct Request {
  std::string method;
  std::string target;
  Headers headers;
  std::string body;
  // The address the connection comes from, or what a trusted proxy said (listener's work): an IP
  // literal without port, "" for a Unix socket peer. The only key of per-address limits.
  std::string peer_address;
  // DER of the certificate whose key the client proved to hold in the TLS handshake, then what it
  // sent to lead to an authority (RFC 8705 1.2); nobody has judged them. Empty where there is none.
  std::vector<std::string> client_certificates;

  std::string_view path() const;                  // before the first '?'
  std::optional<std::string_view> query() const;  // after it
};

struct Response {
  int status = 200;
  Headers headers;
  std::string body;
};

// For outgoing requests: `url` is absolute.
struct OutgoingRequest {
  std::string method = "GET";
  std::string url;
  Headers headers;
  std::string body;
};

}  // namespace cardea::http

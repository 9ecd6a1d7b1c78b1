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
  const std::vector<std::pair<std::string, std::string>>& fields() const { return fields_; }
  const std::string& text() const { return text_; }  // lines that end in CRLF

 private:
  std::vector<std::pair<std::string, std::string>> fields_;
  std::string text_;
};

// What RFC 9110 5.1 and 5.5 allow: a token, and a value without control characters but tab.
bool is_field_name(std::string_view name);
bool is_field_value(std::string_view value);

// The media type of a Content-Type value: without its parameters, which are the sender's to choose
// and may hold anything. Compared without case (RFC 9110 8.3.1).
std::string_view media_type_of(std::string_view content_type);

// Header fields in order, the shared ones first. Names are compared without case; stored as given.
class Headers {
 public:
  Headers() = default;
  Headers(std::initializer_list<std::pair<std::string, std::string>> fields) : fields_(fields) {}
  explicit Headers(const SharedFields& shared) : shared_(&shared) {}

  // The only value of a field; nothing when it is absent or appears more than once.
  std::optional<std::string_view> single(std::string_view name) const;
  // The first value, or "" when absent.
  std::string_view first(std::string_view name) const;
  std::vector<std::string_view> all(std::string_view name) const;
  bool contains(std::string_view name) const { return find(name) != nullptr; }
  void add(std::string name, std::string value);
  void set(std::string name, std::string value);  // replaces all of that name
  void remove(std::string_view name);             // all of that name
  void reserve(std::size_t count) { fields_.reserve(count); }
  // All of them; the views last until the headers change.
  std::vector<std::pair<std::string_view, std::string_view>> fields() const;
  const SharedFields* shared() const { return shared_; }  // may be null
  const std::vector<std::pair<std::string, std::string>>& own_fields() const { return fields_; }

 private:
  const std::pair<std::string, std::string>* find(std::string_view name) const;

  const SharedFields* shared_ = nullptr;
  std::vector<std::pair<std::string, std::string>> fields_;
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

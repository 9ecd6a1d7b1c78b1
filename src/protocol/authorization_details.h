// Rich authorization requests (RFC 9396): the authorization_details parameter, what a registered
// type allows in it, and how two of them compare. Pure. A type is described by a part of JSON
// Schema that says what is allowed and nothing else, so that what nobody registered is refused.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/result.h"

namespace cardea {

// One element: an object with a `type` (RFC 9396 2).
using AuthorizationDetails = std::vector<json::Object>;

// Refuses, with a sentence that holds no input: text longer than
// limits::authorization_details_bytes_max, strict JSON it is not (members given twice included),
// no array, none or more than limits::authorization_details_max elements, an element that is no
// object with a text as `type`.
Result<AuthorizationDetails, std::string_view> parse_authorization_details(std::string_view text);
std::string write_details(const AuthorizationDetails& details);  // "" for none

std::string type_of(const json::Object& detail);

// The same text for the same content: members by name, at every depth.
std::string canonical(const json::Object& detail);
// Whether every element asked for is one of those granted (RFC 9396 6.1: compared as a whole).
bool is_within(const AuthorizationDetails& asked, const AuthorizationDetails& granted);

// What an element of one type may hold, beside its `type`. Members: type ("string", "integer",
// "number", "boolean", "array", "object"), properties, required, additionalProperties (false, also
// when it is left out), items, maxItems, maxLength, enum (of texts), title, description.
class DetailSchema {
 public:
  DetailSchema() = default;  // allows `type` alone

  // schema: of the whole element, an object. Refuses, saying where and why: unknown members, wrong
  // types, more than eight levels, `type` among the properties, what is required but not allowed.
  static Result<DetailSchema, std::string> read(const json::Object& schema);

  // Where the element is not as it may be, and why, for the log; nothing when it is.
  std::optional<std::string> objection(const json::Object& detail) const;

 private:
  explicit DetailSchema(json::Object schema) : schema_(std::move(schema)) {}
  json::Object schema_{{"type", "object"}, {"properties", json::Object{}}};
};

}  // namespace cardea

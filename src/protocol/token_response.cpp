// Token endpoint answers; see token_response.h.
#include "protocol/token_response.h"

#include <algorithm>

#include "base/ascii.h"

namespace cardea {
namespace {

using Text = Result<std::optional<std::string>, std::string>;

// A member that must be a non-empty VSCHAR string where it is present.
Text text_member(const json::Object& object, std::string_view name) {
  const json::Value* value = object.find(name);
  if (value == nullptr) return std::optional<std::string>();
  const std::string* text = value->if_string();
  if (text == nullptr || text->empty() || !std::ranges::all_of(*text, ascii::is_vschar)) {
    return refuse(std::string(name) + " is not a non-empty string of printable ASCII");
  }
  return std::optional(*text);
}

Text required(const json::Object& object, std::string_view name) {
  auto text = text_member(object, name);
  if (text && !text->has_value()) return refuse(std::string(name) + " is missing");
  return text;
}

Result<std::optional<Seconds>, std::string> expires_in(const json::Object& object) {
  const json::Value* value = object.find("expires_in");
  if (value == nullptr) return std::optional<Seconds>();
  const std::int64_t* count = value->if_integer();
  if (count == nullptr || *count < 0 || *count > days(3650).count)
    return refuse(std::string("expires_in is not a number of seconds"));
  return std::optional(Seconds{*count});
}

// A server may send "scope": "" when nothing was granted beyond what it names elsewhere.
Result<std::optional<std::vector<std::string>>, std::string> scope(const json::Object& object) {
  const json::Value* value = object.find("scope");
  if (value == nullptr) return std::optional<std::vector<std::string>>();
  const std::string* text = value->if_string();
  if (text == nullptr || !std::ranges::all_of(*text, ascii::is_vschar))
    return refuse(std::string("scope is not a string of printable ASCII"));
  return std::optional(ascii::words(*text));
}

}  // namespace

std::string write(const TokenResponse& response) {
  json::ObjectText out;
  out.add_text("access_token", response.access_token.reveal());
  out.add_text("token_type", response.token_type);
  if (response.expires_in) out.add_number("expires_in", response.expires_in->count);
  if (response.refresh_token) out.add_text("refresh_token", response.refresh_token->reveal());
  if (response.scope) out.add_text("scope", ascii::join(*response.scope, " "));
  if (response.id_token) out.add_text("id_token", response.id_token->reveal());
  if (!response.issued_token_type.empty()) {
    out.add_text("issued_token_type", response.issued_token_type);
  }
  // RFC 9396 7
  if (const auto details = json::parse(response.authorization_details)) {
    out.add("authorization_details", *details);
  }
  return std::move(out).take();
}

Result<TokenResponse, std::string> parse_token_response(std::string_view body) {
  const auto object = json::parse_object(body);
  if (!object) return refuse(std::string("the body is not a JSON object"));
  auto access_token = required(*object, "access_token");
  if (!access_token) return refuse(access_token.error());
  auto token_type = required(*object, "token_type");
  if (!token_type) return refuse(token_type.error());
  auto lifetime = expires_in(*object);
  if (!lifetime) return refuse(lifetime.error());
  auto refresh_token = text_member(*object, "refresh_token");
  if (!refresh_token) return refuse(refresh_token.error());
  auto granted = scope(*object);
  if (!granted) return refuse(granted.error());
  auto id_token = text_member(*object, "id_token");
  if (!id_token) return refuse(id_token.error());

  const json::Value* details = object->find("authorization_details");
  if (details != nullptr && details->if_array() == nullptr) {
    return refuse(std::string("authorization_details is not an array"));
  }

  TokenResponse out;
  if (details != nullptr) out.authorization_details = json::write(*details);
  out.access_token = AccessToken(std::move(**access_token));
  out.token_type = std::move(**token_type);
  out.expires_in = *lifetime;
  if (*refresh_token) out.refresh_token.emplace(std::move(**refresh_token));
  out.scope = std::move(*granted);
  if (*id_token) out.id_token.emplace(std::move(**id_token));
  return out;
}

std::optional<TokenErrorResponse> parse_token_error(std::string_view body) {
  const auto object = json::parse_object(body);
  if (!object) return std::nullopt;
  auto error = json::string_member(*object, "error");
  if (!error || error->empty()) return std::nullopt;
  return TokenErrorResponse{
      .error = std::move(*error),
      .error_description = json::string_member(*object, "error_description").value_or("")};
}

}  // namespace cardea

// base64url without padding (RFC 4648 5, RFC 7515 2) and strict base64 (RFC 4648 4). One spelling
// per value: padding where none belongs, foreign alphabets, white space and non-zero trailing bits
// are refused.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace cardea {

std::string base64url_encode(std::string_view bytes);
std::optional<std::string> base64url_decode(std::string_view text);
// The same without a text of its own: behind another one, and into bytes of the caller's, which the
// value must fill exactly. After false those hold nothing of meaning.
void append_base64url(std::string& out, std::string_view bytes);
bool base64url_decode_to(std::span<char> out, std::string_view text);

std::string base64_encode(std::string_view bytes);                // with padding
std::optional<std::string> base64_decode(std::string_view text);  // padding required

std::string hex_encode(std::string_view bytes);                // lower case
std::optional<std::string> hex_decode(std::string_view text);  // either case

}  // namespace cardea

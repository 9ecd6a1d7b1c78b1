// r||s and DER by hand: both are a few bytes of framing, and the library's objects cost an
// allocation per number.
#include "crypto/ecdsa_form.h"

#include "base/result.h"

namespace cardea::crypto {
namespace {

using namespace std::string_view_literals;

// n of FIPS 186-5 / SP 800-186 for P-256 and P-384.
constexpr std::string_view p256_order =
    "\xff\xff\xff\xff\x00\x00\x00\x00\xff\xff\xff\xff\xff\xff\xff\xff"
    "\xbc\xe6\xfa\xad\xa7\x17\x9e\x84\xf3\xb9\xca\xc2\xfc\x63\x25\x51"sv;
constexpr std::string_view p384_order =
    "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"
    "\xff\xff\xff\xff\xff\xff\xff\xff\xc7\x63\x4d\x81\xf4\x37\x2d\xdf"
    "\x58\x1a\x0d\xb2\x48\xb0\xa7\x7a\xec\xec\x19\x6a\xcc\xc5\x29\x73"sv;
static_assert(p256_order.size() == 32 && p384_order.size() == 48);

constexpr char integer_tag = 0x02;
constexpr char sequence_tag = 0x30;

// string_view compares as unsigned bytes, which is the order of big-endian numbers of equal length.
bool is_in_range(std::string_view number, std::string_view order) {
  return number.find_first_not_of('\0') != std::string_view::npos && number < order;
}

void append_integer(std::string& out, std::string_view number) {
  number.remove_prefix(number.find_first_not_of('\0'));
  const bool sign_bit = (static_cast<unsigned char>(number.front()) & 0x80) != 0;
  out += integer_tag;
  out += static_cast<char>(number.size() + (sign_bit ? 1 : 0));
  if (sign_bit) out += '\0';
  out += number;
}

// Takes one INTEGER off `der` and writes it right-aligned.
void take_integer(std::string_view& der, char* out, std::size_t size) {
  ensure(der.size() > 2 && der[0] == integer_tag);
  const std::size_t length = static_cast<unsigned char>(der[1]);
  ensure(length >= 1 && length <= size + 1 && der.size() >= 2 + length);
  std::string_view number = der.substr(2, length);
  if (number.front() == '\0') number.remove_prefix(1);
  ensure(number.size() <= size);
  number.copy(out + (size - number.size()), number.size());
  der.remove_prefix(2 + length);
}

}  // namespace

const CurveForm p256_form{.size = 32, .order = p256_order};
const CurveForm p384_form{.size = 48, .order = p384_order};

std::optional<std::string> der_from_jose(const CurveForm& curve, std::string_view signature) {
  if (signature.size() != 2 * curve.size) return std::nullopt;
  const std::string_view r = signature.substr(0, curve.size);
  const std::string_view s = signature.substr(curve.size);
  if (!is_in_range(r, curve.order) || !is_in_range(s, curve.order)) return std::nullopt;
  std::string der;
  der.reserve(2 * curve.size + 8);
  der += sequence_tag;
  der += '\0';
  append_integer(der, r);
  append_integer(der, s);
  der[1] = static_cast<char>(der.size() - 2);  // at most 102: always the short form
  return der;
}

std::string jose_from_der(const CurveForm& curve, std::string_view der) {
  ensure(der.size() > 2 && der[0] == sequence_tag &&
         static_cast<std::size_t>(der[1]) == der.size() - 2);
  der.remove_prefix(2);
  std::string out(2 * curve.size, '\0');
  take_integer(der, out.data(), curve.size);
  take_integer(der, out.data() + curve.size, curve.size);
  ensure(der.empty());
  return out;
}

}  // namespace cardea::crypto

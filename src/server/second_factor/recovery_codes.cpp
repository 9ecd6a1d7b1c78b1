// Making recovery codes and recognising them; see recovery_codes.h.
#include "server/second_factor/recovery_codes.h"

#include "base/ascii.h"

namespace cardea {
namespace {

// Without i, l, o and u: what is read aloud or copied by hand stays one thing.
constexpr std::string_view alphabet = "0123456789abcdefghjkmnpqrstvwxyz";
constexpr std::size_t characters = 12;  // of five bits
constexpr std::size_t group = 4;

std::string as_kept(std::string_view typed) {
  std::string kept;
  for (const char c : ascii::lower(typed)) {
    if (c == ' ' || c == '-') continue;
    kept += c == 'o' ? '0' : c == 'i' || c == 'l' ? '1' : c;
  }
  return kept;
}

std::string message(const UserId& user_id, std::string_view code) {
  std::string text = user_id.value();
  text.push_back('\0');
  return text.append(code);
}

std::string grouped(std::string_view code) {
  std::string text;
  for (std::size_t at = 0; at < code.size(); at += group) {
    if (at > 0) text += '-';
    text += code.substr(at, group);
  }
  return text;
}

}  // namespace

NewRecoveryCodes make_recovery_codes(const Seals& seals, const UserId& user_id, Random& random) {
  NewRecoveryCodes made{
      .codes = {}, .key_id = seals.newest_key_id(SealPurpose::recovery_code), .digests = {}};
  for (int i = 0; i < recovery_codes_count; ++i) {
    std::string code = random.bytes(characters);
    for (char& c : code) c = alphabet[static_cast<unsigned char>(c) % alphabet.size()];
    made.digests.emplace_back(seals.mac(SealPurpose::recovery_code, message(user_id, code)));
    made.codes.emplace_back(grouped(code));
    wipe(code);
  }
  return made;
}

std::optional<RecoveryDigest> digest_of_recovery_code(const Seals& seals,
                                                      const SecondFactor& factor,
                                                      std::string_view typed) {
  const std::string code = as_kept(typed);
  if (code.size() != characters || code.find_first_not_of(alphabet) != std::string::npos) {
    return std::nullopt;
  }
  auto mac = seals.mac_with(SealPurpose::recovery_code, factor.recovery_key_id,
                            message(factor.user_id, code));
  if (!mac) return std::nullopt;
  return RecoveryDigest(*std::move(mac));
}

}  // namespace cardea

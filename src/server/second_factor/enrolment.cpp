// Adding a second factor; see enrolment.h.
#include "server/second_factor/enrolment.h"

#include "base/ascii.h"
#include "base/base32.h"
#include "base/base64url.h"
#include "server/authorize/replies.h"
#include "server/second_factor/qr_code.h"

namespace cardea {
namespace {

// What the sealed text begins with; the secret follows.
std::string owner_line(const User& user, const BindingValue& binding) {
  return user.user_id.value() + " " + std::to_string(user.security_version) + " " +
         base64url_encode(digest_of(binding).value()) + "\n";
}

// As much of a name as fits a QR code beside the rest, whole characters of UTF-8.
std::string_view shortened(std::string_view name, std::size_t bytes_max) {
  if (name.size() <= bytes_max) return name;
  while (bytes_max > 0 && (static_cast<unsigned char>(name[bytes_max]) & 0xc0) == 0x80) --bytes_max;
  return name.substr(0, bytes_max);
}

std::string in_groups(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size(); at += 4) {
    if (at > 0) out += ' ';
    out += text.substr(at, 4);
  }
  return out;
}

}  // namespace

Enrolment Enrolment::begin(const Deps& deps) {
  return Enrolment(totp::make_secret(deps.random));
}

std::optional<Enrolment> Enrolment::resume(const Deps& deps, const User& user,
                                           const BindingValue& binding, std::string_view text,
                                           Instant now) {
  auto opened = deps.seals.open(SealPurpose::enrolment, text);
  if (!opened) return std::nullopt;
  const auto lines = ascii::split(*opened, '\n');
  std::optional<Enrolment> resumed;
  if (lines.size() == 3 && std::string(lines[0]) + "\n" == owner_line(user, binding) &&
      lines[1] > std::to_string(now.unix_ms)) {
    if (auto secret = base32_decode(lines[2])) {
      resumed = Enrolment(totp::SharedSecret(*std::move(secret)));
    }
  }
  wipe(*opened);
  return resumed;
}

std::string Enrolment::text(const Deps& deps, const User& user, const BindingValue& binding,
                            Instant now) const {
  const Instant expires_at = now + deps.settings.lifetimes.interaction;
  // Milliseconds have 13 digits until the year 2286, so they compare as text.
  std::string text = owner_line(user, binding) + std::to_string(expires_at.unix_ms) + "\n" +
                     base32_encode(secret_.reveal());
  auto sealed = deps.seals.seal(SealPurpose::enrolment, text, deps.random);
  wipe(text);
  return sealed;
}

void Enrolment::show_in(EnrolFactorView& view, const Settings& settings, const User& user) const {
  const auto uri = totp::enrolment_uri(secret_, {.issuer = shortened(settings.operator_name, 60),
                                                 .login = shortened(user.login, 100)});
  auto code = draw_qr_code(uri.reveal());
  view.qr_side = code.side;
  view.qr_path = std::move(code.path);
  view.app_address = uri.reveal();
  view.secret = in_groups(base32_encode(secret_.reveal()));
  view.account_name = user.display_name();
  view.account_login = user.login;
}

std::optional<SecondFactor> Enrolment::prove(const Deps& deps, const User& user,
                                             std::string_view typed, Instant now) const {
  const auto code = app_code(typed);
  if (!code) return std::nullopt;
  const auto step = totp::find_step(secret_, *code, now);
  if (!step) return std::nullopt;
  return SecondFactor{.user_id = user.user_id,
                      .sealed_secret = seal_factor(deps, user.user_id, secret_),
                      .last_used_step = *step,
                      .recovery_key_id = {},
                      .added_at = now};
}

http::Response recovery_codes_page(const Deps& deps, const Exchange& exchange,
                                   const NewRecoveryCodes& made, std::string continue_to) {
  RecoveryCodesView view{.codes = {}, .continue_to = std::move(continue_to)};
  for (const RecoveryCode& code : made.codes) view.codes.emplace_back(code.reveal());
  return deps.pages.recovery_codes(frame_of(exchange, {}), view);
}

}  // namespace cardea

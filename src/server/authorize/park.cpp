// Parked requests; see park.h.
#include "server/authorize/park.h"

#include <algorithm>

#include "crypto/hash.h"
#include "server/authorize/replies.h"
#include "server/sign_in/throttle.h"

namespace cardea {
namespace {

constexpr std::size_t handle_characters = 22;

PageError too_many_open() {
  return {{ErrorCode::temporarily_unavailable, "CARDEA-INTERACTION-001", cardea_policy("Q6"),
           "Too many sign-ins from your network are unfinished. Please try again later.",
           "the address holds as many open interactions as it may"},
          "Wait until they expire, or raise interactions_per_address_max.",
          429};
}

std::string csrf_place(const OpenInteraction& at, std::string_view about) {
  return "interaction " + at.handle + " " + std::string(about);
}

}  // namespace

InteractionDigest digest_of_handle(std::string_view handle) {
  return InteractionDigest(crypto::sha256(handle));
}

Task<store::Answer<Result<std::string, PageError>>> park(const Deps& deps, const Exchange& exchange,
                                                         ToPark what) {
  const std::string handle = new_identifier(deps.random);
  Interaction row{.handle = digest_of_handle(handle), .kind = what.kind};
  row.first_factor = what.first_factor;
  if (what.binding) row.binding = digest_of(*what.binding);
  row.sealed_request =
      deps.seals.seal(SealPurpose::interaction, write_asked(what.asked), deps.random);
  row.completes = what.asked.completes;
  row.created_at = exchange.now;
  row.expires_at = exchange.now + deps.settings.lifetimes.interaction;
  if (what.until) row.expires_at = std::min(row.expires_at, *what.until);
  row.address = counted_address(exchange.request.peer_address);
  const auto outcome = co_await deps.store.perform(
      store::PutInteraction{.interaction = std::move(row),
                            .open_max = deps.settings.interactions_per_address_max,
                            .now = exchange.now});
  if (!outcome) co_return refuse(outcome.error());
  if (*outcome == store::PutInteraction::Outcome::quota_exceeded) {
    co_return Result<std::string, PageError>(refuse(too_many_open()));
  }
  co_return Result<std::string, PageError>(handle);
}

std::string step_path(std::string_view handle, std::string_view step) {
  return "/interaction/" + std::string(handle) + "/" + std::string(step);
}

std::string step_action(const Settings& settings, std::string_view handle, std::string_view step) {
  return settings.issuer_path + step_path(handle, step);
}

Task<store::Answer<Result<OpenInteraction, Gone>>> open_interaction(const Deps& deps,
                                                                    Exchange& exchange,
                                                                    std::string handle) {
  using Opened = Result<OpenInteraction, Gone>;
  if (handle.size() != handle_characters) co_return Opened(refuse(Gone::expired));
  auto browser = co_await identify_browser(deps, exchange);
  if (!browser) co_return refuse(browser.error());
  auto row = co_await deps.store.find_interaction(digest_of_handle(handle));
  if (!row) co_return refuse(row.error());
  if (!*row) co_return Opened(refuse(Gone::expired));
  const Interaction& found = **row;
  // Whose it is comes first: another browser learns nothing about it (B03).
  const bool is_mine =
      found.binding.empty() ||
      (browser->binding &&
       crypto::constant_time_equal(digest_of(*browser->binding).value(), found.binding.value()));
  if (!is_mine) co_return Opened(refuse(Gone::other_browser));
  if (found.state == Interaction::State::finished) co_return Opened(refuse(Gone::finished));
  if (found.expires_at <= exchange.now) co_return Opened(refuse(Gone::expired));
  const auto text = deps.seals.open(SealPurpose::interaction, found.sealed_request);
  auto asked = text ? read_asked(*text) : std::nullopt;
  if (!asked) co_return Opened(refuse(Gone::expired));  // sealed before a restore
  asked->completes = found.completes;
  co_return Opened(OpenInteraction{.handle = std::move(handle),
                                   .row = **std::move(row),
                                   .asked = *std::move(asked),
                                   .browser = *std::move(browser)});
}

Seconds time_left(const OpenInteraction& at, Instant now) {
  const auto seconds = at.row.expires_at.unix_seconds() - now.unix_seconds();
  return minutes(std::max<std::int64_t>(1, seconds / 60));
}

http::Response gone_page(const Deps& deps, Exchange& exchange, Gone why) {
  constexpr std::string_view reasons[] = {"the interaction is unknown or expired",
                                          "the interaction is finished",
                                          "the interaction belongs to another browser"};
  exchange.refuse_with({ErrorCode::invalid_request, "CARDEA-INTERACTION-002", cardea_policy("Q6"),
                        "This page has ended. Go back to the app and start again.",
                        std::string(reasons[static_cast<std::size_t>(why)])},
                       "Start again from the app.");
  return deps.pages.interaction_gone(frame_of(exchange, {}), {why});
}

std::string form_csrf(const Deps& deps, const OpenInteraction& at, std::string_view about) {
  if (!at.browser.binding) return {};
  return csrf_value(deps.seals, *at.browser.binding, csrf_place(at, about));
}

std::optional<PageError> check_form_csrf(const Deps& deps, const OpenInteraction& at,
                                         const RawParameters& form, std::string_view about) {
  // RFC 6749 10.12: the form was made by us, for this browser and this request.
  if (at.browser.binding && !form.repeated("csrf") &&
      csrf_matches(deps.seals, *at.browser.binding, csrf_place(at, about), form.get("csrf"))) {
    return std::nullopt;
  }
  return PageError{{ErrorCode::invalid_request, "CARDEA-INTERACTION-003", rfc6749("10.12"),
                    "The form was not sent from our page. Go back and try again.",
                    "the csrf field is absent or not of this browser and form"},
                   "Reload the page and send it again.",
                   403};
}

}  // namespace cardea

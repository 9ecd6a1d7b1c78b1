// Registration and metadata documents as settings; see registration_rows.h.
#include "app/config/registration_rows.h"

#include <algorithm>

#include "app/config/setting_makers.h"
#include "base/url.h"
#include "protocol/vocabulary.h"

namespace cardea::app {
namespace {

using namespace setting_makers;
using Mode = RegistrationSettings::Mode;

constexpr std::int64_t day = 86400;

std::string_view name_of(Mode mode) {
  switch (mode) {
    case Mode::off:
      return "off";
    case Mode::token:
      return "token";
    case Mode::open:
      return "open";
  }
  return "off";
}

SettingRow grant_types_row() {
  return {.key = "registration.grant_types",
          .kind = SettingKind::list,
          .standard = R"(["authorization_code", "refresh_token"])",
          .doc =
              "Grant types that clients which register themselves may have; others are left out "
              "of their registration.",
          .apply = [](Config& config, const SettingValue& value) -> Reason {
            std::vector<GrantType> types;
            for (const auto& text : std::get<std::vector<std::string>>(value)) {
              const auto type = grant_type_named(text);
              if (!type) return "holds \"" + text + "\", which is no grant type of this server";
              types.push_back(*type);
            }
            config.settings.registration.grant_types = std::move(types);
            return std::nullopt;
          },
          .show =
              [](const Config& config) {
                std::vector<std::string> names;
                for (const auto type : config.settings.registration.grant_types) {
                  names.emplace_back(cardea::name_of(type));
                }
                return json::write(json::Value(names));
              }};
}

// Lower case, without port: what a host is compared with. "*." may stand before it.
SettingRow hosts_row(std::string_view key, std::vector<std::string> ClientDocumentSettings::* list,
                     std::string_view doc) {
  auto row = list_row(
      key, "[]", [list](Config& c) -> auto& { return c.settings.client_documents.*list; }, doc);
  row.apply = [list](Config& config, const SettingValue& value) -> Reason {
    const auto& hosts = std::get<std::vector<std::string>>(value);
    for (const auto& host : hosts) {
      const auto parts = url::parse("https://" + (host.starts_with("*.") ? host.substr(2) : host));
      const bool is_host = parts && !parts->port && parts->path.empty() && !parts->query &&
                           host.ends_with(parts->host);
      if (!is_host) return "holds \"" + host + "\", which is no host such as app.example";
    }
    config.settings.client_documents.*list = hosts;
    return std::nullopt;
  };
  return row;
}

}  // namespace

std::vector<SettingRow> registration_rows() {
  return {
      choice_row(
          "registration.mode", "off", {"off", "token", "open"},
          "Whether clients may register themselves at /register (RFC 7591): not at all, with an "
          "initial access token of `cardea clients initial-token`, or anybody. People are told "
          "that "
          "nobody here has looked at such a client.",
          [](Config& c, std::string_view v) {
            auto& mode = c.settings.registration.mode;
            mode = v == "open" ? Mode::open : v == "token" ? Mode::token : Mode::off;
          },
          [](const Config& c) { return std::string(name_of(c.settings.registration.mode)); }),
      list_row(
          "registration.scopes", R"(["openid", "profile", "email", "offline_access"])",
          [](Config& c) -> auto& { return c.settings.registration.scopes; },
          "Scopes that clients which register themselves may ask for; empty: every scope there "
          "is."),
      grant_types_row(),
      list_row(
          "registration.authorization_details_types", "[]",
          [](Config& c) -> auto& { return c.settings.registration.authorization_details_types; },
          "Types of authorization_details that such clients may ask for (RFC 9396 10)."),
      integer_row(
          "registration.unused_per_address", "20", 1, 100000,
          [](Config& c) -> auto& { return c.settings.registration.unused_per_address; },
          "How many registrations of one address may be there that nobody has used."),
      integer_row(
          "registration.clients_max", "10000", 1, 1000000,
          [](Config& c) -> auto& { return c.settings.registration.clients_max; },
          "How many clients that registered themselves are kept, those of metadata documents among "
          "them."),
      duration_row(
          "registration.unused_for", "1d", 300, 365 * day,
          [](Config& c) -> auto& { return c.settings.registration.unused_for; },
          "A registration is forgotten after this time without a sign-in, counted from the end of "
          "the last token that one gave."),
      choice_row(
          "registration.pkce", "required", {"required", "optional"},
          "\"optional\": confidential clients that register themselves may leave PKCE out, which "
          "RFC 9700 2.1.1 advises against. For certification plans that send none, and for "
          "nothing else. Public clients and those of a profile always need it.",
          [](Config& c, std::string_view v) {
            c.settings.registration.pkce =
                v == "optional" ? PkcePolicy::optional : PkcePolicy::required;
          },
          [](const Config& c) {
            return c.settings.registration.pkce == PkcePolicy::optional ? "optional" : "required";
          }),
  };
}

std::vector<SettingRow> client_document_rows() {
  return {
      flag_row(
          "client_documents.enabled", "false",
          [](Config& c) -> auto& { return c.settings.client_documents.enabled; },
          "Whether a client may come with the address of its metadata document as client_id, "
          "without being registered. registration.scopes, grant_types and the quotas hold for it "
          "too."),
      hosts_row("client_documents.admitted_hosts", &ClientDocumentSettings::admitted_hosts,
                "Hosts whose documents are taken: \"app.example\", or \"*.app.example\" for every "
                "host below it; empty: every host."),
      hosts_row(
          "client_documents.refused_hosts", &ClientDocumentSettings::refused_hosts,
          "Hosts whose documents are not taken, whatever is admitted. At the next start their "
          "clients are disabled."),
  };
}

}  // namespace cardea::app

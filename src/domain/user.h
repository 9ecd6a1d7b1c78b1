// A person who can sign in.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "base/secret.h"
#include "base/time.h"
#include "domain/client.h"
#include "domain/identifiers.h"

namespace cardea {

using PasswordHash = Secret<struct PasswordHashTag>;  // PHC string; empty: no password is set yet

// What is said about a person, kept as the text of a JSON object and read where somebody asks: most
// requests carry a user about whom nothing is said. A text that is no object reads as empty.
class UserClaims {
 public:
  UserClaims() = default;
  UserClaims(const json::Object& claims) : text_(json::write(claims)) {}
  UserClaims(std::initializer_list<json::NewMember> claims) : UserClaims(json::Object(claims)) {}
  static UserClaims from_text(std::string text);

  json::Object read() const { return json::parse_object(text_).value_or(json::Object{}); }
  void set(std::string name, json::Value value);
  const std::string& text() const { return text_; }

  friend bool operator==(const UserClaims&, const UserClaims&) = default;

 private:
  std::string text_ = "{}";
};

// What requests need to know of a person.
struct User {
  UserId user_id;
  std::string login;  // unique; compared exactly after canonical_login()
  UserClaims claims;  // standard claims of OIDC Core 5.1, `groups`, and custom ones
  bool enabled = true;
  // Rises with every change that must end what was issued before: password, disabling, reset
  // (decision Q6).
  std::int64_t security_version = 1;

  std::vector<std::string> groups() const;  // of claims.groups
  std::string display_name() const;         // claims.name, else the login
};

// All that is kept of a person, for the steps of a sign-in and for administration. Never made of a
// User alone: a record that is put replaces the whole row.
struct UserRecord : User {
  UserRecord() = default;

  PasswordHash password_hash;
  Ownership owner;
  Instant created_at{};
};

// Lower-cases ASCII and trims spaces; nothing when empty, longer than limits::login_bytes_max, not
// UTF-8 or holding control characters.
std::optional<std::string> canonical_login(std::string_view text);

// Claim names that configuration may not set for a user: those that we assert ourselves (RFC
// 7519 4.1, OIDC Core 2, RFC 9068 2.2).
bool is_reserved_claim(std::string_view name);

// Why a user may not have this claim; nothing when it is fine. A standard claim has the type of
// OIDC Core 5.1, for clients compare it so: `email_verified` as text is refused by some and taken
// for true by others. `groups` is a list of strings; other claims are free.
std::optional<std::string> claim_problem(std::string_view name, const json::Value& value);

// Whether the client admits the user (decision Q19). Checked by every grant, at issue and at
// refresh.
bool is_entitled(const Client& client, const User& user);

}  // namespace cardea

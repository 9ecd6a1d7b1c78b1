// What tests ask of the server, and change of what is registered; see harness.h.
#include "support/harness.h"

namespace cardea::test {

http::FormPairs Harness::redeem_form(const IssuedCode& code) const {
  return {{"grant_type", "authorization_code"},
          {"code", code.code},
          {"redirect_uri", code.redirect_uri},
          {"code_verifier", verifier}};
}

http::Request Harness::redeem_request(const std::string& client, const IssuedCode& code) {
  return as_client(client, "/token", redeem_form(code));
}

http::Request Harness::refresh_request(const std::string& client, const std::string& refresh_token,
                                       http::FormPairs more) {
  http::FormPairs form{{"grant_type", "refresh_token"}, {"refresh_token", refresh_token}};
  form.insert(form.end(), more.begin(), more.end());
  return as_client(client, "/token", std::move(form));
}

Tokens Harness::redeem(const std::string& client, const IssuedCode& code) {
  return tokens_of(send(redeem_request(client, code)));
}

Tokens Harness::refresh(const std::string& client, const std::string& refresh_token,
                        http::FormPairs more) {
  return tokens_of(send(refresh_request(client, refresh_token, std::move(more))));
}

Tokens Harness::sign_up_tokens(const CodeWish& wish) {
  auto tokens = redeem(wish.client, issue_code(wish));
  EXPECT_EQ(tokens.status, 200) << tokens.response.body;
  return tokens;
}

http::Response Harness::userinfo(const std::string& access_token) {
  return send(get("/userinfo", {{"Authorization", "Bearer " + access_token}}));
}

json::Object Harness::introspect(const std::string& token, const std::string& caller) {
  const auto response = send(as_client(caller, "/introspect", {{"token", token}}));
  EXPECT_EQ(response.status, 200) << response.body;
  return json_of(response);
}

bool Harness::is_active(const std::string& token, const std::string& caller) {
  return json::bool_member(introspect(token, caller), "active").value_or(false);
}

http::Response Harness::revoke(const std::string& client, const std::string& token) {
  return send(as_client(client, "/revoke", {{"token", token}}));
}

// --- registrations ---

Client Harness::client(const std::string& client_id) const {
  const auto found = registry->find(ClientId(client_id));
  ensure(found != nullptr);
  return *found;
}

void Harness::put_client(Client changed) {
  EXPECT_EQ(stored(store->perform(store::PutClient{std::move(changed)})),
            store::PutClient::Outcome::stored);
  stored(registry->reload());
}

void Harness::edit_client(const std::string& client_id,
                          const std::function<void(Client&)>& change) {
  auto changed = client(client_id);
  change(changed);
  put_client(std::move(changed));
}

UserRecord Harness::user(const std::string& login) {
  auto found = stored(store->find_user_by_login(login));
  ensure(found.has_value());
  return *std::move(found);
}

void Harness::edit_user(const std::string& login, const std::function<void(UserRecord&)>& change) {
  auto changed = user(login);
  change(changed);
  EXPECT_EQ(stored(store->perform(store::PutUser{std::move(changed)})),
            store::PutUser::Outcome::stored);
}

}  // namespace cardea::test

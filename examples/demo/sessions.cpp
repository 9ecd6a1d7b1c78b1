// Server-side sessions; see sessions.h.
#include "sessions.h"

#include "base/base64url.h"
#include "http/cookie.h"

namespace demo {

using namespace cardea;

namespace {

constexpr const char* cookie_name = "demo_session";
constexpr std::size_t sessions_max = 1000;  // then all are forgotten: this is a demo
constexpr std::size_t pending_max = 10;     // tabs that wait at the sign-in page

}  // namespace

std::optional<std::string> Sessions::handle_of(const http::Request& request) const {
  auto handle = http::cookie(request.headers, cookie_name);
  const std::scoped_lock alone(mutex_);
  if (!handle || !sessions_.contains(*handle)) return std::nullopt;
  return handle;
}

std::string Sessions::begin() {
  std::string handle = base64url_encode(random_.bytes(32));
  const std::scoped_lock alone(mutex_);
  if (sessions_.size() >= sessions_max) sessions_.clear();
  sessions_.emplace(handle, Session{});
  return handle;
}

void Sessions::end(const std::string& handle) {
  const std::scoped_lock alone(mutex_);
  sessions_.erase(handle);
}

void Sessions::remember(const std::string& handle, client::PendingAuthorization pending) {
  const std::scoped_lock alone(mutex_);
  auto& session = sessions_[handle];
  if (session.pending.size() >= pending_max) session.pending.clear();
  session.pending.insert_or_assign(pending.state(), std::move(pending));
}

std::optional<client::PendingAuthorization> Sessions::take(const std::string& handle,
                                                           const std::string& state) {
  const std::scoped_lock alone(mutex_);
  const auto session = sessions_.find(handle);
  if (session == sessions_.end()) return std::nullopt;
  auto node = session->second.pending.extract(state);
  if (node.empty()) return std::nullopt;
  return std::move(node.mapped());
}

void Sessions::sign_in(const std::string& handle, Person person) {
  const std::scoped_lock alone(mutex_);
  sessions_[handle].person = std::move(person);
}

std::optional<Person> Sessions::person(const std::string& handle) const {
  const std::scoped_lock alone(mutex_);
  const auto session = sessions_.find(handle);
  return session == sessions_.end() ? std::nullopt : session->second.person;
}

std::string Sessions::cookie(const std::string& handle) {
  // Not Secure: the demo's app is plain http on this machine. A real one is not.
  http::SetCookie cookie{.name = cookie_name, .value = handle, .secure = false};
  if (handle.empty()) cookie.max_age = Seconds{0};
  return http::write_set_cookie(cookie);
}

}  // namespace demo

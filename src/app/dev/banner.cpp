// The banner, the ready line and the environment block; see banner.h.
#include "app/dev/banner.h"

#include "base/ascii.h"

namespace cardea::app::dev {
namespace {

constexpr std::string_view begin_mark = "# >>> cardea dev";
constexpr std::string_view end_mark = "# <<< cardea dev";

std::vector<std::pair<std::string, std::string>> environment(const Ready& ready) {
  FrameworkValues values{ready.issuer, "web", ""};
  for (const auto& client : ready.seed.clients) {
    if (client.client_id == "web") values.client_secret = client.secret;
  }
  return environment_block(ready.framework, values);
}

std::string row(std::string_view label, std::string_view text) {
  std::string out = "  " + std::string(label);
  out.append(label.size() < 12 ? 12 - label.size() : 1, ' ');
  return out + std::string(text) + "\n";
}

std::string_view name_of(Strictness strictness) {
  switch (strictness) {
    case Strictness::strict:
      return "strict: every rule of production refuses";
    case Strictness::warn:
      return "warn: what production would refuse is marked in the inspector";
    case Strictness::open:
      return "open: any client, any loopback redirect";
  }
  return "";
}

}  // namespace

std::string trust_lines(const std::string& ca_file) {
  return row("trust", "Node     NODE_EXTRA_CA_CERTS=" + ca_file) +
         row("", "Go       SSL_CERT_FILE=" + ca_file) +
         row("", "Python   REQUESTS_CA_BUNDLE=" + ca_file + "  (SSL_CERT_FILE for httpx, urllib)") +
         row("", "curl     --cacert " + ca_file) +
         row("", "Java, .NET, browsers   cardea trust print, cardea trust install");
}

std::string banner(const Ready& ready) {
  std::string out = "\n" + row("issuer", ready.issuer);
  std::string label = "accounts";
  for (const auto& user : ready.seed.users) {
    out += row(label, user.login + (user.password.empty() ? "" : "   password " + user.password));
    label.clear();
  }
  label = "clients";
  for (const auto& client : ready.seed.clients) {
    out += row(label, client.client_id + (client.secret.empty() ? "   public, PKCE"
                                                                : "   secret " + client.secret));
    if (!client.redirect_uris.empty())
      out += row("", "      " + ascii::join(client.redirect_uris, "  "));
    label.clear();
  }
  if (!is_exposed(ready.options))
    out += row("inspector", ready.issuer + "/_dev   every request, explained");
  out += row("strictness", name_of(ready.options.strictness));
  out += row("outgoing", "requests to apps on this machine and in private networks are allowed");
  out += "\n";
  label = "environment";
  for (const auto& [name, value] : environment(ready)) {
    auto line = name;
    line.append("=").append(value);
    out += row(label, line);
    label.clear();
  }
  if (!ready.framework.note.empty()) out += row("", "# " + std::string(ready.framework.note));
  out += "\n";
  if (!ready.ca_file.empty()) out += trust_lines(ready.ca_file);
  if (ready.ca_file.empty()) {
    out +=
        row("note",
            "http issuer: openid-client 6, oauth4webapi, MSAL and oauthlib refuse it unless told");
  } else {
    out += row("note",
               "an https issuer and an http app are different sites: response_mode=form_post needs "
               "an https "
               "callback");
  }
  return out + "\n" +
         row("ready",
             "in " + std::to_string(ready.milliseconds) + " ms, state " +
                 (ready.options.state == "memory" ? "in memory" : "in " + ready.options.state) +
                 ", ctrl-c to stop");
}

std::string ready_line(const Ready& ready) {
  json::Array users;
  for (const auto& user : ready.seed.users) {
    users.emplace_back(
        json::Object{{"login", user.login}, {"password", user.password}, {"sub", user.sub}});
  }
  json::Array clients;
  for (const auto& client : ready.seed.clients) {
    json::Object object{{"client_id", client.client_id}};
    if (!client.secret.empty()) object.set("client_secret", client.secret);
    object.set("redirect_uris", client.redirect_uris);
    clients.emplace_back(std::move(object));
  }
  json::Object env;
  for (const auto& [name, value] : environment(ready)) env.set(name, value);
  return json::write(json::Object{{"issuer", ready.issuer},
                                  {"ca_file", ready.ca_file},
                                  {"management", ready.management},
                                  {"users", std::move(users)},
                                  {"clients", std::move(clients)},
                                  {"env", std::move(env)}});
}

std::string with_env_block(std::string_view file, const Ready& ready) {
  std::string block = std::string(begin_mark) + "\n";
  for (const auto& [name, value] : environment(ready)) {
    block.append(name).append("=").append(value).append("\n");
  }
  if (!ready.ca_file.empty()) block += "NODE_EXTRA_CA_CERTS=" + ready.ca_file + "\n";
  block += std::string(end_mark) + "\n";
  std::string out(file);
  const auto begin = out.find(begin_mark);
  const auto end = out.find(end_mark);
  if (begin != std::string::npos && end != std::string::npos && end > begin) {
    const auto line_end = out.find('\n', end);
    out.replace(begin, (line_end == std::string::npos ? out.size() : line_end + 1) - begin, block);
    return out;
  }
  if (!out.empty() && !out.ends_with('\n')) out += '\n';
  return out + block;
}

}  // namespace cardea::app::dev

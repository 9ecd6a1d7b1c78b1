// The server's part of doctor; see doctor_operation.h.
#include "app/admin/doctor_operation.h"

#include <algorithm>

#include "app/doctor/checks.h"
#include "app/doctor/examine_profile.h"

namespace cardea::app {
namespace {

// In the order of their names, so that two reports can be compared.
std::vector<Client> clients_of(const AdminContext& context) {
  std::vector<Client> clients;
  for (const auto& client : context.deps().registry.all()) clients.push_back(*client);
  std::ranges::sort(clients, {}, [](const Client& client) { return client.client_id.value(); });
  return clients;
}

// Beyond so many nobody wants to know how many: counting them would read them all.
constexpr std::size_t counted_people_max = 100;

Finding check_people(std::size_t count) {
  const bool nobody = count == 0;
  const auto accounts = count > counted_people_max
                            ? "more than " + std::to_string(counted_people_max) + " accounts"
                            : std::to_string(count) + (count == 1 ? " account" : " accounts");
  return {.level = nobody ? Finding::Level::warning : Finding::Level::ok,
          .check = "users",
          .text = nobody ? "nobody can sign in" : accounts,
          .why = "Without an account no app gets further than the sign-in page.",
          .fix = nobody ? "run cardea users add LOGIN" : ""};
}

}  // namespace

AdminAnswer examine(AdminContext& context, const json::Object& arguments) {
  auto clients = clients_of(context);
  if (const auto name = json::string_member(arguments, "profile")) {
    return examine_profile(*name, json::string_member(arguments, "client").value_or(""),
                           context.deps().settings, std::move(clients));
  }
  Findings findings;
  for (const auto& client : clients) append(findings, check_client_at(client, context.now));
  append(findings, check_keys(context.deps().keys.published(), context.now));
  auto users = context.await(context.deps().store.users_after("", counted_people_max + 1));
  if (!users) return refuse(users.error());
  findings.push_back(check_people(users->size()));
  json::Array list;
  for (const auto& finding : findings) list.emplace_back(write_finding(finding));
  return json::Object{{"findings", std::move(list)}};
}

}  // namespace cardea::app

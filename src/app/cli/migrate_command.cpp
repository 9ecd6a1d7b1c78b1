// `cardea migrate`: the schema of the store, what this program would do to it, and doing it.
#include <filesystem>

#include "app/cli/commands.h"
#include "store/postgres/postgres_store.h"
#include "store/sqlite/sqlite_store.h"

namespace cardea::app {
namespace {

using store::sql::Others;
using store::sql::SchemaStatus;

// What going through a row costs at most, beside counting it: a new row and its index entries.
constexpr std::int64_t rows_a_millisecond = 50;

template <class OpenError>
AdminError as_admin_error(const OpenError& error) {
  return {ExitCode::failure, error.reason};
}

AdminError as_admin_error(const store::sqlite::OpenError& error) {
  const bool is_locked = error.kind == store::sqlite::OpenError::Kind::locked;
  return {is_locked ? ExitCode::denied : ExitCode::failure, error.reason};
}

using Access = Result<std::unique_ptr<store::sql::SchemaAccess>, AdminError>;

Access open_schema(const Config& config, bool for_trial) {
  if (!config.store_database.empty()) {
    auto opened = store::postgres::open_schema({.conninfo = config.store_database});
    if (!opened) return refuse(as_admin_error(opened.error()));
    return *std::move(opened);
  }
  if (!std::filesystem::exists(config.store_path)) {
    return refuse(AdminError{ExitCode::not_found, "there is no store " + config.store_path +
                                                      " yet; the server makes it at its start"});
  }
  auto opened = store::sqlite::open_schema(config.store_path, for_trial);
  if (!opened) return refuse(as_admin_error(opened.error()));
  return *std::move(opened);
}

std::span<const store::sql::Migration> migrations_for(const Config& config) {
  using store::sql::Dialect;
  return store::sql::migrations(config.store_database.empty() ? Dialect::sqlite
                                                              : Dialect::postgres);
}

json::Object facts_of(const SchemaStatus& status, const store::sql::Migration& last) {
  return {{"schema", status.version},
          {"program", last.version},
          {"serves_programs_from", status.serves_from},
          {"pending", static_cast<std::int64_t>(status.pending.size())}};
}

// How long a pending migration may take, by the rows that are there.
std::int64_t estimate_ms(store::sql::Connection& sql, const store::sql::Migration& migration,
                         std::int64_t& rows) {
  std::int64_t out = 1;
  for (const auto& table : store::sql::tables_gone_through(migration)) {
    const auto size = store::sql::size_of(sql, table);
    rows += size.rows;
    out += size.counted_in.count() + size.rows / rows_a_millisecond;
  }
  return out;
}

json::Array plan_of(store::sql::Connection& sql, const SchemaStatus& status) {
  json::Array plan;
  for (const auto& migration : status.pending) {
    std::int64_t rows = 0;
    const auto about_ms = estimate_ms(sql, migration, rows);
    const bool may_serve = store::sql::serves_from(migration) <= status.version;
    plan.push_back(json::Object{{"migration", migration.version},
                                {"name", migration.name},
                                {"nodes", may_serve ? "go on serving" : "must be stopped"},
                                {"rows", rows},
                                {"about_ms", about_ms}});
  }
  return plan;
}

void print_plan(OutputForm form, json::Object facts, json::Array plan) {
  json::Object with_plan = facts;
  with_plan.set("plan", std::move(plan));
  if (form == OutputForm::people) print_answer(form, facts);
  print_table(form, with_plan, "plan", {"migration", "name", "nodes", "rows", "about_ms"},
              "Nothing is pending.");
}

std::optional<AdminError> bring_up_to_date(const Config& config) {
  if (config.store_database.empty()) {
    // Whoever opens a file brings it up to date.
    const auto opened = store::sqlite::open({.path = config.store_path});
    if (!opened) return as_admin_error(opened.error());
    return std::nullopt;
  }
  const auto done = store::postgres::bring_up_to_date({.conninfo = config.store_database},
                                                      migrations_for(config), Others::are_stopped);
  if (!done) return as_admin_error(done.error());
  return std::nullopt;
}

}  // namespace

int migrate_command(const CommonOptions& common, MigrateStep step, bool try_out) {
  int exit_code = 0;
  const auto config = load_or_explain(common, exit_code);
  if (!config) return exit_code;
  const auto failed = [&](const AdminError& error) { return print_error(common.form, error); };
  if (auto error = refused_owner(*config)) return failed(*error);
  auto schema = open_schema(*config, try_out);
  if (!schema) return failed(schema.error());
  auto& sql = (*schema)->sql();
  const auto ours = migrations_for(*config);
  const auto status = store::sql::read_schema(sql, ours);
  if (!status) return failed({ExitCode::failure, status.error().reason});
  json::Object facts = facts_of(*status, ours.back());
  if (step == MigrateStep::status) {
    print_answer(common.form, facts);
    return 0;
  }
  if (step == MigrateStep::plan) {
    auto plan = plan_of(sql, *status);
    if (try_out) {
      const auto took = store::sql::try_out(sql, *status);
      if (!took) return failed({ExitCode::failure, took.error().reason});
      facts.set("tried_and_taken_back_ms", std::int64_t{took->count()});
    }
    print_plan(common.form, std::move(facts), std::move(plan));
    return 0;
  }
  schema->reset();  // a file has one holder
  if (!status->pending.empty()) {
    if (const auto error = bring_up_to_date(*config)) return failed(*error);
  }
  print_answer(common.form, {{"applied", static_cast<std::int64_t>(status->pending.size())},
                             {"schema", ours.back().version}});
  return 0;
}

}  // namespace cardea::app

// Operations run with the answers they have; see rehearsal.h.
#include "store/postgres/rehearsal.h"

#include <utility>

namespace cardea::store::postgres {

void Script::queue(const sql::Statement& statement) {
  link_.queue(statement, {});
  asked_.push_back({nullptr, 0});
}

void Script::queue(Rehearsal& by, std::size_t at, const sql::Statement& statement,
                   sql::Cells cells) {
  link_.queue(statement, cells);
  asked_.push_back({&by, at});
}

std::optional<sql::SqlFailure> Script::exchange() {
  const auto asked = std::exchange(asked_, {});
  committed_ = false;
  auto replies = link_.exchange();
  if (!replies) return std::move(replies).error();
  ensure(replies->size() == asked.size());
  std::optional<sql::SqlFailure> first;
  for (std::size_t i = 0; i < asked.size(); ++i) {
    Reply& reply = (*replies)[i];
    if (!first && reply.state() == Reply::State::failed) first = reply.failure();
    committed_ = reply.state() == Reply::State::succeeded && reply.is_commit();
    if (asked[i].by != nullptr) asked[i].by->answers_[asked[i].at] = std::move(reply);
  }
  return first;
}

void Rehearsal::begin(Script& script) {
  script_ = &script;
  position_ = 0;
  waits_ = false;
}

void Rehearsal::reset() {
  answers_.clear();
}

void Rehearsal::send(const sql::Statement& statement, sql::Cells cells) {
  if (position_++ < answers_.size()) return;  // sent in an earlier run
  answers_.emplace_back();
  script_->queue(*this, answers_.size() - 1, statement, cells);
}

const Reply* Rehearsal::ask(const sql::Statement& statement, sql::Cells cells) {
  if (waits_) return nullptr;
  send(statement, cells);
  const auto& answer = answers_[position_ - 1];
  waits_ = !answer.has_value();
  return waits_ ? nullptr : &*answer;
}

void Rehearsal::each(const sql::Statement& statement, sql::Cells cells,
                     const std::function<void(const sql::Row&)>& take) {
  const Reply* reply = ask(statement, cells);
  for (int row = 0; reply != nullptr && row < reply->rows(); ++row) take(ReplyRow(*reply, row));
}

std::int64_t Rehearsal::change(const sql::Statement& statement, sql::Cells cells) {
  const Reply* reply = ask(statement, cells);
  return reply != nullptr ? reply->changed() : 0;
}

void Rehearsal::run(const sql::Statement& statement, sql::Cells cells) {
  if (!waits_) send(statement, cells);
}

void Rehearsal::lock(const sql::Statement& statement, sql::Cells cells) {
  if (!waits_) send(statement, cells);
}

void Rehearsal::run_script(std::string_view) {
  ensure(false);  // scripts are for migrations
}

}  // namespace cardea::store::postgres

// Filling a page; see page.h.
#include "app/admin/page.h"

#include <utility>

namespace cardea::app {

Page::Page(const json::Object& arguments) : after_(json::string_member(arguments, "after")) {}

bool Page::take(std::string name, json::Object item) {
  const auto size = json::write(item).size();
  full_ = full_ || items_.size() == items_max || (!items_.empty() && bytes_ + size > bytes_max);
  if (full_) return false;
  bytes_ += size;
  items_.emplace_back(std::move(item));
  last_ = std::move(name);
  return true;
}

Result<json::Object, AdminError> Page::answer(std::string_view member) && {
  if (full_ && !after_) {
    return refuse(AdminError{
        ExitCode::failure,
        "the list is longer than one answer: ask for it by pages, as this version's cardea does"});
  }
  json::Object answer;
  answer.set(std::string(member), std::move(items_));
  if (full_) answer.set("next", std::move(last_));
  return answer;
}

}  // namespace cardea::app

// Filling a page; see page.h.
#include "app/admin/page.h"

#include <utility>

namespace cardea::app {

std::string Page::begin_after(const json::Object& arguments) {
  return json::string_member(arguments, "after").value_or("");
}

bool Page::take(std::string name, json::Object item) {
  const auto size = json::write(item).size();
  full_ = full_ || (!items_.empty() && bytes_ + size > bytes_max);
  if (full_) return false;
  bytes_ += size;
  items_.emplace_back(std::move(item));
  last_ = std::move(name);
  full_ = items_.size() == items_max;
  return true;
}

json::Object Page::answer(std::string_view member) && {
  json::Object answer;
  answer.set(std::string(member), std::move(items_));
  if (full_) answer.set("next", std::move(last_));
  return answer;
}

}  // namespace cardea::app

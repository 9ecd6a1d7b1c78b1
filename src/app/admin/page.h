// Lists that go over the administration socket a page at a time: however many there are, no server
// holds them all at once for it.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "app/admin/operations.h"
#include "base/json.h"
#include "base/result.h"

namespace cardea::app {

// The items of a list that come next, in the order of their names, behind the one that the caller
// names by "after" ("" at the beginning). The answer names the last one where more follow.
class Page {
 public:
  static constexpr std::size_t items_max = 1000;
  static constexpr std::size_t bytes_max = 256 * 1024;  // of the items' text; one alone may be more

  explicit Page(const json::Object& arguments);

  // The name that the caller has come to.
  std::string after() const { return after_.value_or(""); }
  // False when the page is full: this item begins the next one.
  bool take(std::string name, json::Object item);
  // {"<member>": [...], "next": "<name>"}, the latter where an item was not taken. Refuses a caller
  // that knows of no pages (a command line older than they are) what would be a part and look like
  // the whole.
  Result<json::Object, AdminError> answer(std::string_view member) &&;

 private:
  std::optional<std::string> after_;
  json::Array items_;
  std::string last_;
  std::size_t bytes_ = 0;
  bool full_ = false;
};

// Asks for page after page with `ask(arguments)`, whose answers are Results of json::Object, and
// gives what one answer without pages would have been. An answer without "next" is whole.
template <class Ask>
auto all_pages(std::string_view member, Ask ask) {
  json::Array all;
  auto answer = ask(json::Object{{"after", ""}});
  while (answer.ok()) {
    const json::Value* items = answer->find(member);
    if (items == nullptr || items->if_array() == nullptr) break;
    all.insert(all.end(), items->if_array()->begin(), items->if_array()->end());
    const auto next = json::string_member(*answer, "next");
    if (!next) {
      answer->set(std::string(member), std::move(all));
      break;
    }
    answer = ask(json::Object{{"after", *next}});
  }
  return answer;
}

}  // namespace cardea::app

// Lists that go over the administration socket a page at a time: however many there are, no server
// holds them all at once for it.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/json.h"

namespace cardea::app {

// The items of a list that come next, in the order of their names. The answer names the last one
// where more may follow, and who asks again gives that name back.
class Page {
 public:
  static constexpr std::size_t items_max = 1000;
  static constexpr std::size_t bytes_max = 256 * 1024;  // of the items' text; one alone may be more

  // The name that the caller has come to; "" at the beginning.
  static std::string begin_after(const json::Object& arguments);

  // False when the page is full: this item begins the next one.
  bool take(std::string name, json::Object item);
  // {"<member>": [...], "next": "<name>"}. A page of items_max items may be the last as well; then
  // the one that follows is empty.
  json::Object answer(std::string_view member) &&;

 private:
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
  auto answer = ask(json::Object{});
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

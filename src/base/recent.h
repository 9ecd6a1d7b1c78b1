// What was come by lately, by key and in bounded room: when the newer half is full, the older half
// is forgotten. Used by one thread at a time.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace cardea {

template <class Value>
class Recent {
 public:
  explicit Recent(std::size_t max) : half_(max / 2) {}

  // Null when it is not there, or was forgotten. Valid until the next call of another member.
  const Value* find(std::string_view key) const {
    for (const auto* part : {&newer_, &older_}) {
      if (const auto found = part->find(key); found != part->end()) return &found->second;
    }
    return nullptr;
  }
  void keep(std::string key, Value value) {
    if (newer_.size() >= half_) older_ = std::exchange(newer_, {});
    newer_.insert_or_assign(std::move(key), std::move(value));
  }
  void clear() {
    newer_.clear();
    older_.clear();
  }

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view key) const {
      return std::hash<std::string_view>()(key);
    }
  };
  using Part = std::unordered_map<std::string, Value, Hash, std::equal_to<>>;

  std::size_t half_;
  Part newer_;
  Part older_;
};

}  // namespace cardea

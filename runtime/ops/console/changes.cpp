#include "ops/console/changes.hpp"

#include <algorithm>
#include <utility>

namespace annals::ops {
namespace {

class comparison {
public:
  void compare(const json& before, const json& after) {
    if (before == after) return;
    if (before.is_object() && after.is_object()) return compare_objects(before, after);
    if (before.is_array() && after.is_array() && is_same_or_grown(before, after)) return compare_lists(before, after);
    say("changed", before, after);
  }
  json taken() { return std::move(found_); }

private:
  static bool is_same_or_grown(const json& before, const json& after) {
    if (before.size() == after.size()) return true;
    return std::equal(before.begin(), before.begin() + static_cast<std::ptrdiff_t>(std::min(before.size(), after.size())), after.begin());
  }

  void compare_objects(const json& before, const json& after) {
    for (const auto& [name, value] : after.items()) {
      const auto old = before.find(name);
      at(name, [&] { old == before.end() ? say("added", nullptr, value) : compare(*old, value); });
    }
    for (const auto& [name, value] : before.items())
      if (!after.contains(name)) at(name, [&] { say("removed", value, nullptr); });
  }

  void compare_lists(const json& before, const json& after) {
    const auto both = std::min(before.size(), after.size());
    for (std::size_t n = 0; n < both; ++n) at(n, [&] { compare(before[n], after[n]); });
    for (std::size_t n = both; n < after.size(); ++n) at(n, [&] { say("added", nullptr, after[n]); });
    for (std::size_t n = both; n < before.size(); ++n) at(n, [&] { say("removed", before[n], nullptr); });
  }

  template <class Step, class What>
  void at(const Step& step, What&& what) {
    path_.push_back(step);
    what();
    path_.erase(path_.end() - 1);
  }

  void say(const char* what, const json& before, const json& after) {
    found_.push_back({{"path", path_}, {"what", what}, {"before", before}, {"after", after}});
  }

  json path_ = json::array();
  json found_ = json::array();
};

}  // namespace

json changes_between(const json& before, const json& after) {
  comparison both;
  both.compare(before, after);
  return both.taken();
}

}  // namespace annals::ops

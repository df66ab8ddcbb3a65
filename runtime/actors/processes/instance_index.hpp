// The open inputs of each instance of a process manager, by the version of the record that opened them.
#pragma once

#include <annals/receipt.hpp>

#include <cstddef>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace annals::actors {

class instance_index {
public:
  /// Returns the name of the instance, valid while the instance has an open input.
  const std::string& add(std::string_view instance, version opened, position at) {
    auto found = all_.find(instance);
    if (found == all_.end()) found = all_.emplace(std::string{instance}, inputs{}).first;
    found->second.emplace(opened, at);
    return found->first;
  }
  void remove(const std::string& instance, version opened) {
    const auto found = all_.find(std::string_view{instance});
    found->second.erase(opened);
    if (found->second.empty()) all_.erase(found);
  }
  /// The input that the record of this version opened; 0 if it is not open.
  position find(std::string_view instance, version opened) const {
    const auto found = all_.find(instance);
    if (found == all_.end()) return 0;
    const auto input = found->second.find(opened);
    return input == found->second.end() ? 0 : input->second;
  }
  /// All open inputs of the instance, in position order.
  std::vector<position> of(std::string_view instance) const {
    std::vector<position> open;
    if (const auto found = all_.find(instance); found != all_.end())
      for (const auto& [version, at] : found->second) open.push_back(at);
    return open;
  }

private:
  using inputs = std::map<version, position>;  // versions and positions of a stream ascend together
  struct text_hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
  };
  std::unordered_map<std::string, inputs, text_hash, std::equal_to<>> all_;
};

}  // namespace annals::actors

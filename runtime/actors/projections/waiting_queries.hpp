// Queries that wait until the model has reached their position. Each has a number, under which its time-out comes.
#pragma once

#include "actors/projections/messages.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <utility>
#include <vector>

namespace annals::actors {

class waiting_queries {
public:
  std::uint64_t add(query what) {
    waiting_.emplace(++newest_, std::move(what));
    return newest_;
  }
  /// The query with this number, which waits no longer; nothing if it was taken before.
  std::optional<query> take(std::uint64_t number) {
    auto found = waiting_.extract(number);
    return found ? std::optional{std::move(found.mapped())} : std::nullopt;
  }
  /// Those that wait for a position up to this one, in the order in which they came.
  std::vector<query> take_up_to(position at) {
    return take_if([at](const query& q) { return q.at_least <= at; });
  }
  std::vector<query> take_beyond(position at) {
    return take_if([at](const query& q) { return q.at_least > at; });
  }

private:
  template <class Which>
  std::vector<query> take_if(Which&& which) {
    std::vector<query> taken;
    std::erase_if(waiting_, [&](auto& entry) {
      if (!which(entry.second)) return false;
      taken.push_back(std::move(entry.second));
      return true;
    });
    return taken;
  }

  std::map<std::uint64_t, query> waiting_;
  std::uint64_t newest_ = 0;
};

}  // namespace annals::actors

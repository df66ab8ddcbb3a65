#include "actors/dead_letters/skip_queue.hpp"

#include <algorithm>
#include <utility>

namespace annals::actors {

void skip_queue::add(position at, std::string_view lane, reply_address caller) {
  auto found = std::find_if(queued_.begin(), queued_.end(), [&](const skip& one) { return one.at == at; });
  if (found == queued_.end()) {
    queued_.push_back({at, {}});
    found = std::prev(queued_.end());
    lanes_.insert(at, lane);
  }
  found->callers.push_back(caller);
}

skip_queue::skip skip_queue::written() {
  auto one = std::move(queued_.front());
  queued_.pop_front();
  lanes_.erase(one.at);
  is_writing_ = false;
  return one;
}

}  // namespace annals::actors

#include "benchmarks/compare/pipelined.hpp"

#include <poll.h>

#include <cerrno>
#include <system_error>

namespace bench::compare {

void pipelined_engine::submit(const deposit& d) {
  const auto connection = d.account % under_way_.size();
  under_way_[connection].push_back(d);
  send(connection, d);
}

void pipelined_engine::wait(std::vector<deposit>& answered) {
  std::vector<pollfd> polled;
  for (std::size_t c = 0; c < under_way_.size(); ++c) {
    const bool idle = under_way_[c].empty();
    const short also = idle || flush(c) ? 0 : POLLOUT;
    polled.push_back({idle ? -1 : descriptor(c), static_cast<short>(POLLIN | also), 0});
  }
  if (::poll(polled.data(), polled.size(), -1) < 0 && errno != EINTR) throw std::system_error(errno, std::generic_category(), "poll");
  for (std::size_t c = 0; c < under_way_.size(); ++c) {
    if (!(polled[c].revents & ~POLLOUT)) continue;
    auto& mine = under_way_[c];
    const auto end = mine.begin() + static_cast<std::ptrdiff_t>(receive(c, mine.size()));
    answered.insert(answered.end(), mine.begin(), end);
    mine.erase(mine.begin(), end);
  }
}

}  // namespace bench::compare

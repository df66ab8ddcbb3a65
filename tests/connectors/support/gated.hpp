// A log of which a sink sees only what is before a gate, so that a test can look at every position. It counts how often it was read.
#pragma once

#include <annals/sink.hpp>

#include <algorithm>
#include <atomic>

namespace connectors {

class gated {
public:
  explicit gated(const annals::node& of, annals::position gate = ~annals::position{0}) : of_(of), gate_(gate) {}

  void open_to(annals::position gate) { gate_ = gate; }
  annals::sink_source source() {
    return {[this](annals::position from, std::size_t max, const annals::sink_source::visitor& visit) -> annals::result<void> {
              const annals::position gate = gate_;
              if (from > gate) return {};
              auto read = of_.log(from, max, [&](const annals::record_view& r) { return r.at <= gate && visit(r) && r.at < gate; });
              if (!read) return std::move(read).error();
              return {};
            },
            [this]() -> annals::result<annals::token> {
              auto head = of_.head();
              if (head) head->at = std::min<annals::position>(head->at, gate_);
              return head;
            }};
  }

private:
  const annals::node& of_;
  std::atomic<annals::position> gate_;
};

}  // namespace connectors

// A network in memory, in virtual time: links that deliver in order after a delay, and are lost on demand, at each end at another time.
#pragma once

#include "net/session/link.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

class memory_network {
public:
  using duration = std::chrono::microseconds;
  using time_point = std::chrono::steady_clock::time_point;

  explicit memory_network(std::uint64_t seed = 1) : random_(seed) {}

  time_point now() const { return now_; }
  /// The delay of each message and of each dial is between these.
  duration least_delay{20}, most_delay{20};
  /// A dial is answered as lost instead. Nobody listens.
  bool is_down = false;
  /// The number of messages that were delivered.
  std::uint64_t delivered = 0;

  /// A link from one owner to another; both are told later. Both must outlive the network's use of them, or be forgotten.
  void dial(annals::net::link_owner& from, annals::net::link_owner& to) {
    if (is_down) return at(delay(), [&from] { from.lost(nullptr, {annals::errc::unreachable, "nobody listens"}); });
    auto made = std::make_shared<wire>();
    made->ends[0] = std::make_shared<end>(*this, made, 0, from);
    made->ends[1] = std::make_shared<end>(*this, made, 1, to);
    wires_.push_back(made);
    at(delay(), [made] {
      made->ends[1]->owner->opened(made->ends[1]);
      made->ends[0]->owner->opened(made->ends[0]);
    });
  }

  /// Each end learns of it at its own time, within `longest`; until then it may still receive what was on its way.
  void lose_all(duration longest) {
    for (const auto& one : wires_)
      for (const auto& e : one->ends) e->cut(some(longest));
  }
  /// What one side sends does not arrive any more; both ends learn of it within `longest`. Side 0 has dialled.
  void cut_one_way(int side, duration longest) {
    for (const auto& one : wires_) one->ends[static_cast<std::size_t>(side)]->is_mute = true;
    lose_all(longest);
  }
  /// A process ends: nothing of it is delivered or told any more; the other ends learn of it within `longest`.
  void forget(const annals::net::link_owner& gone, duration longest) {
    for (const auto& one : wires_)
      for (const auto& e : one->ends)
        if (e->owner == &gone) {
          e->is_mute = e->is_gone = true;
          one->ends[1 - e->side]->cut(some(longest));
        }
  }

  /// Delivers what is due within this time, in order.
  void pass(duration time) {
    const auto until = now_ + time;
    while (!events_.empty() && events_.begin()->first.first <= until) {
      auto next = events_.extract(events_.begin());
      now_ = std::max(now_, next.key().first);
      next.mapped()();
    }
    now_ = until;
    std::erase_if(wires_, [](const auto& one) { return one->ends[0]->is_gone && one->ends[1]->is_gone; });
  }
  /// When something is due next.
  std::optional<time_point> next() const {
    if (events_.empty()) return std::nullopt;
    return events_.begin()->first.first;
  }
  std::size_t links() const { return wires_.size(); }

private:
  struct wire;
  struct end final : annals::net::link, std::enable_shared_from_this<end> {
    end(memory_network& on, const std::shared_ptr<wire>& w, std::size_t which, annals::net::link_owner& to)
        : net(on), of(w), side(which), owner(&to) {}
    void send(std::string message) override {
      const auto whole = of.lock();
      if (!whole || is_mute || is_gone || is_closed) return;
      const auto to = whole->ends[1 - side];
      last = std::max(last, net.now_ + net.delay());
      net.at(last - net.now_, [to, m = std::move(message), &n = net] {
        if (to->is_gone) return;
        ++n.delivered;
        to->owner->received(to, m);
      });
    }
    void close() override {
      if (std::exchange(is_closed, true)) return;
      cut(duration{0});
      if (const auto whole = of.lock()) whole->ends[1 - side]->cut(std::max(last, net.now_ + net.delay()) - net.now_);
    }
    void cut(std::chrono::steady_clock::duration after) {
      net.at(after, [self = shared_from_this()] {
        if (std::exchange(self->is_gone, true)) return;
        self->owner->lost(self, {annals::errc::unreachable, "the link is lost"});
      });
    }

    memory_network& net;
    const std::weak_ptr<wire> of;
    const std::size_t side;
    annals::net::link_owner* const owner;
    time_point last{};  // when its last message arrives
    bool is_mute = false, is_closed = false, is_gone = false;
  };
  struct wire {
    std::shared_ptr<end> ends[2];
  };

  duration some(duration most) { return duration{std::uniform_int_distribution<std::int64_t>{0, most.count()}(random_)}; }
  duration delay() { return least_delay + some(most_delay - least_delay); }
  void at(std::chrono::steady_clock::duration after, std::function<void()> what) { events_[{now_ + after, ++count_}] = std::move(what); }

  std::mt19937_64 random_;
  time_point now_{};
  std::uint64_t count_ = 0;
  std::map<std::pair<time_point, std::uint64_t>, std::function<void()>> events_;
  std::vector<std::shared_ptr<wire>> wires_;
};

// A network in memory, in virtual time: links that deliver in order after a delay, and are lost on demand, at each end at another time.
#pragma once

#include "net/session/link.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
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
  /// A link that its own end closes goes on receiving for as long as this, at most.
  duration closing_takes{0};
  /// The number of messages that were delivered.
  std::uint64_t delivered = 0;

  /// A link from one owner to another; both are told later. Both must outlive the network's use of them, or be forgotten.
  void dial(annals::net::link_owner& from, annals::net::link_owner& to) {
    auto made = std::make_shared<wire>();
    made->ends[0] = std::make_shared<end>(*this, made, 0, from);
    made->ends[1] = std::make_shared<end>(*this, made, 1, to);
    wires_.push_back(made);
    at(delay(), [this, made, refused = is_down] {
      const auto& [dials, listens] = made->ends;
      if (dials->is_gone) return;
      if (refused || listens->is_gone) {
        dials->is_gone = listens->is_gone = true;
        return dials->owner->lost(nullptr, {annals::errc::unreachable, "nobody listens"});
      }
      for (const auto& one : {listens, dials})
        tell(one, [one] {
          one->is_open = true;
          one->owner->opened(one);
        });
    });
  }

  /// Each end learns of it at its own time, within `longest`; until then it may still receive what was on its way.
  void lose_all(duration longest) {
    for (const auto& one : wires_)
      for (const auto& e : one->ends) e->cut(some(longest));
  }
  /// The same for the links of one owner.
  void lose(const annals::net::link_owner& of, duration longest) {
    for (const auto& one : wires_)
      if (one->is_of(of))
        for (const auto& e : one->ends) e->cut(some(longest));
  }
  /// What one side sends does not arrive any more; both ends learn of it within `longest`. Side 0 has dialled. Null: of all links.
  void cut_one_way(int side, duration longest, const annals::net::link_owner* of = nullptr) {
    for (const auto& one : wires_) {
      if (of && !one->is_of(*of)) continue;
      one->ends[static_cast<std::size_t>(side)]->is_mute = true;
      for (const auto& e : one->ends) e->cut(some(longest));
    }
  }
  /// Nothing is told to this owner for as long as this; then everything that was due, in order.
  void freeze(const annals::net::link_owner& one, duration time) { thaws_[&one] = now_ + time - std::chrono::nanoseconds{1}; }
  /// A process ends: nothing of it is delivered or told any more; the other ends learn of it within `longest`.
  void forget(const annals::net::link_owner& gone, duration longest) {
    for (const auto& one : wires_)
      for (const auto& e : one->ends)
        if (e->owner == &gone) {
          e->is_mute = e->is_gone = true;
          one->ends[1 - e->side]->cut(some(longest));
        }
    thaws_.erase(&gone);
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
        n.tell(to, [to, m, &n] {
          ++n.delivered;
          to->owner->received(to, m);
        });
      });
    }
    void close() override {
      if (std::exchange(is_closed, true)) return;
      cut(net.some(net.closing_takes));
      if (const auto whole = of.lock()) whole->ends[1 - side]->cut(std::max(last, net.now_ + net.delay()) - net.now_);
    }
    void cut(std::chrono::steady_clock::duration after) {
      net.at(after, [self = shared_from_this(), &n = net] {
        n.tell(self, [self] {
          self->is_gone = true;
          const annals::error why{annals::errc::unreachable, "the link is lost"};
          if (self->is_open)
            self->owner->lost(self, why);
          else if (self->side == 0)
            self->owner->lost(nullptr, why);  // the dial has failed
        });
      });
    }

    memory_network& net;
    const std::weak_ptr<wire> of;
    const std::size_t side;
    annals::net::link_owner* const owner;
    time_point last{};  // when its last message arrives
    bool is_open = false, is_mute = false, is_closed = false, is_gone = false;
  };
  struct wire {
    bool is_of(const annals::net::link_owner& one) const { return ends[0]->owner == &one || ends[1]->owner == &one; }
    std::shared_ptr<end> ends[2];
  };

  duration some(duration most) { return duration{std::uniform_int_distribution<std::int64_t>{0, most.count()}(random_)}; }
  duration delay() { return least_delay + some(most_delay - least_delay); }
  /// Unless that end is gone; when its owner is frozen, afterwards. What is due then has an earlier number than what is due later, and no
  /// message is due in the same nanosecond by itself, so the order is kept.
  void tell(const std::shared_ptr<end>& to, std::function<void()> what) {
    if (to->is_gone) return;
    const auto thaw = thaws_.find(to->owner);
    if (thaw == thaws_.end() || thaw->second <= now_) return what();
    at(thaw->second - now_, [this, to, later = std::move(what)] { tell(to, later); });
  }
  void at(std::chrono::steady_clock::duration after, std::function<void()> what) { events_[{now_ + after, ++count_}] = std::move(what); }

  std::mt19937_64 random_;
  time_point now_{};
  std::uint64_t count_ = 0;
  std::map<std::pair<time_point, std::uint64_t>, std::function<void()>> events_;
  std::vector<std::shared_ptr<wire>> wires_;
  std::map<const annals::net::link_owner*, time_point> thaws_;
};

#include "far_nodes.hpp"

using namespace annals;
using namespace std::chrono_literals;

namespace {
constexpr std::size_t clients_max = 3;
}  // namespace

void far_report::add(const far_report& other) {
  sends += other.sends;
  unknown += other.unknown;
  links += other.links;
  links_with_calls_under_way += other.links_with_calls_under_way;
  faults += other.faults;
  client_crashes += other.client_crashes;
  joins += other.joins;
  replica_crashes += other.replica_crashes;
  copied += other.copied;
  promotions += other.promotions;
}

far_nodes::far_nodes(random_source& random) : random_(random), net_(random.number()) {
  net_.closing_takes = duration{random.between(0, 500'000)};
  net_.most_delay = duration{random.between(20, 5'000)};
  if (random_.one_in(4)) limits_ = {static_cast<std::uint32_t>(random_.between(2, 8)), 2, 4, 10'000};
  clients_.resize(2 + random.below(clients_max));
  for (auto& one : clients_) start(one);
}

void far_nodes::start(client_node& one) {
  one.session = ++sessions_;
  one.events_seen = 0;
  one.frozen_until = {};
  one.node = std::make_shared<far_caller>(
      net_, [this]() -> net::link_owner* { return is_served_ ? &served_->door() : nullptr; }, static_cast<unsigned char>(one.session));
}

void far_nodes::begin_life(life& now) {
  served_ = std::make_unique<served_node>(now.engine(), net_, trusting(), limits_);
  served_->post = [this](auto what) { posted_.push_back(std::move(what)); };
  is_served_ = true;
}

void far_nodes::refuse() { served_->door().refuse({errc::closed, "the other node is closed"}); }

void far_nodes::lose_server() {
  if (!std::exchange(is_served_, false)) return;
  net_.forget(served_->door(), some_time());
  posted_.clear();
}

void far_nodes::end_life() { served_.reset(); }

far_nodes::duration far_nodes::some_time() {
  constexpr duration longest[] = {0us, 5ms, 300ms, 3s};
  return duration{random_.between(0, longest[random_.below(std::size(longest))].count())};
}

void far_nodes::step() {
  if (down_until_ && *down_until_ <= net_.now()) {
    down_until_.reset();
    net_.is_down = false;
  }
  for (auto& one : clients_) {
    if (one.frozen_until > net_.now()) continue;
    one.node->step();
    for (; one.events_seen < one.node->events.size(); ++one.events_seen) {
      if (one.node->events[one.events_seen].what != net::link_event::kind::linked) continue;
      ++counts_.links;
      counts_.links_with_calls_under_way += one.node->calls.outstanding();
    }
  }
  if (!is_served_) return;
  while (!posted_.empty() && random_.one_in(2)) {
    const auto next = std::move(posted_.front());
    posted_.pop_front();
    next();
  }
  served_->step();
}

void far_nodes::pass(duration time) {
  step();
  net_.pass(time);
  step();
}

void far_nodes::act() {
  ++counts_.faults;
  auto& one = random_.one_of(clients_);
  switch (random_.below(8)) {
    case 0:
    case 1: return net_.lose(one.node->link, some_time());
    case 2: return net_.lose_all(some_time());
    case 3: return net_.cut_one_way(static_cast<int>(random_.below(2)), some_time(), &one.node->link);
    case 4: {
      const auto time = some_time();
      one.frozen_until = net_.now() + time;
      net_.freeze(one.node->link, time);
      if (random_.one_in(2)) net_.lose(one.node->link, time);  // the time-out of one end is shorter
      return;
    }
    case 5: return net_.freeze(served_->door(), some_time());
    case 6:
      net_.is_down = true;
      down_until_ = net_.now() + some_time();
      return;
    default: net_.most_delay = net_.least_delay + some_time();
  }
}

void far_nodes::heal() {
  net_.is_down = false;
  down_until_.reset();
  net_.most_delay = net_.least_delay;
}

far_nodes::session far_nodes::crash_a_client() {
  ++counts_.client_crashes;
  return restart(clients_[random_.below(clients())]);
}

void far_nodes::crash_the_replicas_process() { restart(clients_.back()); }

far_nodes::session far_nodes::restart(client_node& one) {
  const auto gone = one.session;
  net_.forget(one.node->link, some_time());
  start(one);
  return gone;
}

bool far_nodes::is_settled() const {
  for (const auto& one : clients_)
    if (one.node->calls.outstanding() > 0) return false;
  return posted_.empty() && is_quiet();
}

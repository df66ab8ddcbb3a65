#include "connectors/sink/follower.hpp"

#include "connectors/sink/worker.hpp"

#include <exception>
#include <system_error>

namespace annals::connectors {
namespace {

constexpr std::size_t records_at_once = 2'000;
constexpr std::size_t bytes_at_once = std::size_t{8} << 20;
// At the head: the log is looked at again after so long.
constexpr std::chrono::milliseconds first_look{1}, last_look{20};
constexpr std::chrono::milliseconds head_every{250};

bool may_pass(errc code) {
  return code == errc::unreachable || code == errc::timed_out || code == errc::overloaded || code == errc::unknown || code == errc::not_ready;
}

}  // namespace

follower::follower(const target& to, generation which, const sink_source& from, board& told)
    : to_(to), which_(which), log_(from), told_(told), queues_(to.workers) {}

result<std::unique_ptr<follower>> follower::start(const target& to, generation which, const sink_source& from, board& told) {
  std::unique_ptr<follower> made{new follower{to, which, from, told}};
  try {
    made->threads_.emplace_back(&follower::run, made.get(), &follower::read, 0);
    for (std::size_t n = 0; n < to.workers; ++n) made->threads_.emplace_back(&follower::run, made.get(), &follower::work, n);
  } catch (const std::system_error& none) {
    return error{errc::no_threads, "a thread of a sink could not be started", none.what()};
  }
  return made;
}

follower::~follower() {
  stopper_.stop();
  queues_.stop();
  for (auto& thread : threads_) thread.join();
}

/// An exception, as for want of memory, stops the sink and not the process.
void follower::run(void (follower::*what)(std::size_t), std::size_t number) {
  try {
    (this->*what)(number);
  } catch (const std::exception& thrown) {
    told_.change([&](board& b) { b.of(which_).stopped = error{errc::projection_failed, "a thread of a sink failed", thrown.what()}; });
  } catch (...) {
    told_.change([&](board& b) { b.of(which_).stopped = error{errc::projection_failed, "a thread of a sink failed", "unknown exception"}; });
  }
}

void follower::work(std::size_t number) {
  worker one{{to_, which_, told_, queues_, stopper_}, number};
  one.run();
}

result<std::vector<chunk>> follower::read_from(position from) const {
  std::vector<chunk> shares(to_.workers);
  std::size_t bytes = 0;
  position up_to = from - 1;
  timestamp time = 0;
  const auto read = log_.log(from, records_at_once, [&](const record_view& record) {
    up_to = record.at;
    time = record.time;
    if (to_.wants(record)) {
      held_event held{record};
      auto& share = shares[held.slot % to_.workers];
      share.bytes += record.stored_bytes;
      bytes += record.stored_bytes;
      share.events.push_back(std::move(held));
    }
    return bytes < bytes_at_once;
  });
  if (!read && up_to < from) return read.error();  // else what comes before the error first
  for (auto& share : shares) {
    share.from = from;
    share.up_to = up_to;
    share.time = time;
  }
  return shares;
}

/// Tells that it waits, or that it has stopped.
bool follower::is_worth_another_try(const error& why) {
  const bool again = may_pass(why.code);
  told_.change([&](board& b) {
    auto& mine = b.of(which_);
    if (again)
      mine.waiting[to_.workers] = why;
    else if (!mine.stopped)
      mine.stopped = why;
  });
  return again;
}

void follower::look_at_head() {
  const auto now = std::chrono::steady_clock::now();
  if (now - head_looked_at_ < head_every) return;
  head_looked_at_ = now;
  if (const auto head = log_.head())
    told_.change([&](board& b) {
      if (b.head < head->at) b.head = head->at;
    });
}

void follower::read(std::size_t) {
  pauses at_head{first_look, last_look};
  pauses after_errors{std::chrono::milliseconds{100}, std::chrono::seconds{10}};
  bool waited = false;
  while (const auto from = queues_.where()) {
    look_at_head();
    auto shares = read_from(*from);
    if (!shares) {
      waited = true;
      if (!is_worth_another_try(shares.error()) || !stopper_.pause(after_errors.next())) return;
      continue;
    }
    if (waited) told_.change([&](board& b) { b.of(which_).waiting.erase(to_.workers); });
    waited = false;
    after_errors.begin_again();
    const auto up_to = shares->front().up_to;
    if (up_to < *from) {
      told_.change([&](board& b) {
        if (which_ == generation::live && b.live.lowest() >= up_to) b.counted.has_been_ready = true;
      });
      if (!stopper_.pause(at_head.next())) return;
      continue;
    }
    at_head.begin_again();
    const auto time = shares->front().time;
    told_.change([&](board& b) {
      if (b.head < up_to) b.head = up_to;
      if (b.head == up_to) b.head_time = time;
    });
    queues_.push(std::move(*shares));
  }
}

}  // namespace annals::connectors

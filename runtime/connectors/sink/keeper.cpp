#include "connectors/sink/keeper.hpp"

#include <unistd.h>

#include <algorithm>
#include <exception>
#include <system_error>

namespace annals::connectors {
namespace {

/// While it serves, the rebuilt generation takes its place as soon as it is so few events behind.
constexpr position nearly_there = 1'000;
constexpr std::chrono::milliseconds first_pause{100}, last_pause{10'000};
thread_local const keeper* inside = nullptr;

bool may_pass(const error& why) {
  return why.code == errc::unreachable || why.code == errc::timed_out || why.code == errc::overloaded || why.code == errc::unknown;
}

}  // namespace

keeper::keeper(std::unique_ptr<target> to, sink_source from) : to_(std::move(to)), log_(std::move(from)), process_(::getpid()) {}

result<std::shared_ptr<keeper>> keeper::start(std::unique_ptr<target> to, sink_source from) {
  const auto bad = [](const char* what) { return error{errc::bad_option, what}; };
  if (to->workers < 1 || to->workers > slot_count) return bad("a sink has 1 to 16 partitions");
  if (to->batch_max < 1 || to->batch_max > 100'000) return bad("batch_max is 1 to 100,000");
  if (to->parked_max < 1 || to->parked_max > 1'000'000) return bad("parked_max is 1 to 1,000,000");
  if (to->on_failure.attempts < 1) return bad("an event is tried at least once");
  auto made = std::make_shared<keeper>(std::move(to), std::move(from));
  try {
    made->thread_ = std::thread{[one = made.get()] { one->keep(); }};
  } catch (const std::system_error& none) {
    return error{errc::no_threads, "the thread of a sink could not be started", none.what()};
  }
  return made;
}

keeper::~keeper() {
  close();
  if (process_ != ::getpid() && thread_.joinable()) thread_.detach();  // the child of a fork has no such thread
}

void keeper::close() {
  if (process_ != ::getpid()) return;
  told_.change([](board& b) { b.is_closed = true; });
  stopper_.stop();
  if (inside != this && thread_.joinable()) thread_.join();
}

void keeper::keep() {
  inside = this;
  pauses growing{first_pause, last_pause};
  while (!stopper_.is_stopped()) {
    was_wanted_ = false;
    result<void> done = error{errc::projection_failed};
    try {
      done = once();
    } catch (const std::exception& thrown) {
      done = error{errc::projection_failed, "the thread of a sink failed", thrown.what()};
    } catch (...) {  // of the host's `schema`
      done = error{errc::projection_failed, "the thread of a sink failed", "unknown exception"};
    }
    if (done) {
      growing.begin_again();
      continue;
    }
    if (may_pass(done.error())) {
      told_.change([&](board& b) { b.waiting = done.error(); });
      stopper_.pause(growing.next());
    } else {
      told_.change([&](board& b) {
        b.stopped = done.error();
        if (was_wanted_) b.rebuild_is_wanted = false;  // this one has failed
      });
      wait_for_decision();
    }
  }
}

/// After an error: until somebody has decided, by retry(), skip() or rebuild().
void keeper::wait_for_decision() {
  std::unique_lock lock{told_.mutex};
  told_.changed.wait(lock, [&] { return told_.is_closed || !told_.stopped || told_.rebuild_is_wanted; });
  told_.stopped.reset();
}

result<keeper::found> keeper::look() {
  found at;
  auto head = log_.head();
  if (!head) return std::move(head).error();
  auto made = to_->connect(stopper_);
  if (!made) return std::move(made).error();
  at.database = std::move(*made);
  at.history = head->history;
  for (const auto which : {generation::live, generation::next}) {
    auto seen = at.database->look(which);
    if (!seen) return std::move(seen).error();
    (which == generation::live ? at.live : at.next) = std::move(*seen);
  }
  told_.change([&](board& b) {
    b.waiting.reset();
    b.head = std::max(b.head, head->at);
  });
  return at;
}

result<void> keeper::once() {
  auto at = look();
  if (!at) return std::move(at).error();
  if (!at->live) {
    told_.change([](board& b) { b.live = {}; });  // what was there is lost
    return at->database->create(generation::live, to_->shape, at->history);
  }
  told_.change([&](board& b) { was_wanted_ = b.rebuild_is_wanted; });
  const bool is_wanted = was_wanted_;
  const bool fits = at->live->shape == to_->shape;
  if (!fits && has_served_)
    return error{errc::misuse, "another program has put tables of other handlers in the place of these", to_->kind + " " + to_->name};
  has_served_ = has_served_ || fits;
  if (at->live->history != at->history && !is_wanted && !(at->next && at->next->history == at->history))
    return error{errc::history_differs, "filled from another history of this log; rebuild() fills it again", to_->kind + " " + to_->name};
  const bool has_next = is_wanted || !fits || at->next.has_value();
  if (has_next)
    if (auto ok = prepare_next(*at, is_wanted); !ok) return ok;
  return follow(*at, has_next);
}

/// What was begun by other handlers, or from another history, is begun again; and if it was asked for.
result<void> keeper::prepare_next(found& at, bool is_wanted) {
  const bool is_of_use = at.next && !is_wanted && at.next->shape == to_->shape && at.next->history == at.history;
  if (at.next && !is_of_use)
    if (auto ok = at.database->drop_next(); !ok) return ok;
  if (is_of_use) return {};
  return at.database->create(generation::next, to_->shape, at.history);
}

result<void> keeper::follow(found& at, bool has_next) {
  const bool has_live = at.live->shape == to_->shape && at.live->history == at.history;
  position live_at = ~position{0};
  for (const auto& slot : at.live->slots) live_at = std::min(live_at, slot.at);
  position head = 0;
  told_.change([&](board& b) {
    b.live = {};
    if (!has_live) {  // it serves as it is
      for (auto& slot : b.live.slots) slot = {true, live_at, 0};
      for (const auto& row : at.live->parked) b.live.parked.emplace(row.event.at, row);
    }
    b.history = at.history;
    head = b.head;
    b.next = has_next ? std::optional<progress>{progress{}} : std::nullopt;
    if (!has_next) return;
    b.rebuild_failed.reset();
    b.rebuild_is_wanted = false;
  });
  std::unique_ptr<follower> live, next;
  if (has_live) {
    auto started = follower::start(*to_, generation::live, log_, told_);
    if (!started) return std::move(started).error();
    live = std::move(*started);
  }
  if (has_next) {
    auto started = follower::start(*to_, generation::next, log_, told_);
    if (!started) return std::move(started).error();
    next = std::move(*started);
  }
  const auto how = watch(has_live, head);
  live.reset();
  next.reset();
  if (how == ended::caught_up) return finish(at, has_live);
  return how == ended::look_again ? result<void>{} : stopped(at, has_live);
}

/// A rebuild that has stopped leaves what serves as it is.
result<void> keeper::stopped(found& at, bool has_live) {
  std::optional<error> why;
  bool only_next = false;
  told_.change([&](board& b) {
    only_next = has_live && !b.live.stopped;
    why = b.live.stopped ? b.live.stopped : b.next->stopped;
  });
  if (!only_next) return std::move(*why);
  if (auto ok = at.database->drop_next(); !ok) return ok;
  told_.change([&](board& b) {
    b.next.reset();
    b.rebuild_failed = std::move(why);
  });
  return {};
}

/// Until there is something to do.
keeper::ended keeper::watch(bool has_live, position next_until) {
  std::unique_lock lock{told_.mutex};
  auto how = ended::look_again;
  told_.changed.wait(lock, [&] {
    if (told_.is_closed || told_.live.is_gone || (told_.next && told_.next->is_gone)) return true;
    if (told_.rebuild_is_wanted) {
      if (!told_.next) return true;
      told_.rebuild_is_wanted = false;  // one is under way
    }
    if (told_.live.stopped || (told_.next && told_.next->stopped)) {
      how = ended::stopped;
      return true;
    }
    if (!told_.next || !std::all_of(told_.next->slots.begin(), told_.next->slots.end(), [](auto& s) { return s.is_known; })) return false;
    const auto until = has_live ? told_.live.lowest() : next_until;
    if (told_.next->lowest() + (has_live ? nearly_there : 0) < until) return false;
    how = ended::caught_up;
    return true;
  });
  return how;
}

/// With nobody at work here, the rest of the way is short. Another process may move what serves: then it takes another round.
result<void> keeper::finish(found& at, bool has_live) {
  while (!stopper_.is_stopped()) {
    auto done = at.database->swap();
    if (!done) return std::move(done).error();
    if (*done) {
      told_.change([](board& b) {
        b.next.reset();
        b.rebuild_failed.reset();
      });
      return {};
    }
    auto live = at.database->look(generation::live);
    if (!live) return std::move(live).error();
    if (!*live) return {};
    position until = 0;
    for (const auto& slot : (*live)->slots) until = std::max(until, slot.at);
    told_.change([](board& b) { b.next.emplace(); });
    auto next = follower::start(*to_, generation::next, log_, told_);
    if (!next) return std::move(next).error();
    const auto how = watch(false, until);
    next->reset();
    if (how == ended::stopped) return stopped(at, has_live);
    if (how == ended::look_again) return {};
  }
  return {};
}

std::optional<error> keeper::usable() const {
  if (process_ != ::getpid()) return error{errc::misuse, "in a child of a fork"};
  return std::nullopt;
}

sink_status keeper::status() {
  if (auto no = usable()) return {0, 0, 0, std::nullopt, std::move(no), std::nullopt};
  return status_of(told_);
}

annals::metrics keeper::metrics() {
  if (usable()) return {};
  return metrics_of(told_, *to_);
}

}  // namespace annals::connectors

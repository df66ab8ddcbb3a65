#include "net/door/pulls.hpp"

#include "net/wire/records.hpp"

#include <algorithm>
#include <exception>
#include <optional>
#include <system_error>
#include <utility>

namespace annals::net {

bool pulls::has_something(const pull_call& asked) const {
  const auto& env = engine_.env();
  return env.log->durable() >= asked.from || env.alive.control_changes.count() != asked.control_count ||
         env.log->identity().generation != asked.control_generation;
}

/// The caller's last record has to be this log's, too: a source that was set back by a copy of its files has the same history.
result<void> pulls::check(const pull_call& asked) const {
  const auto& log = *engine_.env().log;
  const auto differs = [&](std::string_view why) -> result<void> {
    return error{errc::history_differs, "the replica has other records than this log", std::string{why}, 0, asked.from - 1};
  };
  if (asked.history != log.identity().history) return differs("it follows another history");
  if (asked.from <= 1) return {};
  const position last[] = {asked.from - 1};
  if (last[0] > log.durable()) return differs("this log ends at position " + std::to_string(log.durable()));
  std::uint64_t checksum = 0;
  auto ok = log.read_durable_at(last, [&](const record_view& record) {
    checksum = record.checksum;
    return true;
  });
  if (!ok) return ok;
  return checksum == asked.previous_checksum ? result<void>{} : differs("the record at position " + std::to_string(last[0]) + " is another one");
}

result<void> pulls::add_control(const pull_call& asked, pull_answer& to) const {
  const auto& env = engine_.env();
  const auto generation = env.log->identity().generation;
  const auto count = env.alive.control_changes.count();
  if (asked.control_generation == generation && asked.control_count == count) return {};
  const auto changed = asked.control_generation == generation ? env.alive.control_changes.since(asked.control_count) : std::nullopt;
  to.has_control = true;
  to.is_all_control = !changed;
  to.control_generation = generation;
  to.control_count = count;
  auto gone = changed.value_or(std::set<std::string>{});
  auto ok = env.log->control({}, [&](std::string_view key, std::string_view value) {
    if (changed && gone.erase(std::string{key}) == 0) return true;
    to.control.push_back({std::string{key}, std::string{value}});
    return true;
  });
  for (const auto& key : gone) to.control.push_back({key, {}});
  to.control_head = env.log->readable();  // after reading: entries refer to readable records
  return ok;
}

detail::outcome pulls::answer_to(const pull_call& asked) const {
  if (auto ok = check(asked); !ok) return std::move(ok).error();
  constexpr std::size_t most = std::size_t{4} << 20;
  const auto& log = *engine_.env().log;
  pull_answer made;
  if (auto ok = add_control(asked, made); !ok) return std::move(ok).error();
  record_batch batch;
  const auto next = log.read_durable(asked.from, {100'000, std::clamp<std::size_t>(asked.bytes_max, 1, most)}, [&](const record_view& record) {
    batch.add(record);
    return true;
  });
  if (!next) return next.error();
  made.head = log.durable();
  made.head_time = log.last_time();
  made.records = batch.done(*next, *next > made.head);
  return detail::answered{{}, encoded(made)};
}

void pulls::take(const std::shared_ptr<served_session>& of, const taken_call& taken, const pull_call& asked) {
  constexpr std::int64_t longest_ms = 60'000;
  if (asked.wait_ms <= 0 || has_something(asked)) return answer({of, taken, asked, {}}, std::nullopt);
  const std::lock_guard lock{mutex_};
  if (ends_) return of->answer(taken, error{errc::closed, "the other node is closed"});
  if (!thread_.joinable()) try {
      thread_ = std::thread{[this] { run(); }};
    } catch (const std::system_error& why) {
      return of->answer(taken, error{errc::no_threads, "a thread for replicas could not be started", why.what()});
    }
  waiting_.push_back({of, taken, asked, steady::now() + std::chrono::milliseconds{std::min(asked.wait_ms, longest_ms)}});
  engine_.env().news.changed();
}

void pulls::answer(const waiting& one, const std::optional<error>& why) const {
  try {
    auto given = why ? detail::outcome{*why} : answer_to(one.asked);
    if (given && !one.of->has_room_for(given->bytes.size())) given = unread_answers(one.of->peer());
    one.of->answer(one.taken, std::move(given));
  } catch (const std::exception& failed) {  // no memory, say; the replica asks again
    one.of->answer(one.taken, error{errc::overloaded, "the records cannot be sent now", failed.what()});
  }
}

void pulls::run() {
  for (bool goes_on = true; goes_on;) try {
      goes_on = turn();
    } catch (const std::exception&) {  // no memory, say: what waits is looked at again
    }
}

/// Answers what is due. False if it ends.
bool pulls::turn() {
  constexpr std::chrono::milliseconds look_again{50};  // for those whose time is over
  const auto is_due = [this](const waiting& one) { return steady::now() >= one.until || has_something(one.asked); };
  const auto waited = engine_.env().news.wait(look_again, [&] {
    const std::lock_guard lock{mutex_};
    return ends_ || std::any_of(waiting_.begin(), waiting_.end(), is_due);
  });
  const bool is_over = !waited && waited.error().code != errc::timed_out;
  std::vector<waiting> due;
  {
    const std::lock_guard lock{mutex_};
    ends_ = ends_ || is_over;
    due.reserve(waiting_.size());
    const auto rest = std::partition(waiting_.begin(), waiting_.end(), [&](const auto& one) { return !ends_ && !is_due(one); });
    due.assign(std::make_move_iterator(rest), std::make_move_iterator(waiting_.end()));
    waiting_.erase(rest, waiting_.end());
    if (ends_ && due.empty()) return false;
  }
  for (const auto& one : due) answer(one, is_over ? std::optional{waited.error()} : std::nullopt);
  return true;
}

void pulls::stop() {
  std::thread ended;
  {
    const std::lock_guard lock{mutex_};
    if (std::exchange(ends_, true) && !thread_.joinable()) return;  // the engine may be gone by now
    ended = std::move(thread_);
  }
  engine_.env().news.changed();
  if (ended.joinable()) ended.join();
}

}  // namespace annals::net

#include "net/replica/copied_store.hpp"

#include <spdlog/logger.h>

#include <algorithm>
#include <exception>
#include <system_error>
#include <utility>

namespace annals::net {
namespace {

constexpr std::chrono::milliseconds longest_pull{10'000};

/// Whether no further attempt can help after this answer. A failed journal of the source is not final: its next start may repair it.
bool is_final(const error& why) { return why.code == errc::history_differs || why.code == errc::corrupt_record || why.code == errc::store_newer; }

/// The source's log, or nothing if it cannot be reached and there is a copy already.
result<std::optional<store::log_identity>> ask_source(handle& source, bool has_copy) {
  const auto bytes = source.answer_to(call::source, nothing_call{});
  if (!bytes) {
    const auto code = bytes.error().code;
    const bool is_away = code == errc::unreachable || code == errc::timed_out;
    if (has_copy && is_away) return std::optional<store::log_identity>{};
    return bytes.error();
  }
  const auto answer = decoded<source_answer>(*bytes);
  if (!answer) return answer.error();
  return std::optional{as_identity(*answer)};
}

}  // namespace

result<std::shared_ptr<copied_store>> copied_store::open(const std::filesystem::path& directory, std::shared_ptr<handle> source, options with) {
  if (auto ok = detail::engine::check(with); !ok) return std::move(ok).error();
  std::error_code ignored;
  const bool has_copy = std::filesystem::exists(directory / "log", ignored);
  auto identity = ask_source(*source, has_copy);
  if (!identity) return std::move(identity).error();
  auto how = detail::how_to_open(with);
  how.copy_of = std::move(*identity);
  how.is_copy = true;
  auto opened = store::open_store(directory, how);
  if (!opened) return std::move(opened).error();
  return std::shared_ptr<copied_store>{new copied_store{std::move(source), std::move(*opened), std::move(with)}};
}

copied_store::copied_store(std::shared_ptr<handle> source, std::shared_ptr<store::opened> opened, options with)
    : source_(std::move(source)),
      opened_(std::move(opened)),
      log_(*opened_->log),
      engine_(new detail::engine{detail::parts_of(opened_), std::move(with)}),
      copier_(log_) {
  lag_.source_head = log_.durable();
  source_time_ = log_.last_time();
}

result<void> copied_store::start() {
  if (auto ok = engine_->start(); !ok && ok.error().code != errc::projection_failed) return ok;
  try {
    thread_ = std::thread{[this] { follow(); }};
  } catch (const std::system_error& why) {
    return error{errc::no_threads, "a thread for the replica could not be started", why.what()};
  }
  return {};
}

void copied_store::close() {
  {
    const std::lock_guard lock{mutex_};
    ends_ = true;
  }
  ended_.notify_all();
  engine_->env().news.changed();
  if (thread_.joinable()) thread_.join();
  engine_->close();
}

replica_lag copied_store::lag() const {
  const std::lock_guard lock{mutex_};
  auto now = lag_;
  now.at = log_.durable();
  now.source_head = std::max(now.source_head, now.at);
  now.events = now.source_head - now.at;
  if (now.events > 0) now.behind = std::chrono::microseconds{std::max<timestamp>(source_time_ - log_.last_time(), 0)};
  return now;
}

result<void> copied_store::wait_for(position at, std::chrono::milliseconds time_out) const {
  if (!detail::may_wait()) return detail::must_not_wait("wait_for()");
  std::optional<error> stopped;
  const auto waited = engine_->env().news.wait(time_out, [&] {
    stopped = lag().stopped;
    return stopped || log_.readable() >= at;
  });
  if (log_.readable() >= at) return {};
  if (stopped) return std::move(*stopped);
  if (!waited && waited.error().code == errc::timed_out)
    return error{errc::timed_out, "the replica has not come so far", "position " + std::to_string(log_.readable()), 0, log_.readable()};
  return waited;
}

std::shared_ptr<detail::waiter> copied_store::ask() const { return source_->ask(call::pull, copier_.next(longest_pull), longest_pull); }

std::optional<detail::outcome> copied_store::await(detail::waiter& answer) const {
  constexpr std::chrono::milliseconds look_again{50};
  while (!ends_)
    if (auto given = answer.await_for(look_again)) return given;
  return std::nullopt;
}

/// An exception (no memory, say) ends following, not the process.
void copied_store::follow() {
  try {
    run();
  } catch (const std::exception& why) {
    const std::lock_guard lock{mutex_};
    lag_.stopped = error{errc::store_failed, "following the source failed", why.what()};
  }
  if (const auto stopped = lag().stopped) engine_->env().report("replica", *stopped);
  engine_->env().news.changed();
}

void copied_store::run() {
  auto asked = ask();
  while (!ends_) {
    auto given = await(*asked);
    if (!given) return;
    if (!*given && !is_final((*given).error())) {
      pause((*given).error());
      asked = ask();
      continue;
    }
    result<void> ok;
    if (!*given)
      ok = (*given).error().code == errc::history_differs ? why_it_differs((*given).error()) : (*given).error();
    else
      ok = copier_.take(std::move((*given)->bytes));
    if (ok) {
      answered();
      asked = ask();  // on its way while this one is written
      ok = write();
    }
    if (!ok) {
      const std::lock_guard lock{mutex_};
      lag_.stopped = std::move(ok).error();
      return;
    }
  }
}

void copied_store::answered() {
  const std::lock_guard lock{mutex_};
  lag_.source_head = copier_.source_head();
  source_time_ = copier_.source_time();
  lag_.waiting.reset();
}

result<void> copied_store::write() {
  while (!ends_) {
    auto ok = copier_.write();
    if (ok) {
      const std::lock_guard lock{mutex_};
      lag_.waiting.reset();
    }
    if (ok || ok.error().code != errc::storage_full) return ok;
    pause(ok.error());
  }
  return {};
}

error copied_store::why_it_differs(const error& said) const {
  const auto asked = source_->ask(call::source, nothing_call{});
  const auto given = await(*asked);
  if (!given || !*given) return said;
  const auto answer = decoded<source_answer>((*given)->bytes);
  if (!answer) return said;
  const auto fork = store::fork_of(as_identity(*answer).former, log_.identity().history);
  if (!fork || log_.durable() > *fork) return said;
  return {errc::history_differs, "the source began a new history", "open the replica again to follow it"};
}

void copied_store::pause(const error& why) {
  constexpr std::chrono::milliseconds before_the_next{200};
  std::unique_lock lock{mutex_};
  lag_.waiting = why;
  (void)ended_.wait_for(lock, before_the_next, [this] { return ends_.load(); });
}

}  // namespace annals::net

#include "net/replica/place_in_memory.hpp"

#include "store/log/record_copy.hpp"

#include <algorithm>
#include <utility>

namespace annals::net {
namespace {

error kept_at_the_owner(std::string_view what) {
  return {errc::not_owner, "this is a replica", std::string{what} + " belongs to the owner of the store"};
}

}  // namespace

place_in_memory::place_in_memory(std::shared_ptr<copied_store> of, std::string name, subscription_options with)
    : of_(std::move(of)), name_(std::move(name)), with_(std::move(with)), at_(with_.from == at_head ? of_->engine().head().at + 1 : with_.from) {}

bool place_in_memory::is_chosen(const record_view& record) const {
  const auto has = [](const std::vector<std::string>& all, std::string_view one) {
    return all.empty() || std::find(all.begin(), all.end(), one) != all.end();
  };
  return has(with_.categories, record.category()) && has(with_.types, record.type) && !detail::is_the_runtimes(record);
}

std::optional<error> place_in_memory::over() const {
  const std::lock_guard lock{mutex_};
  if (has_left_) return error{errc::closed, "this member has left"};
  return stopped_;
}

result<void> place_in_memory::read(std::size_t max, std::vector<delivered>& into) {
  const auto& log = *of_->engine().env().log;
  const std::lock_guard lock{mutex_};
  std::size_t bytes = 0;
  store::record_copier copier;
  while (into.size() < max && bytes < (std::size_t{8} << 20) && at_ <= log.readable()) {
    const auto next = log.read(at_, {1'000, std::size_t{1} << 20}, [&](const record_view& record) {
      at_ = record.at + 1;
      if (!is_chosen(record)) return true;
      auto copy = copier.copy(record);
      into.push_back({copy.record, 1, std::move(copy.bytes)});
      bytes += record.stored_bytes;
      return into.size() < max;
    });
    if (!next) return next.error();
  }
  return {};
}

detail::membership::wanted place_in_memory::next(std::size_t max, std::chrono::milliseconds time_out) {
  wanted asked{detail::make_waiter(), std::make_shared<std::vector<delivered>>()};
  max = std::clamp<std::size_t>(max, 1, with_.in_flight_max);
  const auto& env = of_->engine().env();
  result<void> ok;
  const auto until =
      std::chrono::steady_clock::now() + std::clamp<std::chrono::milliseconds>(time_out, std::chrono::milliseconds{0}, std::chrono::hours{24});
  for (;;) {
    if (auto why = over()) {
      asked.answered->complete(std::move(*why));
      return asked;
    }
    ok = read(max, *asked.batch);
    if (!ok || !asked.batch->empty()) break;
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(until - std::chrono::steady_clock::now());
    if (left.count() <= 0) break;
    const auto from = env.log->readable();
    const auto waited = env.news.wait(left, [&] { return env.log->readable() > from || over(); });
    if (!waited && waited.error().code != errc::timed_out) ok = waited;
    if (!ok) break;
  }
  asked.answered->complete(ok ? detail::outcome{detail::answered{}} : detail::outcome{std::move(ok).error()});
  return asked;
}

std::shared_ptr<detail::waiter> place_in_memory::ack(std::vector<position>, std::uint64_t) {
  return detail::answered_with(kept_at_the_owner("an acknowledgement"));
}

std::shared_ptr<detail::waiter> place_in_memory::nack(position at, std::string why, std::uint64_t) {
  {
    const std::lock_guard lock{mutex_};
    if (!stopped_) stopped_ = error{errc::subscription_stopped, "an event was refused, and a replica keeps no attempts", std::move(why), 0, at};
  }
  of_->engine().env().news.changed();
  return detail::answered_with(kept_at_the_owner("an attempt"));
}

std::shared_ptr<detail::waiter> place_in_memory::resolve(position, bool) { return detail::answered_with(kept_at_the_owner("a parked event")); }

void place_in_memory::leave() {
  {
    const std::lock_guard lock{mutex_};
    has_left_ = true;
  }
  if (is_ours()) of_->engine().env().news.changed();
}

bool place_in_memory::may_handle() {
  const std::lock_guard lock{mutex_};
  return !has_left_;
}

}  // namespace annals::net

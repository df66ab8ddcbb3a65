#include "benchmarks/load.hpp"

#include "benchmarks/must.hpp"
#include "benchmarks/which_account.hpp"

#include <fmt/format.h>
#include <bank/account.hpp>

#include <algorithm>
#include <charconv>
#include <thread>

namespace bench {
namespace {

constexpr std::size_t opened_at_once = 10'000;
/// The sender of an open loop sleeps at least this long, so that it leaves the processors to what is measured. Commands that became
/// due meanwhile are sent at once.
constexpr std::chrono::microseconds tick{100};

std::string id_of(std::uint64_t number) {
  char text[24] = "d-";
  const auto end = std::to_chars(text + 2, text + sizeof text, number).ptr;
  return {text, end};
}

/// A sampled trace, as a header `traceparent`: each number has another.
std::string trace_of(std::uint64_t number) { return fmt::format("00-{:032x}-{:016x}-01", number + 1, number + 1); }

}  // namespace

load::load(annals::runtime& on, std::size_t aggregates, std::uint64_t seed, std::size_t filler_bytes)
    : on_(on), here_(&on), seed_(seed), filler_(filler_bytes, 'x') {
  for (std::size_t i = 0; i < aggregates; ++i) keys_.push_back(std::to_string(i));
}

load::load(annals::remote& on, std::size_t aggregates, std::uint64_t seed, std::size_t filler_bytes)
    : on_(on), seed_(seed), filler_(filler_bytes, 'x') {
  for (std::size_t i = 0; i < aggregates; ++i) keys_.push_back(std::to_string(i));
}

void load::open_accounts() {
  for (std::size_t begin = 0; begin < keys_.size(); begin += opened_at_once) {
    std::vector<annals::pending<annals::receipt>> sent;
    for (auto i = begin; i < std::min(begin + opened_at_once, keys_.size()); ++i)
      sent.push_back(on_.send<bank::account>(keys_[i], bank::open_account{"owner"}));
    for (auto& s : sent) must(s.get());
  }
}

void load::begin(double seconds, std::size_t slices) {
  slices_.assign(slices, {});
  left_ = 0;
  began_ = steady::now();
  end_ = began_ + std::chrono::duration_cast<steady::duration>(std::chrono::duration<double>(seconds));
}

double load::wait_for_answers() {
  std::unique_lock lock{mutex_};
  ended_.wait(lock, [&] { return left_ == 0; });
  return std::chrono::duration<double>(steady::now() - began_).count();
}

double load::closed_loop(std::size_t in_flight, double seconds, std::size_t slices) {
  begin(seconds, slices);
  sends_on_answer_ = true;
  left_ = in_flight;
  for (std::size_t i = 0; i < in_flight; ++i) send_next(steady::now());
  return wait_for_answers();
}

double load::open_loop(double commands_per_second, double seconds, std::size_t slices) {
  begin(seconds, slices);
  sends_on_answer_ = false;
  const auto total = static_cast<std::uint64_t>(commands_per_second * seconds) + 1;
  {
    const std::lock_guard lock{mutex_};
    left_ = total;
  }
  for (std::uint64_t n = 0; n < total; ++n) {
    const std::chrono::duration<double> offset{static_cast<double>(n) / commands_per_second};
    const auto due = began_ + std::chrono::duration_cast<steady::duration>(offset);
    if (const auto now = steady::now(); due > now) std::this_thread::sleep_until(std::max(due, now + tick));
    send_next(due);
  }
  return wait_for_answers();
}

void load::send_next(steady::time_point due) {
  const auto n = next_.fetch_add(1, std::memory_order_relaxed);
  const auto& key = keys_[which_account(n, seed_, keys_.size())];
  annals::send_options with;
  if (here_) {
    with.id = id_of(n);
    with.since = here_->head();
  }
  if (trace_one_in_ > 0 && n % trace_one_in_ == 0 && is_tracing_.load(std::memory_order_relaxed)) with.trace = trace_of(n);
  on_.send<bank::account>(key, bank::deposit{1, filler_}, std::move(with)).then([this, due](const annals::result<annals::receipt>& answer) {
    take(due, answer);
  });
}

/// Answers come in the gateway's thread, except those that are there before then() is called.
void load::take(steady::time_point due, const annals::result<annals::receipt>& answer) {
  const bool overloaded = !answer && answer.error().code == annals::errc::overloaded;
  if (!overloaded) must(answer);
  const auto now = steady::now();
  {
    const std::lock_guard lock{mutex_};
    const auto part = std::chrono::duration<double>(now - began_) / std::chrono::duration<double>(end_ - began_);
    auto& slice = slices_[std::min(slices_.size() - 1, static_cast<std::size_t>(part * static_cast<double>(slices_.size())))];
    if (overloaded)
      ++slice.overloaded;
    else
      slice.times.add(static_cast<std::uint64_t>(std::chrono::nanoseconds(now - due).count()));
    if (!sends_on_answer_ || now >= end_) {
      if (--left_ == 0) ended_.notify_all();
      return;
    }
  }
  send_next(now);
}

}  // namespace bench

#include "ops/console/past.hpp"

#include "ops/console/measured.hpp"
#include "ops/console/moments.hpp"
#include "ops/console/routes.hpp"
#include "ops/http/pool.hpp"

#include <annals/runtime.hpp>

#include <system_error>

namespace annals::ops {

result<void> past_figures::start(const view& of, const runtime* rt) {
  try {
    thread_ = start_thread([this, &of, rt] {
      for (std::unique_lock lock{mutex_}; !closed_;) {
        lock.unlock();
        look(of, rt);
        lock.lock();
        changed_.wait_for(lock, every, [this] { return closed_; });
      }
    });
  } catch (const std::system_error& why) {
    return no_threads(why);
  }
  return {};
}

void past_figures::look(const view& of, const runtime* rt) {
  try {
    const auto head = of.head();
    const auto stats = of.stats(annals::figures::quick);
    if (!head || !stats) return;
    if (rt == nullptr) return note(now(), head->at, stats->log_bytes, nullptr);
    const auto measured = rt->metrics();
    note(now(), head->at, stats->log_bytes, &measured);
  } catch (const std::exception&) {  // no memory for it: this sample is missing
  }
}

void past_figures::note(timestamp at, position head, std::uint64_t log_bytes, const metrics* measured) {
  json figures{{"now", time_text(at)},
               {"head", {{"position", head}}},
               {"counters", {{"events", head}, {"commands", measured ? commands_json(*measured) : json{}}}},
               {"latency", measured ? latency_json(*measured) : json{}},
               {"store", {{"log_bytes", log_bytes}}}};
  const std::lock_guard lock{mutex_};
  if (!samples_.empty() && at < samples_.back().at) samples_.clear();  // the clock was set back
  samples_.push_back({at, std::move(figures)});
  while (samples_.front().at < at - std::chrono::microseconds{kept}.count()) samples_.pop_front();
}

json past_figures::samples() const {
  json out = json::array();
  const std::lock_guard lock{mutex_};
  for (const auto& each : samples_) out.push_back(each.figures);
  return out;
}

void past_figures::close() {
  {
    const std::lock_guard lock{mutex_};
    closed_ = true;
    changed_.notify_all();
  }
  if (thread_.joinable()) thread_.join();
}

answer show_past(call& c) { return answer_of(json{{"samples", c.site.past->samples()}}); }

}  // namespace annals::ops

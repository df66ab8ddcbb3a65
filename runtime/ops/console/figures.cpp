#include "ops/console/figures.hpp"

#include "ops/console/moments.hpp"
#include "ops/console/shapes.hpp"
#include "ops/http/pool.hpp"

#include <algorithm>
#include <functional>
#include <string_view>
#include <system_error>
#include <utility>

namespace annals::ops {
/// A stream has as many records as its newest version says.
result<void> cached_figures::count_streams(const view& of, figures& into) const {
  std::map<std::string, category_stats, std::less<>> found;
  auto ok = of.streams("", [&](std::string_view stream, version newest) {
    const auto category = category_of(stream);
    auto here = found.find(category);
    if (here == found.end()) here = found.emplace(category, category_stats{std::string{category}}).first;
    ++here->second.streams;
    here->second.records += newest;
    ++into.streams;
    return !closed_;
  });
  for (auto& [name, one] : found) into.categories.push_back(std::move(one));
  return ok;
}

std::shared_ptr<const figures> cached_figures::find(const view& of) const {
  try {
    figures found{.as_of = now()};
    if (!count_streams(of, found)) return nullptr;
    const auto head = of.head();
    if (!head) return nullptr;
    found.head = head->at;
    for (const auto& category : of.types().processes()) {
      if (closed_) return nullptr;
      if (auto counts = of.count_instances(category)) found.processes.emplace(category, *counts);
    }
    return closed_ ? nullptr : std::make_shared<const figures>(std::move(found));
  } catch (const std::exception&) {
    return nullptr;
  }
}

result<void> cached_figures::start(const view& of) {
  try {
    thread_ = start_thread([this, &of] { run(of); });
  } catch (const std::system_error& why) {
    return no_threads(why);
  }
  return {};
}

std::shared_ptr<const figures> cached_figures::newest(std::chrono::milliseconds at_most) {
  std::unique_lock lock{mutex_};
  is_wanted_ = true;
  changed_.notify_all();
  changed_.wait_for(lock, at_most, [this] { return closed_ || newest_; });
  return newest_;
}

void cached_figures::close() {
  {
    const std::lock_guard lock{mutex_};
    closed_ = true;
    changed_.notify_all();
  }
  if (thread_.joinable()) thread_.join();
}

void cached_figures::run(const view& of) {
  for (std::unique_lock lock{mutex_};;) {
    changed_.wait(lock, [this] { return closed_ || is_wanted_; });
    if (closed_) return;
    is_wanted_ = false;
    lock.unlock();
    const auto began = clock::now();
    auto found = find(of);
    // A twentieth of a core at most, and never older than promised, unless one look takes longer than that.
    const auto rest = std::clamp<clock::duration>((clock::now() - began) * 20, rest_min, age_max - rest_min);
    lock.lock();
    if (found) newest_ = std::move(found);
    changed_.notify_all();
    changed_.wait_for(lock, rest, [this] { return closed_.load(); });
  }
}

}  // namespace annals::ops

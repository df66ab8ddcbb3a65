#include "tools/where.hpp"

#include <annals/config.hpp>
#include <annals/store_view.hpp>

#include <chrono>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

namespace tools {
namespace {

using annals::errc;
using annals::error;
using annals::result;

/// Why the node lets nobody in, or not this one: to ask again would change nothing.
struct refusal {
  std::mutex mutex;
  std::optional<error> why;  // guarded

  void note(const annals::link_news& news) {
    if (!news.why || news.why->code == errc::unreachable || news.why->code == errc::timed_out || news.why->code == errc::closed ||
        news.why->code == errc::overloaded)
      return;
    const std::lock_guard lock{mutex};
    if (!why) why = error{news.why->code, news.why->reason, news.address + (news.why->detail.empty() ? "" : ": " + news.why->detail)};
  }
};

}  // namespace

result<annals::remote> connect(const where& to) {
  constexpr std::chrono::milliseconds look_again{20};
  auto with = annals::config::load_remote(to.as);
  if (!with) return std::move(with).error();
  const auto refused = std::make_shared<refusal>();
  with->on_link = [refused](const annals::link_news& news) { refused->note(news); };
  const auto until = std::chrono::steady_clock::now() + with->time_out;
  auto made = annals::remote::connect(to.connect, std::move(*with));
  if (!made) return made;
  for (;;) {
    auto linked = made->wait_for_link(look_again);
    if (linked) return made;
    const std::lock_guard lock{refused->mutex};
    if (refused->why && to.connect.size() == 1) return *refused->why;
    if (linked.error().code != errc::unreachable || std::chrono::steady_clock::now() >= until) return std::move(linked).error();
  }
}

int with_view(const where& place, const std::function<annals::result<void>(const annals::view&)>& look) {
  const auto looked = [&]() -> annals::result<void> {
    if (place.is_far()) {
      const auto to = connect(place);
      return to ? look(to->view()) : to.error();
    }
    const auto view = annals::store_view::open(place.store);
    return view ? look(*view) : view.error();
  }();
  return looked ? 0 : fail(looked.error());
}

}  // namespace tools

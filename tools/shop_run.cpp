// The shop on a node, which may be in this process or elsewhere.
#include "tools/shop_run.hpp"

#include "projections/order_board.hpp"
#include "tools/output.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <csignal>
#include <deque>
#include <memory>
#include <mutex>
#include <thread>

namespace tools {
namespace {

using annals::errc;
using annals::error;
using annals::receipt;
using annals::result;
using namespace std::chrono_literals;

std::atomic<bool> interrupted{false};
void interrupt(int) { interrupted = true; }

/// Reports that there has been no space for a while. The node would wait forever; somebody at a terminal would not.
class lasting_want_of_space {
public:
  explicit lasting_want_of_space(const annals::node& on) : on_(on) {}

  std::optional<error> look() {
    const auto health = on_.health();
    if (!health) return health.error();
    return look(*health);
  }
  std::optional<error> look(const annals::health& health) {
    const auto now = std::chrono::steady_clock::now();
    if (!health.storage_full)
      since_ = never;
    else if (since_ == never)
      since_ = now;
    if (since_ == never || now - since_ < patience) return std::nullopt;
    return error{errc::storage_full, "no space for the log", "free some space, and run the command again to continue"};
  }

private:
  static constexpr std::chrono::seconds patience{5};
  static constexpr auto never = std::chrono::steady_clock::time_point::max();
  const annals::node& on_;
  std::chrono::steady_clock::time_point since_ = never;
};

/// Sends invoices, a bounded number at a time. What the node cannot take at present is sent again with the same id.
class sender {
public:
  explicit sender(annals::node& on) : on_(on), space_(on) {}

  result<void> send_all(const std::vector<invoice>& invoices, const std::function<void(std::size_t)>& progress) {
    std::unique_lock lock{state_->mutex};
    auto& s = *state_;
    auto looked = std::chrono::steady_clock::now();
    for (std::size_t i = 0; i < invoices.size(); ++i) s.waiting.push_back(i);
    while (!s.waiting.empty() || s.in_flight > 0) {
      if (interrupted) return stopped_by_signal();
      if (s.wrong) return *s.wrong;
      progress(invoices.size() - s.waiting.size() - s.in_flight);
      if (std::chrono::steady_clock::now() - looked >= look_again) {
        lock.unlock();
        auto full = space_.look();
        lock.lock();
        if (full) return std::move(*full);
        looked = std::chrono::steady_clock::now();
      }
      if (s.waiting.empty() || s.in_flight >= in_flight_max) {
        s.changed.wait_for(lock, look_again);
        continue;
      }
      const auto next = s.waiting.front();
      s.waiting.pop_front();
      ++s.in_flight;
      lock.unlock();
      send(invoices[next], next);
      lock.lock();
    }
    if (s.wrong) return *s.wrong;
    return {};
  }

private:
  static constexpr std::size_t in_flight_max = 2'000;
  static constexpr std::chrono::milliseconds look_again{50};

  /// Lives until the last answer has come, also after an interrupt.
  struct sent {
    std::mutex mutex;
    std::condition_variable changed;
    std::deque<std::size_t> waiting;
    std::size_t in_flight = 0;
    std::optional<error> wrong;

    void take(std::size_t number, const std::string& name, const result<receipt>& r) {
      const std::lock_guard lock{mutex};
      --in_flight;
      if (!r) {
        const auto code = r.error().code;
        if (code == errc::overloaded || code == errc::storage_full)
          waiting.push_back(number);
        else if (!wrong)
          wrong = error{code, "invoice " + name, r.error().message()};
      }
      changed.notify_one();
    }
  };

  void send(const invoice& i, std::size_t number) {
    auto answer = std::visit(
        [&](const auto& command) {
          using target = std::conditional_t<std::is_same_v<decltype(command), const shop::place_order&>, shop::order, shop::delivery>;
          return on_.send<target>(i.number, command, {.id = "invoice-" + i.number});
        },
        i.command);
    answer.then([to = state_, number, name = i.number](const result<receipt>& r) { to->take(number, name, r); });
  }

  annals::node& on_;
  lasting_want_of_space space_;
  std::shared_ptr<sent> state_ = std::make_shared<sent>();
};

class progress_line {
public:
  explicit progress_line(bool shown) : shown_(shown && ::isatty(STDERR_FILENO)) {}
  ~progress_line() {
    if (shown_) std::fputs("\r\033[K", stderr);
  }
  void show(std::string_view what, std::size_t done, std::size_t of) {
    const auto now = std::chrono::steady_clock::now();
    if (!shown_ || now - last_ < 100ms) return;
    last_ = now;
    constexpr std::size_t width = 30;
    const auto filled = of == 0 ? width : width * done / of;
    // It does not matter whether the terminal still exists, so no print that throws is used.
    const auto text = fmt::format("\r\033[K{:<18} {}{} {} of {}", what, std::string(filled, '#'), std::string(width - filled, '.'),
                                  grouped(static_cast<std::int64_t>(done)), grouped(static_cast<std::int64_t>(of)));
    std::fputs(text.c_str(), stderr);
    std::fflush(stderr);
  }

private:
  bool shown_;
  std::chrono::steady_clock::time_point last_{};
};

/// Whether no command is in flight, and the process managers are at the head with nothing under way.
bool is_idle(const annals::health& now) {
  const auto has_ended = [&](const annals::projection_health& p) { return p.at >= now.readable && p.under_way == 0; };
  return now.in_flight == 0 && now.durable == now.readable && std::all_of(now.processes.begin(), now.processes.end(), has_ended);
}

/// Waits until the process managers have nothing left to do. Orders that stay open then wait for a parked event.
result<void> wait_until_carried_out(annals::node& on, progress_line& line, std::string_view what) {
  constexpr auto look_again = 5ms;
  for (lasting_want_of_space space{on};; std::this_thread::sleep_for(look_again)) {
    const auto health = on.health();
    if (!health) return health.error();
    for (const auto& p : health->processes)
      if (p.stopped) return *p.stopped;
    if (health->journal_stopped) return *health->journal_stopped;
    if (is_idle(*health)) {
      // If one of them did something while the others were looked at, the head has moved.
      const auto head = on.head();
      if (!head) return head.error();
      if (head->at == health->durable) return {};
    }
    if (interrupted) return stopped_by_signal();
    if (auto full = space.look(*health)) return std::move(*full);
    const auto board = on.ask<projections::order_board>(projections::totals_of_board{}).get();
    if (!board) return board.error();
    line.show(what, static_cast<std::size_t>(board->placed - board->open()), static_cast<std::size_t>(board->placed));
  }
}

/// Receives the initial stock in as few deliveries as possible. Orders are sent afterwards, so that none is cancelled too early.
result<void> fill_stock(annals::node& on, const demo_input& input, progress_line& line) {
  std::vector<shop::delivery_line> lines;
  for (const auto& [sku, quantity] : input.stock)
    if (quantity > 0) lines.push_back({sku, quantity});
  for (std::size_t begin = 0, number = 1; begin < lines.size(); begin += shop::delivery::lines_max, ++number) {
    const auto from = lines.begin() + static_cast<std::ptrdiff_t>(begin);
    const auto count = std::min(shop::delivery::lines_max, lines.size() - begin);
    const auto name = number == 1 ? std::string{"initial-stock"} : "initial-stock-" + std::to_string(number);
    const shop::receive_delivery part{"initial_stock", {from, from + static_cast<std::ptrdiff_t>(count)}};
    auto sent = on.send<shop::delivery>(name, part, {.id = name});
    for (lasting_want_of_space space{on}; !sent.ready() && !interrupted;) {
      (void)sent.wait_for(20ms);
      if (sent.ready()) break;
      if (auto full = space.look()) return std::move(*full);
    }
    if (interrupted) return stopped_by_signal();
    const auto taken = sent.get();
    if (!taken && taken.error().code == errc::id_reused)
      return error{errc::id_reused, "this store began with another stock", "use the same input and stock, or another store"};
    if (!taken) return taken.error();
  }
  return wait_until_carried_out(on, line, "filling the stock");
}

}  // namespace

bool is_interrupted() { return interrupted; }

error stopped_by_signal() { return {errc::closed, "stopped by a signal", "run the command again to continue"}; }

void stop_at_signals() {
  std::signal(SIGTERM, interrupt);
  std::signal(SIGINT, interrupt);
}

result<summary> run_shop(annals::node& on, const parked_of& parked, const demo_input& input, bool shows_progress) {
  progress_line line{shows_progress};
  if (auto ok = fill_stock(on, input, line); !ok) return std::move(ok).error();
  sender out{on};
  auto sent = out.send_all(input.invoices, [&](std::size_t done) { line.show("taking invoices", done, input.invoices.size()); });
  if (!sent) return std::move(sent).error();
  if (auto ok = wait_until_carried_out(on, line, "orders carried out"); !ok) return std::move(ok).error();
  return summarize(on, parked);
}

}  // namespace tools

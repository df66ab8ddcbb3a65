#include "tools/demo.hpp"

#include "config/hosted.hpp"
#include "projections/order_board.hpp"
#include "tools/invoices.hpp"
#include "tools/output.hpp"
#include "tools/summary.hpp"

#include <annals/runtime.hpp>

#include <fmt/format.h>
#include <unistd.h>

#include <atomic>
#include <condition_variable>
#include <csignal>
#include <deque>
#include <mutex>
#include <span>

namespace tools {
namespace {

using annals::errc;
using annals::error;
using annals::receipt;
using annals::result;
using namespace std::chrono_literals;

std::atomic<bool> interrupted{false};
void interrupt(int) { interrupted = true; }

error stopped_by_signal() { return {errc::closed, "stopped by a signal", "run the command again to continue"}; }

/// The store's directory if none was named. It is removed with this object.
class temporary_store {
public:
  temporary_store() {
    auto name = (std::filesystem::temp_directory_path() / "annals-demo-XXXXXX").string();
    if (::mkdtemp(name.data())) path_ = name;
  }
  temporary_store(const temporary_store&) = delete;
  temporary_store& operator=(const temporary_store&) = delete;
  ~temporary_store() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  const std::filesystem::path& path() const { return path_; }

private:
  std::filesystem::path path_;
};

/// Reports that there has been no space for a while. The runtime would wait forever; somebody at a terminal would not.
class lasting_want_of_space {
public:
  explicit lasting_want_of_space(const annals::runtime& rt) : rt_(rt) {}

  std::optional<error> look() {
    const auto now = std::chrono::steady_clock::now();
    if (!rt_.health().storage_full)
      since_.reset();
    else if (!since_)
      since_ = now;
    if (!since_ || now - *since_ < patience) return std::nullopt;
    return error{errc::storage_full, "no space for the log", "free some space, and run the command again to continue"};
  }

private:
  static constexpr std::chrono::seconds patience{5};
  const annals::runtime& rt_;
  std::optional<std::chrono::steady_clock::time_point> since_;
};

/// Sends invoices, a bounded number at a time. What the runtime cannot take at present is sent again with the same id.
class sender {
public:
  explicit sender(annals::runtime& rt) : rt_(rt), space_(rt) {}

  result<void> send_all(const std::vector<invoice>& invoices, const std::function<void(std::size_t)>& progress) {
    for (std::size_t i = 0; i < invoices.size(); ++i) waiting_.push_back(i);
    std::unique_lock lock{mutex_};
    while (!waiting_.empty() || in_flight_ > 0) {
      if (interrupted) return stopped_by_signal();
      if (wrong_) return *wrong_;
      progress(invoices.size() - waiting_.size() - in_flight_);
      if (waiting_.empty() || in_flight_ >= in_flight_max) {
        changed_.wait_for(lock, 50ms);
        if (auto full = space_.look()) return std::move(*full);
        continue;
      }
      const auto next = waiting_.front();
      waiting_.pop_front();
      ++in_flight_;
      lock.unlock();
      send(invoices[next], next);
      lock.lock();
    }
    if (wrong_) return *wrong_;
    return {};
  }

private:
  static constexpr std::size_t in_flight_max = 2'000;

  void send(const invoice& i, std::size_t number) {
    auto answer = std::visit(
        [&](const auto& command) {
          using target = std::conditional_t<std::is_same_v<decltype(command), const shop::place_order&>, shop::order, shop::delivery>;
          return rt_.send<target>(i.number, command, {.id = "invoice-" + i.number});
        },
        i.command);
    answer.then([this, number, name = i.number](const result<receipt>& r) { take(number, name, r); });
  }

  void take(std::size_t number, const std::string& name, const result<receipt>& r) {
    const std::lock_guard lock{mutex_};
    --in_flight_;
    if (!r) {
      const auto code = r.error().code;
      if (code == errc::overloaded || code == errc::storage_full)
        waiting_.push_back(number);
      else if (!wrong_)
        wrong_ = error{code, "invoice " + name, r.error().message()};
    }
    changed_.notify_one();
  }

  annals::runtime& rt_;
  lasting_want_of_space space_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::size_t> waiting_;
  std::size_t in_flight_ = 0;
  std::optional<error> wrong_;
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

/// Waits until the process managers have nothing left to do.
result<void> settle(annals::runtime& rt, progress_line& line, std::string_view what) {
  for (lasting_want_of_space space{rt};;) {
    auto settled = rt.settle(100ms);
    if (settled || settled.error().code != errc::timed_out) return settled;
    if (interrupted) return stopped_by_signal();
    if (auto full = space.look()) return std::move(*full);
    projections::board_totals board;
    if (auto ok = rt.read<projections::order_board>([&](const auto& m, annals::position) { board = m.totals; }); !ok) return ok;
    line.show(what, static_cast<std::size_t>(board.placed - board.open()), static_cast<std::size_t>(board.placed));
  }
}

/// Receives the initial stock in as few deliveries as possible. Orders are sent afterwards, so that none is cancelled too early.
result<void> fill_stock(annals::runtime& rt, const demo_input& input, progress_line& line) {
  std::vector<shop::delivery_line> lines;
  for (const auto& [sku, quantity] : input.stock)
    if (quantity > 0) lines.push_back({sku, quantity});
  for (std::size_t begin = 0, number = 1; begin < lines.size(); begin += shop::delivery::lines_max, ++number) {
    const auto from = lines.begin() + static_cast<std::ptrdiff_t>(begin);
    const auto count = std::min(shop::delivery::lines_max, lines.size() - begin);
    const auto name = number == 1 ? std::string{"initial-stock"} : "initial-stock-" + std::to_string(number);
    const shop::receive_delivery part{"initial_stock", {from, from + static_cast<std::ptrdiff_t>(count)}};
    auto sent = rt.send<shop::delivery>(name, part, {.id = name});
    for (lasting_want_of_space space{rt}; !sent.ready() && !interrupted;)
      if (auto full = space.look())
        return std::move(*full);
      else
        (void)rt.settle(20ms);
    if (interrupted) return stopped_by_signal();
    const auto taken = sent.get();
    if (!taken && taken.error().code == errc::id_reused)
      return error{errc::id_reused, "this store began with another stock", "use the same input and stock, or another store"};
    if (!taken) return taken.error();
  }
  return settle(rt, line, "filling the stock");
}

result<summary> run(annals::runtime& rt, const demo_input& input, bool shown) {
  if (auto ok = annals::config::host_all(rt); !ok) return std::move(ok).error();
  if (auto ok = rt.start(); !ok) return std::move(ok).error();
  progress_line line{shown};
  if (auto ok = fill_stock(rt, input, line); !ok) return std::move(ok).error();
  sender out{rt};
  auto sent = out.send_all(input.invoices, [&](std::size_t done) { line.show("taking invoices", done, input.invoices.size()); });
  if (!sent) {
    rt.close();  // the callbacks refer to the sender
    return std::move(sent).error();
  }
  if (auto ok = settle(rt, line, "orders carried out"); !ok) return std::move(ok).error();
  return summarize(rt);
}

result<demo_input> read_input(const demo_options& with) {
  if (with.initial_stock < 0) return error{errc::bad_option, "--initial-stock", "must not be negative"};
  if (with.payment_limit_cents < 0) return error{errc::bad_option, "--payment-limit", "must not be negative"};
  auto input = with.input ? read_invoices(*with.input, with.initial_stock, with.dates)
                          : result<demo_input>{generate_invoices(with.orders, with.initial_stock)};
  if (!input) return input;
  if (with.stock)
    if (auto ok = read_stock(*with.stock, *input); !ok) return std::move(ok).error();
  for (auto& i : input->invoices)
    if (auto* order = std::get_if<shop::place_order>(&i.command)) order->payment_limit_cents = with.payment_limit_cents;
  return input;
}

/// Prints why the figures are incomplete. Returns the exit status.
int report_unfinished(const summary& s) {
  constexpr std::size_t shown_max = 20;
  if (s.parked.empty() && s.orders_open == 0) return 0;
  std::fflush(stdout);
  for (const auto& line : std::span{s.parked}.first(std::min(s.parked.size(), shown_max))) fmt::print(stderr, "annals: parked: {}\n", line);
  if (s.parked.size() > shown_max) fmt::print(stderr, "annals: and {} more are parked\n", s.parked.size() - shown_max);
  if (!s.parked.empty()) fmt::print(stderr, "annals: the figures lack the parked events; annals parked list --store DIRECTORY shows these\n");
  if (s.orders_open > 0) fmt::print(stderr, "annals: {} orders have not ended\n", s.orders_open);
  return 1;
}

}  // namespace

int run_demo(const demo_options& with) {
  std::signal(SIGTERM, interrupt);
  std::signal(SIGINT, interrupt);
  const auto began = std::chrono::steady_clock::now();
  const auto input = read_input(with);
  if (!input) return fail(input.error());
  for (const auto& row : input->refused) fmt::print(stderr, "{}:{}: refused: {}\n", with.input->string(), row.line, row.why);

  std::optional<temporary_store> own;
  if (!with.store) own.emplace();
  auto rt = annals::runtime::open(with.store ? *with.store : own->path() / "store", with.runtime);
  if (!rt) return fail(rt.error());
  auto done = run(*rt, *input, !with.json);
  rt->close();
  if (!done) return fail(done.error());
  done->rows_refused = static_cast<std::int64_t>(input->refused.size());
  done->seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
  fmt::print("{}", with.json ? as_json(*done) + "\n" : as_table(*done));
  return report_unfinished(*done);
}

}  // namespace tools

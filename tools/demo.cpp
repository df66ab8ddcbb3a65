#include "tools/demo.hpp"

#include "config/hosted.hpp"
#include "tools/connectors.hpp"
#include "tools/invoices.hpp"
#include "tools/output.hpp"
#include "tools/shop_run.hpp"
#include "tools/summary.hpp"

#include <annals/runtime.hpp>

#include <fmt/format.h>

#include <chrono>
#include <cstdlib>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>

namespace tools {
namespace {

using annals::errc;
using annals::error;
using annals::result;

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

/// What it has printed in the end.
struct demo_outcome {
  summary figures;
  std::string published;
};

/// On a runtime or a handle.
template <class Node>
result<demo_outcome> run_on(Node& on, const demo_options& with, const demo_input& input) {
  std::unique_ptr<publication> out;
  if (!with.kafka.empty()) {
    auto begun = publish_demo(on, with.kafka);
    if (!begun) return std::move(begun).error();
    out = std::move(*begun);
  }
  auto figures = run_shop(on, [&](const std::string& owner) { return on.parked(owner); }, input, !with.json);
  if (!figures) return std::move(figures).error();
  demo_outcome done{std::move(*figures), {}};
  if (!out) return done;
  auto published = out->finish(on, with.json);
  if (!published) return std::move(published).error();
  done.published = std::move(*published);
  return done;
}

result<demo_outcome> run_embedded(const demo_options& with, const demo_input& input) {
  std::optional<temporary_store> own;
  if (with.at.store.empty()) own.emplace();
  auto rt = annals::runtime::open(own ? own->path() / "store" : with.at.store, with.runtime);
  if (!rt) return std::move(rt).error();
  if (auto ok = annals::config::host_all(*rt); !ok) return std::move(ok).error();
  if (auto ok = rt->start(); !ok) return std::move(ok).error();
  auto done = run_on(*rt, with, input);
  rt->close();
  return done;
}

result<demo_outcome> run_far(const demo_options& with, const demo_input& input) {
  auto to = connect(with.at);
  if (!to) return std::move(to).error();
  return run_on(*to, with, input);
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
  if (!s.parked.empty()) fmt::print(stderr, "annals: the figures lack the parked events; annals parked list shows these\n");
  if (s.orders_open > 0) fmt::print(stderr, "annals: {} orders have not ended\n", s.orders_open);
  return 1;
}

}  // namespace

int run_demo(const demo_options& with) {
  stop_at_signals();
  const auto began = std::chrono::steady_clock::now();
  const auto input = read_input(with);
  if (!input) return fail(input.error());
  for (const auto& row : input->refused) fmt::print(stderr, "{}:{}: refused: {}\n", with.input->string(), row.line, row.why);
  auto done = with.at.is_far() ? run_far(with, *input) : run_embedded(with, *input);
  if (!done) return fail(done.error());
  auto& figures = done->figures;
  figures.rows_refused = static_cast<std::int64_t>(input->refused.size());
  figures.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
  fmt::print("{}{}", with.json ? as_json(figures) + "\n" : as_table(figures), done->published);
  return report_unfinished(figures);
}

}  // namespace tools

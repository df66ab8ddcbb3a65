// Incoming goods: the initial stock, or what a customer returns with a credit note.
#pragma once

#include <annals/aggregate.hpp>
#include <shop/date.hpp>

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

namespace shop {

using annals::field;

struct delivery_line {
  std::string sku;
  std::int64_t quantity = 0;
  static constexpr auto about = annals::describe<&delivery_line::sku, &delivery_line::quantity>("delivery_line", 1);
};

struct receive_delivery {
  std::string kind;  // "initial_stock" or "credit_note"
  std::vector<delivery_line> lines;
  std::string date = {};  // see is_date(); empty: the time of recording
  static constexpr auto about = annals::describe<&receive_delivery::kind, &receive_delivery::lines, &receive_delivery::date>("receive_delivery", 1);
};
struct complete_delivery {
  static constexpr auto about = annals::describe("complete_delivery", 1);
};

struct delivery_received {
  std::string delivery;
  std::string kind;
  std::vector<delivery_line> lines;
  std::string date = {};
  static constexpr auto about =
      annals::describe<&delivery_received::delivery, &delivery_received::kind, &delivery_received::lines, &delivery_received::date>(
          "delivery_received", 1);
};
struct delivery_completed {
  std::string delivery;
  static constexpr auto about = annals::describe<&delivery_completed::delivery>("delivery_completed", 1);
};

struct delivery {
  static constexpr std::string_view category = "delivery";
  using commands = annals::types<receive_delivery, complete_delivery>;
  using events = annals::types<delivery_received, delivery_completed>;

  /// The steps of a restocking, one for each line, have to fit into one batch of a process manager.
  static constexpr std::size_t lines_max = 4'000;

  struct state {
    bool received = false;
    bool completed = false;
    static constexpr auto about = annals::describe<&state::received, &state::completed>("state", 1);
  };
  using decision = annals::decision<delivery>;

  static decision decide(const state& s, const receive_delivery& c, const annals::context& about) {
    if (s.received) return annals::reject("already_received");
    if (c.kind != "initial_stock" && c.kind != "credit_note") return annals::reject("bad_kind", c.kind);
    if (c.lines.empty()) return annals::reject("no_lines");
    if (c.lines.size() > lines_max) return annals::reject("too_many_lines", std::to_string(c.lines.size()));
    if (!c.date.empty() && !is_date(c.date)) return annals::reject("bad_date", c.date);
    std::int64_t units = 0;
    for (const auto& line : c.lines) {
      if (line.sku.empty()) return annals::reject("no_sku");
      if (line.quantity <= 0) return annals::reject("bad_quantity", line.sku);
      // Restocking sums quantities by SKU; the sum has to fit.
      if (line.quantity > std::numeric_limits<std::int64_t>::max() - units) return annals::reject("too_much", line.sku);
      units += line.quantity;
    }
    return delivery_received{std::string{about.key}, c.kind, c.lines, c.date};
  }
  static decision decide(const state& s, const complete_delivery&, const annals::context& about) {
    if (!s.received || s.completed) return annals::reject("not_under_way");
    return delivery_completed{std::string{about.key}};
  }

  static void evolve(state& s, const delivery_received&) { s.received = true; }
  static void evolve(state& s, const delivery_completed&) { s.completed = true; }
};

}  // namespace shop

// The result of the demo.
#pragma once

#include "tools/invoices.hpp"

#include <annals/node.hpp>
#include <annals/parked.hpp>

#include <functional>
#include <map>
#include <string>
#include <vector>

namespace tools {

struct summary {
  std::int64_t orders_placed = 0;
  std::int64_t orders_shipped = 0;
  std::int64_t orders_cancelled = 0;
  std::int64_t orders_open = 0;
  std::map<std::string, std::int64_t> cancelled_by_reason;
  std::int64_t credit_notes = 0;
  std::int64_t rows_refused = 0;
  std::int64_t units_sold = 0;
  std::int64_t units_returned = 0;
  std::int64_t revenue_cents = 0;
  std::uint64_t commands = 0;  // distinct ids in the log
  std::uint64_t events = 0;
  annals::position head_position = 0;
  double seconds = 0;
  std::map<std::string, std::int64_t> revenue_by_country;  // only in the table
  std::vector<std::string> parked;                         // one line for each event that a read model or a process manager has parked
};

/// The parked events of an owner on the node.
using parked_of = std::function<annals::result<std::vector<annals::parked_event>>(const std::string& owner)>;

/// Asks the read models and counts the records of the log, up to the head at the time of the call.
annals::result<summary> summarize(annals::node& on, const parked_of& parked);

std::string as_json(const summary& s);
std::string as_table(const summary& s);

}  // namespace tools

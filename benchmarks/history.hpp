// A store with a history, for the benchmarks that read one: accounts are opened, and then get deposits.
#pragma once

#include <bank/account.hpp>

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace bench {

struct history_options {
  std::uint64_t events = 5'000'000;
  std::uint64_t streams = 100'000;
  std::uint64_t seed = 1;
  /// This many of the streams have exactly `long_events` events each, spread evenly over the log; 0: none.
  std::uint64_t long_streams = 0;
  std::uint64_t long_events = 1'000;
};

/// Generates the events one by one. Equal options give equal events.
class history {
public:
  /// Valid until the next call of next().
  struct event {
    std::string_view stream;
    std::uint64_t version = 0;
    std::int64_t cents = 0;  // 0: the account is opened
  };

  explicit history(const history_options& with);

  /// Returns false after the last event.
  bool next(event& out);

  static std::string long_key(std::uint64_t number) { return "long" + std::to_string(number); }

private:
  event of(std::size_t account);

  const history_options with_;
  const std::uint64_t long_every_;  // one event in this many belongs to a long stream; 0: none
  std::vector<std::string> names_;  // the long streams first
  std::vector<std::uint64_t> versions_;
  std::uint64_t made_ = 0;
  std::uint64_t long_made_ = 0;
  std::uint64_t opened_ = 0;
};

inline constexpr std::string_view owner_of_all = "owner";

/// Creates the store with all events, each with a command id, through the store's own commit and drain, many at a time. The result is
/// what a runtime would have left, except that derived/ is empty. Ends the process with a message on failure.
void write_history(const std::filesystem::path& store, const history_options& with);

/// The final sum of all accounts.
std::int64_t total_cents(const history_options& with);

}  // namespace bench

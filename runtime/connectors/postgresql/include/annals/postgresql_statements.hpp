/// How to write a read model in PostgreSQL: handlers that turn events into SQL.
///
///     struct balances_table {
///       static constexpr std::string_view name = "balances";              // of the schema: [a-z_][a-z0-9_]*, at most 48 bytes
///       using follows = annals::types<account>;                          // the aggregates whose events it reads
///       using model = annals::postgresql::statements;
///       static void schema(model& to) { to.sql("create table accounts (id text primary key, cents bigint not null)"); }
///       static void apply(model& to, const money_deposited& e, const annals::record_view& r) {
///         to.one("update accounts set cents = cents + $2 where id = $1", r.key(), e.cents);
///       }
///     };
///
/// As for a projection (annals/projection.hpp), it may also have `version` (another one builds the tables again), `on_failure`, and
/// `partitions`: 1 to 16 workers, each with a connection and its share of the streams. Then events of different streams are applied in no
/// particular order; with one worker in the order of the log.
#pragma once

#include <charconv>
#include <concepts>
#include <cstddef>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace annals::postgresql {

/// A parameter as PostgreSQL reads it; nothing is null.
using parameter = std::optional<std::string>;

template <class T>
inline constexpr bool is_parameter = false;

/// A text, a bool, a number, or an optional one of these. Throws std::invalid_argument for a text with a NUL byte, which PostgreSQL cannot
/// store: the event fails.
template <class T>
parameter as_parameter(const T& value) {
  if constexpr (std::is_same_v<T, std::nullopt_t> || std::is_same_v<T, std::nullptr_t>)
    return std::nullopt;
  else if constexpr (std::is_same_v<T, bool>)
    return value ? "true" : "false";
  else if constexpr (std::is_arithmetic_v<T>) {
    char text[64];
    return std::string(text, std::to_chars(text, text + sizeof text, value).ptr);
  } else if constexpr (std::convertible_to<const T&, std::string_view>) {
    const std::string_view text = value;
    if (text.find('\0') != std::string_view::npos) throw std::invalid_argument{"a text has a NUL byte, which PostgreSQL cannot store"};
    return std::string{text};
  } else if constexpr (requires {
                         value.has_value();
                         *value;
                       })
    return value ? as_parameter(*value) : parameter{};
  else
    static_assert(is_parameter<T>, "a parameter is a text, a bool, a number, or an optional one of these");
}

/// The statements of one event, in order. They are executed in one transaction with those of other events; their results are not read. A
/// handler never puts a value into the text of a statement: it passes it as $1, $2 … Names without a schema are those of the sink's own.
class statements {
public:
  struct statement {
    std::string text;
    std::vector<parameter> values;
    bool affects_one_row = false;
  };

  template <class... Values>
  void sql(std::string_view text, const Values&... values) {
    all_.push_back({std::string{text}, {as_parameter(values)...}, false});
  }
  /// The same; the event fails unless exactly one row is affected.
  template <class... Values>
  void one(std::string_view text, const Values&... values) {
    all_.push_back({std::string{text}, {as_parameter(values)...}, true});
  }

  std::span<const statement> all() const { return all_; }

private:
  std::vector<statement> all_;
};

}  // namespace annals::postgresql

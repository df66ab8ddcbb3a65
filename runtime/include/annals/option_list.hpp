/// The options that a file may set (annals.toml), as a list: their names, their ranges, and the values in force as text.
#pragma once

#include <annals/options.hpp>

#include <array>
#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace annals {

/// A word after a number, and how much it stands for.
struct option_unit {
  std::string_view name;
  std::uint64_t factor;
};
/// In bytes, ascending.
inline constexpr std::array size_units{option_unit{"B", 1}, option_unit{"KiB", 1ULL << 10}, option_unit{"MiB", 1ULL << 20},
                                       option_unit{"GiB", 1ULL << 30}, option_unit{"TiB", 1ULL << 40}};
/// In milliseconds, ascending.
inline constexpr std::array duration_units{option_unit{"ms", 1}, option_unit{"s", 1'000}, option_unit{"min", 60'000}, option_unit{"h", 3'600'000}};

/// An option that a file may set.
struct option_entry {
  using member = std::variant<bool options::*, std::uint64_t options::*, std::chrono::milliseconds options::*, double options::*,
                              log_level options::*, log_format options::*>;
  std::string_view name;  ///< of the member, and of the key
  member place;
  bool is_size = false;     ///< of a number: it is bytes
  std::uint64_t least = 0;  ///< of a number, a duration in milliseconds, or a share
  std::uint64_t most = 0;   ///< the same
  /// Another number; this one must not be less.
  struct floor {
    std::string_view name = {};
    std::uint64_t options::* place = nullptr;  ///< null: there is none
  };
  floor not_below = {};
};

/// All of them, in the order of annals.toml. The callbacks and accept_loss are not among them: only code sets those.
std::span<const option_entry> all_options();

/// An option and its value.
struct option_in_force {
  std::string name;         ///< as in annals.toml
  std::string value;        ///< a number, true or false, or a word
  std::string unit;         ///< of a size or a duration: the largest of which it is a whole number; else empty
  bool is_default = false;  ///< it has the value that it has when nobody sets it
};

/// The values of all_options(), in its order.
std::vector<option_in_force> listed(const options& of);

}  // namespace annals

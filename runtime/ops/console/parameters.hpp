// Reads the parameters of a request. What is wrong is bad_option, and names the parameter.
#pragma once

#include "ops/console/site.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace annals::ops {

class parameters {
public:
  explicit parameters(const request& of) : of_(of.target) {}

  std::string text(std::string_view name) const { return std::string{of_.parameter(name).value_or("")}; }
  /// Errors are kept for wrong().
  std::string needed_text(std::string_view name);
  std::optional<std::uint64_t> number(std::string_view name, std::uint64_t least = 0);
  std::uint64_t needed_number(std::string_view name, std::uint64_t least = 0);
  std::size_t limit() { return static_cast<std::size_t>(between("limit", 1, 200, 200)); }
  std::uint64_t between(std::string_view name, std::uint64_t least, std::uint64_t most, std::uint64_t otherwise);
  std::optional<timestamp> time(std::string_view name);
  /// The place of the text among these; the first if the parameter is missing.
  std::size_t one_of(std::string_view name, std::initializer_list<std::string_view> all);

  /// The first mistake, if there was one. Ask before using what the functions above returned.
  const std::optional<error>& wrong() const { return wrong_; }

private:
  void refuse(std::string_view name, std::string why);
  const target& of_;
  std::optional<error> wrong_;
};

}  // namespace annals::ops

// Checkpoints: how far projections and process managers have followed the log. derived_store::flush() writes them.
#pragma once

#include <annals/receipt.hpp>
#include <annals/result.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace annals::store {

struct named_checkpoint {
  std::string name;
  position at = 0;
};

/// Thread-safe.
class checkpoint_table {
public:
  virtual ~checkpoint_table() = default;

  /// 0 if there is none, or if it cannot be read.
  virtual position checkpoint(std::string_view name) const = 0;

  /// All checkpoints, sorted by name.
  virtual result<std::vector<named_checkpoint>> checkpoints() const = 0;
};

}  // namespace annals::store

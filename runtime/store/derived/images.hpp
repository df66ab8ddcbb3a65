// Images of read models: the bytes of a model as it was at a position, so that a start reads only what came later.
// Derived: they can be deleted. One contract for image_files and memory_images.
#pragma once

#include "store/derived/index.hpp"

#include <annals/result.hpp>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace annals::store {

/// A model as the record at `mark` left it.
struct image {
  std::string model;  ///< its name
  derived_mark mark;
  std::uint64_t shape = 0;  ///< of the bytes and the events they are a fold of: another one is not read
  std::string parked;       ///< what was set aside up to there, encoded by who keeps it
  std::string bytes;
};

/// What there is of one, without its bytes.
struct image_head {
  std::string model;
  derived_mark mark;
  std::uint64_t bytes = 0;  ///< of the model
};

struct checked_images {
  std::vector<image_head> good;  ///< in no order
  std::size_t damaged = 0;
};

/// Thread-safe; keep() and drop() of one model belong to one thread.
class images {
public:
  virtual ~images() = default;

  /// Writes it, durable when this returns, and then drops the model's older ones. `may_go_on` is called between parts,
  /// so that a large one leaves the disk to others; when it returns false nothing is kept, which is no error.
  virtual result<void> keep(const image& one, const std::function<bool()>& may_go_on) = 0;

  /// The newest at or below `newest`. A damaged one is `corrupt_record` with its position as the place, below which the
  /// next one may be asked for; one of another shape comes without its bytes.
  virtual result<std::optional<image>> newest(std::string_view model, std::uint64_t shape, position newest) const = 0;

  /// All there are, in no order; damaged ones are left out.
  virtual std::vector<image_head> heads() const = 0;

  /// All there are, each read whole. An error when they cannot be looked at.
  virtual result<checked_images> check() const = 0;

  /// All of the model; what cannot be removed is an error.
  virtual result<void> drop(std::string_view model) = 0;
};

}  // namespace annals::store

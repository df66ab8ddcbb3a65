// Images: snapshots of read models. An image holds the bytes of a model at a position, so that a start reads only later
// records. They are derived and can be deleted. One contract for image_files and memory_images.
#pragma once

#include "store/derived/derived_mark.hpp"

#include <annals/result.hpp>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace annals::store {

/// A model in the state after the record at `mark`.
struct image {
  std::string model;  ///< its name
  derived_mark mark;
  std::uint64_t shape = 0;  ///< hash of the model's and its events' description; an image of another shape is not read
  std::string parked;       ///< the events parked up to there, encoded by the caller
  std::string bytes;
};

/// An image without its bytes.
struct image_head {
  std::string model;
  derived_mark mark;
  std::uint64_t bytes = 0;  ///< size of the model
};

struct checked_images {
  std::vector<image_head> good;  ///< in no order
  std::size_t damaged = 0;
};

/// Thread-safe; for each model, one thread calls write() and drop().
class images {
public:
  virtual ~images() = default;

  /// Writes the image durably, then drops the model's older ones. `may_go_on` is called between parts, so that a large image
  /// does not block the disk; if it returns false nothing is kept, which is no error.
  virtual result<void> write(const image& one, const std::function<bool()>& may_go_on) = 0;

  /// The newest image at or before position `newest`. A damaged one is `corrupt_record` with its position as the place; the
  /// caller may then ask for an older one. An image of another shape comes without its bytes.
  virtual result<std::optional<image>> newest(std::string_view model, std::uint64_t shape, position newest) const = 0;

  /// All images, in no order, without damaged ones.
  virtual std::vector<image_head> heads() const = 0;

  /// Reads every image whole. An error if they cannot be read at all.
  virtual result<checked_images> check() const = 0;

  /// Removes all images of the model; an error if one cannot be removed.
  virtual result<void> drop(std::string_view model) = 0;
};

}  // namespace annals::store

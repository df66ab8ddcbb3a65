#pragma once

#include "actors/base/environment.hpp"
#include "store/derived/images.hpp"

#include <functional>
#include <optional>
#include <string>

namespace annals::actors {

constexpr position image_on_close_records = 10'000;  // reading fewer records again is faster than writing an image

/// The checksum of the record at this position; nothing if no record is readable there.
std::optional<std::uint64_t> checksum_at(const environment& env, position at);

/// The newest image at or below `at_most` that matches the log and that `accept` accepts. Others are passed over, with a line in the
/// diagnostic log. Nothing if there is none.
std::optional<store::image> newest_image(const environment& env, const std::string& name, std::uint64_t shape, position at_most,
                                         const std::function<result<void>(const store::image&)>& accept);

/// Fills in the checksum of the record and writes the image; durable when this returns. See store::images::write().
result<void> write_image(const environment& env, store::image made, const std::function<bool()>& may_go_on);

}  // namespace annals::actors

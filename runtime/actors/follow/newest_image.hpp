#pragma once

#include "actors/base/environment.hpp"
#include "store/derived/images.hpp"

#include <functional>
#include <optional>
#include <string>

namespace annals::actors {

constexpr position image_on_close_records = 10'000;  // fewer are read again sooner than an image is written

/// Of the record there; nothing when none is readable.
std::optional<std::uint64_t> checksum_at(const environment& env, position at);

/// The newest image at or below `at_most` that the log agrees with and `accept` takes. One that is not good is left out, with a
/// line in the log file. Nothing: there is none.
std::optional<store::image> newest_image(const environment& env, const std::string& name, std::uint64_t shape, position at_most,
                                         const std::function<result<void>(const store::image&)>& accept);

/// Durable when this returns; see store::images::keep(). `made` comes without its record's checksum.
result<void> write_image(const environment& env, store::image made, const std::function<bool()>& may_go_on);

}  // namespace annals::actors

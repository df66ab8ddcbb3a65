// Finds a version of a stream by a position or a time: a few reads, since both grow with the versions.
#pragma once

#include "ops/console/site.hpp"

#include <annals/record.hpp>

#include <functional>
#include <string>

namespace annals::ops {

/// Visits the record of this version. Errors: not_found.
result<void> look_at_version(const view& of, const std::string& stream, version at, const std::function<void(const record_view&)>& look);

/// The last version up to `newest` whose record is within the limit; 0 if none is.
result<version> last_within(const view& of, const std::string& stream, version newest, const std::function<bool(const record_view&)>& is_within);

}  // namespace annals::ops

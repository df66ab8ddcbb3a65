/// The version of annals. The build takes its version from here, and so do the installed package files.
#pragma once

#include <string_view>

#define ANNALS_VERSION_MAJOR 0
#define ANNALS_VERSION_MINOR 1
#define ANNALS_VERSION_PATCH 0

/// One number to compare, as in `#if ANNALS_VERSION >= ANNALS_MAKE_VERSION(0, 2, 0)`. Each part is below 1,000.
#define ANNALS_MAKE_VERSION(major, minor, patch) ((major) * 1'000'000 + (minor) * 1'000 + (patch))
#define ANNALS_VERSION ANNALS_MAKE_VERSION(ANNALS_VERSION_MAJOR, ANNALS_VERSION_MINOR, ANNALS_VERSION_PATCH)

#define ANNALS_VERSION_TEXT_OF_(part) #part
#define ANNALS_VERSION_TEXT_(major, minor, patch) ANNALS_VERSION_TEXT_OF_(major) "." ANNALS_VERSION_TEXT_OF_(minor) "." ANNALS_VERSION_TEXT_OF_(patch)

namespace annals {

/// "MAJOR.MINOR.PATCH" of these headers. Ends with a NUL, so that data() is a C string.
inline constexpr std::string_view library_version = ANNALS_VERSION_TEXT_(ANNALS_VERSION_MAJOR, ANNALS_VERSION_MINOR, ANNALS_VERSION_PATCH);

}  // namespace annals

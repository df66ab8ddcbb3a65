// Random secrets, as text.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace annals::ops {

/// 256 random bits as 43 characters that a URL, a header and a cookie may have (base64url). Nothing if the system gives no random bytes.
std::optional<std::string> new_secret();

/// Takes as long for every wrong `given` of the same size.
bool is_same_secret(std::string_view known, std::string_view given);

}  // namespace annals::ops

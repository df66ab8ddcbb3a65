// Which names a console answers to. A page elsewhere can point a name of its own at 127.0.0.1, and then its scripts could read what this
// server says (DNS rebinding): so a request for a name that is not in the list is refused.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace annals::ops {

/// The name in "name", "name:port", "[::1]:port" or "127.0.0.1", in lower case. Nothing if it has another form.
std::optional<std::string> name_in_host(std::string_view host);

class host_list {
public:
  /// localhost, 127.0.0.1 and ::1, the address that is listened at, and further names. The port does not matter: a tunnel may change it.
  host_list(std::string_view address, const std::vector<std::string>& further);
  bool has(std::string_view host) const;

private:
  std::vector<std::string> names_;
};

enum class scheme { plain, encrypted, either };  // either: a proxy may do TLS

/// Whether a page with this Origin was served by the host that is asked.
bool is_same_origin(std::string_view origin, std::string_view host, scheme served);

}  // namespace annals::ops

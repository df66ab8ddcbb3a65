#include "ops/http/security_headers.hpp"

namespace annals::ops {

void add_security_headers(answer& to, bool keeps) {
  const auto add = [&](const char* name, const char* value) { to.headers.emplace_back(name, value); };
  add("Content-Security-Policy",
      "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; "
      "frame-ancestors 'none'");
  add("X-Content-Type-Options", "nosniff");
  add("X-Frame-Options", "DENY");
  add("Referrer-Policy", "no-referrer");
  add("Cross-Origin-Opener-Policy", "same-origin");
  add("Cross-Origin-Resource-Policy", "same-origin");
  add("Cache-Control", keeps ? "public, max-age=31536000, immutable" : "no-store");
}

}  // namespace annals::ops

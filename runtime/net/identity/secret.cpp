#include "net/identity/secret.hpp"

#include <sodium.h>

namespace annals::net {

void wipe(void* bytes, std::size_t size) { sodium_memzero(bytes, size); }

void wipe(std::string& text) {
  wipe(text.data(), text.size());
  text.clear();
}

result<void> prepare_cryptography() {
  if (sodium_init() < 0) return error{errc::misuse, "libsodium cannot be used", "the system gives no random numbers"};
  return {};
}

}  // namespace annals::net

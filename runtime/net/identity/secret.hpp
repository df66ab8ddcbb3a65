// Secret bytes, which are wiped when they are no longer needed.
#pragma once

#include <annals/result.hpp>

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

namespace annals::net {

/// Overwrites the bytes; the compiler does not remove it.
void wipe(void* bytes, std::size_t size);
/// Wipes what the text holds, and empties it.
void wipe(std::string& text);

/// Prepares libsodium: every function that makes a key calls it first. Thread-safe. Error: misuse if the system has no random numbers.
result<void> prepare_cryptography();

/// As libsodium takes them.
inline const unsigned char* as_bytes(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }

/// Moved, never copied; whatever it is moved from is wiped.
template <std::size_t N>
class secret {
public:
  secret() = default;
  secret(secret&& other) noexcept : bytes_(other.bytes_) { other.wipe_all(); }
  secret& operator=(secret&& other) noexcept {
    if (this == &other) return *this;
    bytes_ = other.bytes_;
    other.wipe_all();
    return *this;
  }
  ~secret() { wipe_all(); }

  unsigned char* data() { return bytes_.data(); }
  const unsigned char* data() const { return bytes_.data(); }
  static constexpr std::size_t size() { return N; }

private:
  void wipe_all() { wipe(bytes_.data(), N); }
  std::array<unsigned char, N> bytes_{};
};

}  // namespace annals::net

// A node's own key, and the public keys by which others know it: Ed25519.
#pragma once

#include "net/identity/secret.hpp"

#include <annals/result.hpp>

#include <array>
#include <compare>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>

namespace annals::net {

using signature = std::array<unsigned char, 64>;

struct public_key {
  std::array<unsigned char, 32> bytes{};

  friend auto operator<=>(const public_key&, const public_key&) = default;
};

/// "ed25519:" and the key in base64.
std::string to_string(const public_key& key);
/// Reads what to_string() wrote. Error: undecodable, which says what is wrong; also for bytes that are no key of Ed25519.
result<public_key> public_key_of(std::string_view text);

/// True if the owner of this key's secret half has signed these bytes.
bool verify(const public_key& key, std::string_view bytes, const signature& by);

/// A key pair. The secret half is wiped at the end. Const calls are thread-safe.
class node_key {
public:
  static result<node_key> make();
  /// The key that always follows from these bytes, which are its secret.
  static result<node_key> of_seed(std::span<const unsigned char, 32> seed);
  /// Reads a file that save() wrote. Error: bad_option, which names the file and, in `place`, the line: a file that is missing or
  /// malformed, or one that group or others have access to.
  static result<node_key> load(const std::filesystem::path& file);
  /// Writes a new file with mode 0600; an existing one is refused with bad_option.
  result<void> save(const std::filesystem::path& file) const;

  const public_key& public_half() const { return public_; }
  signature sign(std::string_view bytes) const;

private:
  node_key() = default;
  secret<64> secret_;
  public_key public_;
};

}  // namespace annals::net

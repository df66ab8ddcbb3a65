// A key file:
//
//   file    = "annals-key-1" LF { comment } seed LF { comment }
//   comment = "#" any text LF
//   seed    = 32 bytes in base64 (RFC 4648, with "="), the secret
//
// save() writes the public key as a comment. A first line "annals-key-" with another number is a file of a newer program.
#include "net/identity/keys.hpp"

#include "store/os/private_file.hpp"

#include <sodium.h>
#include <annals/keys.hpp>

#include <algorithm>
#include <vector>

namespace annals::net {
namespace {

constexpr std::string_view form = "annals-key-1";
constexpr std::string_view form_of_any_version = "annals-key-";
constexpr std::string_view prefix = "ed25519:";
constexpr std::size_t key_file_bytes_max = 4096;
constexpr auto base64 = sodium_base64_VARIANT_ORIGINAL;
// 44 characters and a zero.
using base64_text = secret<sodium_base64_ENCODED_LEN(32, sodium_base64_VARIANT_ORIGINAL)>;

/// Exactly 32 bytes, in their one base64 form.
bool decode_base64(std::string_view text, unsigned char* out) {
  std::size_t size = 0;
  const char* end = nullptr;
  const auto bad = sodium_base642bin(out, 32, text.data(), text.size(), nullptr, &size, &end, base64);
  return bad == 0 && size == 32 && end == text.data() + text.size();
}

base64_text encode_base64(const unsigned char* bytes) {
  base64_text text;
  sodium_bin2base64(reinterpret_cast<char*>(text.data()), text.size(), bytes, 32, base64);
  return text;
}

std::string_view view_of(const base64_text& text) { return {reinterpret_cast<const char*>(text.data()), text.size() - 1}; }

error malformed(const std::filesystem::path& file, std::uint64_t line, std::string why) {
  return {errc::bad_option, file.string() + ":" + std::to_string(line), std::move(why), 0, line};
}

/// Reads the seed out of the text of a key file.
result<void> read_seed(std::string_view text, const std::filesystem::path& file, secret<32>& seed) {
  std::uint64_t line = 0;
  bool found = false;
  while (!text.empty()) {
    ++line;
    const auto end = text.find('\n');
    const auto one = text.substr(0, end);
    text.remove_prefix(end == text.npos ? text.size() : end + 1);
    if (line == 1 && one != form) {
      if (one.starts_with(form_of_any_version)) return malformed(file, 1, "a newer program has written this key file");
      return malformed(file, 1, "is no key file: its first line is not " + std::string{form});
    }
    if (line == 1 || one.starts_with('#')) continue;
    if (found) return malformed(file, line, "text after the secret");
    if (!decode_base64(one, seed.data())) return malformed(file, line, "the secret is not 32 bytes in base64");
    found = true;
  }
  if (line == 0) return malformed(file, 1, "is empty");
  if (!found) return malformed(file, line, "ends before the secret");
  return {};
}

}  // namespace

std::string to_string(const public_key& key) { return std::string{prefix}.append(view_of(encode_base64(key.bytes.data()))); }

result<public_key> public_key_of(std::string_view text) {
  if (!text.starts_with(prefix)) return error{errc::undecodable, "a public key begins with " + std::string{prefix}};
  public_key key;
  if (!decode_base64(text.substr(prefix.size()), key.bytes.data()))
    return error{errc::undecodable, "after " + std::string{prefix} + " a public key has 32 bytes in base64, 44 characters"};
  if (!crypto_core_ed25519_is_valid_point(key.bytes.data())) return error{errc::undecodable, "these 32 bytes are no public key of Ed25519"};
  return key;
}

bool verify(const public_key& key, std::string_view bytes, const signature& by) {
  return crypto_sign_verify_detached(by.data(), as_bytes(bytes), bytes.size(), key.bytes.data()) == 0;
}

result<node_key> node_key::of_seed(std::span<const unsigned char, 32> seed) {
  if (auto ready = prepare_cryptography(); !ready) return ready.error();
  node_key key;
  crypto_sign_seed_keypair(key.public_.bytes.data(), key.secret_.data(), seed.data());
  return key;
}

result<node_key> node_key::make() {
  if (auto ready = prepare_cryptography(); !ready) return ready.error();
  node_key key;
  crypto_sign_keypair(key.public_.bytes.data(), key.secret_.data());
  return key;
}

result<node_key> node_key::load(const std::filesystem::path& file) {
  auto text = store::files::read_private(file, key_file_bytes_max);
  if (!text) return text.error();
  secret<32> seed;
  const auto read = read_seed(*text, file, seed);
  wipe(*text);
  if (!read) return read.error();
  return of_seed(std::span<const unsigned char, 32>{seed.data(), 32});
}

result<void> node_key::save(const std::filesystem::path& file) const {
  secret<32> seed;
  crypto_sign_ed25519_sk_to_seed(seed.data(), secret_.data());
  std::string text;
  text.reserve(key_file_bytes_max);  // so that it does not move, and all of it is wiped
  text.append(form).append("\n# The secret of a node: keep it to yourself. Others know the node by its public key,\n# ");
  text.append(to_string(public_)).append("\n").append(view_of(encode_base64(seed.data()))).append("\n");
  auto done = store::files::write_new_private(file, text);
  wipe(text);
  return done;
}

signature node_key::sign(std::string_view bytes) const {
  signature made{};
  crypto_sign_detached(made.data(), nullptr, as_bytes(bytes), bytes.size(), secret_.data());
  return made;
}

}  // namespace annals::net

namespace annals {

bool is_node_name(std::string_view name) {
  return !name.empty() && name.size() <= node_name_bytes_max && std::ranges::none_of(name, [](unsigned char c) { return c < 0x20 || c == 0x7f; });
}

result<std::string> make_key_file(const std::filesystem::path& file) {
  const auto key = net::node_key::make();
  if (!key) return key.error();
  if (auto saved = key->save(file); !saved) return std::move(saved).error();
  return to_string(key->public_half());
}

result<std::string> public_key_in(const std::filesystem::path& file) {
  const auto key = net::node_key::load(file);
  if (!key) return key.error();
  return to_string(key->public_half());
}

}  // namespace annals

// A sealed message: body, tag. The tag is that of ChaCha20-Poly1305 (RFC 8439) with no plaintext and the body as additional data. Its
// nonce is the number of messages before this one in the same direction, 8 bytes little-endian, and 4 zero bytes; it is not sent. The
// two directions have different keys, so no nonce is used twice with one key.
#include "net/identity/agreement.hpp"

#include <sodium.h>

#include <limits>

namespace annals::net {
namespace {

static_assert(seal_bytes == crypto_aead_chacha20poly1305_ietf_ABYTES);
static_assert(link_key::size() == crypto_aead_chacha20poly1305_ietf_KEYBYTES && link_key::size() == crypto_kx_SESSIONKEYBYTES);

using nonce = std::array<unsigned char, crypto_aead_chacha20poly1305_ietf_NPUBBYTES>;

nonce nonce_of(std::uint64_t count) {
  nonce made{};
  for (std::size_t i = 0; i < 8; ++i) made[i] = static_cast<unsigned char>(count >> (8 * i));
  return made;
}

/// A place for a plaintext of no bytes.
constexpr std::array<unsigned char, 1> no_bytes{};

constexpr auto last_count = std::numeric_limits<std::uint64_t>::max();

error no_key() { return {errc::forbidden, "the peer's key of the agreement is not random"}; }

}  // namespace

result<key_agreement> key_agreement::make() {
  if (auto ready = prepare_cryptography(); !ready) return ready.error();
  key_agreement made;
  crypto_kx_keypair(made.public_.data(), made.secret_.data());
  return made;
}

result<direction_keys> key_agreement::as_client(const agreement_key& server) const {
  direction_keys keys;
  if (crypto_kx_client_session_keys(keys.receiving.data(), keys.sending.data(), public_.data(), secret_.data(), server.data()) != 0) return no_key();
  return keys;
}

result<direction_keys> key_agreement::as_server(const agreement_key& client) const {
  direction_keys keys;
  if (crypto_kx_server_session_keys(keys.receiving.data(), keys.sending.data(), public_.data(), secret_.data(), client.data()) != 0) return no_key();
  return keys;
}

void sealer::seal(std::string& message) {
  const auto body = message.size();
  message.resize(body + seal_bytes);
  if (count_ == last_count) return;
  const auto once = nonce_of(count_++);
  auto* bytes = reinterpret_cast<unsigned char*>(message.data());
  auto none = no_bytes;
  crypto_aead_chacha20poly1305_ietf_encrypt_detached(none.data(), bytes + body, nullptr, none.data(), 0, bytes, body, nullptr, once.data(),
                                                     key_.data());
}

result<std::string_view> unsealer::open(std::string_view message) {
  if (message.size() < seal_bytes)
    return error{errc::undecodable, "a message without a tag", std::to_string(message.size()) + " bytes, at least " + std::to_string(seal_bytes)};
  if (count_ == last_count) return error{errc::undecodable, "more messages than one link may carry"};
  const auto body = message.size() - seal_bytes;
  const auto once = nonce_of(count_);
  const auto* bytes = as_bytes(message);
  auto none = no_bytes;
  if (crypto_aead_chacha20poly1305_ietf_decrypt_detached(none.data(), nullptr, none.data(), 0, bytes + body, bytes, body, once.data(), key_.data()) !=
      0)
    return error{errc::undecodable, "a message with a wrong tag", "message " + std::to_string(count_ + 1) + " of the link"};
  ++count_;
  return message.substr(0, body);
}

}  // namespace annals::net

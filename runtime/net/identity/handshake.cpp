// What is signed, with `text` for a length (u32, little-endian) and as many bytes:
//
//   by the server   "annals server 1" text(hello) text(challenge without its signature)
//   by the client   "annals client 1" text(hello) text(challenge)
#include "net/identity/handshake.hpp"

#include "net/identity/fields.hpp"

#include <sodium.h>
#include <annals/keys.hpp>

#include <algorithm>

namespace annals::net {

session_id new_session_id() {
  (void)prepare_cryptography();  // the node has a key by now, so it has been done
  session_id made;
  randombytes_buf(made.data(), made.size());
  return made;
}

namespace {

constexpr std::string_view by_server = "annals server 1";
constexpr std::string_view by_client = "annals client 1";

std::string to_be_signed(std::string_view by, std::string_view hello, std::string_view challenge) {
  std::string text{by};
  for (const auto part : {hello, challenge}) {
    put_number(text, part.size(), 4);
    text += part;
  }
  return text;
}

error used_twice() { return {errc::misuse, "a handshake takes each message once, in order"}; }
error forbidden(std::string why, std::string detail = {}) { return {errc::forbidden, std::move(why), std::move(detail)}; }

}  // namespace

result<client_handshake> client_handshake::make(const node_key& key, std::string name, expected_server server, const session_id& session,
                                                std::uint64_t link, version_range versions) {
  if (!is_node_name(name)) return error{errc::bad_option, "the name of a node has 1 to 255 bytes and no control characters"};
  if (server.keys.empty()) return error{errc::bad_option, "no public key of the server is known"};
  auto agreement = key_agreement::make();
  if (!agreement) return agreement.error();
  net::hello h{versions, std::move(name), key.public_half(), session, link, {}, agreement->public_key(), server.history};
  randombytes_buf(h.nonce.data(), h.nonce.size());
  client_handshake made{key, std::move(server), std::move(*agreement), versions};
  made.hello_ = encode(h);
  return made;
}

result<void> client_handshake::check(const challenge& c, std::string_view message) const {
  if (auto common = common_version(versions_, {c.version, c.version}); !common) return common.error();
  if (std::ranges::find(server_.keys, c.key) == server_.keys.end())
    return forbidden("the server has another key than expected", c.name + ": " + to_string(c.key));
  const auto [what, signature] = split_signature(message);
  if (!verify(c.key, to_be_signed(by_server, hello_, what), signature)) return forbidden("the server could not prove its key", c.name);
  if (server_.store_id && c.store.store_id != *server_.store_id)
    return error{errc::store_foreign, "the server has another store", "expected " + *server_.store_id + ", there is " + c.store.store_id};
  if (server_.history && c.store.history != *server_.history && !c.store.fork)
    return error{errc::history_differs, "the server's history does not continue the one that this node knows"};
  return {};
}

result<client_handshake::done> client_handshake::answer(std::string_view message) {
  if (std::exchange(ended_, true)) return used_twice();
  auto c = decode_challenge(message);
  if (!c) return c.error();
  if (auto ok = check(*c, message); !ok) return std::move(ok).error();
  auto keys = agreement_.as_client(c->agreement);
  if (!keys) return keys.error();
  auto proof = encode_proof();
  add_signature(proof, key_->sign(to_be_signed(by_client, hello_, message)));
  return done{std::move(proof), std::move(*keys), std::move(*c)};
}

result<std::string> server_handshake::answer(std::string_view hello) {
  if (next_ != step::hello) return used_twice();
  next_ = step::ended;
  auto said = decode_hello(hello);
  if (!said) return said.error();
  const auto version = common_version(server_->versions, said->versions);
  if (!version) return version.error();
  const auto keys = server_->keys_of(said->name);
  if (keys.empty()) return forbidden("no peer has this name", said->name);
  if (std::ranges::find(keys, said->key) == keys.end())
    return forbidden("the peer of this name has another key", said->name + ": " + to_string(said->key));
  auto agreement = key_agreement::make();
  if (!agreement) return agreement.error();
  challenge c{*version, server_->name, server_->key->public_half(), {}, agreement->public_key(), server_->facts(said->pinned_history)};
  randombytes_buf(c.nonce.data(), c.nonce.size());
  auto message = encode(c);
  add_signature(message, server_->key->sign(to_be_signed(by_server, hello, message)));
  signed_ = to_be_signed(by_client, hello, message);
  peer_ = std::move(*said);
  version_ = *version;
  agreement_ = std::move(*agreement);
  next_ = step::proof;
  return message;
}

result<server_handshake::done> server_handshake::finish(std::string_view proof) {
  if (next_ != step::proof) return used_twice();
  next_ = step::ended;
  if (auto ok = check_proof(proof); !ok) return std::move(ok).error();
  const auto [what, signature] = split_signature(proof);
  if (what != encode_proof()) return error{errc::undecodable, "proof has fields that its signature does not cover"};
  if (!verify(peer_.key, signed_, signature)) return forbidden("the peer could not prove its key", peer_.name);
  auto keys = agreement_->as_server(peer_.agreement);
  if (!keys) return keys.error();
  return done{std::move(*keys), std::move(peer_), version_};
}

}  // namespace annals::net

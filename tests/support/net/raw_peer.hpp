// A peer that proves its name as it should and then sends whatever a test wants.
#pragma once

#include "net/identity/handshake.hpp"
#include "net/session/channel.hpp"
#include "support/net/far_node.hpp"

#include <annals/codec.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

class raw_peer final : public annals::net::link_owner {
public:
  explicit raw_peer(unsigned char session = 200, std::uint64_t link = 1)
      : hands_(annals::net::client_handshake::make(*key_, "shop-web", {{far_key(server_number)->public_half()}, {}, {}}, {session}, link).value()) {}

  void opened(const std::shared_ptr<annals::net::link>& l) override {
    link_ = std::make_shared<remembering>(l);
    l->send(hands_.hello());
  }
  void received(const std::shared_ptr<annals::net::link>& l, std::string_view message) override {
    using namespace annals::net;
    if (!over_) {
      auto done = hands_.answer(message).value();
      over_ = std::make_shared<channel>(link_, std::move(done.keys), std::size_t{64} << 20);
      return l->send(std::move(done.proof));
    }
    if (!is_let_in) {
      const auto opened = over_->open_message(message);
      if (!opened) return;  // a refusal is not sealed
      said = decode_accepted(*opened).value();
      is_let_in = true;
      return;
    }
    over_
        ->received(message,
                   [&](frame_kind kind, std::string_view payload) -> annals::result<void> {
                     if (kind == frame_kind::answer) answers.push_back(read_answer(payload).value());
                     return {};
                   })
        .value();
  }
  void lost(const std::shared_ptr<annals::net::link>&, const annals::error&) override { is_lost = true; }

  void send(const std::string& frames) { over_->send(frames); }
  void confirm(std::uint64_t count) {
    std::string frame;
    annals::net::put_confirm(frame, count);
    send(frame);
  }
  template <class C>
  void command(std::string_view key, const C& what) {
    const auto body = annals::encoded(what);
    annals::net::command_frame frame;
    frame.sequence = ++sequence;
    frame.has_made_id = true;
    frame.category = "counter";
    frame.key = key;
    frame.name = C::about.name;
    frame.body = body;
    std::string bytes;
    annals::net::put(bytes, frame);
    send(bytes);
  }
  template <class Asked>
  void ask(annals::net::call what, const Asked& asked) {
    const auto body = annals::encoded(asked);
    std::string bytes;
    annals::net::put(bytes, annals::net::request_frame{++sequence, static_cast<std::uint8_t>(what), body});
    send(bytes);
  }

  /// Sends the bytes of its last message again.
  void repeat() { link_->to->send(link_->last); }

  bool is_let_in = false, is_lost = false;
  annals::net::accepted said;
  std::uint64_t sequence = 0;
  std::vector<annals::net::answer_frame> answers;

private:
  const std::shared_ptr<const annals::net::node_key> key_ = far_key(client_number);
  annals::net::client_handshake hands_;
  struct remembering final : annals::net::link {
    explicit remembering(std::shared_ptr<annals::net::link> l) : to(std::move(l)) {}
    void send(std::string message) override {
      last = message;
      to->send(std::move(message));
    }
    void close() override { to->close(); }
    const std::shared_ptr<annals::net::link> to;
    std::string last;
  };
  std::shared_ptr<remembering> link_;
  std::shared_ptr<annals::net::channel> over_;
};

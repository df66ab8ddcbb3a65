// A served engine and callers on other nodes, in one thread and in virtual time.
#pragma once

#include "net/door/door.hpp"
#include "net/door/served_calls.hpp"
#include "net/session/caller.hpp"
#include "net/session/uplink.hpp"
#include "net/wire/calls.hpp"
#include "support/net/counted_calls.hpp"
#include "support/net/memory_network.hpp"

#include <annals/codec.hpp>

#include <array>
#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

/// The same key in every run.
inline std::shared_ptr<const annals::net::node_key> far_key(unsigned char number) {
  std::array<unsigned char, 32> seed{};
  seed.fill(number);
  return std::make_shared<const annals::net::node_key>(annals::net::node_key::of_seed(seed).value());
}
inline std::string public_text(unsigned char number) { return annals::net::to_string(far_key(number)->public_half()); }

constexpr unsigned char server_number = 1, client_number = 2, other_number = 3;

/// Peers, as lines of a peers file.
inline std::shared_ptr<const annals::net::peers> peers_of(const std::string& toml) {
  return std::make_shared<const annals::net::peers>(annals::net::peers::parse(toml, "peers.toml").value());
}
/// The lines of one peer: its rights are lines like `append = ["account"]`.
inline std::string peer_lines(std::string_view name, unsigned char key, std::string_view rights) {
  return "[[peer]]\nname = \"" + std::string{name} + "\"\nkeys = [\"" + public_text(key) + "\"]\n" + std::string{rights} + "\n";
}
constexpr std::string_view all_rights = "append = [\"*\"]\nread = [\"*\"]\nask = [\"*\"]\nreplay = [\"*\"]\noperate = [\"*\"]\nadmin = [\"*\"]";
/// Two peers that may do everything.
inline std::shared_ptr<const annals::net::peers> trusting() {
  return peers_of(peer_lines("shop-web", client_number, all_rights) + peer_lines("till", other_number, all_rights));
}

/// The door of an engine.
class served_node {
public:
  served_node(annals::detail::engine& of, memory_network& on, std::shared_ptr<const annals::net::peers> known = trusting(),
              annals::net::credit limits = {}, std::uint64_t history = 0)
      : calls_(of, {[this] { return door_->known(); }, [this](const auto& by, std::string_view what) { door_->count_forbidden(by, what); },
                    [this](const std::string&, auto what) { post(counted_.counted(std::move(what))); }}) {
    annals::net::door_setup setup;
    setup.name = "ledger";
    setup.key = far_key(server_number);
    // With another history than the engine's, it says that it continues the one that the caller knows.
    setup.facts = [&of, history](std::optional<std::uint64_t> known) {
      const auto head = of.head();
      annals::net::store_facts facts{"a store", history ? history : head.history, head.at, 0, std::nullopt};
      if (history && known && *known != history) facts.fork = head.at;
      if (!history && known) facts.fork = annals::store::fork_of(of.env().log->identity().former, *known);
      return facts;
    };
    setup.limits = limits;
    door_ = std::make_unique<annals::net::door>(
        std::move(setup), std::move(known), counted_,
        annals::net::door::surroundings{[&on] { return on.now(); }, [] {}, [this](const std::string& line) { lines.push_back(line); }});
  }
  annals::net::door& door() { return *door_; }
  /// Commands of other nodes that were handed to the engine or answered without it.
  std::size_t commands() const { return counted_.commands(); }
  void step() {
    door_->flush();
    (void)door_->tick();
  }
  std::vector<std::string> lines;
  /// What may wait runs at once, unless a test says otherwise.
  std::function<void(std::function<void()>)> post = [](const auto& what) { what(); };

private:
  annals::net::served_calls calls_;
  counted_calls counted_{calls_};
  std::unique_ptr<annals::net::door> door_;
};

/// A handle on another node.
class far_caller {
public:
  far_caller(memory_network& on, std::function<annals::net::link_owner*()> server, unsigned char session = 1, std::string name = "shop-web",
             unsigned char key = client_number, std::size_t frame_bytes_max = std::size_t{64} << 20)
      : calls(
            {session, 2, 3}, [&on] { return on.now(); }, [] {}),
        link(setup_of(std::move(name), key, frame_bytes_max), calls,
             {[&on] { return on.now(); },
              [this, &on, server](const std::string&) {
                if (auto* to = server())
                  on.dial(link, *to);
                else
                  link.lost(nullptr, {annals::errc::unreachable, "the node is down"});
              },
              [] {}, [this](const annals::net::link_event& what) { events.push_back(what); }}) {}

  static annals::net::uplink_setup setup_of(std::string name, unsigned char key, std::size_t frame_bytes_max) {
    annals::net::uplink_setup setup;
    setup.name = std::move(name);
    setup.key = far_key(key);
    setup.server.keys = {far_key(server_number)->public_half()};
    setup.addresses = {"memory"};
    setup.frame_bytes_max = frame_bytes_max;
    return setup;
  }
  void step() {
    (void)link.tick();
    (void)calls.tick();
    calls.flush();
  }
  template <class C>
  std::shared_ptr<annals::detail::waiter> send(std::string_view category, std::string_view key, const C& command, std::string_view id = {},
                                               std::chrono::milliseconds time_out = std::chrono::seconds{30}) {
    return send_since(category, key, command, id, std::nullopt, time_out);
  }
  template <class C>
  std::shared_ptr<annals::detail::waiter> send_since(std::string_view category, std::string_view key, const C& command, std::string_view id,
                                                     std::optional<annals::token> since,
                                                     std::chrono::milliseconds time_out = std::chrono::seconds{30}) {
    const auto body = annals::encoded(command);
    annals::net::command_frame frame;
    frame.category = category;
    frame.key = key;
    frame.name = C::about.name;
    frame.id = id;
    frame.since = since;
    frame.body = body;
    return calls.send(frame, time_out);
  }
  template <class Asked>
  std::shared_ptr<annals::detail::waiter> ask(annals::net::call what, const Asked& asked,
                                              std::chrono::milliseconds time_out = std::chrono::seconds{30}) {
    return calls.ask(annals::net::is_delivery(what) ? annals::net::caller::kind::delivery : annals::net::caller::kind::question,
                     static_cast<std::uint8_t>(what), annals::encoded(asked), time_out, annals::net::waits_for_next_life(what));
  }

  std::vector<annals::net::link_event> events;
  annals::net::caller calls;
  annals::net::uplink link;
};

// A peer that does not keep to the protocol: one way a run.
//
//   stranger WAY PORT NAME KEY_FILE SERVER_KEY …
//   version                 says that it speaks versions 7 to 9; prints what it is told
//   unknown                 sends a call and then a frame that nobody knows; prints the answer, and when the link is closed
//   fuzz SEED SECONDS       mutated hellos, proofs and sealed messages
//   reads_nothing COUNT     prints ready, waits for a line, sends so many reads of the log and a command, waits for the next line
//   waits COUNT HISTORY     the same with questions that wait a minute for a position far ahead
//   caf                     a CAF program that asks for CAF's own actors; prints one line each
#include "net/processes/raw_peer.hpp"
#include "net/wire/calls.hpp"
#include "support/world.hpp"

#include <caf/all.hpp>
#include <caf/io/all.hpp>
#include <caf/io/basp_broker.hpp>

#include <cstdio>
#include <functional>
#include <iostream>
#include <map>
#include <string>
#include <vector>

using namespace annals::net;

namespace {

using arguments = std::vector<std::string>;

/// What is heard at once.
void say(const std::string& line) { std::cout << line << std::endl; }
void wait_for_a_line() {
  std::string line;
  std::getline(std::cin, line);
}
void confirm_nothing(channel& on) {
  std::string frame;
  put_confirm(frame, 0);
  on.send(frame);
}

void version(raw_peer& peer, const arguments&) {
  peer.dial().value();
  peer.send(peer.hello({7, 9}).hello());
  const auto refused = decode_accepted(peer.next().value());
  say(refused ? "accepted" : refused.error().message());
  say(peer.next() ? "open" : "closed");
}

void unknown(raw_peer& peer, const arguments&) {
  peer.dial().value();
  const auto over = peer.greet().value();
  confirm_nothing(*over);
  std::string frame;
  put(frame, request_frame{1, 200, "?"});
  over->send(frame);
  over->received(peer.next().value(),
                 [](frame_kind, std::string_view payload) -> annals::result<void> {
                   const auto answer = read_answer(payload).value();
                   say(answer.given ? "accepted" : answer.given.error().message());
                   return {};
                 })
      .value();
  over->send(std::string{"\1\0\0\0\x63", 5});
  say(peer.next() ? "open" : "closed");
}

void mutate(raw_peer& peer, const arguments& with) { fuzz(peer, std::stoull(with.at(0)), std::chrono::seconds{std::stoll(with.at(1))}); }

void send_many(raw_peer& peer, std::size_t count, call what, const std::string& body) {
  peer.dial().value();
  const auto over = peer.greet().value();
  confirm_nothing(*over);
  say("ready");
  wait_for_a_line();
  for (std::size_t i = 1; i <= count; ++i) {
    std::string frame;
    put(frame, request_frame{i, static_cast<std::uint8_t>(what), body});
    over->send(frame);
  }
  const auto body_of_last = annals::encoded(world::add{1, 1});
  command_frame last;
  last.sequence = count + 1;
  last.has_made_id = true;
  last.category = "counter";
  last.key = "marker";
  last.name = "add";
  last.body = body_of_last;
  std::string frame;
  put(frame, last);
  over->send(frame);
  say("sent");
  wait_for_a_line();
}
void reads_nothing(raw_peer& peer, const arguments& with) {
  send_many(peer, std::stoull(with.at(0)), call::log, annals::encoded(log_call{1, 1'000'000}));
}
void waits(raw_peer& peer, const arguments& with) {
  const auto head = std::stoull(with.at(1));
  send_many(peer, std::stoull(with.at(0)), call::ask,
            annals::encoded(ask_call{"sums", "sum_of", annals::encoded(world::sum_of{"a"}), head, 1'000'000'000, 60'000, 1'000}));
}

/// It names itself an application of annals, and so comes as far as a peer can come.
void reach_for_cafs_actors(std::uint16_t port) {
  caf::actor_system_config config;
  config.load<caf::io::middleman>();
  config.set("middleman.app-identifiers", std::vector<std::string>{"annals"});
  caf::actor_system system{config};
  const auto door = system.middleman().remote_actor("127.0.0.1", port);
  if (!door) return say("no door");
  const auto basp = system.middleman().named_broker<caf::io::basp_broker>(caf::atom("BASP"));
  caf::scoped_actor self{system};
  for (const auto& [name, service] : {std::pair{"ConfigServ", caf::atom("ConfigServ")}, {"SpawnServ", caf::atom("SpawnServ")}}) {
    std::string told = "answered";
    self->request(basp, std::chrono::minutes{4}, caf::forward_atom::value, door->node(), service,
                  caf::make_message(caf::get_atom::value, std::string{"basp.default-connectivity-tcp"}))
        .receive([](const caf::message&) {}, [&](const caf::error& why) { told = why == caf::sec::request_timeout ? "silent" : "not there"; });
    say(std::string{name} + " " + told);
  }
  const auto spawned =
      system.middleman().remote_spawn<caf::actor>(door->node(), "printer", caf::make_message(), caf::duration{std::chrono::seconds{10}});
  say(spawned ? "spawned" : "spawned nothing");
  self->send_exit(*door, caf::exit_reason::kill);
}

const std::map<std::string, void (*)(raw_peer&, const arguments&)> ways{
    {"version", version}, {"unknown", unknown}, {"fuzz", mutate}, {"reads_nothing", reads_nothing}, {"waits", waits}};

}  // namespace

int main(int count, char** values) {
  const arguments all{values + 1, values + count};
  const auto port = static_cast<std::uint16_t>(std::stoul(all.at(1)));
  if (all.at(0) == "caf") {
    reach_for_cafs_actors(port);
    return 0;
  }
  raw_peer peer{{all.at(2), node_key::load(all.at(3)).value(), public_key_of(all.at(4)).value()}, port};
  ways.at(all.at(0))(peer, {all.begin() + 5, all.end()});
}

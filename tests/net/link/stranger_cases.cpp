#include "links.hpp"
#include "raw_socket.hpp"

#include <sys/resource.h>
#include <caf/all.hpp>
#include <caf/io/all.hpp>
#include <caf/io/basp_broker.hpp>

#include <fstream>
#include <random>
#include <string>

using namespace links;

namespace {

/// Another program that uses CAF.
struct caf_program {
  explicit caf_program(const std::string& application) {
    config.load<caf::io::middleman>();
    config.set("middleman.app-identifiers", std::vector<std::string>{application});
    config.set("scheduler.max-threads", std::size_t{1});
    system = std::make_unique<caf::actor_system>(config);
  }
  caf::actor_system_config config;
  std::unique_ptr<caf::actor_system> system;
};

struct deaf_actor final : caf::event_based_actor {
  using event_based_actor::event_based_actor;
  caf::behavior make_behavior() override {
    return {[](const std::string&) {}};
  }
};

std::size_t resident_kib() {
  std::ifstream status{"/proc/self/status"};
  for (std::string word; status >> word;)
    if (word == "VmHWM:") return (status >> word, std::stoul(word));
  return 0;
}

bool serves(server& there) {
  client here;
  here.dial(there.port());
  return echoes(here.owner, here.owner.wait_for_link());
}

}  // namespace

BOOST_AUTO_TEST_SUITE(strangers)

BOOST_AUTO_TEST_CASE(services_of_caf_cannot_be_reached) {
  server there;
  caf_program other{"annals"};
  auto door = other.system->middleman().remote_actor("127.0.0.1", there.port());
  BOOST_REQUIRE(!!door);
  const auto basp = other.system->middleman().named_broker<caf::io::basp_broker>(caf::atom("BASP"));
  caf::scoped_actor self{*other.system};
  for (const auto service : {caf::atom("ConfigServ"), caf::atom("SpawnServ")}) {
    bool refused = false;
    self->request(basp, std::chrono::minutes{4}, caf::forward_atom::value, door->node(), service,
                  caf::make_message(caf::get_atom::value, std::string{"basp.default-connectivity-tcp"}))
        .receive([](const caf::message&) {}, [&](const caf::error& why) { refused = why != caf::sec::request_timeout; });
    BOOST_TEST(refused);
  }
}

BOOST_AUTO_TEST_CASE(messages_of_other_types_are_dropped_and_counted) {
  server there;
  caf_program other{"annals"};
  auto door = other.system->middleman().remote_actor("127.0.0.1", there.port());
  BOOST_REQUIRE(!!door);
  caf::scoped_actor self{*other.system};
  self->send(*door, 42, caf::atom("work"));
  self->send(*door, std::string{"two"}, std::string{"strings"});
  self->send_exit(*door, caf::exit_reason::kill);
  self->send(*door, caf::down_msg{door->address(), caf::exit_reason::kill});
  self->send(*door, std::string(annals::net::message_bytes_max + 1, 'x'));  // within what one frame may have
  caf::anon_send(*door, std::string{"from nobody"});
  bool bounced = false;
  self->request(*door, std::chrono::minutes{4}, caf::get_atom::value, 1)
      .receive([] {}, [&](const caf::error& why) { bounced = why != caf::sec::request_timeout; });
  BOOST_TEST(bounced);
  wait_until([&] { return there.system->counters().foreign_messages >= 6; });
  BOOST_TEST(serves(there));
}

BOOST_AUTO_TEST_CASE(another_application_gets_no_door) {
  server there;
  caf_program other{"other"};
  BOOST_TEST(!other.system->middleman().remote_actor("127.0.0.1", there.port()));
  auto listener = other.system->spawn<deaf_actor>();
  auto port = other.system->middleman().publish(listener, 0, "127.0.0.1");
  BOOST_REQUIRE(!!port);
  client here;
  here.dial(*port);
  BOOST_TEST((here.owner.wait_for_loss().code == errc::unreachable));
  caf::anon_send_exit(listener, caf::exit_reason::user_shutdown);
  BOOST_TEST(serves(there));
}

BOOST_AUTO_TEST_CASE(garbage_closes_its_connection_alone) {
  server there;
  std::mt19937 random{20240229};
  for (int i = 0; i < 200; ++i) {
    auto socket = raw_socket::to(there.port());
    std::string bytes(32 + random() % 512, '\0');
    for (auto& byte : bytes) byte = static_cast<char>(random());
    if (i % 2 == 0) {  // a header that CAF takes for one: operation, flags, a small length
      bytes.replace(0, 8, std::string{static_cast<char>(random() % 8), 0, 0, static_cast<char>(random() % 3), 0, 0, 0, static_cast<char>(random())});
      std::fill(bytes.begin() + 8, bytes.begin() + 32, '\0');
    }
    socket.send(bytes);
    if (i % 4 == 1) (void)socket.read_to_the_end();
  }
  BOOST_TEST(serves(there));
}

BOOST_AUTO_TEST_CASE(a_header_that_announces_gigabytes_gets_no_memory) {
  server there;
  BOOST_TEST(serves(there));
  const auto before = resident_kib();
  for (int i = 0; i < 8; ++i) {
    auto socket = raw_socket::to(there.port());
    std::string header(32, '\0');
    header[0] = 1;  // a client's handshake
    header.replace(4, 4, "\xff\xff\xff\xf0");
    socket.send(header);
    (void)socket.read_to_the_end();
  }
  BOOST_TEST(there.system->counters().oversized == 8u);
  BOOST_TEST(resident_kib() - before < 64u * 1024);
  BOOST_TEST(serves(there));
}

BOOST_AUTO_TEST_CASE(a_peer_that_never_reads_does_not_keep_the_system_from_ending) {
  auto there = std::make_unique<server>();
  std::vector<raw_socket> silent;
  for (int i = 0; i < 300; ++i) silent.push_back(raw_socket::to(there->port()));
  wait_until([&] { return there->system->counters().silent >= 40; });
  BOOST_TEST(serves(*there));
  there.reset();
}

BOOST_AUTO_TEST_SUITE_END()

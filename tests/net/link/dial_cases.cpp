#include "links.hpp"
#include "raw_socket.hpp"

#include <chrono>
#include <string>

using namespace links;

namespace {

error publishing(annals::net::link_system& system, const std::string& host, std::uint16_t port, recorder& owner) {
  auto door = annals::net::door_link::publish(system, host, port, owner);
  BOOST_REQUIRE(!door);
  return door.error();
}

}  // namespace

BOOST_AUTO_TEST_SUITE(dials)

BOOST_AUTO_TEST_CASE(a_dial_where_nobody_listens_is_lost_and_names_the_address) {
  client here;
  const auto port = raw_listener{}.port();  // nobody listens there any more
  here.dial(port);
  const auto why = here.owner.wait_for_loss();
  BOOST_TEST((why.code == errc::unreachable));
  BOOST_TEST(why.detail == "127.0.0.1:" + std::to_string(port));
  BOOST_TEST((here.owner.losses().front().first == nullptr));
}

BOOST_AUTO_TEST_CASE(a_dial_that_is_never_answered_ends_in_time) {
  auto options = quick();
  options.heartbeat = std::chrono::milliseconds{100};
  options.time_out = std::chrono::milliseconds{300};
  client here{options};
  raw_listener silent;  // the kernel takes the connection, nobody says anything
  here.dial(silent.port());
  BOOST_TEST((here.owner.wait_for_loss().code == errc::timed_out));
}

BOOST_AUTO_TEST_CASE(a_dialer_that_goes_ends_a_dial_that_waits) {
  client here;
  raw_listener silent;
  here.dial(silent.port());
  const auto taken = silent.accept();
  const auto begun = std::chrono::steady_clock::now();
  here.dialer.reset();
  BOOST_TEST((here.owner.wait_for_loss().code == errc::closed));
  BOOST_TEST((std::chrono::steady_clock::now() - begun < std::chrono::seconds{5}));
}

BOOST_AUTO_TEST_CASE(a_dial_to_another_program_fails) {
  client here;
  raw_listener web;
  here.dial(web.port());
  web.accept().send("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n");
  BOOST_TEST((here.owner.wait_for_loss().code == errc::unreachable));
}

BOOST_AUTO_TEST_CASE(a_name_that_does_not_exist_is_an_error) {
  client here;
  here.dial(1, "nowhere.invalid");
  BOOST_TEST((here.owner.wait_for_loss().code == errc::bad_option));
}

BOOST_AUTO_TEST_CASE(case_56_a_port_that_is_taken_is_named) {
  server there;
  recorder owner;
  const auto why = publishing(*there.system, "127.0.0.1", there.port(), owner);
  BOOST_TEST((why.code == errc::bad_option));
  BOOST_TEST(why.detail == "127.0.0.1:" + std::to_string(there.port()));
  BOOST_TEST(why.reason.find("in use") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(case_57_without_tls_nodes_connect_on_loopback_only) {
  server there;
  recorder owner;
  for (const auto* host : {"0.0.0.0", "::", "192.0.2.1"}) {
    const auto why = publishing(*there.system, host, 0, owner);
    BOOST_TEST((why.code == errc::bad_option));
    BOOST_TEST(why.reason.find("TLS is missing") != std::string::npos);
  }
  client here;
  here.dial(4711, "192.0.2.1");
  BOOST_TEST(here.owner.wait_for_loss().reason.find("TLS is missing") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(times_out_of_range_are_refused) {
  auto options = quick();
  options.time_out = std::chrono::milliseconds{600};
  BOOST_TEST((annals::net::link_system::open(options).error().code == errc::bad_option));
  options.heartbeat = std::chrono::milliseconds{0};
  BOOST_TEST((annals::net::link_system::open(options).error().code == errc::bad_option));
}

BOOST_AUTO_TEST_CASE(a_system_nobody_uses_ends) {
  for (int i = 0; i < 20; ++i) BOOST_TEST(annals::net::link_system::open(quick()).has_value());
}

BOOST_AUTO_TEST_SUITE_END()

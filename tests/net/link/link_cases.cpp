#include "links.hpp"
#include "net/link/caf_link.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <random>
#include <string>
#include <thread>

using namespace links;

namespace {

std::vector<std::string> mixed_messages(std::size_t count) {
  std::mt19937 random{4711};
  std::vector<std::string> all;
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t size = i % 100 == 0 ? annals::net::message_bytes_max : 1 + random() % (i % 10 == 0 ? 20'000 : 200);
    std::string one(size, static_cast<char>(random()));
    one.replace(0, std::min<std::size_t>(size, 8), std::to_string(i).substr(0, size));
    all.push_back(std::move(one));
  }
  return all;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(links_over_caf)

BOOST_AUTO_TEST_CASE(messages_of_all_sizes_arrive_in_order_both_ways) {
  server there;
  client here;
  here.dial(there.port());
  const auto l = here.owner.wait_for_link();
  const auto sent = mixed_messages(10'000);
  for (std::size_t i = 0; i < sent.size(); ++i) {
    l->send(sent[i]);
    if (i % 64 == 63) wait_until([&] { return here.owner.count(l) + 64 > i; });
  }
  wait_until([&] { return here.owner.count(l) == sent.size(); });
  BOOST_TEST((here.owner.messages(l) == sent));
  BOOST_TEST((there.owner.messages(there.owner.open().front()) == sent));
  BOOST_TEST(there.system->counters().foreign_messages == 0u);
}

BOOST_AUTO_TEST_CASE(two_clients_have_links_of_their_own) {
  server there;
  client one, other;
  one.dial(there.port());
  other.dial(there.port());
  const auto a = one.owner.wait_for_link();
  const auto b = other.owner.wait_for_link();
  for (int i = 0; i < 100; ++i) {
    a->send("a" + std::to_string(i));
    b->send("b" + std::to_string(i));
  }
  wait_until([&] { return one.owner.count(a) == 100 && other.owner.count(b) == 100; });
  BOOST_TEST(there.owner.open().size() == 2u);
  for (const auto& l : there.owner.open()) {
    const auto all = there.owner.messages(l);
    BOOST_TEST(all.size() == 100u);
    BOOST_TEST(std::ranges::all_of(all, [&](const std::string& m) { return m[0] == all[0][0]; }));
  }
}

BOOST_AUTO_TEST_CASE(two_links_of_one_client_share_a_connection_and_end_alone) {
  server there;
  client here;
  here.dial(there.port());
  here.dial(there.port());
  const auto first = here.owner.wait_for_link(1);
  const auto second = here.owner.wait_for_link(2);
  BOOST_TEST(echoes(here.owner, first));
  BOOST_TEST(echoes(here.owner, second));
  BOOST_TEST(there.owner.open().size() == 2u);
  first->close();
  BOOST_TEST((here.owner.wait_for_loss().code == errc::closed));
  there.owner.wait_for_loss();
  const auto before = here.owner.count(second);
  second->send("still here");
  wait_until([&] { return here.owner.count(second) > before; });
  BOOST_TEST(here.owner.losses().size() == 1u);
}

BOOST_AUTO_TEST_CASE(a_link_that_its_client_closes_is_lost_on_both_sides_once) {
  server there;
  client here;
  here.dial(there.port());
  const auto l = here.owner.wait_for_link();
  BOOST_TEST(echoes(here.owner, l));
  l->close();
  l->close();
  l->send("after the end");
  BOOST_TEST(here.owner.wait_for_loss().message() == "closed: the link was closed here");
  BOOST_TEST(there.owner.wait_for_loss().message() == "closed: the link was closed by the other node");
  BOOST_TEST(there.owner.messages(there.owner.open().front()).size() == 1u);
  here.dialer.reset();
  BOOST_TEST(here.owner.losses().size() == 1u);
}

BOOST_AUTO_TEST_CASE(a_link_that_its_server_closes_is_lost_on_both_sides_and_can_be_dialed_again) {
  server there;
  client here;
  here.dial(there.port());
  const auto l = here.owner.wait_for_link();
  BOOST_TEST(echoes(here.owner, l));
  there.owner.open().front()->close();
  BOOST_TEST(there.owner.wait_for_loss().message() == "closed: the link was closed here");
  BOOST_TEST(here.owner.wait_for_loss().message() == "closed: the link was closed by the other node");
  here.dial(there.port());
  wait_until([&] { return here.owner.open().size() == 2; });
  const auto again = here.owner.open()[1];
  again->send("again");
  wait_until([&] { return here.owner.count(again) == 1; });
}

BOOST_AUTO_TEST_CASE(a_server_that_ends_takes_its_links_along_and_its_successor_is_dialed) {
  auto there = std::make_unique<server>();
  const auto port = there->port();
  client here;
  here.dial(port);
  BOOST_TEST(echoes(here.owner, here.owner.wait_for_link()));
  there.reset();
  here.owner.wait_for_loss();
  server successor{quick(), "127.0.0.1", port};
  here.dial(port);
  wait_until([&] { return here.owner.open().size() == 2; });
  const auto again = here.owner.open()[1];
  again->send("again");
  wait_until([&] { return here.owner.count(again) == 1; });
}

BOOST_AUTO_TEST_CASE(a_client_that_ends_is_lost_at_the_server) {
  server there;
  for (std::size_t i = 1; i <= 3; ++i) {
    client here;
    here.dial(there.port());
    BOOST_TEST(echoes(here.owner, here.owner.wait_for_link()));
    here.dialer.reset();
    BOOST_TEST((here.owner.wait_for_loss().code == errc::closed));
    here.system.reset();
    there.owner.wait_for_loss(i);
  }
}

BOOST_AUTO_TEST_CASE(a_door_that_closes_frees_its_port_while_the_system_goes_on) {
  server there;
  client here;
  here.dial(there.port());
  BOOST_TEST(echoes(here.owner, here.owner.wait_for_link()));
  const auto port = there.port();
  there.door.reset();
  BOOST_TEST(there.owner.losses().size() == 1u);
  here.owner.wait_for_loss();
  there.door = annals::net::door_link::publish(*there.system, "127.0.0.1", port, there.owner).value();
  here.dial(port);
  wait_until([&] { return here.owner.open().size() == 2; });
  const auto again = here.owner.open()[1];
  again->send("again");
  wait_until([&] { return here.owner.count(again) == 1; });
}

BOOST_AUTO_TEST_CASE(an_exception_of_an_owner_closes_the_link_alone) {
  server there;
  there.owner.on_message = [](const auto& l, std::string_view m) {
    if (m == "bad") throw std::runtime_error("cannot");
    l->send(std::string{m});
  };
  client here;
  here.dial(there.port());
  here.dial(there.port());
  const auto bad = here.owner.wait_for_link(1);
  const auto good = here.owner.wait_for_link(2);
  BOOST_TEST(echoes(here.owner, good));
  bad->send("bad");
  BOOST_TEST((here.owner.wait_for_loss().code == errc::closed));
  const auto before = here.owner.count(good);
  good->send("good");
  wait_until([&] { return here.owner.count(good) > before; });
}

BOOST_AUTO_TEST_CASE(a_node_can_dial_itself) {
  server there;
  recorder owner;
  auto dialer = annals::net::dialer::start(*there.system, owner).value();
  dialer->dial("127.0.0.1", there.port());
  BOOST_TEST(echoes(owner, owner.wait_for_link()));
  dialer.reset();
  there.owner.wait_for_loss();
}

BOOST_AUTO_TEST_CASE(two_nodes_that_dial_each_other_at_once_both_get_links) {
  server one, other;
  recorder of_one, of_other;
  auto from_one = annals::net::dialer::start(*one.system, of_one).value();
  auto from_other = annals::net::dialer::start(*other.system, of_other).value();
  const auto linked = [](recorder& owner, auto& dialer, std::uint16_t port) {
    for (std::size_t open = 0, lost = 0;;) {
      dialer->dial("127.0.0.1", port);
      wait_until([&] { return owner.open().size() > open || owner.losses().size() > lost; });
      if (owner.open().size() > open) {
        const auto l = owner.open().back();
        l->send("hello");
        wait_until([&] { return owner.count(l) > 0 || owner.losses().size() > lost; });
        if (owner.count(l) > 0) return;
      }
      open = owner.open().size(), lost = owner.losses().size();
    }
  };
  std::thread at_once{[&] { linked(of_one, from_one, other.port()); }};
  linked(of_other, from_other, one.port());
  at_once.join();
}

BOOST_AUTO_TEST_CASE(links_outlive_their_system_and_carry_nothing) {
  server there;
  std::shared_ptr<annals::net::link> kept;
  {
    client here;
    here.dial(there.port());
    kept = here.owner.wait_for_link();
    here.dialer.reset();
  }
  kept->send("nobody");
  kept->close();
  BOOST_TEST((kept != nullptr));
}

BOOST_AUTO_TEST_CASE(a_forked_child_cannot_use_the_links_of_its_parent) {
  server there;
  auto* here = new client;
  here->dial(there.port());
  const auto l = here->owner.wait_for_link();
  BOOST_TEST(echoes(here->owner, l));
  const pid_t child = ::fork();
  if (child == 0) {
    const auto before = there.owner.losses().size();
    l->send("from the child");
    l->close();
    here->dial(there.port());
    const bool refused = !there.system->reload() && !annals::net::dialer::start(*there.system, there.owner) &&
                         !annals::net::door_link::publish(*there.system, "127.0.0.1", 0, there.owner);
    delete here;
    there.door.reset();
    there.system.reset();
    ::_exit(refused && there.owner.losses().size() == before ? 0 : 1);
  }
  int status = 1;
  ::waitpid(child, &status, 0);
  BOOST_TEST(status == 0);
  BOOST_TEST(echoes(here->owner, l));
  BOOST_TEST(there.owner.count(there.owner.open().front()) == 2u);
  delete here;
}

BOOST_AUTO_TEST_CASE(a_link_counts_what_waits_for_its_peer) {
  server there;
  std::mutex held;
  std::unique_lock holds{held};
  there.owner.on_message = [&](const auto&, std::string_view) { const std::lock_guard wait{held}; };
  client here;
  here.dial(there.port());
  const auto l = std::dynamic_pointer_cast<annals::net::caf_link>(here.owner.wait_for_link());
  BOOST_REQUIRE(l);
  for (int i = 0; i < 400; ++i) l->send(std::string(annals::net::message_bytes_max, 'x'));
  BOOST_TEST(l->sent_messages() == 400u);
  BOOST_TEST(l->sent_bytes() == 400u * annals::net::message_bytes_max);
  holds.unlock();
  const auto theirs = there.owner.wait_for_link();
  wait_until([&] { return there.owner.count(theirs) == 400; });
  wait_until([&] { return l->queued_bytes() == 0; });
}

BOOST_AUTO_TEST_SUITE_END()

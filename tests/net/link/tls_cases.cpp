#include "certificates.hpp"
#include "links.hpp"
#include "raw_socket.hpp"

#include <filesystem>
#include <fstream>
#include <string>

using namespace links;

namespace {

link_options with(const annals::tls_files& files) {
  auto options = quick();
  options.tls = files;
  return options;
}

error refused(const annals::tls_files& files) {
  auto opened = annals::net::link_system::open(with(files));
  BOOST_REQUIRE(!opened);
  return opened.error();
}

void expect(const error& why, const std::filesystem::path& file, const std::string& says) {
  BOOST_TEST((why.code == errc::bad_option));
  BOOST_TEST(why.detail == file.string());
  BOOST_TEST(why.reason.find(says) != std::string::npos, why.reason);
}

struct with_certificates {
  certificates made;
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(tls, with_certificates)

BOOST_AUTO_TEST_CASE(nodes_of_one_ca_have_links) {
  server there{with(made.node("a"))};
  client here{with(made.node("b"))};
  here.dial(there.port());
  const auto l = here.owner.wait_for_link();
  for (int i = 0; i < 200; ++i) {
    l->send(std::string(annals::net::message_bytes_max, static_cast<char>('a' + i % 26)));
    if (i % 16 == 15) wait_until([&, i] { return here.owner.count(l) + 16 > static_cast<std::size_t>(i); });
  }
  wait_until([&] { return here.owner.count(l) == 200; });
  BOOST_TEST(here.owner.messages(l)[25] == std::string(annals::net::message_bytes_max, 'z'));
  BOOST_TEST(there.system->counters().failed_handshakes == 0u);
}

BOOST_AUTO_TEST_CASE(with_tls_a_door_may_be_at_any_address) {
  server there{with(made.node("a")), "0.0.0.0"};
  client here{with(made.node("b"))};
  here.dial(there.port());
  BOOST_TEST(echoes(here.owner, here.owner.wait_for_link()));
}

BOOST_AUTO_TEST_CASE(strangers_are_refused_and_the_door_stays_open) {
  server there{with(made.node("a"))};
  const auto refuses = [&](const link_options& options) {
    client stranger{options};
    stranger.dial(there.port());
    const auto why = stranger.owner.wait_for_loss();
    BOOST_TEST((why.code == errc::unreachable || why.code == errc::timed_out), why.message());
    return why.reason;
  };
  const certificates foreign;
  BOOST_TEST(refuses(with(foreign.node("a"))).find("certificate") != std::string::npos);
  auto plain = quick();
  plain.heartbeat = std::chrono::milliseconds{100};
  plain.time_out = std::chrono::milliseconds{300};
  refuses(plain);  // the client of a node without TLS says nothing before the door does

  client here{with(made.node("b"))};
  here.dial(there.port());
  BOOST_TEST(echoes(here.owner, here.owner.wait_for_link()));
  BOOST_TEST(there.owner.open().size() == 1u);
}

BOOST_AUTO_TEST_CASE(a_client_without_a_certificate_or_with_an_expired_one_is_refused) {
  server there{with(made.node("a"))};
  made.connect_without_certificate(there.port());
  wait_until([&] { return there.system->counters().failed_handshakes == 1; });
  made.connect_with_expired(there.port());
  wait_until([&] { return there.system->counters().failed_handshakes == 2; });
  BOOST_TEST(there.owner.open().empty());
  auto socket = raw_socket::to(there.port());
  socket.send(std::string(32, '\0'));
  BOOST_TEST(socket.read_to_the_end().find("annals") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(case_57_a_client_with_tls_refuses_a_plain_door) {
  server there;
  client here{with(made.node("b"))};
  here.dial(there.port());
  BOOST_TEST((here.owner.wait_for_loss().code == errc::unreachable));
}

BOOST_AUTO_TEST_CASE(files_that_cannot_be_used_are_named_when_the_system_is_opened) {
  const auto a = made.node("a");
  auto files = a;
  files.certificate = made.place() / "missing.pem";
  expect(refused(files), files.certificate, "No such file");
  files = a;
  files.ca = a.key;
  expect(refused(files), a.key, "no certificate");
  files = a;
  files.key = made.node("b").key;
  expect(refused(files), files.key, "not the key of");
  files = a;
  files.key = a.certificate;
  std::filesystem::permissions(a.certificate, std::filesystem::perms::owner_all);
  expect(refused(files), files.key, "");
  const certificates foreign;
  files = a;
  files.ca = foreign.node("a").ca;
  expect(refused(files), a.certificate, "signature failure");
  expect(refused(made.expired()), made.expired().certificate, "expired");
  expect(refused(made.with_passphrase()), made.with_passphrase().key, "passphrase");
  std::filesystem::permissions(a.key, std::filesystem::perms::others_read, std::filesystem::perm_options::add);
  expect(refused(a), a.key, "other users");
}

BOOST_AUTO_TEST_CASE(files_are_replaced_while_links_go_on_and_only_whole) {
  const auto files = made.node("a");
  server there{with(files)};
  client here{with(made.node("b"))};
  here.dial(there.port());
  const auto first = here.owner.wait_for_link();

  std::ofstream{files.certificate} << "half a certif";
  BOOST_TEST((there.system->reload().error().code == errc::bad_option));
  std::filesystem::remove(files.key);
  BOOST_TEST(!there.system->reload().has_value());
  client second{with(made.node("c"))};
  second.dial(there.port());
  BOOST_TEST(echoes(second.owner, second.owner.wait_for_link()));

  const certificates next;
  const auto theirs = next.node("a");
  for (const auto& [from, to] : {std::pair{theirs.ca, files.ca}, {theirs.certificate, files.certificate}, {theirs.key, files.key}})
    std::filesystem::copy_file(from, to, std::filesystem::copy_options::overwrite_existing);
  BOOST_TEST(there.system->reload().has_value());
  client third{with(next.node("b"))};
  third.dial(there.port());
  BOOST_TEST(echoes(third.owner, third.owner.wait_for_link()));
  BOOST_TEST(echoes(here.owner, first));
}

BOOST_AUTO_TEST_SUITE_END()

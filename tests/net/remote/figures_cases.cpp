// runtime::metrics() of a runtime that listens: who was not let in, and why.
#include "net/remote/near_and_far.hpp"
#include "support/readings.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string_view>

using namespace std::chrono_literals;

namespace {

/// A connection that sends this, and nothing else.
class stranger {
public:
  stranger(std::uint16_t port, std::string_view says) : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    BOOST_TEST_REQUIRE(::connect(socket_, reinterpret_cast<const sockaddr*>(&to), sizeof to) == 0);
    if (!says.empty()) BOOST_TEST_REQUIRE(::send(socket_, says.data(), says.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(says.size()));
  }
  stranger(const stranger&) = delete;
  ~stranger() { ::close(socket_); }

private:
  const int socket_;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(figures_of_listeners)

BOOST_AUTO_TEST_CASE(count_who_is_not_let_in_by_the_reason) {
  near_and_far w;
  const auto not_let_in = [&](std::string_view why) { return reading(w.rt->metrics(), "annals_auth_failures_total", {why}); };
  BOOST_TEST(total(w.rt->metrics(), "annals_auth_failures_total") == 0);
  const stranger mute{w.door->port(), ""};
  const stranger other{w.door->port(), "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"};
  {
    auto with = w.calling();
    with.key = w.place / "stranger.key";
    annals::make_key_file(with.key).value();
    const auto far = annals::remote::connect({w.address()}, with).value();
    wait_until([&] { return not_let_in("refused") >= 1; });
  }
  const auto counts_are_shown = [&] {
    const auto seen = w.door->counts();
    return not_let_in("refused") == static_cast<double>(seen.refused) && not_let_in("malformed") == static_cast<double>(seen.malformed) &&
           not_let_in("timed_out") == static_cast<double>(seen.timed_out) && not_let_in("overrun") == static_cast<double>(seen.overrun);
  };
  wait_until([&] { return not_let_in("malformed") >= 1 && not_let_in("timed_out") >= 1; });
  wait_until(counts_are_shown);
  BOOST_TEST(not_let_in("malformed") == 1);
  BOOST_TEST(not_let_in("timed_out") == 1);
  BOOST_TEST(not_let_in("overrun") == 0);
}

BOOST_AUTO_TEST_SUITE_END()

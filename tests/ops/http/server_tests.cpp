#include "ops/http/raw_client.hpp"
#include "ops/http/server.hpp"
#include "support/wait_until.hpp"

#include <boost/test/unit_test.hpp>

#include <fcntl.h>
#include <sys/resource.h>

#include <atomic>
#include <csignal>
#include <ctime>
#include <optional>
#include <stdexcept>
#include <vector>

namespace {

using namespace annals;
using world::raw_client;

/// Events without an end, as large as is wanted.
class endless final : public ops::event_source {
public:
  endless(std::atomic<int>& count, std::size_t bytes) : count_(count), bytes_(bytes) { ++count_; }
  ~endless() override { --count_; }
  bool next(std::string& into) override {
    into.assign(bytes_, 'x');
    return true;
  }

private:
  std::atomic<int>& count_;
  std::size_t bytes_;
};

struct echo final : ops::application {
  std::atomic<int> streams = 0;
  std::atomic<int> answers = 0;

  ops::answer handle(const ops::request& asked) override {
    ops::answer out;
    if (asked.path == "/throws") throw std::runtime_error("no idea");
    if (asked.path == "/stream" || asked.path == "/large") {
      out.type = "text/event-stream";
      out.events = std::make_shared<endless>(streams, asked.path == "/large" ? 1 << 16 : 1);
      return out;
    }
    out.type = "text/plain";
    out.body = asked.method + " " + asked.path + " " + (asked.is_cut ? "cut" : asked.body);
    return out;
  }
  void answered(const ops::request&, int) override { ++answers; }
};

struct rig {
  explicit rig(std::size_t threads = 4) {
    auto listening = ops::listener::bind("127.0.0.1", 0, ops::plain_transports()).value();
    running = ops::server::start(std::move(listening), threads, application).value();
  }
  raw_client client(int receive_bytes = 0) const { return raw_client{running->port(), receive_bytes}; }
  std::string get(std::string_view path) const { return client().send("GET " + std::string{path} + " HTTP/1.1\r\nHost: a\r\n\r\n").all(); }

  echo application;
  std::unique_ptr<ops::server> running;
};

/// The number of file descriptors that this process may have, until it goes out of scope.
class descriptors_max {
public:
  explicit descriptors_max(rlim_t most) {
    ::getrlimit(RLIMIT_NOFILE, &before_);
    const rlimit lower{most, before_.rlim_max};
    BOOST_REQUIRE_EQUAL(::setrlimit(RLIMIT_NOFILE, &lower), 0);
  }
  descriptors_max(const descriptors_max&) = delete;
  ~descriptors_max() { ::setrlimit(RLIMIT_NOFILE, &before_); }

private:
  rlimit before_{};
};

rlim_t lowest_free_descriptor() {
  const int next = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  ::close(next);
  return static_cast<rlim_t>(next);
}

/// A client that the listener reads from, and gives up after 5 s.
raw_client slow_client(const rig& r) {
  auto client = std::move(r.client().send("GET / HTTP/1.1\r\nX-Slow: "));
  (void)r.get("/after");  // so that it has been accepted
  return client;
}

/// Seconds of processor time that this process uses until the client is given up.
double busy_until_given_up(raw_client& slow) {
  const auto before = std::clock();
  BOOST_TEST(slow.some().empty());
  return static_cast<double>(std::clock() - before) / CLOCKS_PER_SEC;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(ops_server)

BOOST_AUTO_TEST_CASE(a_request_is_answered_and_the_connection_ends) {
  const rig r;
  const auto answer = r.get("/a%2Fb?c=d");
  BOOST_TEST(answer.starts_with("HTTP/1.1 200 OK\r\n"));
  BOOST_TEST(answer.ends_with("\r\n\r\nGET /a%2Fb "));
  BOOST_TEST(answer.find("Connection: close\r\n") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_body_comes_whole_however_it_is_cut) {
  const rig r;
  auto client = r.client();
  for (const char* part : {"POST /x HT", "TP/1.1\r\nHost: a\r", "\ncontent-LENGTH: 10\r\n\r", "\n01234", "56789"}) client.send(part);
  BOOST_TEST(client.all().ends_with("POST /x 0123456789"));
}

BOOST_AUTO_TEST_CASE(a_body_that_is_too_long_or_has_no_length_is_not_read) {
  const rig r;
  for (const char* length : {"Content-Length: 65537", "Content-Length: 99999999999999999999999", "Content-Length: 1\r\nContent-Length: 2",
                             "Transfer-Encoding: chunked", "Content-Length: -1"}) {
    const auto answer = r.client().send("POST /x HTTP/1.1\r\nHost: a\r\n" + std::string{length} + "\r\n\r\n").send(std::string(70'000, 'x')).all();
    BOOST_TEST(answer.ends_with("POST /x cut"), length);
  }
}

BOOST_AUTO_TEST_CASE(what_is_no_request_is_refused_with_the_headers_of_every_answer) {
  const rig r;
  const auto answer = r.client().send("nonsense\r\n\r\n").all();
  BOOST_TEST(answer.starts_with("HTTP/1.1 400 "));
  BOOST_TEST(answer.find("frame-ancestors 'none'") != std::string::npos);
  BOOST_TEST(r.get("/" + std::string(9'000, 'x')).starts_with("HTTP/1.1 414 "));
  BOOST_TEST(r.client().send("GET / HTTP/1.1\r\nX: " + std::string(20'000, 'x')).all().starts_with("HTTP/1.1 431 "));
  BOOST_TEST(r.application.answers == 0);
}

BOOST_AUTO_TEST_CASE(an_exception_is_an_answer) {
  const rig r;
  const auto answer = r.get("/throws");
  BOOST_TEST(answer.starts_with("HTTP/1.1 500 "));
  BOOST_TEST(answer.find("no idea") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(clients_whose_headers_never_end_hold_no_thread_and_are_given_up) {
  const rig r{2};
  std::vector<raw_client> slow;
  for (int n = 0; n < 60; ++n) slow.push_back(std::move(r.client().send("GET / HTTP/1.1\r\nX-Slow: ")));
  for (int n = 0; n < 20; ++n) BOOST_TEST(r.get("/quick").ends_with("GET /quick "));
  for (const auto& each : slow) BOOST_TEST(each.is_open_and_silent());
  for (auto& each : slow) BOOST_TEST(each.some().empty());  // after 5 s
}

BOOST_AUTO_TEST_CASE(of_very_many_slow_clients_the_oldest_make_room) {
  const rig r;
  std::vector<raw_client> slow;
  for (std::size_t n = 0; n < ops::listener::reading_max + 10; ++n) slow.push_back(std::move(r.client().send("GET / HTTP/1.1\r\n")));
  BOOST_TEST(slow.front().some().empty());
  BOOST_TEST(r.get("/quick").ends_with("GET /quick "));
  BOOST_TEST(slow.back().is_open_and_silent());
}

BOOST_AUTO_TEST_CASE(a_stream_ends_when_its_client_has_gone) {
  rig r;
  {
    auto client = r.client();
    client.send("GET /stream HTTP/1.1\r\nHost: a\r\n\r\n").until("x");
    BOOST_TEST(r.application.streams == 1);
  }
  wait_until([&] { return r.application.streams == 0; });
}

BOOST_AUTO_TEST_CASE(a_stream_whose_client_never_reads_is_cut) {
  rig r;
  const auto client = std::move(r.client(4096).send("GET /large HTTP/1.1\r\nHost: a\r\n\r\n"));
  wait_until([&] { return r.application.streams == 1; });
  wait_until([&] { return r.application.streams == 0; });
}

BOOST_AUTO_TEST_CASE(closing_ends_streams_silent_connections_and_those_that_do_not_read) {
  rig r;
  auto stream = r.client(), stuck = r.client(4096), idle = r.client();
  stream.send("GET /stream HTTP/1.1\r\nHost: a\r\n\r\n").until("x");
  stuck.send("GET /large HTTP/1.1\r\nHost: a\r\n\r\n");
  wait_until([&] { return r.application.streams == 2; });
  r.running->close();
  BOOST_TEST(r.application.streams == 0);
  BOOST_TEST(idle.some().empty());
  stream.all();
  r.running->close();
}

BOOST_AUTO_TEST_CASE(more_streams_than_threads_wait_and_too_many_are_turned_away) {
  rig r{1};
  auto stream = r.client();
  stream.send("GET /stream HTTP/1.1\r\nHost: a\r\n\r\n").until("x");
  std::vector<raw_client> waiting;
  for (std::size_t n = 0; n < ops::pool::waiting_max; ++n) waiting.push_back(std::move(r.client().send("GET /w HTTP/1.1\r\nHost: a\r\n\r\n")));
  BOOST_TEST(r.client().send("GET /w HTTP/1.1\r\nHost: a\r\n\r\n").some().starts_with("HTTP/1.1 503 "));
}

BOOST_AUTO_TEST_CASE(without_a_descriptor_for_a_client_the_server_waits_and_does_not_spin) {
  const rig r;
  auto slow = slow_client(r);
  std::optional<descriptors_max> few{lowest_free_descriptor() + 1};
  auto waiting = std::move(r.client().send("GET /later HTTP/1.1\r\nHost: a\r\n\r\n"));  // takes the last one
  BOOST_TEST(busy_until_given_up(slow) < 2.5);
  few.reset();
  BOOST_TEST(waiting.all().ends_with("GET /later "));
}

BOOST_AUTO_TEST_CASE(a_socket_that_cannot_accept_any_more_does_not_make_the_server_spin) {
  echo application;
  auto listening = ops::listener::bind("127.0.0.1", 0, ops::plain_transports()).value();
  const int fd = listening->fd();
  const auto running = ops::server::start(std::move(listening), 2, application).value();
  auto slow = std::move(raw_client{running->port()}.send("GET / HTTP/1.1\r\nX-Slow: "));
  BOOST_TEST(raw_client{running->port()}.send("GET /after HTTP/1.1\r\nHost: a\r\n\r\n").all().ends_with("GET /after "));
  int ends[2];
  BOOST_REQUIRE_EQUAL(::pipe2(ends, O_CLOEXEC), 0);
  BOOST_REQUIRE_EQUAL(::write(ends[1], "x", 1), 1);
  BOOST_REQUIRE_EQUAL(::dup3(ends[0], fd, O_CLOEXEC), fd);  // no socket, and always ready
  BOOST_TEST(busy_until_given_up(slow) < 2.5);
  running->close();
  for (const int end : ends) ::close(end);
}

BOOST_AUTO_TEST_CASE(when_the_sockets_cannot_be_waited_for_the_oldest_client_makes_room) {
  const rig r;
  auto slow = slow_client(r);
  {
    const descriptors_max few{2};  // poll() refuses to wait for more
    slow.send("x");
    BOOST_TEST(slow.some().empty());
  }
  BOOST_TEST(r.get("/quick").ends_with("GET /quick "));
}

BOOST_AUTO_TEST_CASE(an_address_that_cannot_be_used_is_named) {
  const rig r;
  const auto taken = ops::listener::bind("127.0.0.1", r.running->port(), ops::plain_transports());
  BOOST_REQUIRE(!taken);
  BOOST_TEST((taken.error().code == errc::bad_option));
  BOOST_TEST(taken.error().reason.find("127.0.0.1:" + std::to_string(r.running->port())) != std::string::npos);
  BOOST_TEST(!ops::listener::bind("localhost", 0, ops::plain_transports()));
  BOOST_TEST(!ops::listener::bind("203.0.113.1", 0, ops::plain_transports()));
  BOOST_TEST(ops::listener::bind("::1", 0, ops::plain_transports()).has_value());
}

BOOST_AUTO_TEST_CASE(the_hosts_way_with_sigpipe_stays) {
  struct sigaction before{};
  ::sigaction(SIGPIPE, nullptr, &before);
  const rig r;
  struct sigaction after{};
  ::sigaction(SIGPIPE, nullptr, &after);
  BOOST_TEST(before.sa_handler == after.sa_handler);
}

BOOST_AUTO_TEST_SUITE_END()

#include "ops/http/exchange.hpp"

#include "ops/http/security_headers.hpp"

#include <httplib.h>

#include <csignal>
#include <cstring>
#include <utility>

namespace annals::ops {
namespace {

/// What the library reads and writes in place of a socket.
class stream final : public httplib::Stream {
public:
  explicit stream(connection& on) : on_(on), rest_(on.head()) {}

  bool is_readable() const override { return !rest_.empty(); }
  bool is_writable() const override { return !on_.is_broken(); }
  ssize_t read(char* into, size_t size) override {
    const auto count = std::min(size, rest_.size());
    std::memcpy(into, rest_.data(), count);
    rest_.remove_prefix(count);
    return static_cast<ssize_t>(count);
  }
  ssize_t write(const char* from, size_t size) override { return on_.write({from, size}) ? static_cast<ssize_t>(size) : -1; }
  void get_remote_ip_and_port(std::string& ip, int& port) const override { ip = on_.peer(), port = 0; }
  void get_local_ip_and_port(std::string& ip, int& port) const override { ip.clear(), port = 0; }
  socket_t socket() const override { return 0; }  // not asked; the library refuses descriptors from 1,024 on

private:
  connection& on_;
  std::string_view rest_;
};

/// The connection that this thread serves.
thread_local connection* served_here = nullptr;

std::string lower_name(std::string text) {
  for (char& c : text)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return text;
}

request request_of(const httplib::Request& from, const connection& on) {
  request out;
  out.method = from.method;
  out.path = from.target.substr(0, from.target.find('?'));
  for (const auto& [name, value] : from.headers)
    if (name != "REMOTE_ADDR" && name != "REMOTE_PORT" && name != "LOCAL_ADDR" && name != "LOCAL_PORT")  // which the library adds
      out.headers.emplace_back(lower_name(name), value);
  out.body = std::string{on.body()};
  out.is_cut = on.has_unread_body();
  out.peer = on.peer();
  return out;
}

void write(answer from, httplib::Response& to) {
  to.status = from.status;
  for (const auto& [name, value] : from.headers) to.set_header(name, value);
  if (from.events) {
    to.set_chunked_content_provider(from.type, [events = std::move(from.events)](size_t, httplib::DataSink& sink) {
      std::string text;
      const bool goes_on = events->next(text);
      if (!text.empty() && !sink.write(text.data(), text.size())) return false;
      if (!goes_on) sink.done();
      return true;
    });
    return;
  }
  if (from.content().empty()) return;
  // A provider, since the library would compress a text. Fixed content is compressed already.
  auto shared = std::make_shared<const answer>(std::move(from));
  to.set_content_provider(shared->content().size(), shared->type,
                          [shared](size_t at, size_t size, httplib::DataSink& sink) { return sink.write(shared->content().data() + at, size); });
}

answer without_exception(application& to, const request& asked) {
  try {
    return to.handle(asked);
  } catch (const std::exception& why) {
    return refusal(500, {errc::unknown, "the console could not answer", why.what()});
  } catch (...) {
    return refusal(500, {errc::unknown, "the console could not answer"});
  }
}

}  // namespace

class exchange::speaker final : public httplib::Server {
public:
  explicit speaker(application& to, int listening) {
    svr_sock_ = listening;  // the library takes a server without a socket for one that shuts down
    set_pre_routing_handler([&to](const httplib::Request& from, httplib::Response& into) {
      auto asked = request_of(from, *served_here);
      auto target = parse_target(from.target);
      if (target) asked.target = std::move(*target);
      auto answer =
          target ? without_exception(to, asked) : refusal(400, {errc::bad_option, "the address cannot be read", "a broken escape, or too long"});
      const int status = answer.status;
      write(std::move(answer), into);
      to.answered(asked, status);
      return HandlerResponse::Handled;
    });
    // The library answers by itself what it cannot read as a request: such an answer has these headers, too.
    set_post_routing_handler([](const httplib::Request&, httplib::Response& into) {
      if (into.has_header("Content-Security-Policy")) return;
      answer plain;
      add_security_headers(plain, false);
      for (const auto& [name, value] : plain.headers) into.set_header(name, value);
    });
    set_exception_handler([](const auto&, httplib::Response& into, const std::exception_ptr&) { into.status = 500; });
  }

  void serve(connection& on) {
    served_here = &on;
    stream bytes{on};
    bool closed = false;
    (void)process_request(bytes, true, closed, nullptr);
    on.finish();
  }
};

exchange::exchange(application& to, int listening) {
  struct sigaction before{};
  ::sigaction(SIGPIPE, nullptr, &before);
  speaker_ = std::make_unique<speaker>(to, listening);
  ::sigaction(SIGPIPE, &before, nullptr);  // the library sets it for the whole process, which is the host's affair
}

exchange::~exchange() = default;

void exchange::serve(connection& on) {
  try {
    speaker_->serve(on);
  } catch (...) {
    // No memory, most likely. The connection ends without an answer.
  }
}

}  // namespace annals::ops

#include "net/link/wire.hpp"

#include "net/session/link.hpp"

#include <openssl/err.h>
#include <caf/io/basp/header.hpp>
#include <caf/io/network/doorman_impl.hpp>
#include <caf/io/network/stream_impl.hpp>
#include <caf/policy/tcp.hpp>

#include <algorithm>
#include <cstring>
#include <utility>
#include <vector>

namespace annals::net {
namespace {

using caf::io::network::default_multiplexer;
using caf::io::network::native_socket;
using caf::io::network::rw_state;

/// A message and what CAF adds to it: the name of its type, and a length.
constexpr std::size_t frame_bytes_max = message_bytes_max + 4096;
/// Connections of one door that have not introduced themselves. One more cuts the oldest.
constexpr std::size_t silent_max = 256;

/// What the connection does with bytes.
class wire_policy {
public:
  wire_policy(ssl_ptr tls, bool ready) : tls_(std::move(tls)), ready_(ready || !tls_) {}

  bool is_ready() const { return ready_; }
  void refuse() { refused_ = true; }

  rw_state read_some(std::size_t& result, native_socket fd, void* to, std::size_t room) {
    result = 0;
    if (refused_) return rw_state::failure;
    if (!tls_) return caf::policy::tcp::read_some(result, fd, to, room);
    ERR_clear_error();
    const int got = SSL_read(tls_.get(), to, static_cast<int>(std::min<std::size_t>(room, 1 << 30)));
    ready_ = ready_ || SSL_is_init_finished(tls_.get());
    return done(result, got);
  }

  rw_state write_some(std::size_t& result, native_socket fd, const void* from, std::size_t bytes) {
    result = 0;
    if (refused_) return rw_state::failure;
    if (!tls_) return caf::policy::tcp::write_some(result, fd, from, bytes);
    if (bytes == 0) return rw_state::success;
    ERR_clear_error();
    return done(result, SSL_write(tls_.get(), from, static_cast<int>(std::min<std::size_t>(bytes, 1 << 30))));
  }

  bool must_read_more(native_socket, std::size_t wanted) const {
    return tls_ && static_cast<std::size_t>(SSL_pending(tls_.get())) >= std::max<std::size_t>(wanted, 1);
  }

private:
  rw_state done(std::size_t& result, int count) const {
    if (count > 0) {
      result = static_cast<std::size_t>(count);
      return rw_state::success;
    }
    const auto why = SSL_get_error(tls_.get(), count);
    ERR_clear_error();
    return why == SSL_ERROR_WANT_READ || why == SSL_ERROR_WANT_WRITE ? rw_state::success : rw_state::failure;
  }

  ssl_ptr tls_;
  bool ready_;  // the handshake is done: before, nothing can be written
  bool refused_ = false;
};

class wire_stream final : public caf::io::network::stream {
public:
  wire_stream(default_multiplexer& loop, int socket, ssl_ptr tls, bool ready, connection& state, std::function<void()> became_ready)
      : stream(loop, socket), policy(std::move(tls), ready), state_(state), became_ready_(std::move(became_ready)) {}

  void handle_event(caf::io::network::operation op) override {
    const bool was_ready = policy.is_ready();
    counting counted{policy, *this};
    handle_event_impl(op, counted);
    if (!was_ready && policy.is_ready()) became_ready_();
  }

  /// What waits: in CAF's two buffers, one of which is being written.
  void count() { state_.now_unsent(wr_buf().size() + being_written_); }

  wire_policy policy;

private:
  struct counting {
    wire_policy& policy;
    wire_stream& self;
    rw_state read_some(std::size_t& result, native_socket fd, void* to, std::size_t room) { return policy.read_some(result, fd, to, room); }
    rw_state write_some(std::size_t& result, native_socket fd, const void* from, std::size_t bytes) {
      const auto state = policy.write_some(result, fd, from, bytes);
      self.being_written_ = bytes - result;
      self.count();
      return state;
    }
    bool must_read_more(native_socket fd, std::size_t wanted) const { return policy.must_read_more(fd, wanted); }
  };

  connection& state_;
  std::function<void()> became_ready_;
  std::size_t being_written_ = 0;
};

class wire final : public caf::io::scribe {
public:
  wire(default_multiplexer& loop, int socket, ssl_ptr tls, bool dialed, std::shared_ptr<connection> state, const wire_rules& rules)
      : scribe(caf::io::network::conn_hdl_from_socket(socket)),
        state_(std::move(state)),
        rules_(rules),
        handshake_fails_(tls && !dialed),
        stream_(loop, socket, std::move(tls), dialed, *state_, [this] { ready(); }) {}

  ~wire() override {
    if (handshake_fails_) ++rules_.counters->failed_handshakes;
    if (has_said_something_ && !is_oversized_ && !state_->has_introduced_itself) ++rules_.counters->strangers;
    state_->gone();
  }

  void configure_read(caf::io::receive_policy::config config) override {
    if (config.second > frame_bytes_max) {
      if (!std::exchange(is_oversized_, true)) ++rules_.counters->oversized;
      stream_.policy.refuse();
      state_->cut();
      config = caf::io::receive_policy::exactly(caf::io::basp::header_size);
    }
    stream_.configure_read(config);
    if (std::exchange(launched_, true)) return;
    stream_.start(this);
  }

  bool consume(caf::execution_unit* context, const void* data, std::size_t bytes) override {
    has_said_something_ = true;
    if (!state_->has_introduced_itself.load(std::memory_order_relaxed)) look_for_introduction(context, static_cast<const char*>(data), bytes);
    return scribe::consume(context, data, bytes);
  }

  void flush() override {
    stream_.count();
    if (!detached() && stream_.policy.is_ready()) stream_.flush(this);  // the stream would keep a detached one for ever
  }

  /// CAF would wait for a peer that never reads before it closes the socket.
  void graceful_shutdown() override {
    stream_.graceful_shutdown();
    state_->cut();
    detach(&stream_.backend(), false);
  }

  void ack_writes(bool enable) override { stream_.ack_writes(enable); }
  std::vector<char>& wr_buf() override { return stream_.wr_buf(); }
  std::vector<char>& rd_buf() override { return stream_.rd_buf(); }
  std::string addr() const override {
    auto found = caf::io::network::remote_addr_of_fd(stream_.fd());
    return found ? *found : std::string{};
  }
  std::uint16_t port() const override {
    const auto found = caf::io::network::remote_port_of_fd(stream_.fd());
    return found ? *found : std::uint16_t{0};
  }
  void add_to_loop() override { stream_.activate(this); }
  void remove_from_loop() override { stream_.passivate(); }

private:
  void ready() {
    handshake_fails_ = false;
    flush();
  }

  /// The client's or the server's handshake of CAF's protocol, a header and what follows it, begins with the node that sends it.
  void look_for_introduction(caf::execution_unit* context, const char* data, std::size_t bytes) {
    caf::binary_deserializer from{context, data, bytes};
    if (!introduction_follows_) {
      caf::io::basp::header header;
      if (bytes != caf::io::basp::header_size || from(header)) return;
      using type = caf::io::basp::message_type;
      introduction_follows_ = header.payload_len > 0 && (header.operation == type::client_handshake || header.operation == type::server_handshake);
      return;
    }
    introduction_follows_ = false;
    caf::node_id peer;
    if (from(peer) || !peer) return;
    state_->has_introduced_itself = true;
    rules_.peers->put(peer, state_);
  }

  std::shared_ptr<connection> state_;
  wire_rules rules_;
  bool handshake_fails_;
  bool launched_ = false;
  bool introduction_follows_ = false;
  bool has_said_something_ = false;
  bool is_oversized_ = false;
  wire_stream stream_;
};

class door final : public caf::io::network::doorman_impl {
public:
  door(default_multiplexer& loop, int socket, const wire_rules& rules, std::function<void(const std::shared_ptr<connection>&)> accepted)
      : doorman_impl(loop, socket), rules_(rules), accepted_(std::move(accepted)) {}

  bool new_connection() override {
    const int socket = acceptor_.accepted_socket();
    if (detached()) {
      ::close(socket);
      return false;
    }
    auto& loop = acceptor_.backend();
    caf::io::network::nonblocking(socket, true);
    caf::io::network::tcp_nodelay(socket, true);
    caf::io::network::keepalive(socket, true);
    ssl_ptr tls;
    if (rules_.tls) {
      tls = tls_over(*rules_.tls(), socket, true);
      if (!tls) {
        ::close(socket);
        return true;
      }
    }
    auto state = std::make_shared<connection>(socket);
    auto made = caf::make_counted<wire>(loop, socket, std::move(tls), false, state, rules_);
    watch(state);
    accepted_(state);
    const auto handle = made->hdl();
    parent()->add_scribe(std::move(made));
    return doorman::new_connection(&loop, handle);
  }

private:
  void watch(const std::shared_ptr<connection>& added) {
    std::erase_if(silent_, [](const auto& one) { return one->has_introduced_itself || one->is_gone(); });
    for (std::size_t i = 0; silent_.size() - i >= silent_max; ++i) {  // the oldest are in front
      if (silent_[i]->is_idle.exchange(true)) continue;
      ++rules_.counters->silent;
      silent_[i]->cut();
    }
    silent_.push_back(added);
  }

  wire_rules rules_;
  std::function<void(const std::shared_ptr<connection>&)> accepted_;
  std::vector<std::shared_ptr<connection>> silent_;
};

}  // namespace

caf::io::scribe_ptr dialed_wire(default_multiplexer& loop, connected made, const wire_rules& rules, std::shared_ptr<connection>& state) {
  const int socket = made.socket.release();
  state = std::make_shared<connection>(socket);
  return caf::make_counted<wire>(loop, socket, std::move(made.tls), true, state, rules);
}

caf::io::doorman_ptr wire_doorman(default_multiplexer& loop, store::descriptor listening, const wire_rules& rules,
                                  std::function<void(const std::shared_ptr<connection>&)> accepted) {
  return caf::make_counted<door>(loop, listening.release(), rules, std::move(accepted));
}

}  // namespace annals::net

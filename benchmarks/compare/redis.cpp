// Redis: one Redis stream for each account. An entry's id is the version, which must be higher than the last one.
#include "benchmarks/compare/byte_stream.hpp"
#include "benchmarks/compare/engines.hpp"
#include "benchmarks/compare/pipelined.hpp"
#include "benchmarks/compare/server.hpp"

#include <hiredis.h>

#include <fmt/format.h>

#include <initializer_list>
#include <optional>
#include <span>

namespace bench::compare {
namespace {

// Redis reads 16 KiB from each connection, about this many commands, before it syncs and answers. With more commands under way,
// several connections let one sync cover more of them.
constexpr std::size_t commands_a_read = 64;
constexpr std::size_t redis_connections_max = 8;

struct redis_deleter {
  void operator()(redisReader* r) const { redisReaderFree(r); }
  void operator()(redisReply* r) const { freeReplyObject(r); }
};
using reply_ptr = std::unique_ptr<redisReply, redis_deleter>;

[[noreturn]] void fail(const std::string& what) { throw std::runtime_error("redis: " + what); }

/// Where the server listens: on a Unix socket, or with TLS on a port.
struct address {
  std::filesystem::path socket;
  std::uint16_t port = 0;
  std::optional<credentials> tls;
};

address address_for(const place& at) {
  if (!at.tls) return {at.directory / "socket", 0, std::nullopt};
  return {{}, free_port(), certificates_in(at.directory)};
}

program server_in(const std::filesystem::path& directory, const address& at) {
  program made{{find_program("redis-server"), "--dir", directory, "--daemonize", "no", "--save", "", "--appendonly", "yes", "--appendfsync", "always",
                "--auto-aof-rewrite-percentage", "0", "--port", "0"},
               directory};
  const auto add = [&](std::initializer_list<std::string> more) { made.arguments.insert(made.arguments.end(), more); };
  if (!at.tls) {
    add({"--unixsocket", at.socket});
  } else {
    const auto& files = at.tls->directory;
    add({"--bind", "127.0.0.1", "--tls-port", std::to_string(at.port), "--tls-auth-clients", "yes"});
    add({"--tls-ca-cert-file", files / "ca.pem", "--tls-cert-file", files / "node.pem", "--tls-key-file", files / "node.key"});
  }
  return made;
}

/// A connection: words go out, replies come in.
class connection {
public:
  explicit connection(std::unique_ptr<byte_stream> over) : over_(std::move(over)), reader_(redisReaderCreate()) {}
  int descriptor() const { return over_->descriptor(); }

  void queue(std::span<const std::string_view> words) {
    const char* texts[most_words];
    std::size_t sizes[most_words];
    for (std::size_t i = 0; i < words.size(); ++i) texts[i] = words[i].data(), sizes[i] = words[i].size();
    char* made = nullptr;
    const auto bytes = redisFormatCommandArgv(&made, static_cast<int>(words.size()), texts, sizes);
    if (bytes < 0) fail("a command that cannot be made");
    out_.append(made, static_cast<std::size_t>(bytes));
    redisFreeCommand(made);
  }
  void flush() {
    over_->write(out_);
    out_.clear();
  }
  void read() {
    char bytes[16 * 1024];
    do {
      const auto n = over_->read(bytes, sizeof bytes);
      if (n == 0) fail("the server has closed a connection");
      if (redisReaderFeed(reader_.get(), bytes, n) != REDIS_OK) fail(reader_->errstr);
    } while (over_->has_more());
  }
  /// Null if the next one has not come whole.
  reply_ptr next() {
    void* found = nullptr;
    if (redisReaderGetReply(reader_.get(), &found) != REDIS_OK) fail(reader_->errstr);
    return reply_ptr{static_cast<redisReply*>(found)};
  }
  reply_ptr ask(std::initializer_list<std::string_view> words) {
    queue({words.begin(), words.size()});
    flush();
    for (;;) {
      if (auto reply = next()) return reply;
      read();
    }
  }

private:
  static constexpr std::size_t most_words = 8;
  std::unique_ptr<byte_stream> over_;
  std::unique_ptr<redisReader, redis_deleter> reader_;
  std::string out_;
};

class redis_engine final : public pipelined_engine {
public:
  explicit redis_engine(const place& at) : redis_engine(at, std::clamp(at.in_flight / commands_a_read, std::size_t{1}, redis_connections_max)) {}
  std::string version() override {
    const auto info = control_->ask({"info", "server"});
    const std::string text{info->str, info->len}, name = "redis_version:";
    const auto begin = text.find(name) + name.size();
    return text.substr(begin, text.find('\r', begin) - begin);
  }

  /// Over all streams.
  std::uint64_t count() override {
    const auto keys = control_->ask({"keys", "*"});
    std::uint64_t events = 0;
    for (std::size_t i = 0; i < keys->elements; ++i)
      events += static_cast<std::uint64_t>(control_->ask({"xlen", {keys->element[i]->str, keys->element[i]->len}})->integer);
    return events;
  }

private:
  redis_engine(const place& at, std::size_t connections)
      : pipelined_engine(connections), address_(address_for(at)), server_(server_in(at.directory, address_)) {
    server_.wait_until([&] { return (control_ = connect()) && control_->ask({"ping"})->type == REDIS_REPLY_STATUS; });
    for (std::size_t i = 0; i < connections; ++i)
      if (!connections_.emplace_back(connect())) fail("cannot connect");
  }

  std::unique_ptr<connection> connect() const {
    auto over = address_.tls ? connect_tls(address_.port, *address_.tls) : connect_local(address_.socket);
    return over ? std::make_unique<connection>(std::move(over)) : nullptr;
  }

  int descriptor(std::size_t connection) override { return connections_[connection]->descriptor(); }

  void send(std::size_t connection, const deposit& d) override {
    const auto id = fmt::format("0-{}", d.version);
    const std::string_view words[] = {"XADD", d.stream, id, "type", event_type, "payload", d.payload};
    connections_[connection]->queue(words);
  }

  /// Waits until the kernel has everything: the server reads without waiting for this process.
  bool flush(std::size_t connection) override {
    connections_[connection]->flush();
    return true;
  }

  std::size_t receive(std::size_t connection, std::size_t) override {
    auto& from = *connections_[connection];
    from.read();
    for (std::size_t answered = 0;; ++answered) {
      const auto reply = from.next();
      if (!reply) return answered;
      if (reply->type == REDIS_REPLY_ERROR) fail(reply->str);
    }
  }

  const address address_;
  server server_;
  std::unique_ptr<connection> control_;
  std::vector<std::unique_ptr<connection>> connections_;
};

}  // namespace

std::unique_ptr<engine> open_redis(const place& at) { return std::make_unique<redis_engine>(at); }

}  // namespace bench::compare

// Redis: one Redis stream for each account. An entry's id is the version, which must be higher than the last one.
#include "benchmarks/compare/engines.hpp"
#include "benchmarks/compare/pipelined.hpp"
#include "benchmarks/compare/server.hpp"

#include <hiredis.h>

#include <fmt/format.h>

namespace bench::compare {
namespace {

// Redis reads 16 KiB from each connection, about this many commands, before it syncs and answers. With more commands under way,
// several connections let one sync cover more of them.
constexpr std::size_t commands_a_read = 64;
constexpr std::size_t redis_connections_max = 8;

struct redis_deleter {
  void operator()(redisContext* c) const { redisFree(c); }
  void operator()(redisReply* r) const { freeReplyObject(r); }
};
using connection_ptr = std::unique_ptr<redisContext, redis_deleter>;
using reply_ptr = std::unique_ptr<redisReply, redis_deleter>;

[[noreturn]] void fail(const std::string& what) { throw std::runtime_error("redis: " + what); }

program server_in(const std::filesystem::path& directory, const std::filesystem::path& socket) {
  return {{find_program("redis-server"), "--port", "0", "--unixsocket", socket, "--dir", directory, "--daemonize", "no", "--save", "", "--appendonly",
           "yes", "--appendfsync", "always", "--auto-aof-rewrite-percentage", "0"},
          directory};
}

class redis_engine final : public pipelined_engine {
public:
  explicit redis_engine(const place& at) : redis_engine(at, std::clamp(at.in_flight / commands_a_read, std::size_t{1}, redis_connections_max)) {}
  std::string version() override {
    const auto info = ask("info server");
    const std::string text{info->str, info->len}, name = "redis_version:";
    const auto begin = text.find(name) + name.size();
    return text.substr(begin, text.find('\r', begin) - begin);
  }

  /// Over all streams.
  std::uint64_t count() override {
    const auto keys = ask("keys *");
    std::uint64_t events = 0;
    for (std::size_t i = 0; i < keys->elements; ++i) events += static_cast<std::uint64_t>(ask("xlen %s", keys->element[i]->str)->integer);
    return events;
  }

private:
  redis_engine(const place& at, std::size_t connections)
      : pipelined_engine(connections), socket_(at.directory / "socket"), server_(server_in(at.directory, socket_)) {
    server_.wait_until([&] { return (control_ = connect()) && !control_->err && ask("ping")->type == REDIS_REPLY_STATUS; });
    for (std::size_t i = 0; i < connections; ++i)
      if (auto& c = connections_.emplace_back(connect()); !c || c->err) fail("cannot connect");
  }

  connection_ptr connect() const { return connection_ptr{redisConnectUnix(socket_.c_str())}; }

  template <class... Arguments>
  reply_ptr ask(const char* format, Arguments... arguments) {
    reply_ptr reply{static_cast<redisReply*>(redisCommand(control_.get(), format, arguments...))};
    if (!reply) fail(control_->errstr);
    return reply;
  }

  int descriptor(std::size_t connection) override { return connections_[connection]->fd; }

  void send(std::size_t connection, const deposit& d) override {
    const auto id = fmt::format("0-{}", d.version);
    const std::string_view words[] = {"XADD", d.stream, id, "type", event_type, "payload", d.payload};
    const char* texts[std::size(words)];
    std::size_t sizes[std::size(words)];
    for (std::size_t i = 0; i < std::size(words); ++i) texts[i] = words[i].data(), sizes[i] = words[i].size();
    redisAppendCommandArgv(connections_[connection].get(), std::size(words), texts, sizes);
  }

  /// Waits until the kernel has everything: the server reads without waiting for this process.
  bool flush(std::size_t connection) override {
    auto* c = connections_[connection].get();
    for (int done = 0; !done;)
      if (redisBufferWrite(c, &done) != REDIS_OK) fail(c->errstr);
    return true;
  }

  std::size_t receive(std::size_t connection, std::size_t) override {
    auto* c = connections_[connection].get();
    if (redisBufferRead(c) != REDIS_OK) fail(c->errstr);
    for (std::size_t answered = 0;; ++answered) {
      void* next = nullptr;
      if (redisGetReplyFromReader(c, &next) != REDIS_OK) fail(c->errstr);
      if (!next) return answered;
      const reply_ptr reply{static_cast<redisReply*>(next)};
      if (reply->type == REDIS_REPLY_ERROR) fail(reply->str);
    }
  }

  const std::filesystem::path socket_;
  server server_;
  connection_ptr control_;
  std::vector<connection_ptr> connections_;
};

}  // namespace

std::unique_ptr<engine> open_redis(const place& at) { return std::make_unique<redis_engine>(at); }

}  // namespace bench::compare

#include "benchmarks/compare/server.hpp"
#include "benchmarks/connectors/sink.hpp"
#include "benchmarks/must.hpp"
#include "benchmarks/stopwatch.hpp"

#include <annals/redis.hpp>

#include <bank/account.hpp>

#include <hiredis.h>

#include <algorithm>
#include <array>
#include <future>

namespace bench {
namespace {

constexpr const char* of_sink = "{balances}:cents";
constexpr const char* of_bare = "cents";

template <std::size_t Workers>
struct balances_in_redis {
  static constexpr std::string_view name = "balances";
  using follows = annals::types<bank::account>;
  using model = annals::redis::commands;
  static constexpr std::size_t partitions = Workers;

  static void apply(model& to, const bank::account_opened&, const annals::record_view& r) { to.hset("cents", r.key(), 0); }
  static void apply(model& to, const bank::money_deposited& e, const annals::record_view& r) { to.hincr_by("cents", r.key(), e.cents); }
};

struct end_redis {
  void operator()(redisContext* one) const { redisFree(one); }
  void operator()(redisReply* one) const { freeReplyObject(one); }
};
using reply = std::unique_ptr<redisReply, end_redis>;

/// Commands go out while answers to the batch before are still to come.
class bare_link {
public:
  explicit bare_link(const std::filesystem::path& socket) : over_(redisConnectUnix(socket.c_str())) {
    if (!over_ || over_->err != 0) throw std::runtime_error{over_ ? over_->errstr : "no memory"};
  }

  reply ask(std::initializer_list<const char*> words) {
    std::vector<const char*> all{words};
    return checked(redisCommandArgv(over_.get(), static_cast<int>(all.size()), all.data(), nullptr));
  }

  void write(const balance_changes& all, std::size_t batch) {
    std::size_t unread = 0;
    for (std::size_t begin = 0; begin < all.size(); begin += batch) {
      const auto end = std::min(begin + batch, all.size());
      for (auto i = begin; i < end; ++i) queue(all[i]);
      for (int is_done = 0; is_done == 0;)
        if (redisBufferWrite(over_.get(), &is_done) != REDIS_OK) throw std::runtime_error{over_->errstr};
      for (; unread > 0; --unread) static_cast<void>(next());
      unread = end - begin;
    }
    for (; unread > 0; --unread) static_cast<void>(next());
  }

private:
  static reply checked(void* made) {
    reply found{static_cast<redisReply*>(made)};
    if (!found || found->type == REDIS_REPLY_ERROR) throw std::runtime_error{found ? found->str : "the connection to Redis is lost"};
    return found;
  }
  void queue(const balance_change& one) {
    const auto cents = std::to_string(one.cents);
    const std::array words{one.cents == 0 ? "HSET" : "HINCRBY", of_bare, one.account.c_str(), cents.c_str()};
    redisAppendCommandArgv(over_.get(), static_cast<int>(words.size()), const_cast<const char**>(words.data()), nullptr);
  }
  reply next() {
    void* made = nullptr;
    redisGetReply(over_.get(), &made);
    return checked(made);
  }

  std::unique_ptr<redisContext, end_redis> over_;
};

/// Without a file: what is measured is the way there.
class redis_bench final : public sink_bench {
public:
  explicit redis_bench(const std::filesystem::path& directory)
      : socket_(directory / "socket"),
        server_({{compare::find_program("redis-server"), "--dir", directory, "--daemonize", "no", "--save", "", "--appendonly", "no", "--port", "0",
                  "--unixsocket", socket_},
                 directory}) {
    server_.wait_until([&] {
      try {
        return bare_link{socket_}.ask({"PING"})->type == REDIS_REPLY_STATUS;
      } catch (const std::exception&) {
        return false;
      }
    });
  }

  std::string version() override {
    const auto found = bare_link{socket_}.ask({"INFO", "server"});
    const std::string_view text{found->str, found->len}, name = "redis_version:";
    const auto begin = text.find(name) + name.size();
    return std::string{text.substr(begin, text.find('\r', begin) - begin)};
  }

  double bare(const std::vector<balance_changes>& lists, std::int64_t& sum) override {
    bare_link{socket_}.ask({"FLUSHALL"});
    std::vector<bare_link> all;
    std::size_t count = 0;
    for (const auto& list : lists) {
      all.emplace_back(socket_);
      count += list.size();
    }
    const stopwatch since;
    std::vector<std::future<void>> done;
    for (std::size_t i = 0; i < lists.size(); ++i)
      done.push_back(std::async(std::launch::async, [&, i] { all[i].write(lists[i], annals::redis::options{}.batch_max); }));
    for (auto& one : done) one.get();
    const auto seconds = since.seconds();
    sum = sum_of(of_bare);
    return static_cast<double>(count) / seconds;
  }

  annals::sink start(annals::sink_source from, std::size_t workers) override {
    bare_link{socket_}.ask({"FLUSHALL"});
    annals::redis::options with;
    with.address = socket_;
    if (workers == 1) return must(annals::redis::projection::start<balances_in_redis<1>>(std::move(from), std::move(with)));
    return must(annals::redis::projection::start<balances_in_redis<2>>(std::move(from), std::move(with)));
  }

  std::int64_t sum() override { return sum_of(of_sink); }

private:
  std::int64_t sum_of(const char* key) const {
    const auto found = bare_link{socket_}.ask({"HVALS", key});
    std::int64_t sum = 0;
    for (std::size_t i = 0; i < found->elements; ++i) sum += std::stoll(found->element[i]->str);
    return sum;
  }

  const std::filesystem::path socket_;
  compare::server server_;
};

}  // namespace

std::unique_ptr<sink_bench> redis_sink_bench(const std::filesystem::path& directory) { return std::make_unique<redis_bench>(directory); }

}  // namespace bench

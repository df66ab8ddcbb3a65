// The public side: checks what a host passes, and starts what follows the log.
#include "connectors/redis/generations.hpp"
#include "connectors/sink/keeper.hpp"

#include <annals/redis.hpp>

#include <algorithm>

namespace annals::redis {
namespace {

constexpr std::size_t name_bytes_max = 64;
constexpr std::chrono::milliseconds check_every_second{1'000};

bool is_name(std::string_view text) {
  return !text.empty() && text.size() <= name_bytes_max && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.';
  });
}

class server final : public connectors::target {
public:
  server(options with, const handlers& of) : with_(std::move(with)), of_(of) {
    name = of_.name;
    kind = "redis";
    shape = of_.shape;
    on_failure = of_.on_failure;
    workers = of_.partitions;
    batch_max = with_.batch_max;
    parked_max = with_.parked_max;
    check_every = check_every_second;
  }

  result<std::unique_ptr<connectors::connection>> connect(const connectors::stopper& until) const override {
    auto made = link::make(with_, until);
    if (!made) return std::move(made).error();
    return std::unique_ptr<connectors::connection>{std::make_unique<generations>(std::move(*made), of_)};
  }
  bool wants(const record_view& record) const override { return of_.wants(record); }

private:
  options with_;
  handlers of_;
};

}  // namespace

result<projection> projection::start(sink_source from, options with, const handlers& of) {
  if (!is_name(of.name)) return error{errc::bad_type, "a sink's name in Redis has 1 to 64 bytes of A-Z, a-z, 0-9, _, - and .", std::string{of.name}};
  if (auto at = place_of(with.address); !at) return std::move(at).error();
  if (with.password.empty() && !with.user.empty()) return error{errc::bad_option, "a user of Redis needs a password", with.user};
  if (with.database > 1'000'000) return error{errc::bad_option, "database is 0 to 1,000,000"};
  if (with.time_out < std::chrono::milliseconds{1} || with.time_out > std::chrono::hours{24 * 365})
    return error{errc::bad_option, "time_out is 1 ms to 365 days"};
  auto started = connectors::keeper::start(std::make_unique<server>(std::move(with), of), std::move(from));
  if (!started) return std::move(started).error();
  return projection{std::move(*started)};
}

}  // namespace annals::redis

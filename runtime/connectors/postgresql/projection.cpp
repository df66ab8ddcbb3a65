// The public side: checks what a host passes, and starts what follows the log.
#include "connectors/postgresql/schemas.hpp"
#include "connectors/sink/keeper.hpp"

#include <annals/postgresql.hpp>

#include <algorithm>

namespace annals::postgresql {
namespace {

constexpr std::size_t name_bytes_max = 48;  // "_next" comes to it, and PostgreSQL cuts names off at 63

bool is_name(std::string_view text) {
  const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || c == '_'; };
  return !text.empty() && text.size() <= name_bytes_max && is_letter(text.front()) && !text.starts_with("pg_") &&
         std::all_of(text.begin(), text.end(), [&](char c) { return is_letter(c) || (c >= '0' && c <= '9'); });
}

class server final : public connectors::target {
public:
  server(options with, const handlers& of) : with_(std::move(with)), of_(of) {
    name = of_.name;
    kind = "postgresql";
    shape = of_.shape;
    on_failure = of_.on_failure;
    workers = of_.partitions;
    batch_max = with_.batch_max;
    parked_max = with_.parked_max;
  }

  result<std::unique_ptr<connectors::connection>> connect(const connectors::stopper& until) const override {
    auto made = link::make(with_.connection, with_.time_out, until);
    if (!made) return std::move(made).error();
    return std::unique_ptr<connectors::connection>{std::make_unique<schemas>(std::move(*made), of_, name)};
  }
  bool wants(const record_view& record) const override { return of_.wants(record); }

private:
  options with_;
  handlers of_;
};

}  // namespace

result<projection> projection::start(sink_source from, options with, const handlers& of) {
  if (!is_name(of.name))
    return error{errc::bad_type, "a schema's name has 1 to 48 bytes of a-z, 0-9 and _, and no digit or pg_ first", std::string{of.name}};
  if (auto ok = check_connection_string(with.connection); !ok) return std::move(ok).error();
  if (with.time_out < std::chrono::milliseconds{1} || with.time_out > std::chrono::hours{24 * 365})
    return error{errc::bad_option, "time_out is 1 ms to 365 days"};
  auto started = connectors::keeper::start(std::make_unique<server>(std::move(with), of), std::move(from));
  if (!started) return std::move(started).error();
  return projection{std::move(*started)};
}

}  // namespace annals::postgresql

#include "golden/program.hpp"

#include "store/open_store.hpp"

namespace golden {

using namespace annals;

program::program(const std::filesystem::path& path, timestamp at, bool with_shipping, std::function<void(std::string_view)> warn) : now(at) {
  store::open_options how;
  options with;
  with.log_sink = [warn](log_level level, std::string_view line) {
    if (warn && level >= log_level::warning) warn(line);
  };
  how.warn = [sink = with.log_sink](const std::string& line) { sink(log_level::warning, line); };
  std::shared_ptr<store::opened> opened = store::open_store(path, how).value();
  detail::engine_parts parts;
  parts.log = opened->log.get();
  parts.derived = opened->derived.get();
  parts.history = opened->log->identity().history;
  parts.former = opened->log->identity().former;
  parts.now = [this] { return now.load(); };
  parts.store = opened;
  engine_ = std::make_unique<detail::engine>(std::move(parts), std::move(with));
  engine_->add(detail::table_of_aggregate<parcel>()).value();
  engine_->add(detail::table_of_aggregate<courier>()).value();
  engine_->add(detail::table_of_projection<parcels>()).value();
  if (with_shipping) engine_->add(detail::table_of_process<shipping>()).value();
  engine_->begin().value();
  engine_->wait_until_caught_up().value();
}

std::map<std::string, std::string> program::all_parcels() const {
  auto answer = detail::await(*engine_->ask(parcels::name, golden::all_parcels::about.name, encoded(golden::all_parcels{}), {}));
  return detail::decoded_answer<std::map<std::string, std::string>>(answer.value().bytes).value();
}

position program::head() const {
  engine_->let_readers_catch_up();
  return engine_->head().at;
}

void program::log(position from, position to, const std::function<void(const record_view&)>& visit) const {
  while (from <= to)
    from = engine_->env()
               .log
               ->read(from, {},
                      [&](const record_view& record) {
                        if (record.at <= to) visit(record);
                        return record.at < to;
                      })
               .value();
}

}  // namespace golden

#include "actors/write/decided_records.hpp"

#include "store/log/record.hpp"

namespace annals::actors {

void put_records(std::string& bytes, const command& cmd, std::uint64_t fingerprint, const detail::decided& made, annals::version at) {
  record_view record;
  record.stream = cmd.stream;
  record.command_id = cmd.id;
  record.fingerprint = fingerprint;
  record.count = static_cast<std::uint16_t>(made.events.size());
  record.causation = cmd.causation;
  record.correlation = cmd.correlation;
  record.principal = cmd.principal;
  record.seen = made.seen;
  if (!cmd.trace.empty()) record.trace = cmd.traced();
  bytes.clear();
  for (std::size_t i = 0; i < made.events.size(); ++i) {
    record.version = at + i + 1;
    record.index = static_cast<std::uint16_t>(i);
    record.type = made.events[i].type;
    record.schema = made.events[i].schema;
    record.payload = made.payload(made.events[i]);
    store::append_record(bytes, record);
  }
}

}  // namespace annals::actors

// On whose behalf a message is sent, and as part of which trace: taken from the record that asks for the message.
#pragma once

#include <annals/record.hpp>

#include <string>

namespace annals::actors {

struct provenance {
  std::string correlation, principal, causation;
  trace_context trace;
  timestamp time = 0;
  explicit provenance(const record_view& record)
      : correlation(record.correlation), principal(record.principal), causation(record.causation), trace(record.trace), time(record.time) {}
};

}  // namespace annals::actors

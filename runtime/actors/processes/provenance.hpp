// On whose behalf a message is sent: taken from the record that asks for the message.
#pragma once

#include <annals/record.hpp>

#include <string>

namespace annals::actors {

struct provenance {
  std::string correlation, principal, causation;
  explicit provenance(const record_view& record) : correlation(record.correlation), principal(record.principal), causation(record.causation) {}
};

}  // namespace annals::actors

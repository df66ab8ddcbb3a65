// A message of Kafka, kept from when it was taken until it is settled.
#pragma once

#include "connectors/kafka/client.hpp"

#include <annals/kafka_intake.hpp>

#include <memory>

namespace annals::kafka {

/// Its bytes are librdkafka's until own(). One such message holds the memory of all that were fetched with it, so one that may be kept for long
/// should own its bytes. Until then it must end before its consumer does.
class taken_message {
public:
  taken_message() = default;
  explicit taken_message(received raw) : raw_(std::move(raw)) {}

  void own();
  /// In `place`, or one of its own. Views into this message.
  const message& view(message& place) const;

private:
  struct owned {
    message view;
    std::unique_ptr<char[]> bytes;
  };
  received raw_;
  std::unique_ptr<owned> owned_;
};

}  // namespace annals::kafka

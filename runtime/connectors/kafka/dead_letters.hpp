// The dead-letter topic of an intake: refused messages, with the reason in headers.
#pragma once

#include "connectors/kafka/client.hpp"

#include <annals/kafka_intake.hpp>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

namespace annals::kafka {

class dead_letters final : public listener {
public:
  /// `done` is called in poll(): with what put() was given, and the error if Kafka has not taken it.
  using answer = std::function<void(std::uint64_t, std::optional<error>)>;

  /// Errors: bad_option.
  result<void> open(const intake_options& with, answer done);
  /// Errors: not put at all.
  result<void> put(const message& refused, const error& why, std::uint64_t number);
  void poll();

private:
  void on_delivery(const rd_kafka_message_t& of) override;

  std::string topic_;
  answer done_;
  client producer_;
};

/// What an intake sets for this producer.
properties dead_letters_fixed(const intake_options& with);

}  // namespace annals::kafka

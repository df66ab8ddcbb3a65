// Which messages are commands of the bank and the shop. The value is a JSON object: the command's name, the key of what it goes to, and the
// command's fields as they are stored.
//
//     {"command":"deposit","account":"42","cents":500}
//     {"command":"place_order","order":"o-1","customer":"Ada","country":"France","lines":[{"sku":"tea","quantity":2,"unit_price_cents":250}]}
#pragma once

#include <annals/kafka_intake.hpp>

#include <optional>

namespace tools {

/// A field that is missing is empty or 0: the domain decides whether that will do. A tombstone (no value) means nothing. Errors: undecodable
/// (no JSON object, or one of more than 16 levels; no name or key; a field of another kind), invalid_command (no command or no field of this
/// name).
annals::result<std::optional<annals::kafka::order>> order_of(const annals::kafka::message& from);

}  // namespace tools

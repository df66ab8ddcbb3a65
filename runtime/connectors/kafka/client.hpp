// One instance of librdkafka: how it is configured, how it ends, and what its errors mean. The C interface: the C++ one is a second library
// that wraps it, and has neither batches of messages nor the mock cluster.
#pragma once

#include <annals/kafka_relay.hpp>
#include <annals/result.hpp>

#include <librdkafka/rdkafka.h>

#include <memory>
#include <string>
#include <string_view>

namespace annals::kafka {

/// What an instance tells, in the thread that polls it.
class listener {
public:
  virtual ~listener() = default;
  virtual void on_delivery(const rd_kafka_message_t& of) { (void)of; }
  virtual void on_error(const error& why) { (void)why; }
  /// Must call rd_kafka_assign() or its like.
  virtual void on_rebalance(rd_kafka_t* in, rd_kafka_resp_err_t what, rd_kafka_topic_partition_list_t* partitions);
};

/// Ends an instance without waiting for messages: what is queued or under way is given up.
struct end_client {
  void operator()(rd_kafka_t* one) const;
};
using client = std::unique_ptr<rd_kafka_t, end_client>;

/// `with` comes after `defaults` and before `fixed`; a property of `fixed` in `with` is bad_option. `to` lives longer than the instance.
result<client> make_client(rd_kafka_type_t kind, const properties& defaults, const properties& with, const properties& fixed, listener& to);

/// Whether the properties of a host are ones that librdkafka takes, without connecting.
result<void> checked_properties(rd_kafka_type_t kind, const properties& with, const properties& fixed);

/// The calling thread, and those that it begins, get a processor when no other thread wants it.
void run_in_background();

enum class failing : std::uint8_t {
  passing,   ///< worth another attempt, without an end
  of_event,  ///< this event, or its batch, will never be taken
  of_topic,  ///< no event of this topic will be taken
};
failing kind_of(rd_kafka_resp_err_t why);

/// "MSG_SIZE_TOO_LARGE: Broker: Message size too large".
std::string text_of(rd_kafka_resp_err_t why);
error error_of(rd_kafka_resp_err_t why, std::string detail);

struct end_message {
  void operator()(rd_kafka_message_t* one) const { rd_kafka_message_destroy(one); }
};
using received = std::unique_ptr<rd_kafka_message_t, end_message>;
struct end_list {
  void operator()(rd_kafka_topic_partition_list_t* one) const { rd_kafka_topic_partition_list_destroy(one); }
};
using partition_list = std::unique_ptr<rd_kafka_topic_partition_list_t, end_list>;

struct end_error {
  void operator()(rd_kafka_error_t* one) const { rd_kafka_error_destroy(one); }
};
using kafka_error = std::unique_ptr<rd_kafka_error_t, end_error>;
error error_of(const rd_kafka_error_t& why);

}  // namespace annals::kafka

#include "connectors/kafka/client.hpp"

#include <sched.h>

#include <array>

namespace annals::kafka {
namespace {

struct end_configuration {
  void operator()(rd_kafka_conf_t* one) const { rd_kafka_conf_destroy(one); }
};
using configuration = std::unique_ptr<rd_kafka_conf_t, end_configuration>;

result<void> set(rd_kafka_conf_t& in, const std::string& name, const std::string& value) {
  std::array<char, 512> why{};
  if (rd_kafka_conf_set(&in, name.c_str(), value.c_str(), why.data(), why.size()) == RD_KAFKA_CONF_OK) return {};
  return error{errc::bad_option, "property " + name, why.data()};
}

result<configuration> configured(const properties& defaults, const properties& with, const properties& fixed) {
  configuration made{rd_kafka_conf_new()};
  for (const auto& [name, value] : with)
    if (fixed.contains(name)) return error{errc::bad_option, "property " + name, "the connector's promises rest on it; it cannot be set"};
  for (const auto* all : {&defaults, &with, &fixed})
    for (const auto& [name, value] : *all)
      if (auto ok = set(*made, name, value); !ok) return std::move(ok).error();
  return made;
}

listener& listener_in(void* opaque) { return *static_cast<listener*>(opaque); }

}  // namespace

void listener::on_rebalance(rd_kafka_t* in, rd_kafka_resp_err_t what, rd_kafka_topic_partition_list_t* partitions) {
  rd_kafka_assign(in, what == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS ? partitions : nullptr);
}

void end_client::operator()(rd_kafka_t* one) const {
  if (rd_kafka_type(one) == RD_KAFKA_PRODUCER)
    rd_kafka_purge(one, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT | RD_KAFKA_PURGE_F_NON_BLOCKING);
  rd_kafka_destroy_flags(one, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
}

result<client> make_client(rd_kafka_type_t kind, const properties& defaults, const properties& with, const properties& fixed, listener& to) {
  auto made = configured(defaults, with, fixed);
  if (!made) return std::move(made).error();
  auto* const in = made->get();
  rd_kafka_conf_set_opaque(in, &to);
  rd_kafka_conf_set_log_cb(in, [](const rd_kafka_t*, int, const char*, const char*) {});  // what matters comes as an error
  rd_kafka_conf_set_error_cb(in, [](rd_kafka_t*, int why, const char* text, void* opaque) {
    listener_in(opaque).on_error(error_of(static_cast<rd_kafka_resp_err_t>(why), text ? text : ""));
  });
  if (kind == RD_KAFKA_PRODUCER)
    rd_kafka_conf_set_dr_msg_cb(in, [](rd_kafka_t*, const rd_kafka_message_t* of, void* opaque) { listener_in(opaque).on_delivery(*of); });
  else if (with.contains("group.id") || fixed.contains("group.id"))
    rd_kafka_conf_set_rebalance_cb(in, [](rd_kafka_t* one, rd_kafka_resp_err_t what, rd_kafka_topic_partition_list_t* partitions, void* opaque) {
      listener_in(opaque).on_rebalance(one, what, partitions);
    });
  std::array<char, 512> why{};
  auto* const one = rd_kafka_new(kind, in, why.data(), why.size());
  if (one == nullptr) return error{errc::bad_option, "properties", why.data()};
  (void)made->release();  // it belongs to the instance now
  return client{one};
}

result<void> checked_properties(rd_kafka_type_t kind, const properties& with, const properties& fixed) {
  listener nobody;
  auto made = make_client(kind, {}, with, fixed, nobody);
  if (!made) return std::move(made).error();
  return {};
}

void run_in_background() {
  const sched_param none{};
  (void)sched_setscheduler(0, SCHED_IDLE, &none);  // on Linux 0 is the calling thread
}

failing kind_of(rd_kafka_resp_err_t why) {
  switch (why) {
    case RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE:
    case RD_KAFKA_RESP_ERR_RECORD_LIST_TOO_LARGE:
    case RD_KAFKA_RESP_ERR_INVALID_MSG_SIZE:
    case RD_KAFKA_RESP_ERR_INVALID_RECORD:
    case RD_KAFKA_RESP_ERR_INVALID_TIMESTAMP:
    case RD_KAFKA_RESP_ERR_UNSUPPORTED_FOR_MESSAGE_FORMAT:
    case RD_KAFKA_RESP_ERR_POLICY_VIOLATION:
    case RD_KAFKA_RESP_ERR__INVALID_ARG:
    case RD_KAFKA_RESP_ERR__BAD_MSG: return failing::of_event;
    case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
    case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_TOPIC_EXCEPTION:
    case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC:
    case RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION: return failing::of_topic;
    default: return failing::passing;
  }
}

std::string text_of(rd_kafka_resp_err_t why) { return std::string{rd_kafka_err2name(why)} + ": " + rd_kafka_err2str(why); }

error error_of(rd_kafka_resp_err_t why, std::string detail) {
  const bool is_refused = kind_of(why) != failing::passing;
  return error{is_refused ? errc::forbidden : errc::unreachable, text_of(why), std::move(detail)};
}

error error_of(const rd_kafka_error_t& why) { return error_of(rd_kafka_error_code(&why), rd_kafka_error_string(&why)); }

}  // namespace annals::kafka

#include "connectors/kafka/dead_letters.hpp"

#include <array>
#include <string_view>

namespace annals::kafka {
namespace {

void add(rd_kafka_headers_t* to, std::string_view name, std::string_view value) {
  rd_kafka_header_add(to, name.data(), static_cast<ssize_t>(name.size()), value.data(), static_cast<ssize_t>(value.size()));
}

}  // namespace

properties dead_letters_fixed(const intake_options& with) {
  return {{"bootstrap.servers", with.brokers}, {"enable.idempotence", "true"}, {"acks", "all"}};
}

result<void> dead_letters::open(const intake_options& with, answer done) {
  topic_ = with.dead_letter_topic;
  done_ = std::move(done);
  auto made = make_client(RD_KAFKA_PRODUCER, {{"linger.ms", "1"}, {"topic.metadata.propagation.max.ms", "10000"}}, with.dead_letter_properties,
                          dead_letters_fixed(with), *this);
  if (!made) return std::move(made).error();
  producer_ = std::move(*made);
  return {};
}

result<void> dead_letters::put(const message& refused, const error& why, std::uint64_t number) {
  auto* const headers = rd_kafka_headers_new(refused.headers.size() + 6);
  for (const auto& [name, value] : refused.headers) add(headers, name, value);
  add(headers, "annals_error", to_string(why.code));
  add(headers, "annals_reason", why.reason);
  add(headers, "annals_detail", why.detail);
  add(headers, "annals_topic", refused.topic);
  add(headers, "annals_partition", std::to_string(refused.partition));
  add(headers, "annals_offset", std::to_string(refused.offset));
  std::array<rd_kafka_vu_t, 6> parts{};
  parts[0].vtype = RD_KAFKA_VTYPE_TOPIC;
  parts[0].u.cstr = topic_.c_str();
  parts[1].vtype = RD_KAFKA_VTYPE_KEY;
  parts[1].u.mem = {refused.key ? const_cast<char*>(refused.key->data()) : nullptr, refused.key ? refused.key->size() : 0};
  parts[2].vtype = RD_KAFKA_VTYPE_VALUE;
  parts[2].u.mem = {refused.value ? const_cast<char*>(refused.value->data()) : nullptr, refused.value ? refused.value->size() : 0};
  parts[3].vtype = RD_KAFKA_VTYPE_HEADERS;
  parts[3].u.headers = headers;
  parts[4].vtype = RD_KAFKA_VTYPE_OPAQUE;
  parts[4].u.ptr = reinterpret_cast<void*>(static_cast<std::uintptr_t>(number));
  parts[5].vtype = RD_KAFKA_VTYPE_MSGFLAGS;
  parts[5].u.i = RD_KAFKA_MSG_F_COPY;
  const kafka_error wrong{rd_kafka_produceva(producer_.get(), parts.data(), parts.size())};
  if (!wrong) return {};
  rd_kafka_headers_destroy(headers);
  return error_of(rd_kafka_error_code(wrong.get()), "dead-letter topic " + topic_);
}

void dead_letters::poll() {
  if (producer_) rd_kafka_poll(producer_.get(), 0);
}

void dead_letters::on_delivery(const rd_kafka_message_t& of) {
  const auto number = static_cast<std::uint64_t>(reinterpret_cast<std::uintptr_t>(of._private));
  done_(number, of.err == RD_KAFKA_RESP_ERR_NO_ERROR ? std::nullopt : std::optional{error_of(of.err, "dead-letter topic " + topic_)});
}

}  // namespace annals::kafka

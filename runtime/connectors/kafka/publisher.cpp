// How an event becomes a message of a producer, for both publishers.
#include "connectors/kafka/publisher.hpp"

#include <array>

namespace annals::kafka {

produced produce(rd_kafka_t& into, const publishing& how, outgoing& one, std::uintptr_t number) {
  const auto& record = one.event->record;
  auto headers = one.headers ? std::move(one.headers) : headers_of(record, how.store_id, how.source, how.format);
  const std::array<rd_kafka_vu_t, 7> parts = [&] {
    std::array<rd_kafka_vu_t, 7> all{};
    all[0].vtype = RD_KAFKA_VTYPE_TOPIC;
    all[0].u.cstr = one.topic.c_str();
    all[1].vtype = RD_KAFKA_VTYPE_KEY;
    all[1].u.mem = {const_cast<char*>(record.stream.data()), record.stream.size()};
    all[2].vtype = RD_KAFKA_VTYPE_VALUE;
    all[2].u.mem = {one.payload.data(), one.payload.size()};
    all[3].vtype = RD_KAFKA_VTYPE_TIMESTAMP;
    all[3].u.i64 = record.time / 1'000;
    all[4].vtype = RD_KAFKA_VTYPE_HEADERS;
    all[4].u.headers = headers.get();
    all[5].vtype = RD_KAFKA_VTYPE_OPAQUE;
    all[5].u.ptr = reinterpret_cast<void*>(number);
    all[6].vtype = RD_KAFKA_VTYPE_MSGFLAGS;
    all[6].u.i = RD_KAFKA_MSG_F_COPY;
    return all;
  }();
  for (;;) {
    const kafka_error wrong{rd_kafka_produceva(&into, parts.data(), parts.size())};
    if (!wrong) {
      (void)headers.release();  // they belong to the producer now
      return {};
    }
    const auto why = rd_kafka_error_code(wrong.get());
    if (why != RD_KAFKA_RESP_ERR__QUEUE_FULL || how.is_over()) return {why, text_of(why) + " (topic " + one.topic + ")"};
    rd_kafka_poll(&into, 10);
  }
}

}  // namespace annals::kafka

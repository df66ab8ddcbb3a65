#include "connectors/kafka/taken_message.hpp"

#include <algorithm>
#include <string_view>

namespace annals::kafka {
namespace {

std::string_view text_in(const void* data, std::size_t size) {
  return data == nullptr ? std::string_view{} : std::string_view{static_cast<const char*>(data), size};
}

void add_headers(message& to, const rd_kafka_message_t& of) {
  rd_kafka_headers_t* all = nullptr;
  if (rd_kafka_message_headers(&of, &all) != RD_KAFKA_RESP_ERR_NO_ERROR) return;
  const char* name = nullptr;
  const void* text = nullptr;
  std::size_t size = 0;
  for (std::size_t i = 0; rd_kafka_header_get_all(all, i, &name, &text, &size) == RD_KAFKA_RESP_ERR_NO_ERROR; ++i)
    to.headers.emplace_back(name, text_in(text, size));
}

void show(const rd_kafka_message_t& one, message& in) {
  in.topic = rd_kafka_topic_name(one.rkt);
  in.partition = one.partition;
  in.offset = one.offset;
  rd_kafka_timestamp_type_t kind = RD_KAFKA_TIMESTAMP_NOT_AVAILABLE;
  in.time = rd_kafka_message_timestamp(&one, &kind);
  in.key.reset();
  in.value.reset();
  in.headers.clear();
  if (one.key != nullptr) in.key = text_in(one.key, one.key_len);
  if (one.payload != nullptr) in.value = text_in(one.payload, one.len);
  add_headers(in, one);
}

void each_text(message& of, auto&& visit) {
  visit(of.topic);
  if (of.key) visit(*of.key);
  if (of.value) visit(*of.value);
  for (auto& [name, text] : of.headers) {
    visit(name);
    if (text.data() != nullptr) visit(text);
  }
}

}  // namespace

std::optional<std::string_view> message::header(std::string_view name) const {
  for (auto one = headers.rbegin(); one != headers.rend(); ++one)
    if (one->first == name) return one->second;
  return {};
}

void taken_message::own() {
  if (!raw_) return;
  auto made = std::make_unique<owned>();
  show(*raw_, made->view);
  std::size_t size = 0;
  each_text(made->view, [&](std::string_view text) { size += text.size(); });
  made->bytes = std::make_unique_for_overwrite<char[]>(size);
  auto* to = made->bytes.get();
  each_text(made->view, [&](std::string_view& text) {
    const std::string_view copy{to, text.size()};
    to = std::copy(text.begin(), text.end(), to);
    text = copy;
  });
  owned_ = std::move(made);
  raw_.reset();
}

const message& taken_message::view(message& place) const {
  if (owned_) return owned_->view;
  show(*raw_, place);
  return place;
}

}  // namespace annals::kafka

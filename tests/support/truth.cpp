#include "support/truth.hpp"

#include <annals/codec.hpp>

void order_of_records::follow(const annals::record_view& r) {
  const auto where = " at position " + std::to_string(r.at);
  promise(r.at == at_ + 1, "a gap before" + where);
  promise(r.time >= time_, "time went backward" + where);
  auto& version = versions_[std::string{r.stream}];
  promise(r.version == version + 1, "a gap in the versions of " + std::string{r.stream} + where);
  if (count_ != next_index_)
    promise(r.stream == open_stream_ && r.index == next_index_ && r.count == count_, "a command's events are torn" + where);
  else
    promise(r.index == 0 && r.count > 0, "a command begins in its middle" + where);
  open_stream_ = r.stream;
  count_ = r.count;
  next_index_ = static_cast<std::uint16_t>(r.index + 1);
  at_ = r.at;
  time_ = r.time;
  version = r.version;
  if (r.command_id.empty()) return;
  auto& command = commands_[{std::string{r.stream}, std::string{r.command_id}}];
  promise(r.index > 0 || command.events == 0, "the command " + std::string{r.command_id} + " has two effects," + where);
  if (r.index == 0) command.before = r.version - 1;
  command.at = r.at;
  command.version = r.version;
  ++command.events;
}

void order_of_records::check_end() const { promise(count_ == next_index_, "the log ends inside a command"); }

const order_of_records::written* order_of_records::find(const std::string& stream, const std::string& id) const {
  const auto found = commands_.find({stream, id});
  return found == commands_.end() ? nullptr : &found->second;
}

annals::version order_of_records::version_of(const std::string& stream) const {
  const auto found = versions_.find(stream);
  return found == versions_.end() ? 0 : found->second;
}

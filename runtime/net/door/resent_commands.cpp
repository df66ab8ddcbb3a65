// Commands that an earlier life of this node may have taken. They come in the order in which they were sent. Those of one stream are
// settled together: if a later one is found in the log, an earlier one that is not found wrote nothing then, and must not be decided
// now, behind the later one: it is answered `unknown`. All others are handed on; their ids make that safe.
#include "net/door/served_calls.hpp"

#include <algorithm>
#include <charconv>
#include <map>
#include <set>
#include <utility>

namespace annals::net {
namespace {

struct pending_command {
  const session_calls::resent_command* whole;
  command_frame frame;
  std::string id;
};

/// The sequence number in an id that this session has made; 0 if it is no such id.
std::uint64_t sequence_of(std::string_view id, std::string_view session_in_hex) {
  std::uint64_t number = 0;
  if (!id.starts_with(session_in_hex) || id.size() <= session_in_hex.size() + 1 || id[session_in_hex.size()] != '-') return 0;
  const auto digits = id.substr(session_in_hex.size() + 1);
  (void)std::from_chars(digits.data(), digits.data() + digits.size(), number);
  return number;
}

error decided_behind() {
  return {errc::unknown, "the other node was restarted, and a later command to this stream has taken effect",
          "this one wrote nothing before it, and is not decided behind it"};
}

error not_found_out(const error& why) {
  return {errc::unknown, "the other node was restarted, and cannot find out whether this took effect", why.message()};
}

}  // namespace

void served_calls::resent(const session_ptr& of, std::vector<resent_command> all) {
  around_.post(of->peer(), [this, of, all = std::move(all)] {
    const struct releases {
      const session_ptr& of;
      ~releases() { of->release(); }
    } at_the_end{of};
    std::size_t settled = 0;
    try {
      settle(of, all, settled);
    } catch (const std::exception& why) {  // no memory, say
      for (; settled < all.size(); ++settled)
        answer_unsent(of, all[settled].call, *read_command(all[settled].payload), not_found_out({errc::overloaded, why.what()}));
    }
  });
}

void served_calls::answer_unsent(const session_ptr& of, const taken_call& taken, const command_frame& what, error why) {
  refused(what, why.code);
  of->answer(taken, std::move(why));
}

/// `settled`: so many have been answered, or handed on.
void served_calls::settle(const session_ptr& of, const std::vector<resent_command>& all, std::size_t& settled) {
  std::map<std::string, std::vector<pending_command>> by_stream;
  const auto known = around_.known();
  const auto* who = known->find(of->peer());
  for (const auto& one : all) {
    const auto frame = *read_command(one.payload);
    if (!who || !who->may(verb::append, frame.category)) continue;  // the log is not searched for it, and command() refuses it
    const auto id = frame.has_made_id ? made_id(of->id_in_hex(), frame.sequence) : std::string{frame.id};
    by_stream[detail::stream_name(frame.category, frame.key)].push_back({&one, frame, id});
  }
  std::map<std::uint64_t, error> undecided;  // by sequence number
  for (const auto& [stream, commands] : by_stream) {
    std::set<std::string_view> sought;
    for (const auto& one : commands) sought.insert(one.id);
    std::set<std::string_view> found;
    std::uint64_t last_written = 0;  // of this session, by the ids that it makes: its answer may have arrived, so it was not sent again
    const auto since = commands.front().frame.since.value_or(token{});
    const auto ok = engine_.read_back(stream, since, [&](const record_view& record) {
      if (const auto at = sought.find(record.command_id); at != sought.end()) found.insert(*at);
      last_written = std::max(last_written, sequence_of(record.command_id, of->id_in_hex()));
      return found.size() < sought.size();
    });
    if (!ok) {  // it is not known what stands there
      for (const auto& one : commands) undecided.emplace(one.frame.sequence, not_found_out(ok.error()));
      continue;
    }
    bool is_found_later = false;
    for (auto one = commands.rbegin(); one != commands.rend(); ++one) {
      const bool is_found = found.contains(one->id);
      if ((is_found_later || one->frame.sequence < last_written) && !is_found) undecided.emplace(one->frame.sequence, decided_behind());
      is_found_later = is_found_later || is_found;
    }
  }
  for (; settled < all.size(); ++settled) {
    const auto& one = all[settled];
    const auto frame = *read_command(one.payload);
    if (const auto why = undecided.find(one.call.sequence); why != undecided.end())
      answer_unsent(of, one.call, frame, why->second);
    else
      command(of, one.call, frame);
  }
}

}  // namespace annals::net

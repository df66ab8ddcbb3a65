#include "senders.hpp"

#include "store/log/record.hpp"
#include "support/truth.hpp"

#include <bank/account.hpp>

#include <algorithm>

using namespace annals;

namespace {

constexpr std::size_t commands_max = 25;  // of one thread
/// The number of a command is its amount; of a withdrawal times this. Early ones are refused, since too little is there.
constexpr std::int64_t withdrawn_per_number = 8;

}  // namespace

senders::senders(random_source& random, std::size_t clients) : random_(random) {
  for (std::size_t i = 0; i < clients; ++i) threads_.push_back({"f" + std::to_string(i), i, nullptr, false, {}});
}

void senders::act(far_nodes& by) {
  listen(by);
  auto& one = random_.one_of(threads_);
  const auto to = by.client(one.client);
  const std::chrono::milliseconds time_out{random_.one_in(4) ? random_.between(1, 500) : 30'000};
  if (!one.is_open) {
    if (one.opening && !one.opening->is_answered()) return;
    const bool has_been = one.opening && (one.opening->await() || one.opening->await().error().code == errc::rejected);  // open already
    one.is_open = has_been;
    if (!has_been) one.opening = to->send("account", one.key, bank::open_account{"a thread"}, {}, time_out);
    return;
  }
  for (auto n = random_.between(1, 4); n > 0 && one.commands.size() < commands_max; --n) {
    sent made;
    made.session = by.session_of(one.client);
    made.is_withdrawal = random_.one_in(3);
    const auto number = static_cast<std::int64_t>(one.commands.size()) + 1;
    made.answered = made.is_withdrawal ? to->send("account", one.key, bank::withdraw{number * withdrawn_per_number, {}}, {}, time_out)
                                       : to->send("account", one.key, bank::deposit{number, {}}, {}, time_out);
    one.commands.push_back(std::move(made));
    ++by.counts().sends;
  }
}

void senders::listen(far_nodes& by) {
  for (auto& one : threads_)
    for (auto& command : one.commands) {
      if (!command.answered || !command.answered->is_answered()) continue;
      const auto given = std::exchange(command.answered, nullptr)->await();
      if (given) {
        command.was = sent::end::accepted;
        command.receipt = given->accepted;
        continue;
      }
      command.answer = given.error().message();
      if (given.error().code == errc::unknown || given.error().code == errc::store_failed)
        ++by.counts().unknown;
      else
        command.was = sent::end::refused;
    }
}

void senders::lose(far_nodes::session gone) {
  for (auto& one : threads_) {
    for (auto& command : one.commands)
      if (command.session == gone) command.answered = nullptr;
    if (!one.is_open) one.opening = nullptr;
  }
}

void senders::check_end(const std::deque<std::string>& log) const {
  for (const auto& one : threads_) {
    std::map<std::size_t, std::pair<position, version>> written;  // by number
    std::map<far_nodes::session, std::size_t> last;
    for (position at = 1; at <= log.size(); ++at) {
      const auto record = store::read_record(at, log[at - 1]);
      if (record->stream != "account-" + one.key || record->type == bank::account_opened::about.name) continue;
      const bool is_withdrawal = record->type == bank::money_withdrawn::about.name;
      const auto number = static_cast<std::size_t>(is_withdrawal ? decoded<bank::money_withdrawn>(record->payload)->cents / withdrawn_per_number
                                                                 : decoded<bank::money_deposited>(record->payload)->cents);
      const auto what = one.key + ", command " + std::to_string(number);
      promise(number >= 1 && number <= one.commands.size() && one.commands[number - 1].is_withdrawal == is_withdrawal, what + " was never sent");
      promise(written.emplace(number, std::pair{at, record->version}).second, what + " has a second effect");
      // A server that has started again does not hear of commands that were given up, so an earlier one may be decided behind such a one.
      if (one.commands[number - 1].was != sent::end::accepted) continue;
      auto& before = last[one.commands[number - 1].session];
      promise(before < number, what + " has its effect behind one that was sent later");
      before = number;
    }
    for (std::size_t i = 0; i < one.commands.size(); ++i) {
      const auto& command = one.commands[i];
      const auto what = one.key + ", command " + std::to_string(i + 1);
      const auto found = written.find(i + 1);
      promise(!command.answered, what + " was never answered");
      if (command.was == sent::end::refused) promise(found == written.end(), what + " has an effect, and was answered " + command.answer);
      if (command.was != sent::end::accepted) continue;
      promise(found != written.end(), what + " was accepted, and is not in the log");
      promise(found->second == std::pair{command.receipt.at, command.receipt.version}, what + " stands elsewhere than its receipt says");
    }
  }
}

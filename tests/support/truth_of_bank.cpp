#include "support/truth.hpp"

#include <annals/codec.hpp>

namespace {
template <class E>
E event(const annals::record_view& r) {
  return annals::decoded<E>(r.payload).value();
}
}  // namespace

void bank_truth::move(const annals::record_view& r, std::int64_t cents) {
  auto& balance = balances[std::string{r.key()}];
  balance += cents;
  sum_ += cents;
  promise(balance >= 0, std::string{r.stream} + " is below zero at position " + std::to_string(r.at));
}

void bank_truth::follow(const annals::record_view& r) {
  using namespace bank;
  if (r.type == account_opened::about.name && r.category() == "account") {
    balances[std::string{r.key()}] += 0;
  } else if (r.type == money_deposited::about.name) {
    const auto e = event<money_deposited>(r);
    move(r, e.cents);
    (e.transfer.empty() ? by_hand_ : under_way_) += e.transfer.empty() ? e.cents : -e.cents;
    if (!e.transfer.empty()) ++transfers_[e.transfer].deposited;
  } else if (r.type == money_withdrawn::about.name) {
    const auto e = event<money_withdrawn>(r);
    move(r, -e.cents);
    (e.transfer.empty() ? by_hand_ : under_way_) += e.transfer.empty() ? -e.cents : e.cents;
    if (!e.transfer.empty()) ++transfers_[e.transfer].withdrawn;
  } else if (r.type == money_given_back::about.name) {
    const auto e = event<money_given_back>(r);
    move(r, e.cents);
    under_way_ -= e.cents;
    ++transfers_[e.transfer].given_back;
  } else if (r.type == transfer_requested::about.name) {
    const auto e = event<transfer_requested>(r);
    auto& t = transfers_[e.transfer];
    t.from = e.from;
    t.to = e.to;
    t.cents = e.cents;
  } else if (r.type == transfer_completed::about.name || r.type == transfer_failed::about.name) {
    transfers_[std::string{r.key()}].ended = r.type;
  }
  const auto where = " at position " + std::to_string(r.at);
  promise(sum_ + under_way_ == by_hand_, "money is not conserved" + where);
  promise(under_way_ >= 0, "money came from nowhere" + where);
}

void bank_truth::check_end() const {
  promise(under_way_ == 0, "money is still under way");
  for (const auto& [id, t] : transfers_) {
    promise(t.withdrawn <= 1 && t.deposited <= 1 && t.given_back <= 1, "a step of transfer " + id + " has two effects");
    if (t.ended == bank::transfer_completed::about.name)
      promise(t.withdrawn == 1 && t.deposited == 1 && t.given_back == 0, "transfer " + id + " completed without its steps");
    else
      promise(t.ended == bank::transfer_failed::about.name && t.deposited == 0 && t.withdrawn == t.given_back,
              "transfer " + id + " did not end well: '" + t.ended + "'");
  }
}

// A transfer between two accounts: the request, its outcome, and the process manager that carries it out.
//
//   requested ─▶ withdraw ─▶ deposit ─▶ completed
//                   │           └ refused ─▶ give back ─▶ failed
//                   └ refused ─▶ failed
#pragma once

#include <annals/process.hpp>
#include <bank/account.hpp>

namespace bank {

struct request_transfer {
  std::string from;
  std::string to;
  std::int64_t cents = 0;
  static constexpr auto about = annals::describe<&request_transfer::from, &request_transfer::to, &request_transfer::cents>("request_transfer", 1);
};
struct complete_transfer {
  static constexpr auto about = annals::describe("complete_transfer", 1);
};
struct fail_transfer {
  std::string reason;
  static constexpr auto about = annals::describe<&fail_transfer::reason>("fail_transfer", 1);
};

struct transfer_requested {
  std::string transfer;
  std::string from;
  std::string to;
  std::int64_t cents = 0;
  static constexpr auto about =
      annals::describe<&transfer_requested::transfer, &transfer_requested::from, &transfer_requested::to, &transfer_requested::cents>(
          "transfer_requested", 1);
};
struct transfer_completed {
  static constexpr auto about = annals::describe("transfer_completed", 1);
};
struct transfer_failed {
  std::string reason;
  static constexpr auto about = annals::describe<&transfer_failed::reason>("transfer_failed", 1);
};

struct transfer {
  static constexpr std::string_view category = "transfer";
  using commands = annals::types<request_transfer, complete_transfer, fail_transfer>;
  using events = annals::types<transfer_requested, transfer_completed, transfer_failed>;

  struct state {
    bool requested = false;
    bool ended = false;
    static constexpr auto about = annals::describe<&state::requested, &state::ended>("state", 1);
  };
  using decision = annals::decision<transfer>;

  static decision decide(const state& s, const request_transfer& c, const annals::context& about) {
    if (s.requested) return annals::reject("already_requested");
    if (c.cents <= 0) return annals::reject("bad_amount", "an amount is above zero");
    if (c.from.empty() || c.to.empty()) return annals::reject("no_account");
    if (c.from == c.to) return annals::reject("same_account");
    return transfer_requested{std::string{about.key}, c.from, c.to, c.cents};
  }
  static decision decide(const state& s, const complete_transfer&, const annals::context&) {
    if (!s.requested || s.ended) return annals::reject("not_under_way");
    return transfer_completed{};
  }
  static decision decide(const state& s, const fail_transfer& c, const annals::context&) {
    if (!s.requested || s.ended) return annals::reject("not_under_way");
    return transfer_failed{c.reason};
  }

  static void evolve(state& s, const transfer_requested&) { s.requested = true; }
  static void evolve(state& s, const transfer_completed&) { s.ended = true; }
  static void evolve(state& s, const transfer_failed&) { s.ended = true; }
};

struct transfer_begun {
  std::string from;
  std::string to;
  std::int64_t cents = 0;
  static constexpr auto about = annals::describe<&transfer_begun::from, &transfer_begun::to, &transfer_begun::cents>("transfer_begun", 1);
};
struct deposit_refused {
  std::string reason;
  static constexpr auto about = annals::describe<&deposit_refused::reason>("deposit_refused", 1);
};
struct transferring_ended {
  static constexpr auto about = annals::describe("transferring_ended", 1);
};

struct transferring {
  static constexpr std::string_view category = "transferring";
  using observes = annals::types<transfer, account>;
  using events = annals::types<transfer_begun, deposit_refused, transferring_ended>;

  struct state {
    std::string from;
    std::string to;
    std::int64_t cents = 0;
    std::string reason;  // why the deposit was refused
    bool ended = false;
    static constexpr auto about = annals::describe<&state::from, &state::to, &state::cents, &state::reason, &state::ended>("state", 1);
  };
  using steps = annals::steps<transferring>;
  using context = annals::context;

  static std::optional<std::string> key(const transfer_requested& e) { return e.transfer; }
  static std::optional<std::string> key(const money_withdrawn& e) { return of(e.transfer); }
  static std::optional<std::string> key(const money_deposited& e) { return of(e.transfer); }
  static std::optional<std::string> key(const money_given_back& e) { return of(e.transfer); }

  static steps on(const state&, const transfer_requested& e, const context&) {
    return {transfer_begun{e.from, e.to, e.cents}, annals::send<account>(e.from, withdraw{e.cents, e.transfer})};
  }
  static steps on(const state& s, const money_withdrawn& e, const context&) {
    if (s.ended) return {};
    return annals::send<account>(s.to, deposit{s.cents, e.transfer});
  }
  static steps on(const state& s, const money_deposited& e, const context&) {
    if (s.ended) return {};
    return {transferring_ended{}, annals::send<transfer>(e.transfer, complete_transfer{})};
  }
  static steps on(const state& s, const money_given_back& e, const context&) {
    if (s.ended) return {};
    return {transferring_ended{}, annals::send<transfer>(e.transfer, fail_transfer{s.reason})};
  }

  static steps rejected(const state&, const withdraw& c, const annals::rejection& why, const context&) {
    return {transferring_ended{}, annals::send<transfer>(c.transfer, fail_transfer{why.code})};
  }
  static steps rejected(const state& s, const deposit& c, const annals::rejection& why, const context&) {
    return {deposit_refused{why.code}, annals::send<account>(s.from, give_back{c.cents, c.transfer})};
  }

  static void evolve(state& s, const transfer_begun& e) {
    s.from = e.from;
    s.to = e.to;
    s.cents = e.cents;
  }
  static void evolve(state& s, const deposit_refused& e) { s.reason = e.reason; }
  static void evolve(state& s, const transferring_ended&) { s.ended = true; }

private:
  static std::optional<std::string> of(const std::string& transfer) {
    if (transfer.empty()) return std::nullopt;
    return transfer;
  }
};

}  // namespace bank

// bank_store STORE [HOW]: writes a small bank, for tests of what looks at it.
//   live      goes on with deposits to account c until it is killed
//   lie       and then changes the state in a snapshot of account a, all checksums right
//   misplace  and then the position of an event of account a in the stream index
//   park      an account instead, of which two deposits are parked, the second also by a subscription
//   odd       an account alone, with a key that is no text
//   balance   writes nothing: prints what the balances have of account a
#include "config/hosted.hpp"
#include "store/derived/lmdb_derived_store.hpp"
#include "store/open_store.hpp"

#include <bank/transfer.hpp>
#include <projections/balances.hpp>

#include <array>
#include <chrono>
#include <cstdio>
#include <map>
#include <stdexcept>
#include <string_view>

using namespace bank;

namespace {

struct writer {
  annals::runtime& rt;

  template <class A, class C>
  void send(std::string_view key, const C& command, annals::send_options with = {}) {
    if (auto done = rt.send<A>(key, command, std::move(with)).get(); !done && done.error().code != annals::errc::rejected) {
      std::fprintf(stderr, "bank_store: %s\n", done.error().message().c_str());
      std::exit(1);
    }
  }
};

void write_bank(const char* path, bool on_and_on) {
  annals::options with;
  with.snapshot_every = 5;
  with.snapshots_kept = 2;
  with.index_flush_records = 50;
  auto rt = annals::runtime::open(path, with).value();
  annals::config::host_all(rt).value();
  rt.start().value();
  writer out{rt};
  for (const auto* key : {"a", "b", "c"}) out.send<account>(key, open_account{std::string{"owner of "} + key});
  for (int i = 1; i <= 12; ++i) out.send<account>("a", deposit{i * 1'000, {}}, {.correlation = "salary", .principal = "teller-3"});
  out.send<transfer>("t1", request_transfer{"a", "b", 30'050});
  out.send<transfer>("t2", request_transfer{"a", "b", 1'000'000});  // more than there is
  rt.settle(std::chrono::seconds{60}).value();
  out.send<account>("b", withdraw{50, {}});
  while (on_and_on) out.send<account>("c", deposit{1, {}});
}

/// As the program's own, but it does not like large deposits.
struct older_balances : projections::balances {
  static constexpr annals::failure_policy on_failure{1, std::chrono::milliseconds{1}};
  static void apply(model& m, const account_opened& e, const annals::record_view& r) { balances::apply(m, e, r); }
  static void apply(model&, const money_deposited& e, const annals::record_view&) {
    if (e.cents > 10'000) throw std::runtime_error("too much");
  }
};

void write_parked(const char* path) {
  auto rt = annals::runtime::open(path).value();
  rt.host<account>().value();
  rt.project<older_balances>().value();
  rt.start().value();
  writer out{rt};
  out.send<account>("a", open_account{"owner of a"});
  for (const auto cents : {10'001, 10'002}) out.send<account>("a", deposit{cents, {}});
  auto mail = rt.subscribe("mail", {.failure = {1, std::chrono::milliseconds{1}}}).value();
  while (mail.parked().value().empty() || rt.parked("balances").value().size() < 2)
    for (const auto& one : mail.next(9, std::chrono::milliseconds{10}).value())
      (one.record.at == 3 ? mail.nack(3, "no such address") : mail.ack(one.record.at)).get().value();
}

void write_odd(const char* path) {
  auto rt = annals::runtime::open(path).value();
  rt.host<account>().value();
  rt.start().value();
  writer{rt}.send<account>("\xff\\", open_account{"Ada"});
}

void print_balance(const char* path) {
  auto rt = annals::runtime::open(path, {.create = false}).value();
  rt.project<projections::balances>().value();
  rt.start().value();
  std::printf("%lld\n", static_cast<long long>(rt.ask<projections::balances>(projections::balance_of{"a"}).get().value().cents));
}

/// An index as a writer would leave it that had read another log: it refuses to be changed to that.
void misplace(std::unique_ptr<annals::store::opened>& store, const std::filesystem::path& path) {
  std::map<std::string, std::vector<annals::position>> all;
  store->derived
      ->runs("", 0,
             [&](const annals::store::stream_run& run) {
               auto& positions = all[std::string{run.stream}];
               positions.insert(positions.end(), run.positions.begin(), run.positions.end());
               return true;
             })
      .value();
  --all.at("account-a").at(1);  // where account c was opened
  const auto mark = store->derived->mark();
  const auto of = store->log->identity();
  store.reset();
  std::filesystem::remove_all(path / "derived");
  std::filesystem::create_directory(path / "derived");
  const auto index = annals::store::lmdb_derived_store::create(path / "derived", of, {std::uint64_t{1} << 30}).value();
  std::vector<annals::store::stream_run> runs;
  for (const auto& [stream, positions] : all) runs.push_back({stream, 1, positions});
  index->flush(runs, {}, mark).value();
}

void spoil(const char* path, std::string_view how) {
  auto store = annals::store::open_store(path, {.create = false}).value();
  if (how == "lie") {
    auto& index = *store->derived;
    auto taken = index.snapshot_of("account-a", ~annals::version{0}).value().value();
    taken.state = annals::encoded(account::state{true, true, 1});
    index.write_snapshots(std::array{taken}, 5).value();
  } else
    misplace(store, path);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) return std::fputs("bank_store STORE [live|lie|misplace|park|odd|balance]\n", stderr), 2;
  const std::string_view how = argc > 2 ? argv[2] : "";
  if (how == "park") return write_parked(argv[1]), 0;
  if (how == "odd") return write_odd(argv[1]), 0;
  if (how == "balance") return print_balance(argv[1]), 0;
  write_bank(argv[1], how == "live");
  if (how == "lie" || how == "misplace") spoil(argv[1], how);
}

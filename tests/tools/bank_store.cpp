// bank_store STORE [HOW]: writes a small bank, for tests of what looks at it.
//   live      goes on with deposits to account c until it is killed
//   lie       and then changes the state in a snapshot of account a, all checksums right
//   misplace  and then the position of an event of account a in the stream index
#include "config/hosted.hpp"
#include "store/open_store.hpp"

#include <bank/transfer.hpp>

#include <array>
#include <chrono>
#include <cstdio>
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
  for (int i = 1; i <= 12; ++i)
    out.send<account>("a", deposit{i * 1'000, {}}, {.correlation = "salary", .principal = "teller-3"});
  out.send<transfer>("t1", request_transfer{"a", "b", 30'050});
  out.send<transfer>("t2", request_transfer{"a", "b", 1'000'000});  // more than there is
  rt.settle(std::chrono::seconds{60}).value();
  out.send<account>("b", withdraw{50, {}});
  while (on_and_on) out.send<account>("c", deposit{1, {}});
}

void spoil(const char* path, std::string_view how) {
  const auto store = annals::store::open_store(path, {.create = false}).value();
  auto& index = *store->index;
  if (how == "lie") {
    auto taken = index.snapshot_of("account-a", ~annals::version{0}).value().value();
    taken.state = annals::encoded(account::state{true, true, 1});
    index.keep_snapshots(std::array{taken}, 5).value();
  } else {
    std::vector<annals::position> positions;
    index.positions("account-a", 1, 1'000, positions).value();
    --positions.at(1);  // where account c was opened
    const annals::store::stream_run run{"account-a", 1, positions};
    index.flush(std::array{run}, {}, index.mark()).value();
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) return std::fputs("bank_store STORE [live|lie|misplace]\n", stderr), 2;
  const std::string_view how = argc > 2 ? argv[2] : "";
  write_bank(argv[1], how == "live");
  if (how == "lie" || how == "misplace") spoil(argv[1], how);
}

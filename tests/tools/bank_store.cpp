// bank_store STORE [live]: writes a small bank, for tests of what looks at it; «live» goes on with deposits to account c
// until it is killed.
#include "config/hosted.hpp"

#include <bank/transfer.hpp>

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

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) return std::fputs("bank_store STORE [live]\n", stderr), 2;
  annals::options with;
  with.snapshot_every = 5;
  with.snapshots_kept = 2;
  with.index_flush_records = 50;
  auto rt = annals::runtime::open(argv[1], with).value();
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
  if (argc > 2 && std::string_view{argv[2]} == "live")
    for (;;) out.send<account>("c", deposit{1, {}});
}

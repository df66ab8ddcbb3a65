// The guide's two nodes (across-nodes.md), here in one process, over loopback. Run in an empty directory.
#include <annals/keys.hpp>
#include <annals/remote.hpp>
#include <annals/replica.hpp>
#include <annals/runtime.hpp>
#include <bank/account.hpp>
#include <projections/balances.hpp>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <optional>
#include <string>

using bank::account;
using bank::deposit;
using projections::balance_of;
using projections::balances;

using namespace std::chrono_literals;

annals::result<annals::listener> let_others_in(annals::runtime& rt, const std::string& address) {
  return rt.listen({.at = address, .name = "ledger", .key = "ledger.key", .peers = "peers.toml"});
}

annals::result<annals::remote> reach_the_ledger(const std::string& address, const std::string& public_key) {
  return annals::remote::connect({address}, {.name = "shop-web", .key = "shop-web.key", .server_keys = {public_key}});
}

annals::result<projections::balance> deposit_and_see(annals::node& on, const std::string& key, std::int64_t cents) {
  auto receipt = on.send<account>(key, deposit{cents}).get();
  if (!receipt) return receipt.error();
  return on.ask<balances>(balance_of{key}, annals::at_least{receipt->token, std::chrono::seconds{1}}).get();
}

annals::result<annals::receipt> refund(annals::node& on, const annals::send_options& once) {
  auto sent = on.send<account>("42", deposit{500}, once).get();
  if (!sent && sent.error().code == annals::errc::unknown) sent = on.send<account>("42", deposit{500}, once).get();
  return sent;
}

annals::result<void> listen_beyond_this_machine(annals::runtime& rt, std::optional<annals::listener>& door) {
  const annals::tls_files tls{.ca = "ca.pem", .certificate = "ledger.pem", .key = "ledger-tls.key"};
  auto opened = rt.listen({.at = "0.0.0.0:4711", .name = "ledger", .key = "ledger.key", .peers = "peers.toml", .link = {.tls = tls}});
  if (!opened) return opened.error();
  door.emplace(std::move(*opened));
  return {};
}

annals::remote_options with_news_of_the_link(annals::remote_options with) {
  with.on_link = [](const annals::link_news& news) {
    if (news.what == annals::link_news::kind::linked)
      std::fprintf(stderr, "linked to %s\n", news.address.c_str());
    else
      std::fprintf(stderr, "no link to %s: %s\n", news.address.c_str(), news.why->message().c_str());
  };
  return with;
}

void read_the_files_again(annals::listener& door) {
  if (auto ok = door.reload(); !ok) std::puts(ok.error().message().c_str());  // file and line; everything is as it was
}

annals::result<void> mail_what_was_opened(annals::node& on, int& mails) {
  auto opened = on.subscribe("welcome", {.categories = {"account"}, .types = {"account_opened"}});
  if (!opened) return opened.error();
  return opened->run([&](const annals::delivered&) -> annals::result<void> {
    if (++mails == 1) opened->leave();
    return {};
  });
}

void follow(annals::remote& ledger) {
  auto copy = annals::replica::open("copy.annals", ledger).value();  // ledger has to outlive it
  copy.project<balances>().value();
  copy.start().value();
  const auto done = copy.send<account>("42", deposit{500}).get().value();  // goes to the owner
  const auto mine = copy.ask<balances>(balance_of{"42"}, annals::at_least{done.token, std::chrono::seconds{5}}).get();
  std::printf("%lld cents, %llu events behind\n", static_cast<long long>(mine.value().cents),
              static_cast<unsigned long long>(copy.lag().events));
}

void write_peers(const std::string& client_key, const std::string& rights) {
  std::ofstream{"peers.toml"} << "[[peer]]\nname = \"shop-web\"\nkeys = [\"" << client_key << "\"]\n" << rights;
}

int main() {
  const auto server_key = annals::make_key_file("ledger.key").value();
  const auto client_key = annals::make_key_file("shop-web.key").value();
  write_peers(client_key, "append = [\"account\"]\nask = [\"balances\"]\nread = [\"account\"]\nreplay = [\"account\"]\n");

  auto rt = annals::runtime::open("bank.annals").value();
  rt.host<account>().value();
  rt.project<balances>().value();
  rt.start().value();
  auto door = let_others_in(rt, "127.0.0.1:0").value();
  auto far = reach_the_ledger("127.0.0.1:" + std::to_string(door.port()), server_key).value();
  far.wait_for_link(30s).value();

  far.send<account>("42", bank::open_account{"Ada"}).get().value();
  std::printf("account 42 has %lld cents\n", static_cast<long long>(deposit_and_see(far, "42", 1'000)->cents));
  const annals::send_options once{.id = "refund-17", .since = far.head().value()};
  const auto first = refund(far, once).value(), again = refund(far, once).value();
  std::printf("one refund: %s\n", first == again ? "yes" : "no");
  int mails = 0;
  mail_what_was_opened(far, mails).value();
  std::printf("%d mail\n", mails);
  write_peers(client_key, "append = [\"account\"]\nadmin = [\"*\"]\n");
  read_the_files_again(door);
  follow(far);

  write_peers(client_key, "ask = [\"balances\"]\n");
  read_the_files_again(door);
  const auto refused = far.send<account>("42", deposit{500}).get();
  std::printf("%s\n", refused ? "accepted" : std::string{annals::to_string(refused.error().code)}.c_str());
  std::optional<annals::listener> second;
  std::printf("%s\n", listen_beyond_this_machine(rt, second) ? "open" : "there are no TLS files");
  auto with = with_news_of_the_link({.name = "shop-web", .key = "shop-web.key", .server_keys = {server_key}});
  return with.on_link ? EXIT_SUCCESS : EXIT_FAILURE;
}
